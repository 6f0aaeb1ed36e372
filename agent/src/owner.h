/*
 * owner.h - What a frame may belong to: an id, and the control that is due
 */
#ifndef OWNER_H
#define OWNER_H

#include <stdbool.h>
#include <stdint.h>

#include "list.h"

/* Frames of control that an owner still has to send, in the order in which they are sent */
enum pending {
	P_STARTED	= 1 << 0,
	P_FAILED	= 1 << 1,
	P_OPEN		= 1 << 2,
	P_OPENED	= 1 << 3,
	P_REFUSED	= 1 << 4,
	P_CREDIT	= 1 << 5,	/* of stream 0 */
	P_CLOSE_IN	= 1 << 6,	/* of stream 0, whose reader we are */
	P_EXIT		= 1 << 7,
	P_CLOSE_OUT	= 1 << 8,	/* of stream 1 */
	P_CLOSE_ERR	= 1 << 9,	/* of stream 2 */
	P_RESET		= 1 << 10,
	P_EVERY		= (1 << 11) - 1,
};

struct owner;

/**
 * struct owner_kind - What differs between kinds of owners
 * @encode:	Write the payload of a frame that is due; return where it ends
 * @told:	The frame was written; it is due no more
 * @free:	Free the owner, which is over
 * @lost:	Our end of a stream failed with an errno; EPIPE: nobody reads stream 0 any more.
 *		Only links need it.
 */
struct owner_kind {
	uint8_t *(*encode)(struct owner *o, unsigned int bit, uint8_t *p);
	void (*told)(struct owner *o, unsigned int bit);
	void (*free)(struct owner *o);
	void (*lost)(struct owner *o, int error);
};

/**
 * struct owner - What a frame may belong to, as part of the struct of its kind
 * @node:	In the list of those with something @pending, or of the dead
 * @hash_next:	Next with the same hash of @id
 * @id:		In the header of its frames
 * @kind:	What it is
 * @pending:	Bits of enum pending
 */
struct owner {
	struct list node;
	struct owner *hash_next;
	uint64_t id;
	const struct owner_kind *kind;
	uint16_t pending;
};

struct owner *owner_find(uint64_t id);
bool owner_taken(uint64_t id);
void owner_add(struct owner *o, uint64_t id, const struct owner_kind *kind);
void owner_remove(struct owner *o);
void owner_tell(struct owner *o, unsigned int bits);
void owner_untell(struct owner *o, unsigned int bits);
bool owner_encode_all(void);
bool owner_idle(void);
void owner_bury(struct owner *o);
void owner_free_dead(void);

#endif
