/*
 * request.c - The START message, bytes to fields
 */
#include <string.h>

#include "start.h"

/* Each flag, the others that it does not go with, and one that it needs */
static const struct { uint32_t flag, without, with; } start_flags[] = {
	{ S_STDIN_NONE, 0, 0 },
	{ S_MERGE_STDERR, 0, 0 },
	{ S_TERMINAL, 0, 0 },
	{ S_KEEP, 0, 0 },
	{ S_FILES, S_STDIN_NONE | S_MERGE_STDERR | S_TERMINAL, 0 },
	{ S_PIPED_STDOUT, 0, S_TERMINAL },
};

static bool flags_fit(uint32_t flags)
{
	uint32_t known = 0;
	size_t i;

	for (i = 0; i < sizeof(start_flags) / sizeof(start_flags[0]); i++) {
		known |= start_flags[i].flag;
		if (flags & start_flags[i].flag &&
		    (flags & start_flags[i].without ||
		     (flags & start_flags[i].with) != start_flags[i].with))
			return false;
	}
	return !(flags & ~known);
}

/**
 * start_parse() - Take the message apart
 * @c:		The whole of it; strings are terminated in place
 * @st:		Set; @argv and @env are to be freed by the caller
 * @nomem:	Set if there was no memory
 *
 * Return: false if it is malformed
 */
bool start_parse(struct cursor *c, struct start *st, bool *nomem)
{
	uint32_t argc;
	int i;

	memset(st, 0, sizeof(*st));
	st->flags = (uint32_t)get_uint(c, 4);
	st->rows = (uint16_t)get_uint(c, 2);
	st->columns = (uint16_t)get_uint(c, 2);
	st->timeout_ms = get_uint(c, 8);
	st->kill_after_ms = (uint32_t)get_uint(c, 4);
	for (i = 0; i < 2; i++)
		st->window[i] = (uint32_t)get_uint(c, 4);
	st->user = get_string(c, NULL);
	st->cwd = get_string(c, NULL);
	st->limit_count = (uint32_t)get_uint(c, 4);
	st->limits = c->p;
	if (c->bad || st->limit_count > (size_t)(c->end - c->p) / LIMIT_BYTES)
		return false;
	c->p += st->limit_count * LIMIT_BYTES;
	st->argv = get_strings(c, &argc, 1, nomem);
	if (*nomem)
		return true;
	st->env = get_strings(c, &st->env_count, 0, nomem);
	if (*nomem)
		return true;
	for (i = 0; i < 2; i++)
		if (st->window[i] < WINDOW_MIN || st->window[i] > WINDOW_MAX)
			return false;
	return flags_fit(st->flags) && get_end(c) && argc > 0;
}
