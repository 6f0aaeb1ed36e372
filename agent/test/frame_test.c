/*
 * frame_test.c - Bytes to fields and back
 *
 * Usage: test-frame [DIRECTORY], of byte vectors: one frame per *.hex file, '#' starts a
 * comment line. Frames that the agent receives must parse to their last byte.
 */
#include <ctype.h>
#include <dirent.h>
#include <string.h>

#include "start.h"
#include "check.h"

static void headers(void)
{
	static const struct { const char *name; uint32_t len; uint8_t type, stream;
			      uint64_t exec; int result; } cases[] = {
		{ "ping", 8, T_PING, 0, 0, 24 },
		{ "data", 9, T_DATA, 0, 7, 25 },
		{ "credit", 8, T_CREDIT, 2, (1ULL << 62) - 1, 24 },
		{ "credit of a link", 8, T_CREDIT, 1, 1ULL << 63 | 1, 24 },
		{ "data of the guest's link", 9, T_DATA, 0, 3ULL << 62 | 1, 25 },
		{ "open", 10, T_OPEN, 0, 1ULL << 63 | 1, 26 },
		{ "longest target", 4106, T_OPEN, 0, 1ULL << 63 | 1, 4122 },
		{ "opened", 4, T_OPENED, 0, 3ULL << 62 | 1, 20 },
		{ "refused", 8, T_REFUSED, 0, 3ULL << 62 | 1, 24 },
		{ "reset", 4, T_RESET, 0, 3ULL << 62 | 1, 20 },
		{ "too long a target", 4107, T_OPEN, 0, 1ULL << 63 | 1, -1 },
		{ "open of an exec", 10, T_OPEN, 0, 1, -1 },
		{ "open of nothing", 10, T_OPEN, 0, 0, -1 },
		{ "reset of an exec", 4, T_RESET, 0, 1, -1 },
		{ "no such owner", 9, T_DATA, 0, 1ULL << 62 | 1, -1 },
		{ "signal to a link", 1, T_SIGNAL, 0, 1ULL << 63 | 1, -1 },
		{ "start of a link", 1, T_START, 0, 1ULL << 63 | 1, -1 },
		{ "stream 2 of a link", 8, T_CLOSE, 2, 1ULL << 63 | 1, -1 },
		{ "credit of stream 2 of a link", 8, T_CREDIT, 2, 3ULL << 62 | 1, -1 },
		{ "longest", 65536, T_PART, 0, 1, 65552 },
		{ "unknown type", 0, 0x7f, 0, 0, -1 },
		{ "a client's type", 0, 0x07, 0, 0, -1 },
		{ "the agent's own", 12, T_STARTED, 0, 1, -1 },
		{ "too long", 65537, T_PART, 0, 1, -1 },
		{ "far too long", 0xffffffff, T_DATA, 0, 1, -1 },
		{ "too short", 7, T_PING, 0, 0, -1 },
		{ "no data", 8, T_DATA, 0, 1, -1 },
		{ "wrong stream", 8, T_CREDIT, 0, 1, -1 },
		{ "no such stream", 8, T_CLOSE, 3, 1, -1 },
		{ "stream 255", 8, T_CLOSE, 255, 1, -1 },
		{ "no exec", 9, T_DATA, 0, 0, -1 },
		{ "exec for none", 8, T_PING, 0, 1, -1 },
	};
	static uint8_t b[70000];
	struct frame f;
	const char *why;
	size_t i, n;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put_header(b, cases[i].len, cases[i].type, cases[i].stream, cases[i].exec);
		if (frame_parse(b, sizeof(b), &f, &why) != cases[i].result)
			fprintf(stderr, "case: %s\n", cases[i].name);
		CHECK_EQ(frame_parse(b, sizeof(b), &f, &why), cases[i].result);
		for (n = 0; n < 16; n++)
			CHECK_EQ(frame_parse(b, n, &f, &why), 0);
		if (cases[i].result > 0)
			CHECK_EQ(frame_parse(b, (size_t)cases[i].result - 1, &f, &why), 0);
	}
	put_header(b, 8, T_PING, 0, 0);
	b[7] = 1;
	CHECK_EQ(frame_parse(b, 24, &f, &why), -1);
	CHECK(strstr(why, "reserved"));
}

