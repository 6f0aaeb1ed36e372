/*
 * out.c - The buffer of what goes to the host, and the last word to a host that broke a rule
 *
 * Frames are encoded straight into this buffer. It is filled only when it is empty, and
 * then written until it is empty again (port.c).
 */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"
#include "frame.h"
#include "out.h"

static int out_fd = -1;
static uint8_t out[OUT_SIZE];
static size_t out_at, out_len;

/**
 * out_start() - Say where it is written to
 * @fd:		The port
 */
void out_start(int fd)
{
	out_fd = fd;
}

/**
 * out_clear() - Forget what is in the buffer
 */
void out_clear(void)
{
	out_at = out_len = 0;
}

/**
 * out_empty() - Was everything written?
 */
bool out_empty(void)
{
	return out_at == out_len;
}

/**
 * out_left() - Room in the buffer
 * @limit:	Of the whole buffer, use no more than this
 */
size_t out_left(size_t limit)
{
	return out_len < limit ? limit - out_len : 0;
}

/**
 * out_room() - Ask for room in the buffer
 * @bytes:	Wanted
 *
 * Return: where to write, NULL if there is not so much
 */
uint8_t *out_room(size_t bytes)
{
	return out_left(OUT_SIZE) < bytes ? NULL : out + out_len;
}

/**
 * out_used() - Room got by out_room() was written to
 * @bytes:	How many
 */
void out_used(size_t bytes)
{
	out_len += bytes;
}

/**
 * out_write() - Write what the port takes
 *
 * Return: as write(2)
 */
ssize_t out_write(void)
{
	ssize_t n = write(out_fd, out + out_at, out_len - out_at);

	if (n > 0)
		out_at += (size_t)n;
	return n;
}

/**
 * violation() - The host broke a rule: say so and end
 * @why:	Which rule
 */
_Noreturn void violation(const char *why)
{
	struct pollfd p = { .fd = out_fd, .events = POLLOUT };
	uint8_t *to;

	log_line("the host broke the protocol: %s", why);
	if (out_at > 0) {
		memmove(out, out + out_at, out_len - out_at);
		out_len -= out_at;
		out_at = 0;
	}
	to = out_room(FRAME_HEADER + 2 + 4 + 128);
	if (to) {
		uint8_t *end = put_uint(to + FRAME_HEADER, 2, 1);

		end = put_string(end, why, 128);
		put_header(to, (uint32_t)(end - to - FRAME_HEADER), T_ERROR, 0, 0);
		out_used((size_t)(end - to));
	}
	while (!out_empty() && poll(&p, 1, 1000) > 0 && out_write() > 0)
		;
	agent_quit(1);
}
