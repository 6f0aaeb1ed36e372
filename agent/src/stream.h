/*
 * stream.h - The streams of an owner: bytes from the host, and bytes to the host
 *
 * Stream 0 is a struct input, the others are a struct stream. Our end of each is a descriptor:
 * of a pipe, of a terminal or of a socket. What differs between these is in a table, struct end.
 */
#ifndef STREAM_H
#define STREAM_H

#include <sys/types.h>

#include "owner.h"
#include "watch.h"

struct end;

/**
 * struct input - Stream 0, from the host into a process
 * @src:	For epoll
 * @owner:	Whose stream it is
 * @end:	What our end is
 * @fd:		Our end; -1 once ended
 * @received:	Offset up to which bytes arrived from the host
 * @granted:	Offset up to which the host may send
 * @taken:	Offset up to which bytes went into the pipe
 * @unread:	How many of them were in the pipe when our end was closed
 * @rest:	Another end of it, to see what is left after an end of file; -1 for none
 * @ring:	Bytes that found no room in the pipe, INPUT_WINDOW in size; NULL if none
 * @head:	Index of the first byte in @ring
 * @len:	Number of bytes in @ring
 * @host_closed: The host sent its CLOSE
 * @waiting:	epoll tells when the pipe has room
 * @partial:	The last byte written was not a newline
 */
struct input {
	struct source src;
	struct owner *owner;
	const struct end *end;
	int fd;
	uint64_t received, granted, taken, unread;
	int rest;
	uint8_t *ring;
	uint32_t head, len;
	bool host_closed, waiting, partial;
};

/**
 * struct stream - Stream 1 or 2, from a process to the host
 * @node:	In one of the two rings while it has something to send
 * @src:	For epoll
 * @owner:	Whose stream it is
 * @end:	What our end is
 * @fd:		Our end; -1 once ended
 * @number:	1 or 2
 * @sent:	Offset up to which bytes were sent
 * @credit:	Offset up to which we may send
 * @total:	Offset at which the stream ends, UINT64_MAX while unknown
 * @readable:	There may be something to read (edge-triggered)
 * @hup:	Nobody can write to the other end any more
 * @bulk:	The last read left something behind
 * @listed:	@node is in a ring
 * @host_closed: The host sent its CLOSE
 */
struct stream {
	struct list node;
	struct source src;
	struct owner *owner;
	const struct end *end;
	int fd;
	uint8_t number;
	uint64_t sent, credit, total;
	bool readable, hup, bulk, listed, host_closed;
};

/**
 * struct end - What our end of a stream is
 * @shared:	One descriptor is the end of an input and of a stream. All its events are watched
 *		for from the start.
 * @stutters:	A read that gets less than it asked for may have left something behind
 * @drop:	Close the end of an input
 * @finish:	All bytes were written and the host has closed: tell the reader
 * @broken:	A write failed with @error, or nobody reads any more
 * @read:	As read(2)
 * @close:	Close the end of a stream
 * @settle:	The process has ended: fix the stream's total; return true if another process
 *		can still write. Only execs need it.
 */
struct end {
	bool shared, stutters;
	void (*drop)(struct input *in);
	void (*finish)(struct input *in);
	void (*broken)(struct input *in, int error);
	ssize_t (*read)(struct stream *s, uint8_t *p, size_t n);
	void (*close)(struct stream *s);
	bool (*settle)(struct stream *s);
};

/* stream.c */
extern struct list streams_fresh, streams_bulk;
void stream_init(struct stream *s, struct owner *o, uint8_t number);
int stream_available(int fd);
void stream_event(struct stream *s, uint32_t events);
size_t stream_fill(struct stream *s, uint8_t *p, size_t room);
void stream_credit(struct stream *s, uint64_t credit);
void stream_closed_by_host(struct stream *s, uint64_t offset);
void stream_close(struct stream *s);
void stream_forget(struct stream *s);
void stream_ends_at(struct stream *s, uint64_t total);

/* input.c */
void input_init(struct input *in, struct owner *o);
void input_event(struct input *in, uint32_t events);
void input_data(struct input *in, uint64_t offset, const uint8_t *bytes, uint32_t len);
void input_closed_by_host(struct input *in, uint64_t offset);
void input_grant(struct input *in);
void input_drop(struct input *in);
void input_break(struct input *in);
void input_settle(struct input *in);

/* pipe.c */
extern const struct end pipe_end;

#endif
