/*
 * owner.c - The table of owners, and what they have to tell the host
 *
 * Nothing is queued. 'pending' has a bit for each frame of control that is due; the frame is
 * encoded from the owner's state when the port takes bytes (port.c). A CREDIT that is due twice
 * is told once, with the newest offset. The order of the bits is the order of the frames.
 *
 * An owner is freed only after the events in hand were handled, as one may point to it.
 */
#include "frame.h"
#include "out.h"
#include "owner.h"

#define BUCKETS		1024
#define ROOM		128
#define ROOM_FAILED	(FRAME_HEADER + 128 + 4096)
#define ROOM_OPEN	(FRAME_HEADER + 10 + TARGET_MAX)

/* The frame of each bit of enum pending, and the most that it takes */
static const struct { uint8_t type, stream; uint16_t room; } frames[] = {
	{ T_STARTED,	0, ROOM },
	{ T_FAILED,	0, ROOM_FAILED },
	{ T_OPEN,	0, ROOM_OPEN },
	{ T_OPENED,	0, ROOM },
	{ T_REFUSED,	0, ROOM },
	{ T_CREDIT,	0, ROOM },
	{ T_CLOSE,	0, ROOM },
	{ T_EXIT,	0, ROOM },
	{ T_CLOSE,	1, ROOM },
	{ T_CLOSE,	2, ROOM },
	{ T_RESET,	0, ROOM },
};

static struct list control = LIST_EMPTY(control), dead = LIST_EMPTY(dead);
static struct owner *buckets[BUCKETS];

static struct owner **owner_slot(uint64_t id)
{
	struct owner **slot = &buckets[id % BUCKETS];

	while (*slot && (*slot)->id != id)
		slot = &(*slot)->hash_next;
	return slot;
}

/**
 * owner_find() - Find the owner with an id
 * @id:		From a header
 *
 * Return: the owner, NULL if there is none or it is over
 */
struct owner *owner_find(uint64_t id)
{
	return *owner_slot(id);
}

/**
 * owner_taken() - Does an owner of the host's have this number already?
 * @id:		With the number; execs and the host's links share their numbers
 */
bool owner_taken(uint64_t id)
{
	return owner_find(id & OWNER_NUMBER) || owner_find((id & OWNER_NUMBER) | OWNER_LINK);
}

/**
 * owner_add() - Put an owner into the table
 * @o:		Owner, all zero
 * @id:		Its id, not in use
 * @kind:	What it is
 */
void owner_add(struct owner *o, uint64_t id, const struct owner_kind *kind)
{
	o->id = id;
	o->kind = kind;
	list_init(&o->node);
	*owner_slot(id) = o;
}

/**
 * owner_remove() - Nothing more is to be said about an owner: it is no longer found
 * @o:		Owner
 */
void owner_remove(struct owner *o)
{
	*owner_slot(o->id) = o->hash_next;
}

/**
 * owner_tell() - Make frames due
 * @o:		Owner
 * @bits:	From enum pending
 */
void owner_tell(struct owner *o, unsigned int bits)
{
	if (!o->pending)
		list_add(&control, &o->node);
	o->pending |= (uint16_t)bits;
}

/**
 * owner_untell() - Frames are no longer due
 * @o:		Owner
 * @bits:	From enum pending
 */
void owner_untell(struct owner *o, unsigned int bits)
{
	if (!(o->pending & bits))
		return;
	o->pending &= (uint16_t)~bits;
	if (!o->pending)
		list_remove(&o->node);
}

/**
 * owner_encode_one() - Encode the first frame that is due
 * @o:		Owner
 *
 * Return: false if there was no room
 */
static bool owner_encode_one(struct owner *o)
{
	int n = __builtin_ctz(o->pending);
	uint8_t *to = out_room(frames[n].room), *end;

	if (!to)
		return false;
	end = o->kind->encode(o, 1U << n, to + FRAME_HEADER);
	put_header(to, (uint32_t)(end - to - FRAME_HEADER), frames[n].type, frames[n].stream,
		   o->id);
	out_used((size_t)(end - to));
	owner_untell(o, 1U << n);
	o->kind->told(o, 1U << n);
	return true;
}

/**
 * owner_encode_all() - Encode what is due for all owners
 *
 * Return: false if there was not enough room
 */
bool owner_encode_all(void)
{
	while (!list_empty(&control))
		if (!owner_encode_one(MEMBER(control.next, struct owner, node)))
			return false;
	return true;
}

/**
 * owner_idle() - Is no control due?
 */
bool owner_idle(void)
{
	return list_empty(&control);
}

/**
 * owner_bury() - Have an owner freed
 * @o:		Owner, removed, with nothing pending
 */
void owner_bury(struct owner *o)
{
	list_add(&dead, &o->node);
}

/**
 * owner_free_dead() - Free the owners that were buried
 */
void owner_free_dead(void)
{
	while (!list_empty(&dead)) {
		struct owner *o = MEMBER(dead.next, struct owner, node);

		list_remove(&o->node);
		o->kind->free(o);
	}
}
