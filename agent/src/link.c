/*
 * link.c - The life of links
 *
 * A link is an owner of two streams (owner.h). The opener sends OPEN, the accepter answers OPENED
 * or REFUSED; then each direction is closed by itself, until both writers' CLOSEs were sent, or
 * either end sends RESET. The state follows what was sent, not what is due: until OPENED is in
 * the buffer the link is opening, as the host cannot know more.
 *
 * Both closed, a link may still have bytes of the host to write here. It is over for the host
 * then, and says nothing more, but lives until they are written; so it counts.
 *
 * Numbers: the guest's count from 1. The host's are shared by execs and links, and by clients, each
 * of which has a range of its own; so from here they ascend only within a range. A number
 * above the highest that had an OPEN was never used; below it, the link is taken to be over.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "link.h"
#include "out.h"

static struct list links = LIST_EMPTY(links), overs = LIST_EMPTY(overs);
static unsigned int count;			/* in memory */
static unsigned int opening_host, opening_ours;	/* OPENs without an answer */
static uint64_t highest_host, highest_told;	/* numbers: of the host's OPENs, of ours sent */
static uint64_t last_number;			/* of ours, its OPEN sent or due */

static const struct owner_kind link_kind;

static struct link *link_of(struct owner *o)
{
	return MEMBER(o, struct link, owner);
}

static bool is_ours(uint64_t id)
{
	return id & OWNER_GUEST;
}

static struct link *link_new(uint64_t id, uint16_t kind, const char *target)
{
	struct link *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->target = strdup(target);
	if (!l->target) {
		free(l);
		return NULL;
	}
	l->kind = kind;
	owner_add(&l->owner, id, &link_kind);
	duplex_init(&l->ends, &l->owner);
	list_add(&links, &l->node);
	list_init(&l->over);
	count++;
	return l;
}

static void link_free(struct owner *o)
{
	free(link_of(o)->target);
	free(link_of(o));
}

/**
 * link_cut() - It has no streams from now on
 * @l:		Link
 * @error:	Why
 */
static void link_cut(struct link *l, int error)
{
	const struct link_user *user = l->user;

	l->user = NULL;
	if (user)
		user->ended(l, error);
	duplex_close(&l->ends);
	owner_untell(&l->owner, P_EVERY);
}

/**
 * link_over() - Nothing more is said about a link
 * @l:		Link
 */
static void link_over(struct link *l)
{
	owner_untell(&l->owner, P_EVERY);
	owner_remove(&l->owner);
	l->state = LINK_OVER;
	list_add(&overs, &l->over);
}

/* Over, if both writers have closed */
static void link_check(struct link *l)
{
	if (l->state == LINK_OPEN && l->told_close && l->ends.in.host_closed)
		link_over(l);
}

/**
 * link_tidy() - Free the links that are over and have nothing more to write
 */
void link_tidy(void)
{
	struct list *at, *next;

	for (at = overs.next; at != &overs; at = next) {
		struct link *l = MEMBER(at, struct link, over);

		next = at->next;
		if (l->ends.in.fd >= 0)
			continue;
		if (l->user)
			l->user->ended(l, 0);
		list_remove(&l->over);
		list_remove(&l->node);
		count--;
		owner_bury(&l->owner);
	}
}

/**
 * link_open() - Open a link to the host
 * @kind:	What the target means
 * @target:	At most TARGET_MAX bytes
 * @in:		Gets what comes from the host; non-blocking
 * @out:	Has what goes to the host; non-blocking, the same as @in if it is a socket
 * @user:	Told when it is open and when it has ended; @ended may come without @opened
 * @of:		For @user
 *
 * Return: the link, which closes the descriptors; NULL on failure, with errno
 */
struct link *link_open(uint16_t kind, const char *target, int in, int out,
		       const struct link_user *user, void *of)
{
	struct link *l;

	if (agent.down)
		errno = ESHUTDOWN;
	else if (count >= MAX_LINKS)
		errno = EMFILE;
	else if (opening_ours >= MAX_OPENING)
		errno = EAGAIN;
	else if (strlen(target) > TARGET_MAX)
		errno = EINVAL;
	else
		errno = 0;
	if (errno)
		return NULL;
	errno = ENOMEM;
	l = link_new(OWNER_LINK | OWNER_GUEST | (last_number + 1), kind, target);
	if (!l)
		return NULL;
	last_number++;
	opening_ours++;
	l->user = user;
	l->of = of;
	duplex_attach(&l->ends, in, out);
	owner_tell(&l->owner, P_OPEN);
	return l;
}

