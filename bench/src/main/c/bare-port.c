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
 *   R BYTES<newline>, S BYTES<newline>  the same, but from and to another process
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

/* The other process: what it reads it writes, or it only writes, or it only reads */
static _Noreturn void peer(char kind, int in, int out)
{
	ssize_t n = CHUNK;

	for (;;) {
		if (kind != 'R')
			n = read(in, buffer, CHUNK);
		if (n <= 0 || (kind != 'S' && write(out, buffer, (size_t)n) != n))
			die();
	}
}

/*
 * The least that a process behind the port costs, with one pipe to it and one from it. As in the
 * agent, 64 KiB at a time go to it and 32 KiB come from it.
 */
static _Noreturn void serve_by_process(char kind, size_t bytes)
{
	char line[64];
	int to[2], from[2];
	size_t left, got;
	ssize_t n;

	if (pipe(to) || pipe(from))
		die();
	if (fork() == 0)
		peer(kind, to[0], from[1]);
	for (;;) {
		if (kind == 'R')
			take_line(line, sizeof(line));
		for (left = bytes ? bytes : 1; left > 0; left -= got < left ? got : left) {
			got = 0;
			if (kind != 'R') {
				got = take(CHUNK);
				if (write(to[1], buffer, got) != (ssize_t)got)
					die();
			}
			if (kind != 'S') {
				n = read(from[0], buffer, left < CHUNK / 2 && kind == 'R' ? left : CHUNK / 2);
				if (n <= 0)
					die();
				got = (size_t)n;
				put(got);
			}
		}
		if (kind == 'S') {
			buffer[0] = '\n';
			put(1);
		}
	}
}

static _Noreturn void serve(const char *request)
{
	size_t bytes = strtoul(request + 1, NULL, 10), left;
	char line[64];

	if (strchr("pRS", request[0]))
		serve_by_process(request[0], bytes);
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
