/*
 * frame_fuzz.c - libFuzzer target: any bytes through the decoders
 */
#include <stdlib.h>
#include <string.h>

#include "agent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + 1);
	struct start st = { 0 };
	struct cursor c;
	struct frame f;
	const char *why;
	bool nomem = false;
	size_t at = 0;
	int n;

	memcpy(copy, data, size);
	while ((n = frame_parse(copy + at, size - at, &f, &why)) > 0) {
		at += (size_t)n;
		c = (struct cursor){ f.payload, f.payload + f.len, false, false };
		if (f.type != T_START)
			continue;
		start_parse(&c, &st, &nomem);
		free(st.argv);
		free(st.env);
	}
	free(copy);
	return 0;
}