/**
 * link_attach() - Give a link that the host opens its descriptors, which it will close
 * @l:		Link, not answered
 * @in:		As link_open()
 * @out:	As link_open()
 */
void link_attach(struct link *l, int in, int out)
{
	duplex_attach(&l->ends, in, out);
}

/**
 * link_accept() - Answer OPENED
 * @l:		Link, not answered, with descriptors
 */
void link_accept(struct link *l)
{
	if (duplex_watch(&l->ends))
		owner_tell(&l->owner, P_OPENED);
	else
		link_refuse(l, errno, "epoll_ctl");
}

/**
 * link_refuse() - Answer REFUSED
 * @l:		Link, not answered
 * @error:	errno
 * @why:	For people
 */
void link_refuse(struct link *l, int error, const char *why)
{
	link_cut(l, error);
	l->state = LINK_ENDING;
	l->error = error;
	l->why = why;
	owner_tell(&l->owner, P_REFUSED);
}

/**
 * link_reset() - End both directions at once; a link that has no answer yet is refused
 * @l:		Link
 * @error:	errno
 */
void link_reset(struct link *l, int error)
{
	bool untold = l->owner.pending & P_OPEN;

	if (l->state == LINK_ENDING)
		return;
	if (l->state == LINK_OPENING && !is_ours(l->owner.id)) {
		link_refuse(l, error, "the other end is gone");
		return;
	}
	if (l->state == LINK_OPENING)
		opening_ours--;
	link_cut(l, error);
	if (l->state == LINK_OVER)
		return;
	if (untold) {
		link_over(l);
		return;
	}
	l->state = LINK_ENDING;
	l->error = error;
	owner_tell(&l->owner, P_RESET);
}

/**
 * link_end_all() - Reset all links
 * @error:	errno
 *
 * Return: false if there was none
 */
bool link_end_all(int error)
{
	struct list *at;
	bool any = false;

	for (at = links.next; at != &links; at = at->next) {
		struct link *l = MEMBER(at, struct link, node);

		if (l->state == LINK_ENDING || (l->state == LINK_OVER && l->ends.in.fd < 0))
			continue;
		link_reset(l, error);
		any = true;
	}
	return any;
}

static void link_lost(struct owner *o, int error)
{
	struct link *l = link_of(o);

	if (error != EPIPE)
		link_reset(l, error);
	else if (l->state == LINK_OVER)
		input_drop(&l->ends.in);
	else
		input_break(&l->ends.in);
}

static uint8_t *link_encode(struct owner *o, unsigned int bit, uint8_t *p)
{
	struct link *l = link_of(o);
	struct input *in = &l->ends.in;

	switch (bit) {
	case P_OPEN:
		input_grant(in);
		p = put_uint(p, 2, l->kind);
		p = put_uint(p, 4, in->granted);
		return put_string(p, l->target, TARGET_MAX);
	case P_OPENED:
		input_grant(in);
		return put_uint(p, 4, in->granted);
	case P_REFUSED:
		return put_string(put_uint(p, 4, (uint32_t)l->error), l->why, 64);
	case P_CREDIT:
		input_grant(in);
		return put_uint(p, 8, in->granted);
	case P_CLOSE_IN:
		return put_uint(p, 8, in->taken);
	case P_RESET:
		return put_uint(p, 4, (uint32_t)l->error);
	default:
		return put_uint(p, 8, l->ends.out.total);
	}
}

static void link_told(struct owner *o, unsigned int bit)
{
	struct link *l = link_of(o);

	switch (bit) {
	case P_OPEN:
		highest_told = o->id & OWNER_NUMBER;
		break;
	case P_OPENED:
		opening_host--;
		l->state = LINK_OPEN;
		break;
	case P_REFUSED:
		opening_host--;
		link_over(l);
		break;
	case P_RESET:
		link_over(l);
		break;
	case P_CLOSE_OUT:
		l->told_close = true;
		link_check(l);
		break;
	}
}

static const struct owner_kind link_kind = {
	.encode = link_encode, .told = link_told, .free = link_free, .lost = link_lost,
};