static void fields(void)
{
	uint8_t b[64], *p = b;
	struct cursor c;
	uint32_t n;
	bool nomem = false;
	char **a;

	p = put_uint(p, 8, 0x0102030405060708);
	CHECK(!memcmp(b, "\1\2\3\4\5\6\7\10", 8));
	p = put_uint(p, 4, 2);
	p = put_string(p, "one", 99);
	p = put_string(p, "", 99);
	p = put_string(p, "longer", 4);
	c = (struct cursor){ b, p, false, false };
	CHECK(get_uint(&c, 8) == 0x0102030405060708);
	a = get_strings(&c, &n, 1, &nomem);
	CHECK(a && n == 2 && !a[0] && !strcmp(a[1], "one") && !strcmp(a[2], "") && !a[3]);
	CHECK(!get_end(&c));
	CHECK(!strcmp(get_string(&c, &n), "long") && n == 4);
	CHECK(get_end(&c));
	CHECK(get_uint(&c, 1) == 0 && !get_end(&c));
	free(a);

	put_uint(b, 4, 0xffffffff);
	c = (struct cursor){ b, b + 10, false, false };
	CHECK(!strcmp(get_string(&c, &n), "") && c.bad);
	put_uint(b, 4, 0xffffffff);
	c = (struct cursor){ b, b + 10, false, false };
	CHECK(!get_strings(&c, &n, 0, &nomem) && c.bad);
	put_uint(b, 4, 3);
	memcpy(b + 4, "a\0b", 3);
	c = (struct cursor){ b, b + 7, false, false };
	get_string(&c, NULL);
	CHECK(c.nul && get_end(&c));
}

static void parse_payload(const char *name, struct frame *f)
{
	struct cursor c = { f->payload, f->payload + f->len, false, false };
	struct start st = { 0 };
	bool nomem = false;

	if (f->type != T_START)
		return;
	if (!start_parse(&c, &st, &nomem))
		fprintf(stderr, "%s: START does not parse\n", name);
	CHECK(get_end(&c) && st.argv[1]);
	free(st.argv);
	free(st.env);
}

static size_t read_hex(FILE *in, uint8_t *b, size_t max)
{
	char line[4096];
	size_t n = 0;
	int digits = 0;

	while (fgets(line, sizeof(line), in)) {
		char *p = line;

		if (*p == '#')
			continue;
		for (; *p; p++) {
			if (isspace((unsigned char)*p))
				continue;
			CHECK(isxdigit((unsigned char)*p) && n < max);
			b[n] = (uint8_t)(b[n] << 4 | (isdigit((unsigned char)*p) ? *p - '0' :
						     tolower((unsigned char)*p) - 'a' + 10));
			digits++;
			n += digits % 2 == 0;
		}
	}
	CHECK(digits % 2 == 0);
	return n;
}

static void vectors(const char *path)
{
	static const char received[] = { T_PING, T_PART, T_START, T_SIGNAL, T_RESIZE, T_KILL,
					 T_CREDIT, T_CONFIGURE, T_CONFIGURE_PART, T_SHUTDOWN,
					 T_CLOCK, T_OPEN, T_OPENED, T_REFUSED, T_RESET, 0 };
	static uint8_t b[70000];
	DIR *dir = opendir(path);
	struct dirent *d;
	int parsed = 0, others = 0;

	while (dir && (d = readdir(dir))) {
		char file[600];
		struct frame f;
		const char *why = "it is cut";
		FILE *in;
		size_t n;
		int used;

		if (!strstr(d->d_name, ".hex"))
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, d->d_name);
		in = fopen(file, "r");
		CHECK(in);
		memset(b, 0, sizeof(b));
		n = read_hex(in, b, sizeof(b));
		fclose(in);
		CHECK(n >= FRAME_HEADER);
		used = frame_parse(b, n, &f, &why);
		CHECK_EQ(f.len, n - FRAME_HEADER);
		if (!(strchr(received, f.type) && f.type) &&
		    !((f.type == T_DATA || f.type == T_CLOSE) && used > 0)) {
			others++;
			continue;
		}
		if (used != (int)n)
			fprintf(stderr, "%s: %s\n", d->d_name, why);
		CHECK_EQ(used, n);
		parse_payload(d->d_name, &f);
		parsed++;
	}
	if (dir)
		closedir(dir);
	printf("ok   %d byte vectors parsed, %d are of frames the agent does not receive\n",
	       parsed, others);
}

int main(int argc, char **argv)
{
	headers();
	fields();
	printf("ok   headers and fields\n");
	if (argc > 1)
		vectors(argv[1]);
	return 0;
}
