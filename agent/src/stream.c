/*
 * stream.c - Streams 1 and 2: from a process into the buffer of what goes to the host
 *
 * A stream is read only into that buffer and only within its credit, so the process feels the
 * host's backpressure as a full pipe. Descriptors are watched edge-triggered; 'readable'
 * remembers the edge.
 *
 * Streams with something to read are in one of two rings: 'fresh' after they were empty,
 * 'bulk' after a read that left something behind. port.c says who is next.
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "frame.h"
#include "out.h"
#include "stream.h"

struct list streams_fresh = LIST_EMPTY(streams_fresh), streams_bulk = LIST_EMPTY(streams_bulk);

/**
 * stream_available() - Count what a pipe or a socket holds
 * @fd:		Either end of a pipe, the reading end of a socket
 */
int stream_available(int fd)
{
	int n = 0;

	return ioctl(fd, FIONREAD, &n) < 0 || n < 0 ? 0 : n;
}

/**
 * stream_forget() - Nothing more of the stream is to be sent; its descriptor is left to the caller
 * @s:		Stream
 */
void stream_forget(struct stream *s)
{
	s->fd = -1;
	s->total = s->sent;
	s->readable = false;
	if (s->listed) {
		s->listed = false;
		list_remove(&s->node);
	}
}

/**
 * stream_close() - The stream ends at the bytes sent so far: close our end
 * @s:		Stream, open
 */
void stream_close(struct stream *s)
{
	s->end->close(s);
	stream_forget(s);
	owner_tell(s->owner, s->number == 1 ? P_CLOSE_OUT : P_CLOSE_ERR);
}

/* Its turn to send will come */
static void stream_later(struct stream *s)
{
	if (s->listed)
		return;
	s->listed = true;
	list_add(s->bulk ? &streams_bulk : &streams_fresh, &s->node);
}

/**
 * stream_wake() - Let the port read a stream, if it has something to say
 * @s:		Stream
 */
static void stream_wake(struct stream *s)
{
	if (s->fd < 0 || !s->readable)
		return;
	if (s->sent < s->credit)
		stream_later(s);
	else if (s->hup && !stream_available(s->fd))
		stream_close(s);	/* its end needs no credit */
}

static void stream_ready(struct source *src, uint32_t events)
{
	stream_event(MEMBER(src, struct stream, src), events);
}

/**
 * stream_init() - Make a stream that is not open yet
 * @s:		Stream, all zero
 * @o:		Whose it is
 * @number:	1 or 2
 */
void stream_init(struct stream *s, struct owner *o, uint8_t number)
{
	list_init(&s->node);
	s->src.event = stream_ready;
	s->owner = o;
	s->fd = -1;
	s->number = number;
	s->total = UINT64_MAX;
}

/**
 * stream_event() - There are bytes, or the last writer is gone
 * @s:		Stream
 * @events:	From epoll
 */
void stream_event(struct stream *s, uint32_t events)
{
	if (s->fd < 0)
		return;
	if (events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP))
		s->hup = true;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP))
		s->readable = true;
	stream_wake(s);
}

/**
 * stream_fill() - Read bytes to send
 * @s:		Stream, whose turn it is; put back into a ring if it has more
 * @p:		Where to
 * @room:	At most so many bytes
 *
 * Return: bytes read, already counted as sent; 0 if there are none now
 */
size_t stream_fill(struct stream *s, uint8_t *p, size_t room)
{
	uint64_t left = (s->credit < s->total ? s->credit : s->total) - s->sent;
	size_t want = left < room ? (size_t)left : room;
	ssize_t n;

	s->listed = false;
	list_remove(&s->node);
	n = s->end->read(s, p, want);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		s->readable = s->bulk = false;
		return 0;
	}
	if (n <= 0) {			/* a terminal's end is EIO */
		stream_close(s);
		return 0;
	}
	s->sent += (uint64_t)n;
	if (s->sent == s->total) {
		stream_close(s);
		return (size_t)n;
	}
	s->bulk = (size_t)n == want || s->end->stutters;
	if (!s->bulk && !s->hup && s->total == UINT64_MAX)
		s->readable = false;
	stream_wake(s);
	return (size_t)n;
}

/**
 * stream_credit() - The host grants more
 * @s:		Stream
 * @credit:	Offset
 */
void stream_credit(struct stream *s, uint64_t credit)
{
	if (credit < s->credit)
		violation("CREDIT decreases");
	if (credit > s->sent + WINDOW_MAX)
		violation("CREDIT is too large");
	s->credit = credit;
	stream_wake(s);
}

/**
 * stream_closed_by_host() - Nobody reads it any more: break the pipe
 * @s:		Stream
 * @offset:	Bytes the host took, for information
 *
 * A terminal whose reader has gone is hung up.
 */
void stream_closed_by_host(struct stream *s, uint64_t offset)
{
	if (s->host_closed)
		violation("second CLOSE of a stream");
	if (offset > s->sent)
		violation("CLOSE behind the bytes sent");
	s->host_closed = true;
	if (s->fd >= 0)
		stream_close(s);
}

/**
 * stream_ends_at() - It is known where the stream ends
 * @s:		Stream, open
 * @total:	Offset
 */
void stream_ends_at(struct stream *s, uint64_t total)
{
	s->total = total;
	if (s->sent == total) {
		stream_close(s);
	} else {
		s->readable = true;
		stream_wake(s);
	}
}
