/*
 * session_fuzz.c - libFuzzer target: a host, honest or not, against the agent's session
 *
 * The input is a program for the pretended machine (world.h): each step is something that
 * the host, a process of the guest, or time does. The host knows the protocol, so most
 * programs lead deep into it; some steps lie. While it has not lied:
 *
 * - the agent never reports a violation;
 * - each frame of the agent is allowed, each byte of a stream is the right one;
 * - when nothing moves, all that credit allows has arrived;
 * - each exec ends, and with the last one the agent holds no more than at the start.
 *
 * Whatever the host does, the rules of world.h hold and the agent ends.
 *
 * FUZZ_LOG=1 in the environment prints the frames and the steps.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

#define RUNS		24
#define TIES		24
#define QUEUE		(3U << 20)
#define MOST_SENT	(6ULL << 20)	/* by the host, for speed */
#define WINDOW		(256U << 10)
#define IDLE		3		/* looks that find nothing: nothing moves any more */
#define FOR_EVER	200
#define MOST_PIECES	300		/* then all goes at once, for speed */

/**
 * struct run - An exec
 * @id:		0 for a free entry
 * @sent:	Bytes of stdin that the host sent
 * @credit:	Of stdin
 * @granted:	By the host, of stdout and stderr
 * @got:	Bytes of stdout and stderr that arrived
 * @total:	From EXIT
 * @mine:	The host closed it
 * @theirs:	The agent closed it
 * @eaten:	Bytes of stdin that the processes read
 * @written:	Bytes of stdout and stderr that the processes wrote
 * @settled:	@written when the exec's own process ended
 * @settled_in:	@eaten then
 * @born:	Its process was started
 * @ended:	Its process ended
 */
struct run {
	uint64_t id, sent, credit, granted[2], got[2], total[2], eaten, written[2], settled[2],
		 settled_in;
	uint32_t flags;
	bool born, ended, started, failed, exited, mine[3], theirs[3];
};

/**
 * struct tie - A link
 * @id:		0 for a free entry
 * @kind:	From enum link_kind
 * @from:	The link whose bytes come out of this one: itself for ECHO; NULL if it is no more
 * @sent:	Bytes of stream 0 that the host sent
 * @credit:	Of stream 0
 * @granted:	By the host, of stream 1
 * @got:	Bytes of stream 1 that arrived
 * @opened:	OPENED was sent, by whoever had to
 * @refused:	REFUSED was sent
 * @reset:	RESET was sent
 * @my_reset:	By the host
 * @mine:	The host closed it
 * @theirs:	The agent closed it
 */
