/*
 * accept.c - The kinds of links that the host may open here
 *
 * A new kind is a line in the table, and a function that gives the link its descriptors and
 * answers.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link.h"

/* Bytes that go into a pipe come out of it */
static void accept_echo(struct link *l)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0) {
		link_refuse(l, errno, "pipe2");
		return;
	}
	link_attach(l, fds[1], fds[0]);
	link_accept(l);
}

/*
 * DIAL_BACK: two links, one opened by each end, with a socket between them. The host's OPEN
 * is answered as the host answers ours, and a reset of one link resets the other.
 */
static void other_opened(struct link *l)
{
	link_accept(l->of);
}

static void other_ended(struct link *l, int error)
{
	struct link *other = l->of;

	if (!other)
		return;
	other->of = l->of = NULL;
	if (error)
		link_reset(other, error);
}

static void accept_dial_back(struct link *l)
{
	static const struct link_user host = { NULL, other_ended };
	static const struct link_user ours = { other_opened, other_ended };
	struct link *other;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0) {
		link_refuse(l, errno, "socketpair");
		return;
	}
	link_attach(l, fds[0], fds[0]);
	other = link_open(LINK_DIALED_BACK, l->target, fds[1], fds[1], &ours, l);
	if (!other) {
		int error = errno;

		close(fds[1]);
		link_refuse(l, error, "open");
		return;
	}
	l->user = &host;
	l->of = other;
}

static const struct { uint16_t kind; void (*accept)(struct link *l); } kinds[] = {
	{ LINK_ECHO, accept_echo },
	{ LINK_DIAL_BACK, accept_dial_back },
};

/**
 * accept_open() - OPEN of the host
 * @f:		Frame
 */
void accept_open(struct frame *f)
{
	struct link *l = link_offered(f);
	size_t i;

	if (!l)
		return;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].kind == l->kind) {
			kinds[i].accept(l);
			return;
		}
	}
	link_refuse(l, EPROTONOSUPPORT, "no such kind");
}
