/*
 * port.c - The connection to the host: what is read from it, and who may write next
 *
 * The reader never stops because of a process: what arrives is either for the agent
 * itself or within a credit that it granted, and has its place.
 *
 * There is no queue of frames. When the port takes bytes, the buffer is filled anew:
 * first with control, which is encoded at this moment from the state of the owners, then
 * with data read from the pipes straight behind the room for a header. So the agent
 * holds no output but the one buffer, and control waits for at most 32 KiB.
 *
 * Streams with something to read are in one of two rings (stream.c). Fresh ones go first but get at most half
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
#include "connection.h"
#include "off.h"
#include "out.h"
#include "owner.h"
#include "port.h"
#include "stream.h"
#include "watch.h"

#define IN_SIZE		(128 << 10)
#define READ_WHOLE	4096	/* a read this long may have left something behind */
#define READS		16	/* per event, then others get a turn */
#define ROOM_MIN	1024	/* no data frame smaller than that for want of room */
#define DATA_HEADER	(FRAME_HEADER + 8)

static void port_event(struct source *src, uint32_t events);
static struct source source = { port_event };
static int port_fd = -1;
static uint8_t in[IN_SIZE];
static size_t in_at, in_len;
static bool full, armed;

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
static void port_listen(void)
{
	int flags = fcntl(port_fd, F_GETFL);

	in_at = in_len = 0;
	out_clear();
	full = false;
	connection_restart();
	connection_greet();
	connection_encode();
	fcntl(port_fd, F_SETFL, flags & ~O_NONBLOCK);
	while (!out_empty()) {
		if (out_write() < 0 && errno != EINTR) {
			log_line("cannot write to the port: %s", strerror(errno));
			off_now(1);
		}
	}
	fcntl(port_fd, F_SETFL, flags | O_NONBLOCK);
}

/**
 * port_start() - Take the port into use and greet the host
 * @fd:		Device or socket
 */
void port_start(int fd)
{
	port_fd = fd;
	out_start(fd);
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
			violation(why);
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

/* The port has bytes, takes bytes, or lost its host */
static void port_event(struct source *src, uint32_t events)
{
	(void)src;
	if (events & EPOLLOUT)
		full = false;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		port_read();
}

/**
 * port_serve() - Let the streams of a ring send, one frame each per turn
 * @ring:	Of stream.c
 * @limit:	Fill the buffer no further
 */
static void port_serve(struct list *ring, size_t limit)
{
	while (!list_empty(ring) && out_left(limit) >= DATA_HEADER + ROOM_MIN) {
		struct stream *s = MEMBER(ring->next, struct stream, node);
		uint8_t *p = out_room(DATA_HEADER);
		size_t n = stream_fill(s, p + DATA_HEADER, out_left(limit) - DATA_HEADER);

		if (!n)
			continue;
		put_uint(put_header(p, (uint32_t)n + 8, T_DATA, s->number, s->owner->id), 8,
			 s->sent - n);
		out_used(DATA_HEADER + n);
	}
}

static void port_fill(void)
{
	if (!connection_encode() || !owner_encode_all())
		return;
	port_serve(&streams_fresh, list_empty(&streams_bulk) ? OUT_SIZE : OUT_SIZE / 2);
	port_serve(&streams_bulk, OUT_SIZE);
	/* Streams that ended in this round: their CLOSE may go along */
	owner_encode_all();
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
	if (out_empty()) {
		out_clear();
		port_fill();
		if (out_empty()) {
			port_arm(false);
			return false;
		}
	}
	n = out_write();
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		port_lost();
		return false;
	}
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
	return out_empty() && list_empty(&streams_fresh) && list_empty(&streams_bulk) &&
	       connection_idle() && owner_idle();
}
