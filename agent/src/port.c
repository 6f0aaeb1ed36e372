/*
 * port.c - The connection to the host: one buffer in, one buffer out
 *
 * The reader never stops because of a process: what arrives is either for the agent
 * itself or within a credit that it granted, and has its place.
 *
 * There is no queue of frames. When the port takes bytes, the buffer is filled anew:
 * first with control, which is encoded at this moment from the state of the execs, then
 * with data read from the pipes straight behind the room for a header. So the agent
 * holds no output but the one buffer, and control waits for at most 32 KiB.
 *
 * Streams with something to read are in one of two rings: 'fresh' after they were empty,
 * 'bulk' after a read that left something behind. Fresh ones go first but get at most half
 * of the buffer if there are others, so a turn-by-turn stream never waits behind a flood nor
 * starves it.
 *
 * Linux's virtio_console takes at most 32 KiB in one write, and the next only when the
 * host has consumed it; it wakes epoll for each consumed buffer. Therefore EPOLLOUT is
 * asked for only while the port is known to be full.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

#define IN_SIZE		(128 << 10)
#define READ_WHOLE	4096	/* a read this long may have left something behind */
#define READS		16	/* per event, then others get a turn */
#define ROOM_MIN	1024	/* no data frame smaller than that for want of room */
#define DATA_HEADER	(FRAME_HEADER + 8)

static struct source source = { SRC_PORT, NULL };
static int port_fd = -1;
static uint8_t in[IN_SIZE];
static size_t in_at, in_len;
static uint8_t out[OUT_SIZE];
static size_t out_at, out_len;
static bool full, armed;
static struct link fresh = LIST_EMPTY(fresh), bulk = LIST_EMPTY(bulk);

static void port_arm(bool want_out)
{
	if (armed != want_out &&
	    watch_change(port_fd, EPOLLIN | (want_out ? (uint32_t)EPOLLOUT : 0), &source))
		armed = want_out;
}

/**
 * port_listen() - Greet the host, waiting for it if need be
 *
 * Linux blocks a write to a virtio port until the host has opened its end. A template is
 * taken while the agent sits in this write.
 */
void port_listen(void)
{
	int flags = fcntl(port_fd, F_GETFL);

	in_at = in_len = out_at = out_len = 0;
	full = false;
	connection_restart();
	connection_greet();
	connection_encode();
	fcntl(port_fd, F_SETFL, flags & ~O_NONBLOCK);
	while (out_at < out_len) {
		ssize_t n = write(port_fd, out + out_at, out_len - out_at);

		if (n >= 0) {
			out_at += (size_t)n;
		} else if (errno != EINTR) {
			log_line("cannot write to the port: %s", strerror(errno));
			off_now(1);
		}
	}
	out_at = out_len = 0;
	fcntl(port_fd, F_SETFL, flags | O_NONBLOCK);
}

/**
 * port_start() - Take the port into use and greet the host
 * @fd:		Device or socket
 */
void port_start(int fd)
{
	port_fd = fd;
	port_listen();
	if (!watch_add(fd, EPOLLIN, &source)) {
		log_line("cannot watch the port: %s", strerror(errno));
		off_now(1);
	}
}

static void port_lost(void)
{
	if (agent.init && !agent.configured) {
		port_listen();
		return;
	}
	if (agent.init)
		log_line("the host is gone");
	off_now(0);
}

/**
 * port_read() - Take in what has arrived and act on each whole frame
 */
static void port_read(void)
{
	struct frame f;
	const char *why;
	int i, used;

	for (i = 0; i < READS; i++) {
		ssize_t n = read(port_fd, in + in_len, IN_SIZE - in_len);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			port_lost();
			return;
		}
		in_len += (size_t)n;
		while ((used = frame_parse(in + in_at, in_len - in_at, &f, &why)) > 0) {
			in_at += (size_t)used;
			connection_frame(&f);
		}
		if (used < 0)
			port_violation(why);
		if (in_at == in_len) {
			in_at = in_len = 0;
		} else if (IN_SIZE - in_at < FRAME_HEADER + FRAME_MAX_PAYLOAD) {
			memmove(in, in + in_at, in_len - in_at);
			in_len -= in_at;
			in_at = 0;
		}
		if (n < READ_WHOLE)
			return;
	}
}

