/*
 * stream.c - stdout and stderr: from the process's pipe into the port's buffer
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "agent.h"

/**
 * stream_available() - Count what a pipe holds
 * @fd:		Either end
 */
int stream_available(int fd)
{
	int n = 0;

	return ioctl(fd, FIONREAD, &n) < 0 || n < 0 ? 0 : n;
}

/**
 * stream_is_screen() - Is it what a terminal shows?
 * @s:		Stream
 */
bool stream_is_screen(const struct stream *s)
{
	const struct exec *e = s->src.exec;

	return e->terminal && s->number == e->screen + 1;
}

/**
 * stream_close() - The stream ends at the bytes sent so far: close our end
 * @s:		Stream, open
 */
void stream_close(struct stream *s)
{
	struct exec *e = s->src.exec;

	if (!stream_is_screen(s)) {
		watch_close(s->fd);
	} else if (e->in.fd >= 0) {	/* has the same descriptor */
		input_drop(e);
		if (!e->ended)
			exec_tell(e, P_STDIN_CLOSE);
	}
	s->fd = -1;
	s->total = s->sent;
	s->readable = false;
	if (s->listed) {
		s->listed = false;
		list_remove(&s->link);
	}
	exec_tell(e, s->number == 1 ? P_CLOSE_OUT : P_CLOSE_ERR);
}

/* Is the rest of it in memory, as its terminal is no more? */
static bool stream_has_tail(const struct stream *s)
{
	return s->src.exec->tail && stream_is_screen(s);
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
		port_later(s);
	else if (s->hup && !stream_has_tail(s) && !stream_available(s->fd))
		stream_close(s);	/* its end needs no credit */
}

/**
 * stream_event() - The pipe has bytes or lost its last writer
 * @s:		Stream
 * @events:	From epoll
 */
void stream_event(struct stream *s, uint32_t events)
{
	if (s->fd < 0)
		return;
	if (events & (EPOLLHUP | EPOLLERR))
		s->hup = true;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		s->readable = true;
	stream_wake(s);
}

/**
 * stream_read() - Read from the pipe, or from what a terminal left behind
 * @s:		Stream
 * @p:		Where to
 * @n:		At most so many bytes
 *
 * Return: as read(2)
 */
static ssize_t stream_read(struct stream *s, uint8_t *p, size_t n)
{
	struct exec *e = s->src.exec;

	if (!stream_has_tail(s))
		return read(s->fd, p, n);
	if (n > e->tail_len - e->tail_at)
		n = e->tail_len - e->tail_at;
	memcpy(p, e->tail + e->tail_at, n);
	e->tail_at += (uint32_t)n;
	return (ssize_t)n;
}

/**
 * stream_fill() - Read bytes to send
 * @s:		Stream, taken out of its ring; put back if it has more
 * @p:		Where to
 * @room:	At most so many bytes
 *
 * Return: bytes read, already counted as sent; 0 if there are none now
 */
size_t stream_fill(struct stream *s, uint8_t *p, size_t room)
{
	uint64_t left = (s->credit < s->total ? s->credit : s->total) - s->sent;
	size_t want = left < room ? (size_t)left : room;
	ssize_t n = stream_read(s, p, want);

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
	/* A short read emptied a pipe, but says nothing of a terminal */
	s->bulk = (size_t)n == want || stream_is_screen(s);
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
		port_violation("CREDIT decreases");
	if (credit > s->sent + WINDOW_MAX)
		port_violation("CREDIT is too large");
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
		port_violation("second CLOSE of a stream");
	if (offset > s->sent)
		port_violation("CLOSE behind the bytes sent");
	s->host_closed = true;
	if (s->fd >= 0)
		stream_close(s);
}

/**
 * stream_settle() - The process has ended: fix the total
 * @s:		Stream
 *
 * Return: true if another process still holds the pipe
 */
bool stream_settle(struct stream *s)
{
	struct exec *e = s->src.exec;
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	bool held;

	if (s->fd < 0)
		return false;
	if (stream_is_screen(s)) {
		held = false;
		s->total = s->sent + e->tail_len;
	} else {
		held = poll(&p, 1, 0) < 0 || !(p.revents & POLLHUP);
		s->total = s->sent + (uint64_t)stream_available(s->fd);
	}
	if (s->sent == s->total) {
		stream_close(s);
	} else {
		s->readable = true;
		stream_wake(s);
	}
	return held;
}
