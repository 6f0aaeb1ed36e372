/*
 * frame_fuzz.c - Fuzz target: any bytes through the decoders
 *
 * What parses as a START says what it says: its strings and arrays end within it.
 */
#include <stdlib.h>
#include <string.h>

#include "start.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(char **a, const struct frame *f)
{
	for (; a && *a; a++)
		if ((uint8_t *)*a < f->payload || (uint8_t *)*a + strlen(*a) > f->payload + f->len)
			abort();
}

static void start(const struct frame *f)
{
	struct cursor c = { f->payload, f->payload + f->len, false, false };
	struct start st = { 0 };
	bool nomem = false;

	if (start_parse(&c, &st, &nomem)) {
		if (!get_end(&c) || !st.argv || st.argv[0] || !st.argv[1])
			abort();
		look(st.argv + 1, f);
		look(st.env, f);
		look((char *[]){ st.user, st.cwd, NULL }, f);
	}
	free(st.argv);
	free(st.env);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	struct frame f;
	const char *why = NULL;
	size_t at = 0;
	int n;

	if (size)
		memcpy(copy, data, size);
	while ((n = frame_parse(copy + at, size - at, &f, &why)) > 0) {
		if ((size_t)n > size - at || f.payload + f.len != copy + at + n)
			abort();
		at += (size_t)n;
		if (f.type == T_START)
			start(&f);
	}
	if (n < 0 && !why)
		abort();
	free(copy);
	return 0;
}
