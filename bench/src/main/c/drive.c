/*
 * drive.c - Drives one peer over a pair of descriptors, and times what it is told to
 *
 *   drive -- COMMAND...      the peer is a process at the ends of two pipes
 *   drive --port COMMAND...  COMMAND is a QEMU like msb's: the peer is its descriptor 3, and says a
 *                            line first, within BOOT_MILLIS
 *
 * Takes lines from standard input and answers each with one:
 *
 *   turns N BYTES   N lines of BYTES there and back, one after the other: their times in ns
 *   send BYTES      sends BYTES; the peer answers with a line when it has them: one time in ns
 *   receive BYTES   sends an empty line; the peer sends BYTES: one time in ns
 *   say TEXT        sends TEXT as a line
 *   hear BYTES      takes BYTES, and is not timed
 *
 * In C, so that what is measured is the peer.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CHUNK		(64 * 1024)
#define BOOT_MILLIS	90000

static int in = -1, out = -1;
static char buffer[CHUNK];

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "drive: %s: %s\n", what, strerror(errno));
	exit(1);
}

static long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static void put(const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(out, bytes, len);

		if (n < 0)
			die("write");
		bytes += n;
		len -= (size_t)n;
	}
}

static void take(long long len)
{
	while (len > 0) {
		ssize_t n = read(in, buffer, len < CHUNK ? (size_t)len : CHUNK);

		if (n <= 0) {
			errno = n ? errno : EPIPE;
			die("read");
		}
		len -= n;
	}
}

static void take_line(void)
{
	do {
		if (read(in, buffer, 1) != 1)
			die("read");
	} while (buffer[0] != '\n');
}

/* A guest whose kernel and modules do not fit each other never says a word */
static void await_boot(void)
{
	if (poll(&(struct pollfd){ .fd = in, .events = POLLIN }, 1, BOOT_MILLIS) < 1) {
		errno = ETIMEDOUT;
		die("the guest says nothing on its port");
	}
	take_line();
}

static void turns(long n, size_t bytes)
{
	static char line[CHUNK];

	memset(line, 'x', bytes);
	line[bytes - 1] = '\n';
	while (n-- > 0) {
		long long begin = now();

		put(line, bytes);
		take((long long)bytes);
		printf("%lld ", now() - begin);
	}
}

static void obey(char *line)
{
	static char zeros[CHUNK];
	long long n = 0, begin;
	size_t bytes = 0;

	if (sscanf(line, "turns %lld %zu", &n, &bytes) == 2 && bytes > 0 && bytes <= CHUNK) {
		turns(n, bytes);
	} else if (sscanf(line, "send %lld", &n) == 1) {
		begin = now();
		for (; n > 0; n -= CHUNK)
			put(zeros, n < CHUNK ? (size_t)n : CHUNK);
		take_line();
		printf("%lld", now() - begin);
	} else if (sscanf(line, "receive %lld", &n) == 1) {
		begin = now();
		put("\n", 1);
		take(n);
		printf("%lld", now() - begin);
	} else if (!strncmp(line, "say ", 4)) {
		put(line + 4, strlen(line) - 4);
	} else if (sscanf(line, "hear %lld", &n) == 1) {
		take(n);
	} else {
		errno = EINVAL;
		die(line);
	}
	printf("\n");
	fflush(stdout);
}

/* A copy out of the way of the descriptors that a child is given */
static int aside(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 20);

	if (copy < 0)
		die("fcntl");
	close(fd);
	return copy;
}

static void start(char **argv, const int *fds, int count)
{
	pid_t pid = fork();
	int i;

	if (pid < 0)
		die("fork");
	if (pid > 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < count; i++)
		if (fds[i] != i && dup2(fds[i], i) < 0)
			die("dup2");
	execvp(argv[0], argv);
	die(argv[0]);
}

int main(int argc, char **argv)
{
	int to[2], from[2], port[2], other[2], more[2];
	char line[256];

	if (argc < 3)
		return 2;
	if (!strcmp(argv[1], "--port")) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, port) || socketpair(AF_UNIX, SOCK_STREAM, 0, other) ||
		    socketpair(AF_UNIX, SOCK_STREAM, 0, more))
			die("socketpair");
		port[1] = aside(port[1]);
		start(argv + 2, (int[]){ open("/dev/null", O_RDONLY), 2, 2, port[1], aside(other[1]),
					 aside(more[1]) }, 6);
		close(port[1]);
		in = out = port[0];
		await_boot();
	} else {
		if (pipe(to) || pipe(from))
			die("pipe");
		to[0] = aside(to[0]);
		from[1] = aside(from[1]);
		in = aside(from[0]);
		out = aside(to[1]);
		start(argv + 2, (int[]){ to[0], from[1], 2 }, 3);
		close(to[0]);
		close(from[1]);
	}
	while (fgets(line, sizeof(line), stdin))
		obey(line);
	return 0;
}
