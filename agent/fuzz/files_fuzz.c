/*
 * files_fuzz.c - Fuzz target: any bytes through the decoder of file requests
 *
 * What parses says what it says: its strings end within it, its numbers are in their range.
 */
#include <stdlib.h>
#include <string.h>

#include "files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const char *s, const uint8_t *from, size_t size)
{
	const uint8_t *p = (const uint8_t *)s;

	if (*s && (p < from || p + strlen(s) > from + size))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	struct files_request r;

	if (size)
		memcpy(copy, data, size);
	if (files_parse(copy, size, &r)) {
		look(r.name.path, copy, size);
		look(r.other.path, copy, size);
		if (!r.type || r.type > FT_LAST || r.mode > 07777 || r.offset > INT64_MAX ||
		    r.to_offset > INT64_MAX || r.size > INT64_MAX)
			abort();
		if ((r.type == FT_READ || r.type == FT_WRITE || r.type == FT_PUT) && r.count > FILES_DATA_MAX)
			abort();
		if ((r.type == FT_WRITE || r.type == FT_PUT) &&
		    (r.bytes < copy || r.bytes + r.count != copy + size))
			abort();
	}
	free(copy);
	return 0;
}
