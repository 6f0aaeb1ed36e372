/*
 * link.h - Links: pairs of streams that the host or the guest opens
 *
 * To open one from here, call link_open(). To accept one that the host opens, give its kind a
 * line in accept.c; there the link gets descriptors, link_attach(), and an answer, at once or
 * later: link_accept() or link_refuse().
 */
#ifndef LINK_H
#define LINK_H

#include "duplex.h"
#include "frame.h"

#define MAX_LINKS	1000
#define MAX_OPENING	256	/* OPENs of one end that have no answer */

enum link_kind { LINK_ECHO, LINK_DIAL_BACK, LINK_DIALED_BACK };

/**
 * enum link_state - How far a link has got
 * @LINK_OPENING: OPEN was sent or is due
 * @LINK_OPEN:	OPENED was sent
 * @LINK_ENDING: A REFUSED or RESET of ours is due; it has no streams any more
 * @LINK_OVER:	It is no longer found by id; what it still has to write here is written
 */
enum link_state { LINK_OPENING, LINK_OPEN, LINK_ENDING, LINK_OVER };

struct link;

/**
 * struct link_user - Functions of whoever wants to know of a link, each called once at most
 * @opened:	The host accepted the link; NULL if we accepted it
 * @ended:	The link is no more: 0, or errno if it was refused or reset. In that case its
 *		descriptors are still open and are closed next.
 */
struct link_user {
	void (*opened)(struct link *l);
	void (*ended)(struct link *l, int error);
};

/**
 * struct link - A pair of streams
 * @owner:	Of its streams
 * @node:	In the list of all
 * @over:	In the list of those that are over
 * @ends:	Its streams, and our end of them
 * @kind:	From enum link_kind
 * @state:	From enum link_state
 * @told_close:	The CLOSE of stream 1 was sent
 * @target:	Of OPEN, while it is opening; allocated
 * @error:	Of REFUSED or RESET
 * @why:	Of REFUSED
 * @user:	Who wants to know of it, NULL for nobody
 * @of:		For @user
 */
struct link {
	struct owner owner;
	struct list node, over;
	struct duplex ends;
	uint16_t kind;
	uint8_t state;
	bool told_close;
	char *target;
	int error;
	const char *why;
	const struct link_user *user;
	void *of;
};

/* link.c */
struct link *link_open(uint16_t kind, const char *target, int in, int out,
		       const struct link_user *user, void *of);
void link_attach(struct link *l, int in, int out);
void link_accept(struct link *l);
void link_refuse(struct link *l, int error, const char *why);
void link_reset(struct link *l, int error);
bool link_end_all(int error);
void link_tidy(void);
struct link *link_offered(struct frame *f);
void link_frame(struct frame *f);

/* accept.c */
void accept_open(struct frame *f);

#endif
