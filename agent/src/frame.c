/*
 * frame.c - Frames of the protocol, bytes to fields and back
 *
 * The layout is in docs/protocol.md; the Java end is protocol/. Both are held to
 * the byte vectors in testdata/frames. All integers are big-endian.
 *
 * Nothing here does I/O. Only get_strings() allocates, the array it returns.
 */
#include <stdlib.h>
#include <string.h>

#include "frame.h"

/**
 * struct rule - What a frame from the host must look like
 * @type:	Type it speaks of
 * @owners:	Bit mask of enum owner_class
 * @streams:	Bit mask of the streams allowed
 * @min:	Least bytes of payload
 * @max:	Most bytes of payload
 */
static const struct rule {
	uint8_t type;
	uint8_t owners;
	uint8_t streams;
	uint32_t min, max;
} rules[] = {
	{ T_PING,	OWNER_CONNECTION, 1, 8, 8 },
	{ T_PART,	OWNER_EXEC, 1, 0, FRAME_MAX_PAYLOAD },
	{ T_START,	OWNER_EXEC, 1, 0, FRAME_MAX_PAYLOAD },
	{ T_SIGNAL,	OWNER_EXEC, 1, 1, 1 },
	{ T_RESIZE,	OWNER_EXEC, 1, 4, 4 },
	{ T_KILL,	OWNER_EXEC, 1, 5, 5 },
	{ T_DATA,	OWNER_EXEC | OWNER_A_LINK, 1, 9, FRAME_MAX_PAYLOAD },
	{ T_CREDIT,	OWNER_EXEC | OWNER_A_LINK, 6, 8, 8 },
	{ T_CLOSE,	OWNER_EXEC | OWNER_A_LINK, 7, 8, 8 },
	{ T_CONFIGURE,	OWNER_CONNECTION, 1, 0, FRAME_MAX_PAYLOAD },
	{ T_CONFIGURE_PART, OWNER_CONNECTION, 1, 0, FRAME_MAX_PAYLOAD },
	{ T_SHUTDOWN,	OWNER_CONNECTION, 1, 4, 4 },
	{ T_CLOCK,	OWNER_CONNECTION, 1, 8, 8 },
	{ T_OPEN,	OWNER_A_LINK, 1, 10, 10 + TARGET_MAX },
	{ T_OPENED,	OWNER_A_LINK, 1, 4, 4 },
	{ T_REFUSED,	OWNER_A_LINK, 1, 8, FRAME_MAX_PAYLOAD },
	{ T_RESET,	OWNER_A_LINK, 1, 4, 4 },
};

/**
 * frame_owner() - Tell what an owner is
 * @owner:	From a header
 *
 * Return: OWNER_NONE if there is no such
 */
enum owner_class frame_owner(uint64_t owner)
{
	if (owner & OWNER_LINK)
		return OWNER_A_LINK;
	return owner & OWNER_GUEST ? OWNER_NONE : owner ? OWNER_EXEC : OWNER_CONNECTION;
}

/**
 * frame_parse() - Find the first whole frame in a buffer and check its header
 * @buf:	Bytes received so far
 * @len:	Number of bytes at @buf
 * @f:		Set on success; its payload points into @buf
 * @why:	Set on violation: the rule that was broken
 *
 * A bad header is found as soon as its 16 bytes are there.
 *
 * Return: bytes the frame takes up, 0 if more bytes are needed, -1 on violation
 */
int frame_parse(uint8_t *buf, size_t len, struct frame *f, const char **why)
{
	struct cursor c = { buf, buf + FRAME_HEADER, false, false };
	const struct rule *r = NULL;
	uint32_t reserved;
	size_t i;

	if (len < FRAME_HEADER)
		return 0;
	f->len = (uint32_t)get_uint(&c, 4);
	f->type = (uint8_t)get_uint(&c, 1);
	f->stream = (uint8_t)get_uint(&c, 1);
	reserved = (uint32_t)get_uint(&c, 2);
	f->owner = get_uint(&c, 8);
	f->payload = buf + FRAME_HEADER;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].type == f->type)
			r = &rules[i];
	if (!r)
		*why = "unknown type";
	else if (f->stream > 7 || !(r->streams & (1U << f->stream)))
		*why = "wrong stream";
	else if (reserved)
		*why = "reserved field is not 0";
	else if (!(r->owners & frame_owner(f->owner)))
		*why = "wrong owner";
	else if (f->stream > 1 && f->owner & OWNER_LINK)
		*why = "a link has no such stream";
	else if (f->len < r->min || f->len > r->max)
		*why = "wrong length of payload";
	else
		return len - FRAME_HEADER < f->len ? 0 : (int)(FRAME_HEADER + f->len);
	return -1;
}

