/*
 * input.c - Stream 0: from the host into a process
 *
 * Bytes go from the port's buffer into the pipe. What finds no room waits in a ring that exists
 * only then and holds at most the window granted. A grant follows bytes into the pipe, never into
 * the ring.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "agent.h"
#include "frame.h"
#include "out.h"
#include "stream.h"

/* One ring is kept for reuse: a fast stream needs one again and again */
static uint8_t *spare;

static void ring_free(struct input *in)
{
	if (in->ring && !spare)
		spare = in->ring;
	else
		free(in->ring);
	in->ring = NULL;
	in->head = in->len = 0;
}

static bool ring_append(struct input *in, const uint8_t *bytes, uint32_t len)
{
	uint32_t tail, first;

	if (!in->ring) {
		in->ring = spare ? spare : malloc(INPUT_WINDOW);
		spare = NULL;
		in->head = in->len = 0;
	}
	if (!in->ring || len > INPUT_WINDOW - in->len)
		return false;
	tail = (in->head + in->len) % INPUT_WINDOW;
	first = len < INPUT_WINDOW - tail ? len : INPUT_WINDOW - tail;
	memcpy(in->ring + tail, bytes, first);
	memcpy(in->ring, bytes + first, len - first);
	in->len += len;
	return true;
}

/**
 * input_drop() - Close our end and forget what has not been written
 * @in:		Input
 */
void input_drop(struct input *in)
{
	if (in->fd >= 0)
		in->end->drop(in);
	in->fd = -1;
	ring_free(in);
	owner_untell(in->owner, P_CREDIT);
}

/**
 * input_settle() - The process has ended: see what of its stdin was read
 * @in:		Input
 */
void input_settle(struct input *in)
{
	input_drop(in);
	if (in->rest < 0)
		return;
	in->unread = (uint64_t)stream_available(in->rest);
	close(in->rest);
	in->rest = -1;
}

/**
 * input_break() - Nobody reads any more: tell the host that nothing more is wanted
 * @in:		Input, open
 */
void input_break(struct input *in)
{
	input_drop(in);
	owner_tell(in->owner, P_CLOSE_IN);
}

/**
 * input_grant() - Grant a whole window beyond what was taken
 * @in:		Input
 */
void input_grant(struct input *in)
{
	in->granted = in->taken + INPUT_WINDOW;
}

/**
 * input_taken() - Bytes went into the pipe: grant more if it is worth a frame
 * @in:		Input
 * @n:		How many
 *
 * A grant is due when a quarter of the window has been taken since the last: the host
 * never runs dry while the process reads, and a short turn costs no frame.
 */
static void input_taken(struct input *in, size_t n)
{
	in->taken += n;
	if (!in->host_closed && in->taken + INPUT_WINDOW - in->granted >= INPUT_WINDOW / 4)
		owner_tell(in->owner, P_CREDIT);
}

/**
 * input_watch() - Have epoll tell when the pipe has room
 * @in:		Input
 *
 * Edge-triggered, it speaks only after the pipe was full, so it is never turned off.
 * Until the first time only the loss of the reader is watched for (start.c).
 */
static void input_watch(struct input *in)
{
	if (in->waiting || in->end->shared)
		return;
	in->waiting = watch_change(in->fd, EPOLLOUT | EPOLLET, &in->src);
}

/**
 * input_flush() - Write from the ring into the pipe
 * @in:		Input
 */
static void input_flush(struct input *in)
{
	while (in->len) {
		uint32_t first = INPUT_WINDOW - in->head;
		struct iovec iov[2];
		ssize_t n;

		if (first > in->len)
			first = in->len;
		iov[0] = (struct iovec){ in->ring + in->head, first };
		iov[1] = (struct iovec){ in->ring, in->len - first };
		n = writev(in->fd, iov, first < in->len ? 2 : 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			input_watch(in);
			return;
		}
		if (n < 0) {
			in->end->broken(in, errno);
			return;
		}
		in->partial = in->ring[(in->head + (size_t)n - 1) % INPUT_WINDOW] != '\n';
		in->head = (in->head + (uint32_t)n) % INPUT_WINDOW;
		in->len -= (uint32_t)n;
		input_taken(in, (size_t)n);
	}
	ring_free(in);
	if (in->host_closed)
		in->end->finish(in);
}

/**
 * input_event() - The pipe has room, or nobody reads it any more
 * @in:		Input
 * @events:	From epoll
 */
void input_event(struct input *in, uint32_t events)
{
	if (in->fd < 0)
		return;
	if (events & EPOLLERR)
		in->end->broken(in, EPIPE);
	else if ((events & EPOLLOUT) && in->len)
		input_flush(in);
}

static void input_ready(struct source *src, uint32_t events)
{
	input_event(MEMBER(src, struct input, src), events);
}

/**
 * input_init() - Make an input that is not open yet
 * @in:		Input, all zero
 * @o:		Whose it is
 */
void input_init(struct input *in, struct owner *o)
{
	in->src.event = input_ready;
	in->owner = o;
	in->fd = in->rest = -1;
}

/**
 * input_data() - Bytes from the host
 * @in:		Input
 * @offset:	Of the first
 * @bytes:	The bytes, in the port's buffer
 * @len:	How many
 */
void input_data(struct input *in, uint64_t offset, const uint8_t *bytes, uint32_t len)
{
	ssize_t n = 0;

	if (in->host_closed)
		violation("DATA after CLOSE");
	if (offset != in->received)
		violation("DATA at the wrong offset");
	if (len > in->granted - in->received)
		violation("DATA beyond the credit");
	in->received += len;
	if (in->fd < 0)
		return;			/* on its way when stdin ended */
	if (!in->len) {
		do
			n = write(in->fd, bytes, len);
		while (n < 0 && errno == EINTR);
		if (n < 0 && errno != EAGAIN) {
			in->end->broken(in, errno);
			return;
		}
		if (n < 0)
			n = 0;
		if (n > 0) {
			in->partial = bytes[n - 1] != '\n';
			input_taken(in, (size_t)n);
		}
		if ((size_t)n == len)
			return;
	}
	if (!ring_append(in, bytes + n, len - (uint32_t)n)) {
		log_line("no memory for stdin");
		in->end->broken(in, ENOMEM);
		return;
	}
	input_watch(in);
}

/**
 * input_closed_by_host() - No more bytes will come
 * @in:		Input
 * @offset:	How many there were
 */
void input_closed_by_host(struct input *in, uint64_t offset)
{
	if (in->host_closed)
		violation("second CLOSE of stdin");
	if (offset != in->received)
		violation("CLOSE of stdin at the wrong offset");
	in->host_closed = true;
	owner_untell(in->owner, P_CREDIT);
	if (in->fd >= 0 && !in->len)
		in->end->finish(in);
}
