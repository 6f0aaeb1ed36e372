/*
 * bare-port.c - In the place of the agent: nothing but the port
 *
 * What a guest's program can do at best on the agent's virtio-serial port, to compare msb with.
 * It says "ready", and then serves what drive.c asks for:
 *
 *   e<newline>          from then on everything comes back
 *   p<newline>          the same, but through another process, by two pipes
 *   r BYTES<newline>    after each further line come BYTES
 *   s BYTES<newline>    after each BYTES comes a line
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"

#define CHUNK	(64 * 1024)

struct agent agent = { .init = true, .proc = -1, .cwd = "", .user = "" };
static char buffer[CHUNK];
static int port;

static _Noreturn void die(void)
{
	for (;;)
		pause();
}

static size_t take(size_t most)
{
	ssize_t n;

	while ((n = read(port, buffer, most)) < 0 && errno == EAGAIN)
		poll(&(struct pollfd){ .fd = port, .events = POLLIN }, 1, -1);
	if (n <= 0)
		die();
	return (size_t)n;
}

static void put(size_t len)
{
	size_t at = 0;

	while (at < len) {
		ssize_t n = write(port, buffer + at, len - at);

		if (n < 0 && errno == EAGAIN)
			poll(&(struct pollfd){ .fd = port, .events = POLLOUT }, 1, -1);
		else if (n < 0)
			die();
		else
			at += (size_t)n;
	}
}

static void take_line(char *line, size_t len)
{
	size_t at = 0;

	do {
		take(1);
		line[at++] = buffer[0];
	} while (buffer[0] != '\n' && at < len - 1);
	line[at] = '\0';
}

/* The least that a process behind the port costs: what it reads, it writes */
static _Noreturn void serve_by_process(void)
{
	int to[2], from[2];
	ssize_t n;

	if (pipe(to) || pipe(from))
		die();
	if (fork() == 0) {
		while ((n = read(to[0], buffer, CHUNK)) > 0)
			if (write(from[1], buffer, (size_t)n) != n)
				die();
		die();
	}
	for (;;) {
		size_t len = take(CHUNK), back = 0;

		if (write(to[1], buffer, len) != (ssize_t)len)
			die();
		for (; back < len; back += (size_t)n) {
			n = read(from[0], buffer, CHUNK);
			if (n <= 0)
				die();
			put((size_t)n);
		}
	}
}

static _Noreturn void serve(const char *request)
{
	size_t bytes = strtoul(request + 1, NULL, 10), left;
	char line[64];

	if (request[0] == 'p')
		serve_by_process();
	for (;;) {
		switch (request[0]) {
		case 'e':
			put(take(CHUNK));
			break;
		case 'r':
			take_line(line, sizeof(line));
			for (left = bytes; left > 0; left -= left < CHUNK ? left : CHUNK)
				put(left < CHUNK ? left : CHUNK);
			break;
		case 's':
			for (left = bytes; left > 0;)
				left -= take(left < CHUNK ? left : CHUNK);
			buffer[0] = '\n';
			put(1);
			break;
		default:
			die();
		}
	}
}

/* What boot.c can call besides */
_Noreturn void off_power(void)
{
	die();
}

int main(void)
{
	char request[64] = "ready\n";

	boot_early();
	port = boot_port();
	if (port < 0)
		die();
	memcpy(buffer, request, 6);
	put(6);
	take_line(request, sizeof(request));
	serve(request);
}
