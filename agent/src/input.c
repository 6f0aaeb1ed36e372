/*
 * input.c - stdin: from the host into the process's pipe
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "agent.h"

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
		in->ring = spare ? spare : malloc(STDIN_WINDOW);
		spare = NULL;
		in->head = in->len = 0;
	}
	if (!in->ring || len > STDIN_WINDOW - in->len)
		return false;
	tail = (in->head + in->len) % STDIN_WINDOW;
	first = len < STDIN_WINDOW - tail ? len : STDIN_WINDOW - tail;
	memcpy(in->ring + tail, bytes, first);
	memcpy(in->ring, bytes + first, len - first);
	in->len += len;
	return true;
}

/**
 * input_drop() - Close our end and forget what has not been written
 * @e:		Exec
 */
void input_drop(struct exec *e)
{
	struct input *in = &e->in;

	if (in->fd >= 0) {
		if (!e->terminal)
			in->unread = (uint64_t)stream_available(in->fd);
		watch_close(in->fd);
	}
	in->fd = -1;
	ring_free(in);
	exec_untell(e, P_CREDIT);
}

/**
 * input_settle() - The process has ended: see what of its stdin was read
 * @e:		Exec
 */
void input_settle(struct exec *e)
{
	struct input *in = &e->in;

	input_drop(e);
	if (in->rest < 0)
		return;
	in->unread = (uint64_t)stream_available(in->rest);
	close(in->rest);
	in->rest = -1;
}

/**
 * input_broken() - The process closed its stdin
 * @e:		Exec
 */
static void input_broken(struct exec *e)
{
	if (e->terminal)
		return;			/* stream.c finds out */
	input_drop(e);
	if (!e->ended)
		exec_tell(e, P_STDIN_CLOSE);
}

/**
 * input_taken() - Bytes went into the pipe: grant more if it is worth a frame
 * @e:		Exec
 * @n:		How many
 *
 * A grant is due when a quarter of the window has been taken since the last: the host
 * never runs dry while the process reads, and a short turn costs no frame.
 */
static void input_taken(struct exec *e, size_t n)
{
	struct input *in = &e->in;

	in->taken += n;
	if (!in->host_closed && in->taken + STDIN_WINDOW - in->granted >= STDIN_WINDOW / 4)
		exec_tell(e, P_CREDIT);
}

/**
 * input_watch() - Have epoll tell when the pipe has room
 * @e:		Exec
 *
 * Edge-triggered, it speaks only after the pipe was full, so it is never turned off.
 * Until the first time only the loss of the reader is watched for (start.c).
 */
static void input_watch(struct exec *e)
{
	if (e->in.waiting || e->terminal)
		return;
	e->in.waiting = watch_change(e->in.fd, EPOLLOUT | EPOLLET, &e->in.src);
}

/**
 * input_end() - All bytes were written and the host has closed: end of file
 * @e:		Exec
 *
 * Of the pipe a reading end is kept, which nobody notices, to count at the end what nobody read.
 */
static void input_end(struct exec *e)
{
	struct input *in = &e->in;
	char path[32];

	if (e->terminal) {
		pty_end_of_input(e);
		return;
	}
	if (stream_available(in->fd)) {
		snprintf(path, sizeof(path), "self/fd/%d", in->fd);
		in->rest = openat(agent.proc, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	}
	input_drop(e);
	in->unread = 0;
}

/**
 * input_flush() - Write from the ring into the pipe
 * @e:		Exec
 */
static void input_flush(struct exec *e)
{
	struct input *in = &e->in;

	while (in->len) {
		uint32_t first = STDIN_WINDOW - in->head;
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
			input_watch(e);
			return;
		}
		if (n < 0) {
			input_broken(e);
			return;
		}
		in->partial = in->ring[(in->head + (size_t)n - 1) % STDIN_WINDOW] != '\n';
		in->head = (in->head + (uint32_t)n) % STDIN_WINDOW;
		in->len -= (uint32_t)n;
		input_taken(e, (size_t)n);
	}
	ring_free(in);
	if (in->host_closed)
		input_end(e);
}

/**
 * input_event() - The pipe has room, or nobody reads it any more
 * @e:		Exec
 * @events:	From epoll
 */
void input_event(struct exec *e, uint32_t events)
{
	if (e->in.fd < 0)
		return;
	if ((events & EPOLLERR) && !e->terminal)
		input_broken(e);
	else if ((events & EPOLLOUT) && e->in.len)
		input_flush(e);
}

/**
 * input_data() - Bytes from the host
 * @e:		Exec
 * @offset:	Of the first
 * @bytes:	The bytes, in the port's buffer
 * @len:	How many
 */
void input_data(struct exec *e, uint64_t offset, const uint8_t *bytes, uint32_t len)
{
	struct input *in = &e->in;
	ssize_t n = 0;

	if (in->host_closed)
		port_violation("DATA after CLOSE");
	if (offset != in->received)
		port_violation("DATA at the wrong offset");
	if (len > in->granted - in->received)
		port_violation("DATA beyond the credit");
	in->received += len;
	if (in->fd < 0)
		return;			/* on its way when stdin ended */
	if (!in->len) {
		do
			n = write(in->fd, bytes, len);
		while (n < 0 && errno == EINTR);
		if (n < 0 && errno != EAGAIN) {
			input_broken(e);
			return;
		}
		if (n < 0)
			n = 0;
		if (n > 0) {
			in->partial = bytes[n - 1] != '\n';
			input_taken(e, (size_t)n);
		}
		if ((size_t)n == len)
			return;
	}
	if (!ring_append(in, bytes + n, len - (uint32_t)n)) {
		log_line("no memory for stdin");
		input_broken(e);
		return;
	}
	input_watch(e);
}

/**
 * input_closed_by_host() - No more bytes will come
 * @e:		Exec
 * @offset:	How many there were
 */
void input_closed_by_host(struct exec *e, uint64_t offset)
{
	struct input *in = &e->in;

	if (in->host_closed)
		port_violation("second CLOSE of stdin");
	if (offset != in->received)
		port_violation("CLOSE of stdin at the wrong offset");
	in->host_closed = true;
	exec_untell(e, P_CREDIT);
	if (in->fd >= 0 && !in->len)
		input_end(e);
}
