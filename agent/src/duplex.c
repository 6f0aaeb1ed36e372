/*
 * duplex.c - Our end of a link: two pipes, or one socket
 *
 * Of a socket each direction is closed by itself, with shutdown(2); the second closes the
 * descriptor. A write to a socket whose reader has gone fails with EPIPE. That, as with a pipe, is
 * the end of this direction only. Any other error is the end of both.
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "duplex.h"

#define DRAIN_READS	256	/* of 4 KiB: more than a local socket holds */

static void lost(struct owner *o, int error)
{
	o->kind->lost(o, error);
}

static void duplex_finish(struct input *in)
{
	input_drop(in);
}

static void duplex_broken(struct input *in, int error)
{
	lost(in->owner, error);
}

static ssize_t duplex_read(struct stream *s, uint8_t *p, size_t n)
{
	ssize_t done = read(s->fd, p, n);

	if (done < 0 && errno != EAGAIN && errno != EINTR) {
		lost(s->owner, errno);
		errno = EAGAIN;		/* there is no stream any more that could end */
	}
	return done;
}

static void pipe_drop(struct input *in)
{
	watch_close(in->fd);
}

static void pipe_close(struct stream *s)
{
	watch_close(s->fd);
}

static const struct end pipes_end = {
	.drop = pipe_drop, .finish = duplex_finish, .broken = duplex_broken,
	.read = duplex_read, .close = pipe_close,
};

static void socket_drop(struct input *in)
{
	if (MEMBER(in, struct duplex, in)->out.fd >= 0)
		shutdown(in->fd, SHUT_WR);
	else
		watch_close(in->fd);
}

/**
 * socket_close() - Nobody wants what comes from the socket
 * @s:		Stream
 *
 * What it holds already is taken out. It would keep a writer at the other end waiting, who
 * is to learn that nobody reads; and to close the socket over it would be a reset.
 */
static void socket_close(struct stream *s)
{
	uint8_t bytes[4096];
	int i;

	shutdown(s->fd, SHUT_RD);
	for (i = 0; i < DRAIN_READS && read(s->fd, bytes, sizeof(bytes)) > 0; i++)
		;
	if (MEMBER(s, struct duplex, out)->in.fd < 0)
		watch_close(s->fd);
}

static const struct end socket_end = {
	.shared = true,
	.drop = socket_drop, .finish = duplex_finish, .broken = duplex_broken,
	.read = duplex_read, .close = socket_close,
};

static void socket_event(struct source *src, uint32_t events)
{
	struct duplex *d = MEMBER(src, struct duplex, in.src);
	int error = 0, fd = d->in.fd >= 0 ? d->in.fd : d->out.fd;
	socklen_t size = sizeof(error);

	if (fd < 0)
		return;
	if (events & EPOLLERR && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 &&
	    error) {
		lost(d->in.owner, error);
		return;
	}
	if (events & EPOLLHUP && d->in.fd >= 0)
		lost(d->in.owner, EPIPE);
	input_event(&d->in, events & ~(uint32_t)EPOLLERR);
	stream_event(&d->out, events);
}

/**
 * duplex_init() - Make an end that has no descriptors yet
 * @d:		Duplex, all zero
 * @o:		Whose it is
 */
void duplex_init(struct duplex *d, struct owner *o)
{
	input_init(&d->in, o);
	stream_init(&d->out, o, 1);
}

/**
 * duplex_attach() - Give it descriptors, which it will close
 * @d:		Duplex
 * @in:		To write to, non-blocking
 * @out:	To read from, non-blocking; if it is the same, it is a socket
 */
void duplex_attach(struct duplex *d, int in, int out)
{
	d->in.fd = in;
	d->out.fd = out;
	d->in.end = d->out.end = in == out ? &socket_end : &pipes_end;
	if (in == out)
		d->in.src.event = socket_event;
}

/**
 * duplex_watch() - Have epoll watch it
 * @d:		Duplex with descriptors
 *
 * Return: true on success
 */
bool duplex_watch(struct duplex *d)
{
	if (d->in.end->shared)
		return watch_add(d->in.fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, &d->in.src);
	return watch_add(d->out.fd, EPOLLIN | EPOLLET, &d->out.src) &&
	       watch_add(d->in.fd, EPOLLET, &d->in.src);
}

/**
 * duplex_close() - Close what is open and forget what was not written
 * @d:		Duplex
 */
void duplex_close(struct duplex *d)
{
	int fd = d->out.fd;

	stream_forget(&d->out);
	if (fd >= 0 && fd != d->in.fd)
		watch_close(fd);
	input_drop(&d->in);
}
