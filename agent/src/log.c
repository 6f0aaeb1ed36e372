/*
 * log.c - The agent's own diagnostics
 *
 * They go to the kernel's log in a guest, else to stderr; never to the port, never to
 * a process.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

static int log_fd = 2;

/**
 * log_open() - Log to the kernel's ring buffer from now on, if there is one
 */
void log_open(void)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0)
		log_fd = fd;
}

/**
 * log_line() - Write one line
 * @fmt:	As printf(3), without prefix and newline
 */
void log_line(const char *fmt, ...)
{
	/* <3>: an error, so that "quiet" lets it through to the console */
	char line[512] = "<3>msb-agent: ", *from = line + (log_fd == 2 ? 3 : 0);
	int n = (int)strlen(line), m;
	va_list ap;

	va_start(ap, fmt);
	m = vsnprintf(line + n, sizeof(line) - (size_t)n - 1, fmt, ap);
	va_end(ap);
	if (m < 0)
		return;
	n += m;
	if (n > (int)sizeof(line) - 2)
		n = (int)sizeof(line) - 2;
	line[n++] = '\n';
	if (write(log_fd, from, (size_t)(line + n - from)) < 0)
		return;		/* nobody left to tell */
}
