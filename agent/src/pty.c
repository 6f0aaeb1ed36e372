/*
 * pty.c - Execs with a terminal
 *
 * The streams share the master: stdin, and stdout, or stderr if stdout is a pipe beside the
 * terminal. A host that closes the latter hangs the terminal up, as closing a terminal's window
 * does. A host that closes stdin has nothing more to type: if the terminal reads lines, it is
 * given the end-of-file character, as a user would type it; a program in raw mode is left alone.
 *
 * What a terminal still holds cannot be counted as that of a pipe can, so it is read when
 * the process ends (pty_settle). The kernel hangs the terminal up at that moment, and it holds
 * no more than its buffers.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "agent.h"
#include "exec.h"

#define TAIL_MAX	(128 << 10)

/**
 * open_pair() - Make a terminal
 * @slave:	Set to the process's end
 * @st:		Has the size
 * @who:	Owner
 *
 * Return: the master, non-blocking; -1 on failure
 */
static int open_pair(int *slave, const struct start *st, const struct identity *who)
{
	struct winsize size = { .ws_row = st->rows, .ws_col = st->columns };
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	unsigned int n, unlock = 0;
	char path[32];
	int error;

	if (master < 0)
		return -1;
	if (ioctl(master, TIOCSPTLCK, &unlock) == 0 && ioctl(master, TIOCGPTN, &n) == 0) {
		snprintf(path, sizeof(path), "/dev/pts/%u", n);
		*slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (*slave >= 0) {
			if (who->change && fchown(*slave, who->uid, 5) < 0)
				log_line("cannot give %s away", path);
			fchmod(*slave, 0620);
			ioctl(master, TIOCSWINSZ, &size);
			return master;
		}
	}
	error = errno;
	close(master);
	errno = error;
	return -1;
}

/* stdout's end closes both: it is the same descriptor */
static void pty_close(struct stream *s)
{
	struct exec *e = exec_of(s->owner);

	if (e->in.fd < 0)
		return;
	input_drop(&e->in);
	if (!e->ended)
		owner_tell(&e->owner, P_CLOSE_IN);
}

static void pty_drop(struct input *in)
{
	watch_close(in->fd);
}

/**
 * pty_finish() - The host has nothing more to type
 * @in:		Input
 *
 * In the middle of a line the first end-of-file character only hands over the line.
 */
static void pty_finish(struct input *in)
{
	struct termios t;
	char eof[2];

	if (tcgetattr(in->fd, &t) < 0 || !(t.c_lflag & ICANON))
		return;
	eof[0] = eof[1] = (char)t.c_cc[VEOF];
	if (write(in->fd, eof, in->partial ? 2 : 1) < 0)
		log_line("cannot end a terminal's input: %s", strerror(errno));
}

/* Reading finds out when the terminal is gone */
static void pty_broken(struct input *in, int error)
{
	(void)in;
	(void)error;
}

/**
 * pty_read() - Read from the terminal, or what it left behind
 * @s:		Stream
 * @p:		Where to
 * @n:		At most so many bytes
 *
 * Return: as read(2)
 */
static ssize_t pty_read(struct stream *s, uint8_t *p, size_t n)
{
	struct exec *e = exec_of(s->owner);

	if (!e->tail)
		return read(s->fd, p, n);
	if (n > e->tail_len - e->tail_at)
		n = e->tail_len - e->tail_at;
	memcpy(p, e->tail + e->tail_at, n);
	e->tail_at += (uint32_t)n;
	return (ssize_t)n;
}

/**
 * pty_settle() - Keep what the terminal still holds
 * @s:		Stream, whose process has ended
 */
static bool pty_settle(struct stream *s)
{
	struct exec *e = exec_of(s->owner);
	ssize_t n;

	e->tail = malloc(TAIL_MAX);
	while (e->tail && e->tail_len < TAIL_MAX) {
		n = read(s->fd, e->tail + e->tail_len, TAIL_MAX - e->tail_len);
		if (n <= 0)
			break;
		e->tail_len += (uint32_t)n;
	}
	s->hup = false;			/* from now on @tail tells where the end is */
	stream_ends_at(s, s->sent + e->tail_len);
	return false;
}

static const struct end pty_end = {
	.shared = true, .stutters = true,
	.drop = pty_drop, .finish = pty_finish, .broken = pty_broken,
	.read = pty_read, .close = pty_close, .settle = pty_settle,
};

static void pty_event(struct source *src, uint32_t events)
{
	struct exec *e = exec_of(MEMBER(src, struct input, src)->owner);

	if (e->in.fd < 0)
		return;
	input_event(&e->in, events & ~(uint32_t)EPOLLERR);
	stream_event(&e->out[e->screen], events);
}

/**
 * pty_open() - Give an exec a terminal
 * @e:		Exec; gets our end
 * @slave:	Set to the process's end
 * @st:		Has the size
 * @who:	Owner
 *
 * Return: true on success, else errno is set
 */
bool pty_open(struct exec *e, int *slave, const struct start *st, const struct identity *who)
{
	struct stream *screen;

	e->terminal = true;
	e->screen = st->flags & S_PIPED_STDOUT ? 1 : 0;
	screen = &e->out[e->screen];
	e->in.fd = screen->fd = open_pair(slave, st, who);
	e->in.end = screen->end = &pty_end;
	e->in.src.event = pty_event;
	return e->in.fd >= 0;
}

/**
 * pty_resize() - RESIZE
 * @e:		Exec
 * @rows:	Height
 * @columns:	Width
 *
 * The kernel sends SIGWINCH for another size only. A host that names the same again has come
 * back to a screen that it has not seen, and has the programs draw it.
 */
void pty_resize(struct exec *e, uint16_t rows, uint16_t columns)
{
	struct winsize size = { .ws_row = rows, .ws_col = columns }, before;
	pid_t group;

	if (!e->terminal || e->in.fd < 0)
		return;
	if (ioctl(e->in.fd, TIOCGWINSZ, &before) < 0 || before.ws_row != rows ||
	    before.ws_col != columns)
		ioctl(e->in.fd, TIOCSWINSZ, &size);
	else if (ioctl(e->in.fd, TIOCGPGRP, &group) == 0 && group > 1)
		kill(-group, SIGWINCH);
}