static uint32_t get_window(struct cursor *c)
{
	uint32_t window = (uint32_t)get_uint(c, 4);

	if (window < WINDOW_MIN || window > WINDOW_MAX)
		violation("no such window of a link");
	return window;
}

/**
 * link_offered() - OPEN of the host
 * @f:		Frame
 *
 * Return: the link, to be accepted or refused; NULL if it was refused already
 */
struct link *link_offered(struct frame *f)
{
	struct cursor c = { f->payload, f->payload + f->len, false, false };
	uint16_t kind = (uint16_t)get_uint(&c, 2);
	uint32_t window = get_window(&c);
	const char *target = get_string(&c, NULL);
	uint64_t number = f->owner & OWNER_NUMBER;
	struct link *l;

	if (!get_end(&c))
		violation("malformed OPEN");
	if (is_ours(f->owner) || !number || owner_taken(f->owner))
		violation("OPEN with a number that is not free");
	if (opening_host >= MAX_OPENING)
		violation("too many OPENs without an answer");
	l = link_new(f->owner, kind, target);
	if (!l) {
		log_line("no memory for a link");
		agent_quit(1);
	}
	if (number > highest_host)
		highest_host = number;
	opening_host++;
	l->ends.out.credit = window;
	if (agent.down)
		link_refuse(l, ESHUTDOWN, "the guest shuts down");
	else if (count > MAX_LINKS)
		link_refuse(l, EMFILE, "too many links");
	else if (c.nul)
		link_refuse(l, EINVAL, "a target with a NUL");
	else
		return l;
	return NULL;
}

/* The host's answer to an OPEN of ours */
static void link_answered(struct link *l, struct frame *f)
{
	struct cursor c = { f->payload, f->payload + f->len, false, false };
	int error;

	if (!is_ours(f->owner) || l->state != LINK_OPENING)
		violation("an answer to no OPEN");
	if (f->type == T_OPENED) {
		l->ends.out.credit = get_window(&c);
		l->state = LINK_OPEN;
		opening_ours--;
		if (!duplex_watch(&l->ends))
			link_reset(l, errno);
		else if (l->user && l->user->opened)
			l->user->opened(l);
		return;
	}
	error = (int)get_uint(&c, 4);
	get_string(&c, NULL);
	if (!get_end(&c))
		violation("malformed REFUSED");
	opening_ours--;
	link_cut(l, error ? error : ECONNREFUSED);
	link_over(l);
}

/* RESET of the host */
static void link_reset_by_host(struct link *l, int error)
{
	if (is_ours(l->owner.id) && l->state == LINK_OPENING)
		violation("a RESET in the place of an answer");
	if (l->state == LINK_OPENING || l->owner.pending & P_REFUSED)
		opening_host--;
	link_cut(l, error ? error : ECONNRESET);
	link_over(l);
}

/* DATA, CREDIT or CLOSE */
static void link_stream(struct link *l, struct frame *f)
{
	struct cursor c = { f->payload, f->payload + f->len, false, false };
	uint64_t offset = get_uint(&c, 8);

	if (f->type == T_DATA)
		input_data(&l->ends.in, offset, c.p, (uint32_t)(c.end - c.p));
	else if (f->type == T_CREDIT)
		stream_credit(&l->ends.out, offset);
	else if (f->stream == 0)
		input_closed_by_host(&l->ends.in, offset);
	else
		stream_closed_by_host(&l->ends.out, offset);
	link_check(l);
}

/**
 * link_frame() - Act on a frame for a link, other than OPEN
 * @f:		Frame
 *
 * One for a link that is over is ignored, as it may have crossed its end.
 */
void link_frame(struct frame *f)
{
	uint64_t number = f->owner & OWNER_NUMBER;
	struct owner *o = owner_find(f->owner);
	struct link *l = o ? link_of(o) : NULL;
	struct cursor c = { f->payload, f->payload + f->len, false, false };

	if (!number || number > (is_ours(f->owner) ? highest_told : highest_host))
		violation("a frame for a link that was never opened");
	if (!l)
		return;
	if (f->type == T_RESET)
		link_reset_by_host(l, (int)get_uint(&c, 4));
	else if (o->pending & P_RESET)
		return;			/* it crossed our RESET */
	else if (f->type == T_OPENED || f->type == T_REFUSED)
		link_answered(l, f);
	else if (l->state != LINK_OPEN)
		violation("a frame for a stream before OPENED");
	else
		link_stream(l, f);
}