/**
 * get_uint() - Read an unsigned integer
 * @c:		Payload
 * @bytes:	Its size, 1 to 8
 *
 * Return: the value, 0 if it did not fit
 */
uint64_t get_uint(struct cursor *c, unsigned int bytes)
{
	uint64_t v = 0;

	if ((size_t)(c->end - c->p) < bytes) {
		c->bad = true;
		c->p = c->end;
		return 0;
	}
	while (bytes--)
		v = v << 8 | *c->p++;
	return v;
}

/**
 * get_string() - Read a string, in place
 * @c:		Payload, which is changed: the bytes move over their own count, so that
 *		there is room for a terminator
 * @len:	Set to the number of bytes, may be NULL
 *
 * Return: the terminated string, "" if it did not fit
 */
char *get_string(struct cursor *c, uint32_t *len)
{
	static char none[1];
	uint8_t *to = c->p;
	uint32_t n = (uint32_t)get_uint(c, 4);

	if (len)
		*len = 0;
	if (c->bad || (size_t)(c->end - c->p) < n) {
		c->bad = true;
		return none;
	}
	memmove(to, c->p, n);
	to[n] = '\0';
	c->p += n;
	if (memchr(to, '\0', n))
		c->nul = true;
	if (len)
		*len = n;
	return (char *)to;
}

/**
 * get_strings() - Read an array of strings, in place
 * @c:		Payload
 * @count:	Set to the number of strings
 * @spare:	Free slots wanted before the first string
 * @nomem:	Set if there is no memory for the array
 *
 * Return: array of @spare empty slots, the strings, and NULL, to be freed by the
 *	   caller; NULL if the count cannot be true or there is no memory
 */
char **get_strings(struct cursor *c, uint32_t *count, unsigned int spare, bool *nomem)
{
	uint32_t i, n = (uint32_t)get_uint(c, 4);
	char **a;

	*count = 0;
	if (c->bad || n > (size_t)(c->end - c->p) / 4) {
		c->bad = true;
		return NULL;
	}
	a = calloc((size_t)n + spare + 1, sizeof(*a));
	if (!a) {
		*nomem = true;
		return NULL;
	}
	for (i = 0; i < n; i++)
		a[spare + i] = get_string(c, NULL);
	*count = n;
	return a;
}

/**
 * get_end() - Was the payload consumed exactly?
 * @c:		Payload
 */
bool get_end(const struct cursor *c)
{
	return !c->bad && c->p == c->end;
}

/**
 * put_uint() - Write an unsigned integer
 * @p:		Where
 * @bytes:	Its size, 1 to 8
 * @v:		Value
 *
 * Return: behind the last byte
 */
uint8_t *put_uint(uint8_t *p, unsigned int bytes, uint64_t v)
{
	unsigned int i;

	for (i = bytes; i--; v >>= 8)
		p[i] = (uint8_t)v;
	return p + bytes;
}

/**
 * put_string() - Write a string
 * @p:		Where
 * @s:		Text
 * @max:	Most bytes of it to write; a longer one is cut
 *
 * Return: behind the last byte
 */
uint8_t *put_string(uint8_t *p, const char *s, size_t max)
{
	size_t n = strnlen(s, max);

	p = put_uint(p, 4, n);
	memcpy(p, s, n);
	return p + n;
}

/**
 * put_header() - Write a frame's header
 * @p:		Where
 * @len:	Bytes of payload that follow
 * @type:	Type
 * @stream:	Stream or 0
 * @owner:	Owner or 0
 *
 * Return: where the payload goes
 */
uint8_t *put_header(uint8_t *p, uint32_t len, uint8_t type, uint8_t stream, uint64_t owner)
{
	p = put_uint(p, 4, len);
	p = put_uint(p, 1, type);
	p = put_uint(p, 1, stream);
	p = put_uint(p, 2, 0);
	return put_uint(p, 8, owner);
}