/**
 * port_event() - The port has bytes, takes bytes, or lost its host
 * @events:	From epoll
 */
void port_event(uint32_t events)
{
	if (events & EPOLLOUT)
		full = false;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		port_read();
}

/**
 * port_room() - Ask for room in the buffer
 * @bytes:	Wanted
 *
 * Return: where to write, NULL if there is not so much
 */
uint8_t *port_room(size_t bytes)
{
	return OUT_SIZE - out_len < bytes ? NULL : out + out_len;
}

/**
 * port_used() - Room got by port_room() was written to
 * @bytes:	How many
 */
void port_used(size_t bytes)
{
	out_len += bytes;
}

/**
 * port_later() - A stream has something to send
 * @s:		Stream
 */
void port_later(struct stream *s)
{
	if (s->listed)
		return;
	s->listed = true;
	list_add(s->bulk ? &bulk : &fresh, &s->link);
}

/**
 * port_serve() - Let the streams of a ring send, one frame each per turn
 * @ring:	fresh or bulk
 * @limit:	Fill the buffer no further
 */
static void port_serve(struct link *ring, size_t limit)
{
	while (!list_empty(ring) && out_len + DATA_HEADER + ROOM_MIN <= limit) {
		struct stream *s = MEMBER(ring->next, struct stream, link);
		size_t n;

		list_remove(&s->link);
		s->listed = false;
		n = stream_fill(s, out + out_len + DATA_HEADER, limit - out_len - DATA_HEADER);
		if (!n)
			continue;
		put_uint(put_header(out + out_len, (uint32_t)n + 8, T_DATA, s->number,
				    s->src.exec->id), 8, s->sent - n);
		out_len += DATA_HEADER + n;
	}
}

static void port_fill(void)
{
	if (!connection_encode() || !exec_encode_all())
		return;
	port_serve(&fresh, list_empty(&bulk) ? OUT_SIZE : OUT_SIZE / 2);
	port_serve(&bulk, OUT_SIZE);
	/* Streams that ended in this round: their CLOSE may go along */
	exec_encode_all();
}

/**
 * port_pump() - Write one buffer, if there is something to say
 *
 * Return: true if there is more and the port may take it
 */
bool port_pump(void)
{
	ssize_t n;

	if (full)
		return false;
	if (out_at == out_len) {
		out_at = out_len = 0;
		port_fill();
		if (!out_len) {
			port_arm(false);
			return false;
		}
	}
	n = write(port_fd, out + out_at, out_len - out_at);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		port_lost();
		return false;
	}
	if (n > 0)
		out_at += (size_t)n;
	if (n < 0 && errno == EAGAIN) {
		full = true;
		port_arm(true);
		return false;
	}
	return !port_idle();
}

/**
 * port_idle() - Is there nothing that could be sent now?
 */
bool port_idle(void)
{
	return out_at == out_len && list_empty(&fresh) && list_empty(&bulk) &&
	       connection_idle() && exec_control_idle();
}

/**
 * port_violation() - The host broke a rule: say so and end
 * @why:	Which rule
 */
_Noreturn void port_violation(const char *why)
{
	struct pollfd p = { .fd = port_fd, .events = POLLOUT };
	uint8_t *to;

	log_line("the host broke the protocol: %s", why);
	if (out_at > 0) {
		memmove(out, out + out_at, out_len - out_at);
		out_len -= out_at;
		out_at = 0;
	}
	to = port_room(FRAME_HEADER + 2 + 4 + 128);
	for (;;) {
		ssize_t n;

		if (to) {
			uint8_t *end = put_uint(to + FRAME_HEADER, 2, 1);

			end = put_string(end, why, 128);
			put_header(to, (uint32_t)(end - to - FRAME_HEADER), T_ERROR, 0, 0);
			out_len += (size_t)(end - to);
			to = NULL;
		}
		if (out_at == out_len || poll(&p, 1, 1000) <= 0)
			break;
		n = write(port_fd, out + out_at, out_len - out_at);
		if (n <= 0)
			break;
		out_at += (size_t)n;
	}
	off_now(1);
}