struct tie {
	uint64_t id, sent, credit, granted, got;
	struct tie *from;
	uint16_t kind;
	bool opened, refused, reset, my_reset, mine[2], theirs[2];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *program;
static size_t program_at, program_size;
static struct run runs[RUNS];
static struct tie ties[TIES];
static uint64_t last_id, last_open, sent_in_all;
static unsigned int dials;			/* that were not answered by an OPEN of the agent */
static int host = -1;
static uint8_t queue[QUEUE], in[FRAME_HEADER + FRAME_MAX_PAYLOAD];
static size_t queue_at, queue_len, in_len, piece;
static bool honest, reading, configured, begun, errored, down, scarce;
static unsigned int pings, idle, waits, pieces;
static unsigned int fds_at_rest, allocations_at_rest;
static int bend_at, bend_by;

static void note(const char *fmt, ...)
{
	static int wanted = -1;
	va_list ap;

	if (wanted < 0)
		wanted = getenv("FUZZ_LOG") != NULL;
	if (!wanted)
		return;
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

static uint32_t arg(unsigned int bytes)
{
	uint32_t v = 0;

	while (bytes--)
		v = v << 8 | (program_at < program_size ? program[program_at++] : 0);
	return v;
}

/* 0 to 2 GiB, mostly small or near a power of two */
static uint32_t amount(void)
{
	uint32_t a = arg(1);

	return a < 128 ? a : (1U << (a / 4 % 32)) + a % 4 - 1;
}

/* The byte at a place of a stream; no two streams look alike for long */
static uint8_t pattern(uint64_t id, int stream, uint64_t offset)
{
	uint64_t mixed = (offset + (id << 40) + ((uint64_t)stream << 60)) *
			 0x9e3779b97f4a7c15ULL;

	return (uint8_t)(mixed >> 56);
}

static struct run *run_of(uint64_t id)
{
	int i;

	for (i = 0; i < RUNS; i++)
		if (runs[i].id == id)
			return &runs[i];
	return NULL;
}

static struct run *some_run(void)
{
	struct run *r = &runs[arg(1) % 8 % RUNS];

	return r->id ? r : NULL;
}

static bool over(const struct run *r)
{
	return r->failed || (r->exited && r->theirs[1] && r->theirs[2]);
}

static struct tie *tie_of(uint64_t id)
{
	int i;

	for (i = 0; i < TIES; i++)
		if (ties[i].id == id)
			return &ties[i];
	return NULL;
}

static struct tie *some_tie(void)
{
	struct tie *t = &ties[arg(1) % 12];

	return t->id ? t : NULL;
}

static bool tie_over(const struct tie *t)
{
	return t->refused || t->reset || (t->mine[0] && t->theirs[1]);
}

int world_run_started(const struct start *st)
{
	struct run *r = strncmp(st->argv[1], "run ", 4) ? NULL :
			run_of(strtoull(st->argv[1] + 4, NULL, 10));

	if (r)
		r->born = true;
	return r ? (int)(r - runs) : -1;
}

/* ---- the host speaks ---- */

static void send_bytes(const void *p, size_t len)
{
	if (queue_len + len > QUEUE) {
		memmove(queue, queue + queue_at, queue_len - queue_at);
		queue_len -= queue_at;
		queue_at = 0;
	}
	if (queue_len + len > QUEUE)
		return;
	memcpy(queue + queue_len, p, len);
	queue_len += len;
}

static bool room_for(size_t len)
{
	return queue_len - queue_at + len + 4 * FRAME_MAX_PAYLOAD < QUEUE &&
	       sent_in_all + len < MOST_SENT;
}

static void send_frame(uint8_t type, uint8_t stream, uint64_t id, const uint8_t *p, size_t len)
{
	static uint8_t frame[FRAME_HEADER + FRAME_MAX_PAYLOAD];

	note("> type %02x stream %u exec %llu, %zu bytes%s", type, stream,
	     (unsigned long long)id, len, honest ? "" : " (liar)");
	put_header(frame, (uint32_t)len, type, stream, id);
	if (len)
		memcpy(frame + FRAME_HEADER, p, len);
	if (bend_by) {
		frame[(size_t)bend_at % (FRAME_HEADER + len)] ^= (uint8_t)bend_by;
		bend_by = 0;
		honest = false;
	}
	sent_in_all += len;
	send_bytes(frame, FRAME_HEADER + len);
}

static void send_uint(uint8_t type, uint8_t stream, uint64_t id, unsigned int bytes, uint64_t v)
{
	uint8_t p[8];

	put_uint(p, bytes, v);
	send_frame(type, stream, id, p, bytes);
}

static uint8_t *put_mount(uint8_t *p, uint8_t role, const char *device, const char *type,
			  const char *path, uint8_t flags, uint32_t mib)
{
	p = put_uint(p, 1, role);
	p = put_string(p, device, 64);
	p = put_string(p, type, 64);
	p = put_string(p, path, 64);
	p = put_uint(p, 1, flags);
	return put_uint(p, 4, mib);
}

static void send_configure(void)
{
	uint8_t b[512], *p = b;
	char entropy[65];

	memset(entropy, 'e', 64);
	entropy[64] = '\0';
	p = put_uint(p, 2, VERSION);
	p = put_uint(p, 8, 0);
	p = put_string(p, entropy, 64);
	p = put_string(p, "host", 64);
	p = put_string(p, "0123456789abcdef0123456789abcdef", 64);
	p = put_uint(p, 4, 2);
	p = put_string(p, "PATH=/bin", 64);
	p = put_string(p, "A=b", 64);
	p = put_string(p, "/", 64);
	p = put_string(p, "", 64);
	p = put_uint(p, 4, 4);
	p = put_mount(p, M_ROOT, "/dev/vda", "squashfs", "", M_READ_ONLY, 0);
	p = put_mount(p, M_UPPER, "", "", "", 0, 0);
	p = put_mount(p, M_AT_PATH, "/dev/vdb", "ext4", "/data", M_READ_ONLY, 0);
	p = put_mount(p, M_AT_PATH, "", "", "/scratch", 0, 16);
	p = put_uint(p, 4, 1);
	p = put_string(p, "/srv", 64);
	send_frame(T_CONFIGURE, 0, 0, b, (size_t)(p - b));
}

static void send_start(uint32_t filler)
{
	static const char *const users[] = { "", "", "alice", "4711:wheel", "nobody-here",
					     "root:no-such", ":", "99999999999" };
	static uint8_t b[START_MAX + 4096];
	uint32_t kind = arg(1), more = arg(1);
	struct run *r = run_of(0);
	size_t at = 0, size, cut;
	uint8_t *p = b;
	char name[32];

	if (!r || !room_for(filler))
		return;
	memset(r, 0, sizeof(*r));
	r->id = ++last_id;
	r->flags = kind % 16;
	if (r->flags & S_TERMINAL && more & 64)
		r->flags |= S_PIPED_STDOUT;
	world_small_pipes = kind & 16;
	p = put_uint(p, 4, r->flags);
	p = put_uint(p, 2, kind);
	p = put_uint(p, 2, more);
	p = put_uint(p, 8, kind & 32 ? amount() : 0);
	p = put_uint(p, 4, kind & 64 ? amount() : 5000);
	r->granted[0] = WINDOW_MIN << more % 4;
	r->granted[1] = WINDOW_MIN << more / 4 % 4;
	p = put_uint(p, 4, r->granted[0]);
	p = put_uint(p, 4, r->granted[1]);
	p = put_string(p, kind & 128 ? users[more / 16 % 8] : "", 64);
	p = put_string(p, more & 128 ? "/nowhere" : "", 64);
	p = put_uint(p, 4, more / 16 % 3);
	memset(p, 7, more / 16 % 3 * LIMIT_BYTES);
	p += more / 16 % 3 * LIMIT_BYTES;
	p = put_uint(p, 4, 2);
	sprintf(name, "run %llu", (unsigned long long)r->id);
	p = put_string(p, name, 32);
	p = put_uint(p, 4, filler);
	memset(p, 'x', filler);
	p += filler;
	p = put_uint(p, 4, 2);
	p = put_string(p, "A=c", 8);
	p = put_string(p, kind & 1 ? "HOME=/h" : "no equals sign", 32);
	size = (size_t)(p - b);
	if (size > START_MAX)
		honest = false;
	cut = size <= FRAME_MAX_PAYLOAD && kind % 8 ? size :
	      kind & 8 ? FRAME_MAX_PAYLOAD : size / 3 + 1;
	if (cut > FRAME_MAX_PAYLOAD)
		cut = FRAME_MAX_PAYLOAD;
	for (; size - at > cut; at += cut)
		send_frame(T_PART, 0, r->id, b + at, cut);
	send_frame(T_START, 0, r->id, b + at, size - at);
}

static void send_data(struct run *r, uint32_t len)
{
	static uint8_t b[FRAME_MAX_PAYLOAD];
	uint32_t i;

	if (len > r->credit - r->sent)
		len = (uint32_t)(r->credit - r->sent);
	if (len > FRAME_MAX_PAYLOAD - 8)
		len = FRAME_MAX_PAYLOAD - 8;
	if (!len || !r->started || r->mine[0] || over(r) || !room_for(len))
		return;
	put_uint(b, 8, r->sent);
	for (i = 0; i < len; i++)
		b[8 + i] = pattern(r->id, 0, r->sent + i);
	r->sent += len;
	send_frame(T_DATA, 0, r->id, b, 8 + len);
}

static void send_close(struct run *r, int stream)
{
	if (r->mine[stream] || over(r) || (stream == 0 && !r->started) ||
	    (stream == 0 && r->flags & S_STDIN_NONE))
		return;
	r->mine[stream] = true;
	send_uint(T_CLOSE, (uint8_t)stream, r->id, 8, stream ? r->got[stream - 1] : r->sent);
}

static void send_credit(struct run *r, int s, uint32_t more)
{
	uint64_t most = r->got[s] + WINDOW_MAX;

	if (over(r) || r->theirs[s + 1])
		return;
	r->granted[s] = most - r->granted[s] < more ? most : r->granted[s] + more;
	send_uint(T_CREDIT, (uint8_t)(s + 1), r->id, 8, r->granted[s]);
}

static void send_kill(uint64_t id, uint32_t reason, uint32_t grace)
{
	uint8_t b[5];

	put_uint(put_uint(b, 1, reason), 4, grace);
	send_frame(T_KILL, 0, id, b, 5);
}

static void send_open(uint32_t kind, uint32_t window, uint32_t target)
{
	static uint8_t b[16 + TARGET_MAX];
	char text[TARGET_MAX] = "";
	struct tie *t = tie_of(0);
	unsigned int i, used = 2;
	uint8_t *p = b;

	for (i = 0; i < TIES; i++)
		used += ties[i].id != 0;
	if (!t || used + dials > TIES || !room_for(target))
		return;
	dials += kind == LINK_DIAL_BACK;
	memset(t, 0, sizeof(*t));
	t->id = OWNER_LINK | ++last_id;
	t->kind = (uint16_t)kind;
	t->from = kind == LINK_ECHO ? t : NULL;
	t->granted = window;
	p = put_uint(p, 2, kind);
	p = put_uint(p, 4, window);
	p = put_uint(p, 4, target);
	sprintf(text, "%08llu", (unsigned long long)last_id);
	memcpy(p, text, target);	/* a long one has a NUL */
	send_frame(T_OPEN, 0, t->id, b, (size_t)(p - b) + target);
}

/* An answer to the agent's OPEN */
static void send_answer(struct tie *t, uint32_t how)
{
	uint8_t b[64], *p;

	if (!(t->id & OWNER_GUEST) || t->opened || tie_over(t))
		return;
	if (how % 4 == 3) {
		t->refused = true;
		p = put_string(put_uint(b, 4, how / 4), "no", 8);
		send_frame(T_REFUSED, 0, t->id, b, (size_t)(p - b));
		return;
	}
	t->opened = true;
	t->granted = WINDOW_MIN << how / 4 % 4;
	send_uint(T_OPENED, 0, t->id, 4, t->granted);
}

static void send_tie_data(struct tie *t, uint32_t len)
{
	static uint8_t b[FRAME_MAX_PAYLOAD];
	uint32_t i;

	if (len > t->credit - t->sent)
		len = (uint32_t)(t->credit - t->sent);
	if (len > FRAME_MAX_PAYLOAD - 8)
		len = FRAME_MAX_PAYLOAD - 8;
	if (!len || !t->opened || t->mine[0] || tie_over(t) || !room_for(len))
		return;
	put_uint(b, 8, t->sent);
	for (i = 0; i < len; i++)
		b[8 + i] = pattern(t->id, t->id & OWNER_GUEST ? 5 : 3, t->sent + i);
	t->sent += len;
	send_frame(T_DATA, 0, t->id, b, 8 + len);
}

static void send_tie_close(struct tie *t, int stream)
{
	if (!t->opened || t->mine[stream] || tie_over(t))
		return;
	t->mine[stream] = true;
	send_uint(T_CLOSE, (uint8_t)stream, t->id, 8, stream ? t->got : t->sent);
}

static void send_tie_credit(struct tie *t, uint32_t more)
{
	uint64_t most = t->got + WINDOW_MAX;

	if (!t->opened || t->theirs[1] || tie_over(t))
		return;
	t->granted = most - t->granted < more ? most : t->granted + more;
	send_uint(T_CREDIT, 1, t->id, 8, t->granted);
}

static void send_reset(struct tie *t, uint32_t error)
{
	if ((t->id & OWNER_GUEST && !t->opened) || tie_over(t))
		return;			/* who accepts says REFUSED */
	t->reset = t->my_reset = true;
	send_uint(T_RESET, 0, t->id, 4, error);
}

/* ---- the host listens ---- */

static uint64_t be(const uint8_t *p, int bytes)
{
	uint64_t v = 0;

	while (bytes--)
		v = v << 8 | *p++;
	return v;
}

#define MUST(cond) do { if (!(cond)) world_found("%s: not so: %s", __func__, #cond); } while (0)

static void take_data(struct run *r, int s, const uint8_t *p, uint32_t len)
{
	uint32_t i, n = len - 8;

	MUST(len > 8 && (s == 0 || s == 1));
	MUST(r->started && !r->theirs[s + 1]);
	MUST(be(p, 8) == r->got[s]);
	MUST(r->got[s] + n <= r->granted[s]);
	MUST(r->got[s] + n <= r->written[s]);
	MUST(!r->exited || r->got[s] + n <= r->total[s]);
	for (i = 0; i < n; i++)
		MUST(p[8 + i] == pattern(r->id, s + 1, r->got[s] + i));
	r->got[s] += n;
}

static void take_close(struct run *r, int stream, uint64_t offset)
{
	MUST(stream < 3 && r->started && !r->theirs[stream]);
	r->theirs[stream] = true;
	if (stream == 0) {
		MUST(!r->exited && offset <= r->sent);
		return;
	}
	MUST(offset == r->got[stream - 1]);
	if (r->exited && !r->mine[stream])
		MUST(offset == r->total[stream - 1]);
}

static void take_exit(struct run *r, const uint8_t *p, uint32_t len)
{
	int s;

	MUST(len == 60 && r->started && !r->exited && r->ended);
	MUST(p[0] < 2 && p[2] < 8 && p[3] <= R_ASKED);
	r->exited = true;
	MUST(be(p + 52, 8) <= r->sent);
	if (!(r->flags & S_TERMINAL))
		MUST(be(p + 52, 8) >= r->settled_in && (scarce || be(p + 52, 8) <= r->eaten));
	for (s = 0; s < 2; s++) {
		r->total[s] = be(p + 4 + 8 * s, 8);
		MUST(r->total[s] >= r->got[s] && r->total[s] <= r->written[s]);
		if (!r->mine[s + 1] && !r->theirs[s + 1])
			MUST(r->total[s] >= r->settled[s]);
	}
}

static void take_of_run(struct run *r, int type, int stream, const uint8_t *p, uint32_t len)
{
	MUST(!over(r));
	switch (type) {
	case T_STARTED:
		MUST(len == 12 && !r->started);
		r->started = true;
		r->credit = be(p + 4, 8);
		/* 0 also if stdin has ended by then, of which a CLOSE or the EXIT tells */
		MUST(r->credit == 0 || (r->credit == INPUT_WINDOW &&
					(r->flags & (S_STDIN_NONE | S_TERMINAL)) != S_STDIN_NONE));
		break;
	case T_FAILED:
		MUST(!r->started && len > 13 && p[0] >= F_NOT_FOUND && p[0] <= F_OTHER);
		r->failed = true;
		break;
	case T_DATA:
		take_data(r, stream - 1, p, len);
		break;
	case T_CREDIT:
		MUST(stream == 0 && len == 8 && r->started && !r->exited && !r->theirs[0]);
		MUST(be(p, 8) > r->credit && be(p, 8) <= r->sent + INPUT_WINDOW);
		r->credit = be(p, 8);
		break;
	case T_CLOSE:
		MUST(len == 8);
		take_close(r, stream, be(p, 8));
		break;
	case T_EXIT:
		take_exit(r, p, len);
		break;
	default:
		world_found("frame type 0x%02x for an exec", type);
	}
}

/* OPEN of the agent: it dials back for the link that its target names */
static void take_open(uint64_t id, const uint8_t *p, uint32_t len)
{
	struct tie *t = tie_of(0), *back;
	char target[9] = "";

	MUST(t && id > last_open && id >> 62 == 3);
	MUST(len == 18 && be(p, 2) == LINK_DIALED_BACK && be(p + 2, 4) == INPUT_WINDOW);
	MUST(be(p + 6, 4) == 8);
	memcpy(target, p + 10, 8);
	back = tie_of(OWNER_LINK | strtoull(target, NULL, 10));
	MUST(back && back->kind == LINK_DIAL_BACK && !back->from && !back->opened);
	last_open = id;
	memset(t, 0, sizeof(*t));
	t->id = id;
	t->kind = LINK_DIALED_BACK;
	t->credit = INPUT_WINDOW;
	t->from = back;
	back->from = t;
	dials--;
}

static void take_of_tie(struct tie *t, int type, int stream, const uint8_t *p, uint32_t len)
{
	uint32_t i, n = len - 8;

	if (t->my_reset)
		return;			/* crossed it */
	if (tie_over(t)) {		/* crossed the last CLOSE */
		MUST(stream == 0 && (type == T_CREDIT || type == T_CLOSE) && t->mine[0]);
		return;
	}
	switch (type) {
	case T_OPENED:
		MUST(len == 4 && !t->opened && !(t->id & OWNER_GUEST) && t->kind <= LINK_DIAL_BACK);
		MUST(be(p, 4) == INPUT_WINDOW);
		t->opened = true;
		t->credit = INPUT_WINDOW;
		break;
	case T_REFUSED:
		MUST(len >= 8 && len == 8 + be(p + 4, 4) && !t->opened && !(t->id & OWNER_GUEST));
		MUST(be(p, 4));
		t->refused = true;
		break;
	case T_RESET:
		MUST(len == 4 && be(p, 4));
		MUST(scarce || down || (t->from && t->from != t && tie_over(t->from)));
		t->reset = true;
		break;
	case T_DATA:
		MUST(len > 8 && stream == 1 && t->opened && !t->theirs[1] && be(p, 8) == t->got);
		MUST(t->got + n <= t->granted);
		for (i = 0; t->from && i < n; i++)
			MUST(p[8 + i] == pattern(t->from->id, t->from->id & OWNER_GUEST ? 5 : 3,
						 t->got + i));
		t->got += n;
		MUST(!t->from || t->got <= t->from->sent);
		break;
	case T_CREDIT:
		MUST(len == 8 && stream == 0 && t->opened && !t->theirs[0]);
		MUST(be(p, 8) > t->credit && be(p, 8) <= t->sent + INPUT_WINDOW);
		t->credit = be(p, 8);
		break;
	case T_CLOSE:
		MUST(len == 8 && stream < 2 && t->opened && !t->theirs[stream]);
		t->theirs[stream] = true;
		MUST(stream ? be(p, 8) == t->got : be(p, 8) <= t->sent);
		/* Not before the writer's end, unless nobody wants it */
		if (stream == 1 && t->from && !t->mine[1])
			MUST(t->from->mine[0] && t->got == t->from->sent);
		break;
	default:
		world_found("frame type 0x%02x for a link", type);
	}
}

static void take_frame(int type, int stream, uint64_t id, const uint8_t *p, uint32_t len)
{
	struct run *r = id ? run_of(id) : NULL;
	struct tie *t = id ? tie_of(id) : NULL;

	note("< type %02x stream %d exec %llu, %u bytes", type, stream, (unsigned long long)id, len);
	MUST(!errored);
	if (type == T_ERROR) {
		errored = true;
		MUST(len > 6);
		if (honest)
			world_found("the agent reports %.*s to an honest host", (int)len - 6, p + 6);
		return;
	}
	if (!honest)
		return;
	if (id & OWNER_LINK) {
		MUST((type == T_OPEN) == !t);
		if (t)
			take_of_tie(t, type, stream, p, len);
		else
			take_open(id, p, len);
		return;
	}
	switch (type) {
	case T_READY:
		MUST(!configured);
		break;
	case T_CONFIGURED:
		MUST(!configured);
		configured = true;
		break;
	case T_PONG:
		MUST(pings && len == 8);
		pings = 0;
		break;
	default:
		MUST(r);
		take_of_run(r, type, stream, p, len);
	}
}

static bool host_reads(size_t most)
{
	ssize_t n = host < 0 ? 0 : read(host, in + in_len,
					 most < sizeof(in) - in_len ? most : sizeof(in) - in_len);
	size_t at = 0;

	if (n <= 0)
		return false;
	in_len += (size_t)n;
	while (in_len - at >= FRAME_HEADER) {
		uint32_t len = (uint32_t)be(in + at, 4);

		MUST(len <= FRAME_MAX_PAYLOAD && be(in + at + 6, 2) == 0);
		if (in_len - at < FRAME_HEADER + len)
			break;
		take_frame(in[at + 4], in[at + 5], be(in + at + 8, 8), in + at + FRAME_HEADER, len);
		at += FRAME_HEADER + len;
	}
	memmove(in, in + at, in_len - at);
	in_len -= at;
	return true;
}

static bool host_writes(void)
{
	size_t len = queue_len - queue_at;
	ssize_t n;

	if (piece && len > piece)
		len = piece;
	n = host < 0 || !len ? 0 : send(host, queue + queue_at, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n <= 0)
		return false;
	queue_at += (size_t)n;
	if (queue_at == queue_len)
		queue_at = queue_len = 0;
	return true;
}

static void host_leaves(void)
{
	if (host >= 0)
		close(host);
	host = -1;
}

/* ---- processes act ---- */

static struct proc *some_proc(void)
{
	struct proc *p = &world_procs[arg(1) % 16];

	return p->pid && !p->zombie ? p : NULL;
}

static void proc_writes(struct proc *p, int s, uint32_t n)
{
	static uint8_t b[1 << 16];
	struct run *r = p->run < 0 ? NULL : &runs[p->run];
	ssize_t done;
	uint32_t i;

	if (p->fd[s + 1] < 0)
		return;
	if (r && r->flags & (S_TERMINAL | S_MERGE_STDERR) && !(r->flags & S_PIPED_STDOUT))
		s = 0;
	n = n > sizeof(b) ? sizeof(b) : n;
	for (i = 0; r && i < n; i++)
		b[i] = pattern(r->id, s + 1, r->written[s] + i);
	done = n ? send(p->fd[s + 1], b, n, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;
	if (n && done < 0 && errno == ENOTSOCK)
		done = write(p->fd[s + 1], b, n);
	if (done < 0 && errno == EPIPE)
		world_end_proc(p, CLD_KILLED, SIGPIPE);
	if (done > 0 && r)
		r->written[s] += (uint64_t)done;
}

static bool proc_reads(struct proc *p, uint32_t n)
{
	static uint8_t b[1 << 16];
	struct run *r = p->run < 0 ? NULL : &runs[p->run];
	ssize_t i, done;

	if (p->fd[0] < 0 || !n)
		return false;
	done = read(p->fd[0], b, n > sizeof(b) ? sizeof(b) : n);
	if (r && honest && !(r->flags & S_TERMINAL)) {
		MUST(done <= 0 || r->eaten + (uint64_t)done <= r->sent);
		MUST(done != 0 || r->flags & S_STDIN_NONE || (r->mine[0] && r->eaten == r->sent) ||
		     r->exited || r->ended);
		for (i = 0; i < done; i++)
			MUST(b[i] == pattern(r->id, 0, r->eaten + (uint64_t)i));
	}
	if (done > 0 && r)
		r->eaten += (uint64_t)done;
	return done > 0;
}

/* world.c ends processes for the agent's signals too: see which execs have lost theirs */
static void see_ends(void)
{
	int i, n;

	for (i = 0; i < RUNS; i++) {
		bool lives = false;

		for (n = 0; n < WORLD_PROCS; n++)
			lives |= world_procs[n].pid && !world_procs[n].zombie &&
				 world_procs[n].run == i && world_procs[n].first;
		if (runs[i].id && runs[i].born && !runs[i].ended && !lives) {
			runs[i].ended = true;
			memcpy(runs[i].settled, runs[i].written, sizeof(runs[i].settled));
			runs[i].settled_in = runs[i].eaten;
		}
	}
}

/* ---- the end ---- */

/* Is descriptor n of a process the pipe or terminal that is the exec's stream? */
static bool is_stream(const struct run *r, int n, int stream)
{
	if (r->flags & S_PIPED_STDOUT)
		return (n == 1) == (stream == 1);
	return n == stream || r->flags & S_TERMINAL ||
	       (r->flags & S_MERGE_STDERR && n == 2 && stream == 1);
}

/* Does a process have it? */
static bool held(const struct run *r, int stream)
{
	int i, n;

	for (i = 0; i < WORLD_PROCS; i++)
		for (n = 0; world_procs[i].pid && world_procs[i].run == r - runs && n < 3; n++)
			if (world_procs[i].fd[n] >= 0 && is_stream(r, n, stream))
				return true;
	return false;
}

static void check_tie(const struct tie *t)
{
	const struct tie *from = t->from;

	if (tie_over(t))
		return;
	if (!t->opened) {		/* the host has not answered the one that dials back */
		MUST(from && from != t && !from->opened && !tie_over(from));
		return;
	}
	MUST(from);
	MUST(!t->mine[1] || t->theirs[1]);
	if (!t->theirs[1]) {
		MUST(from->opened && !from->reset);
		MUST(t->got == (t->granted < from->sent ? t->granted : from->sent));
		MUST(!from->mine[0] || t->got < from->sent);
	}
	if (t->got == from->sent && !from->mine[0] && !from->theirs[0] && !t->theirs[1])
		MUST(from->credit > from->sent + INPUT_WINDOW / 2);
}

/* Nothing moves: has everything arrived that may? */
static void check_standstill(void)
{
	int i, s;

	for (i = 0; i < TIES; i++)
		if (ties[i].id)
			check_tie(&ties[i]);
	for (i = 0; i < RUNS; i++) {
		struct run *r = &runs[i];

		if (!r->id)
			continue;
		MUST(r->started || r->failed);
		if (over(r))
			continue;
		MUST(r->exited == r->ended);
		for (s = 0; s < 2; s++) {
			uint64_t end = r->exited ? r->total[s] : r->written[s];

			if (r->theirs[s + 1])
				continue;
			MUST(!r->mine[s + 1]);
			MUST(r->got[s] == (r->granted[s] < end ? r->granted[s] : end));
			MUST(r->got[s] < end || (!r->exited && held(r, s + 1)));
		}
		if (r->exited || r->flags & (S_STDIN_NONE | S_TERMINAL) || r->theirs[0])
			continue;
		MUST(held(r, 0) || r->mine[0]);
		if (!r->mine[0])
			MUST(r->credit > r->eaten + INPUT_WINDOW / 2);
	}
}

/* All that stands between the execs and their end goes; true while there is anything */
static bool finish(void)
{
	bool busy = false;
	int i, s;

	for (i = 0; i < WORLD_PROCS; i++) {
		struct proc *p = &world_procs[i];

		if (!p->pid)
			continue;
		busy = true;
		if (!p->zombie)
			world_end_proc(p, CLD_EXITED, 0);
	}
	for (i = 0; i < RUNS; i++) {
		if (!runs[i].id || over(&runs[i]))
			continue;
		busy = true;
		for (s = 0; s < 2; s++)
			if (runs[i].started && runs[i].got[s] + WINDOW_MIN > runs[i].granted[s])
				send_credit(&runs[i], s, WINDOW);
	}
	for (i = 0; i < TIES; i++) {
		struct tie *t = &ties[i];

		if (!t->id || tie_over(t))
			continue;
		busy = true;
		send_answer(t, (uint32_t)i);
		send_tie_close(t, 0);
		if (t->got + WINDOW_MIN > t->granted)
			send_tie_credit(t, WINDOW);
	}
	return busy;
}

enum phase { PROGRAM, SETTLE, FINISH, LEAVE };
static enum phase phase;

static void act(void);

static void settle(void)
{
	int i, n;

	for (i = 0; i < WORLD_PROCS; i++)
		for (n = 0; world_procs[i].pid && !world_procs[i].zombie && n < 16; n++)
			if (proc_reads(&world_procs[i], 1 << 16))
				idle = 0;
			else
				break;
}

/* What comes after the program, and when: true while the agent is to be left to it */
static bool go_on(void)
{
	switch (phase) {
	case PROGRAM:
		if (waits && idle < IDLE)
			return true;
		waits = 0;
		if (program_at < program_size) {
			act();
			return false;
		}
		phase = honest ? SETTLE : LEAVE;
		reading = true;
		piece = 0;
		bend_by = 0;
		idle = 0;
		return false;
	case SETTLE:
		settle();
		if (idle < IDLE)
			return true;
		if (!down)
			check_standstill();
		phase = FINISH;
		idle = 0;
		return false;
	case FINISH:
		if (finish() || down) {
			if (idle > 1)
				world_pass_to_timer();
			if (idle > FOR_EVER)
				world_found("the agent waits for ever");
			return true;
		}
		if (idle < IDLE)
			return true;
		/* All of CONFIGURE, and a ring to use again */
		MUST(world_allocations() <= allocations_at_rest + 1);
		MUST(world_fds() == fds_at_rest);
		phase = LEAVE;
		return false;
	case LEAVE:
		host_reads(SIZE_MAX);
		if (idle >= IDLE)
			host_leaves();
		return true;
	}
	return true;
}

/* Something happens, or the agent is left to it */
static bool step(void)
{
	bool moved = false;

	see_ends();
	while (reading && host_reads(SIZE_MAX))
		moved = true;
	while (host_writes()) {
		moved = true;
		if (pieces++ > MOST_PIECES)
			piece = 0;
		if (piece)
			break;
	}
	idle = moved || !world_asleep() ? 0 : idle + 1;
	if (errored || host < 0)
		phase = LEAVE;
	return !go_on() || moved;
}

/* ---- steps of the program ---- */

static void lie(void)
{
	static uint8_t b[256];
	static const uint8_t types[] = { T_PING, T_PART, T_START, T_SIGNAL, T_RESIZE, T_KILL, T_DATA,
					 T_CREDIT, T_CLOSE, T_CONFIGURE, T_SHUTDOWN, T_CLOCK,
					 T_CONFIGURE_PART, T_OPEN, T_OPENED, T_REFUSED, T_RESET };
	uint32_t i, type = arg(1), stream = arg(1), id = arg(1), len = arg(1);
	uint64_t owner = id < 192 ? id : (uint64_t)(id / 16 % 4) << 62 | id % 16;

	honest = false;
	for (i = 0; i < len; i++)
		b[i] = (uint8_t)arg(1);
	send_frame(type < 128 ? types[type % sizeof(types)] : (uint8_t)type, (uint8_t)stream, owner,
		   b, len);
}

static void lie_in_bytes(void)
{
	uint32_t n = arg(1);
	uint8_t b;

	honest = false;
	while (n--) {
		b = (uint8_t)arg(1);
		send_bytes(&b, 1);
	}
}

/* Frames that are good but for one value */
static void lie_in_value(struct run *r)
{
	uint32_t kind = arg(1);
	uint64_t v = kind & 128 ? UINT64_MAX - arg(1) : amount();

	honest = false;
	switch (kind % 4) {
	case 0:
		send_uint(T_CREDIT, (uint8_t)(1 + kind / 4 % 2), r->id, 8, v);
		break;
	case 1:
		send_uint(T_CLOSE, (uint8_t)(kind / 4 % 3), r->id, 8, v);
		break;
	case 2:
		r->credit = r->sent + v;
		send_data(r, (uint32_t)v);
		break;
	case 3:
		r->sent = kind & 4 ? v : r->sent;
		r->mine[0] = false;
		send_data(r, 1 + kind);
		break;
	}
}

static void host_acts(uint32_t what)
{
	struct run *r;
	uint32_t n;

	switch (what) {
	case 0: case 1:
		send_start(0);
		return;
	case 2:
		n = arg(1);
		send_start(n == 255 ? START_MAX : n << 13);
		return;
	case 3: case 4:
		r = some_run();
		n = amount();
		if (r)
			send_data(r, n);
		return;
	case 5:
		r = some_run();
		n = arg(1);
		if (r)
			send_credit(r, n % 2, WINDOW_MIN << n / 2 % 16);
		return;
	case 6:
		r = some_run();
		n = arg(1) % 3;
		if (r)
			send_close(r, (int)n);
		return;
	case 7:
		r = some_run();
		n = 1 + arg(1) % 64;
		if (r)
			send_uint(T_SIGNAL, 0, r->id, 1, n);
		return;
	case 8:
		r = some_run();
		n = arg(2);
		if (r)
			send_uint(T_RESIZE, 0, r->id, 4, n);
		return;
	case 9:
		r = some_run();
		n = arg(1);
		if (r)
			send_kill(r->id, 1 + n % 4, n & 128 ? UINT32_MAX : amount());
		return;
	case 10:
		if (!pings++)
			send_uint(T_PING, 0, 0, 8, 42);
		return;
	case 11:
		down = true;
		send_uint(T_SHUTDOWN, 0, 0, 4, amount());
		return;
	case 12:
		send_uint(T_CLOCK, 0, 0, 8, amount());
		return;
	case 13:
		lie();
		return;
	case 14:
		bend_at = (int)arg(1);
		bend_by = (int)arg(1);
		return;
	case 15:
		n = arg(1);
		r = some_run();
		if (n % 4 == 0)
			lie_in_bytes();
		else if (n % 4 == 1 && arg(1) == 7)
			host_leaves();
		else if (r)
			lie_in_value(r);
		return;
	}
}

static void others_act(uint32_t what)
{
	struct proc *p;
	uint32_t n;

	switch (what) {
	case 0: case 1: case 2:
		p = some_proc();
		n = amount();
		if (p)
			proc_writes(p, what == 2, n);
		return;
	case 3: case 4:
		p = some_proc();
		n = amount();
		if (p)
			proc_reads(p, n);
		return;
	case 5:
		p = some_proc();
		n = arg(1) % 3;
		if (p)
			world_close_fd(p, (int)n);
		return;
	case 6: case 7:
		p = some_proc();
		n = arg(1);
		if (p)
			world_end_proc(p, n & 1 ? CLD_EXITED : n & 2 ? CLD_KILLED : CLD_DUMPED,
				       (int)(n >> 2));
		return;
	case 8:
		p = some_proc();
		n = arg(1);
		if (p)
			world_fork(p, n & 1);
		return;
	case 9:
		p = some_proc();
		if (p)
			p->stubborn = true;
		return;
	case 10:
		world_pass((uint64_t)amount() * 1000000);
		return;
	case 11:
		world_pass_to_timer();
		return;
	case 12:
		n = arg(1);
		reading = n & 1;
		if (!reading)
			host_reads(amount());
		return;
	case 13:
		piece = amount();
		return;
	case 14:
		n = arg(1);
		if (n >= 192) {		/* of which some is no reason to go on */
			world_full_in = 1 + n % 16;
			honest = false;
			return;
		}
		if (n >= 128) {
			world_fails_in = 1 + n % 16;
			scarce = true;
			return;
		}
		world_next_failure = (struct failure){ (uint8_t)(1 + n % F_OTHER), ENOENT,
						       "execve", NULL };
		return;
	case 15:
		waits = 1;
		idle = 0;
		return;
	}
}

/* Good but for one value, or for the time */
static void lie_of_tie(struct tie *t)
{
	uint32_t kind = arg(1);
	uint64_t v = kind & 128 ? UINT64_MAX - arg(1) : amount();

	honest = false;
	switch (kind % 6) {
	case 0:
		send_uint(T_CREDIT, 1, t->id, 8, v);
		break;
	case 1:
		send_uint(T_CLOSE, (uint8_t)(kind / 8 % 2), t->id, 8, v);
		break;
	case 2:
		t->credit = t->sent + v;
		send_tie_data(t, (uint32_t)v);
		break;
	case 3:
		t->refused = t->reset = t->mine[0] = false;
		t->opened = true;
		send_tie_data(t, 1 + kind);
		break;
	case 4:
		send_uint(kind & 8 ? T_OPENED : T_RESET, 0, t->id ^ (v % 4 ? 0 : OWNER_GUEST), 4, v);
		break;
	case 5:
		send_uint(T_RESET, 0, t->id + v, 4, v);
		break;
	}
}

static void link_acts(uint32_t what)
{
	struct tie *t;
	uint32_t n;

	switch (what) {
	case 0: case 1: case 2: case 3:
		n = arg(1);
		world_small_pipes = n & 64;
		send_open(what % 2, WINDOW_MIN << n % 4, n & 128 ? n * 16 : 8);
		return;
	case 4:
		n = arg(1);
		send_open(LINK_DIALED_BACK + n, WINDOW_MIN, 8);
		return;
	case 5: case 6:
		t = some_tie();
		n = arg(1);
		if (t)
			send_answer(t, n);
		return;
	case 7: case 8: case 9:
		t = some_tie();
		n = amount();
		if (t)
			send_tie_data(t, n);
		return;
	case 10:
		t = some_tie();
		n = arg(1);
		if (t)
			send_tie_credit(t, WINDOW_MIN << n % 16);
		return;
	case 11: case 12:
		t = some_tie();
		n = arg(1);
		if (t)
			send_tie_close(t, n % 2);
		return;
	case 13:
		t = some_tie();
		n = arg(1);
		if (t)
			send_reset(t, n);
		return;
	case 14:
		t = some_tie();
		if (t && t->from)	/* both ways at once */
			send_tie_data(t->from, 60000);
		if (t)
			send_tie_data(t, 60000);
		return;
	case 15:
		t = some_tie();
		if (t)
			lie_of_tie(t);
		return;
	}
}

static void act(void)
{
	uint32_t what = arg(1);

	note("step %u of %s", what % 16, what >= 192 ? "a link" : what & 16 ? "a process" : "the host");
	if (what & 32) {		/* first let come to rest what is under way */
		waits = 1;
		idle = 0;
	}
	if (what >= 192)
		link_acts(what % 16);
	else if (what & 16)
		others_act(what % 16);
	else
		host_acts(what % 16);
}

/* The host sends CONFIGURE and waits for the answer; then the program begins */
static bool first_step(void)
{
	if (begun)
		return step();
	if (program_size && program[0] == 0xff) {	/* not even that */
		honest = false;
		program_at = 1;
		begun = true;
		return true;
	}
	if (!waits++)
		send_configure();
	host_writes();
	host_reads(SIZE_MAX);
	if (!configured)
		return false;
	waits = 0;
	begun = true;
	fds_at_rest = world_fds();
	allocations_at_rest = world_allocations();
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fds[2], small = 4096, status;

	program = data;
	program_size = size;
	program_at = 0;
	memset(runs, 0, sizeof(runs));
	memset(ties, 0, sizeof(ties));
	last_id = last_open = sent_in_all = 0;
	dials = 0;
	queue_at = queue_len = in_len = piece = 0;
	honest = reading = true;
	configured = begun = errored = down = scarce = false;
	pings = idle = waits = pieces = 0;
	bend_by = 0;
	phase = PROGRAM;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		abort();
	host = fds[0];
	fcntl(host, F_SETFL, O_NONBLOCK);
	/* So that a host that does not read is felt soon */
	setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	signal(SIGPIPE, SIG_IGN);
	status = world_agent(fds[1], first_step);
	note("the agent ends with status %d", status);
	if (honest && status)
		world_found("the agent ends with status %d", status);
	see_ends();
	while (host_reads(SIZE_MAX))
		;
	host_leaves();
	return 0;
}
