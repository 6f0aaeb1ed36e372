/*
 * pipe.c - Our ends of an exec's pipes
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "agent.h"
#include "stream.h"

static void pipe_drop(struct input *in)
{
	in->unread = (uint64_t)stream_available(in->fd);
	watch_close(in->fd);
}

/**
 * pipe_finish() - End of file
 * @in:		Input
 *
 * Of the pipe a reading end is kept, which nobody notices, to count at the end what nobody read.
 */
static void pipe_finish(struct input *in)
{
	char path[32];

	if (stream_available(in->fd)) {
		snprintf(path, sizeof(path), "self/fd/%d", in->fd);
		in->rest = openat(agent.proc, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	}
	input_drop(in);
	in->unread = 0;
}

static void pipe_broken(struct input *in, int error)
{
	(void)error;
	input_break(in);
}

static ssize_t pipe_read(struct stream *s, uint8_t *p, size_t n)
{
	return read(s->fd, p, n);
}

static void pipe_close(struct stream *s)
{
	watch_close(s->fd);
}

static bool pipe_settle(struct stream *s)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	bool held = poll(&p, 1, 0) < 0 || !(p.revents & POLLHUP);

	stream_ends_at(s, s->sent + (uint64_t)stream_available(s->fd));
	return held;
}

const struct end pipe_end = {
	.drop = pipe_drop, .finish = pipe_finish, .broken = pipe_broken,
	.read = pipe_read, .close = pipe_close, .settle = pipe_settle,
};
