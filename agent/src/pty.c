/*
 * pty.c - Execs with a terminal
 *
 * The streams share the master: stdin, and stdout, or stderr if stdout is a pipe beside the
 * terminal. A host that closes the latter hangs the terminal up, as closing a terminal's window
 * does. A host that closes stdin has nothing more to type: if the terminal reads lines, it is
 * given the end-of-file character, as a user would type it; a program in raw mode is left alone.
 *
 * What a terminal still holds cannot be counted as that of a pipe can, so it is read when
 * the process ends (pty_tail). The kernel hangs the terminal up at that moment, and it holds
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

#define TAIL_MAX	(128 << 10)

/**
 * pty_open() - Make a terminal
 * @slave:	Set to the process's end
 * @st:		Has the size
 * @who:	Owner
 *
 * Return: the master, non-blocking; -1 on failure
 */
int pty_open(int *slave, const struct start *st, const struct identity *who)
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

/**
 * pty_end_of_input() - The host has nothing more to type
 * @e:		Exec
 *
 * In the middle of a line the first end-of-file character only hands over the line.
 */
void pty_end_of_input(struct exec *e)
{
	struct termios t;
	char eof[2];

	if (tcgetattr(e->in.fd, &t) < 0 || !(t.c_lflag & ICANON))
		return;
	eof[0] = eof[1] = (char)t.c_cc[VEOF];
	if (write(e->in.fd, eof, e->in.partial ? 2 : 1) < 0)
		log_line("cannot end a terminal's input: %s", strerror(errno));
}

/**
 * pty_tail() - Keep what the terminal still holds
 * @e:		Exec whose process has ended
 */
void pty_tail(struct exec *e)
{
	int fd = e->out[e->screen].fd;
	ssize_t n;

	if (fd < 0)
		return;
	e->tail = malloc(TAIL_MAX);
	while (e->tail && e->tail_len < TAIL_MAX) {
		n = read(fd, e->tail + e->tail_len, TAIL_MAX - e->tail_len);
		if (n <= 0)
			break;
		e->tail_len += (uint32_t)n;
	}
}
