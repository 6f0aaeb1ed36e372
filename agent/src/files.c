/*
 * files.c - The file server: requests on stdin, replies on stdout
 *
 * It is a process of its own, the agent's program executed afresh for an exec with the
 * flag FILES, as that exec's user: it can do what any program of that user can, and has
 * nothing of PID 1's memory or descriptors. One request after the other, in the order in
 * which they came, answered in that order; so a client can send the next before it has
 * the answer to the last, and name a handle before it knows that the open worked.
 *
 * Replies are gathered while there are whole requests to do, and written before the next
 * read that may wait. Nothing is allocated but what a walk remembers (files_walk.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"
#include "files.h"

#define BUFFER	(2 * (4 + FILES_MESSAGE_MAX))

static uint8_t in[BUFFER], out[BUFFER];
static size_t in_len, out_len;

static _Noreturn void refuse(const char *why)
{
	log_line("file server: %s", why);
	exit(2);
}

static void flush(void)
{
	size_t at = 0;

	while (at < out_len) {
		ssize_t n = write(1, out + at, out_len - at);

		if (n < 0 && errno != EINTR)
			exit(1);
		at += n > 0 ? (size_t)n : 0;
	}
	out_len = 0;
}

/**
 * serve() - Do one request
 * @message:	What follows its length
 * @len:	Its length
 */
static void serve(uint8_t *message, size_t len)
{
	struct files_request r;
	uint8_t *start, *end;

	if (!files_parse(message, len, &r))
		refuse("malformed request");
	if (sizeof(out) - out_len < 4 + FILES_MESSAGE_MAX)
		flush();
	start = out + out_len;
	end = r.nul ? files_error(start + 8, EINVAL) : files_do(&r, start + 8);
	put_uint(start, 4, (uint64_t)(end - start) - 4);
	put_uint(start + 4, 4, r.id);
	out_len += (size_t)(end - start);
}

/**
 * serve_all() - Do the whole requests that are there
 */
static void serve_all(void)
{
	size_t at = 0;

	while (in_len - at >= 4) {
		struct cursor c = { in + at, in + at + 4, false, false };
		uint32_t len = (uint32_t)get_uint(&c, 4);

		if (len > FILES_MESSAGE_MAX)
			refuse("a request is too long");
		if (in_len - at - 4 < len)
			break;
		serve(in + at + 4, len);
		at += 4 + len;
	}
	memmove(in, in + at, in_len - at);
	in_len -= at;
}

/**
 * files_main() - Serve until the end of stdin
 */
_Noreturn void files_main(void)
{
	files_init();
	for (;;) {
		ssize_t n;

		serve_all();
		flush();
		n = read(0, in + in_len, sizeof(in) - in_len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			exit(n < 0 || in_len ? 1 : 0);
		in_len += (size_t)n;
	}
}
