/*
 * files_request.c - Requests of the file service, bytes to fields
 *
 * The layout is in docs/protocol.md, section 10; FileCodec.java is the other end.
 */
#include <string.h>

#include "files.h"

static uint32_t get32(struct cursor *c)
{
	return (uint32_t)get_uint(c, 4);
}

static struct files_name get_name(struct cursor *c)
{
	struct files_name n;

	n.dir = get32(c);
	n.path = get_string(c, NULL);
	return n;
}

/* Fields of SET and PUT behind their flags */
static bool parse_changes(struct cursor *c, struct files_request *r)
{
	int i;

	r->mask = get32(c);
	r->mode = get32(c);
	r->uid = get32(c);
	r->gid = get32(c);
	r->size = get_uint(c, 8);
	for (i = 0; i < 2; i++) {
		r->time[i].s = (int64_t)get_uint(c, 8);
		r->time[i].ns = get32(c);
	}
	return !(r->mask & ~(uint32_t)FS_ALL) && r->mode <= 07777 && r->time[0].ns < 1000000000 &&
	       r->time[1].ns < 1000000000 && r->size <= INT64_MAX;
}

static void get_rest(struct cursor *c, struct files_request *r)
{
	r->bytes = c->p;
	r->count = (uint32_t)(c->end - c->p);
	c->p = c->end;
}

/* Fields of the types that name a file first */
static bool parse_named(struct cursor *c, struct files_request *r)
{
	r->name = get_name(c);
	switch (r->type) {
	case FT_STAT:
		r->flags = get32(c);
		return !(r->flags & ~(uint32_t)FF_NOFOLLOW);
	case FT_SET:
		r->flags = get32(c);
		return parse_changes(c, r) && !(r->flags & ~(uint32_t)FF_NOFOLLOW);
	case FT_PUT:
		r->flags = get32(c);
		if (!parse_changes(c, r))
			return false;
		get_rest(c, r);
		return r->flags <= 1 && r->count <= FILES_DATA_MAX;
	case FT_MAKE_DIRECTORY:
		r->mode = get32(c);
		return r->mode <= 07777;
	case FT_LINK:
		r->other = get_name(c);
		return true;
	case FT_REMOVE:
		r->flags = get32(c);
		return r->flags <= FR_LAST;
	case FT_RENAME:
		r->other = get_name(c);
		r->flags = get32(c);
		return r->flags <= 1;
	case FT_ACCESS:
		r->mode = get32(c);
		return r->mode <= 7;
	default:			/* READ_SYMLINK, REAL_PATH, SPACE */
		return true;
	}
}

static bool parse_fields(struct cursor *c, struct files_request *r)
{
	switch (r->type) {
	case FT_OPEN:
		r->handle = get32(c);
		r->name = get_name(c);
		r->flags = get32(c);
		r->mode = get32(c);
		return !(r->flags & ~(uint32_t)FF_ALL) && r->mode <= 07777;
	case FT_CLOSE:
	case FT_LIST:
		r->handle = get32(c);
		return true;
	case FT_WALK:
		r->handle = get32(c);
		r->flags = get32(c);
		return !(r->flags & ~(uint32_t)FWF_ALL);
	case FT_READ:
		r->handle = get32(c);
		r->offset = get_uint(c, 8);
		r->count = get32(c);
		return r->offset <= INT64_MAX && r->count <= FILES_DATA_MAX;
	case FT_WRITE:
		r->handle = get32(c);
		r->offset = get_uint(c, 8);
		get_rest(c, r);
		return r->offset <= INT64_MAX && r->count <= FILES_DATA_MAX;
	case FT_COPY:
		r->handle = get32(c);
		r->offset = get_uint(c, 8);
		r->to = get32(c);
		r->to_offset = get_uint(c, 8);
		r->count = get32(c);
		return r->offset <= INT64_MAX && r->to_offset <= INT64_MAX;
	case FT_SYMLINK:
		r->other.path = get_string(c, NULL);
		r->name = get_name(c);
		return true;
	default:
		return r->type > 0 && r->type <= FT_LAST && parse_named(c, r);
	}
}

/**
 * files_parse() - Take a request apart
 * @message:	What follows the length; strings are terminated in place
 * @len:	Its length
 * @r:		Set
 *
 * Return: false if it is malformed
 */
bool files_parse(uint8_t *message, size_t len, struct files_request *r)
{
	static char none[1];
	struct cursor c = { message, message + len, false, false };
	bool good;

	memset(r, 0, sizeof(*r));
	r->name.path = r->other.path = none;
	r->id = get32(&c);
	r->type = (uint8_t)get_uint(&c, 1);
	good = parse_fields(&c, r);
	r->nul = c.nul;
	return good && get_end(&c);
}
