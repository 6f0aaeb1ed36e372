/*
 * link_test.c - The agent's links; part of session_test.c's program
 */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "host.h"

#define OURS	(1ULL << 63)	/* the host opens it */
#define THEIRS	(3ULL << 62)	/* the guest does */

enum kind { ECHO, DIAL_BACK, DIALED_BACK };

/* A link as the host has seen it; those whose id is not 0 get their frames */
struct tie {
	uint64_t id;
	uint16_t kind;
	char target[4097];
	bool opened, refused, reset, my_reset, closed[2], mine[2], grant;
	uint32_t error;
	uint64_t credit, sent, granted, got, end[2];
	uint8_t out[1 << 16];		/* the first bytes */
	uint64_t sum;			/* of all bytes, by place */
};

static struct tie one, two;
static struct tie *ties[1100];
static int tie_count;
static struct run run;
static uint64_t last_id;

static uint64_t be(const uint8_t *p, int bytes)
{
	uint64_t v = 0;

	while (bytes--)
		v = v << 8 | *p++;
	return v;
}

static uint8_t pattern(uint64_t offset)
{
	return (uint8_t)(offset * 2654435761U >> 13);
}

static struct tie *tie_of(uint64_t id)
{
	int i;

	for (i = 0; i < tie_count; i++)
		if (ties[i]->id == id)
			return ties[i];
	return NULL;
}

static void tie_new(struct tie *t, uint64_t id, uint32_t window)
{
	memset(t, 0, sizeof(*t));
	t->id = id;
	t->grant = true;
	t->granted = window;
	ties[tie_count++] = t;
}

static void send_open(struct guest *g, uint64_t id, uint16_t kind, uint32_t window,
		      const char *target, size_t len)
{
	uint8_t b[5000], *p = b;

	p = put_uint(p, 2, kind);
	p = put_uint(p, 4, window);
	p = put_uint(p, 4, len);
	memcpy(p, target, len);
	guest_send(g, T_OPEN, 0, id, b, (size_t)(p - b) + len);
}

static void tie_open(struct guest *g, struct tie *t, uint16_t kind, uint32_t window)
{
	tie_new(t, OURS | ++last_id, window);
	t->kind = kind;
	send_open(g, t->id, kind, window, "a target", 8);
}

static void tie_opened(struct guest *g, struct tie *t, uint32_t window)
{
	t->granted = window;
	t->opened = true;
	guest_send_uint(g, T_OPENED, 0, t->id, 4, window);
}

static void tie_data(struct guest *g, struct tie *t, size_t len)
{
	uint8_t b[65536];
	size_t i;

	CHECK(len <= t->credit - t->sent && len <= sizeof(b) - 8);
	put_uint(b, 8, t->sent);
	for (i = 0; i < len; i++)
		b[8 + i] = pattern(t->sent + i);
	guest_send(g, T_DATA, 0, t->id, b, 8 + len);
	t->sent += len;
}

static void tie_close(struct guest *g, struct tie *t, int stream)
{
	t->mine[stream] = true;
	guest_send_uint(g, T_CLOSE, (uint8_t)stream, t->id, 8, stream ? t->got : t->sent);
}

static void tie_reset(struct guest *g, struct tie *t, uint32_t error)
{
	t->reset = t->my_reset = true;
	guest_send_uint(g, T_RESET, 0, t->id, 4, error);
}

static void tie_credit(struct guest *g, struct tie *t, uint64_t offset)
{
	t->granted = offset;
	guest_send_uint(g, T_CREDIT, 1, t->id, 8, offset);
}

static bool tie_over(const struct tie *t)
{
	return t->refused || t->reset || (t->mine[0] && t->closed[1]);
}

static void take_tie(struct guest *g, struct frame *f)
{
	struct tie *t = tie_of(f->owner);
	uint8_t *p = f->payload;
	uint32_t i, n = f->len - 8;

	if (f->type == T_OPEN) {
		CHECK(!t && f->owner >> 62 == 3 && two.id == 0);
		tie_new(&two, f->owner, 0);
		two.kind = (uint16_t)be(p, 2);
		two.credit = be(p + 2, 4);
		CHECK_EQ(f->len, 10 + be(p + 6, 4));
		memcpy(two.target, p + 10, f->len - 10);
		return;
	}
	CHECK(t);
	if (t->my_reset || (tie_over(t) && t->mine[0] && f->stream == 0 &&
			    (f->type == T_CREDIT || f->type == T_CLOSE)))
		return;			/* crossed the end */
	CHECK(!tie_over(t));
	switch (f->type) {
	case T_OPENED:
		CHECK(!t->opened && t->id >> 62 == 2 && f->len == 4);
		t->opened = true;
		t->credit = be(p, 4);
		break;
	case T_REFUSED:
		CHECK(!t->opened && f->len == 8 + be(p + 4, 4));
		t->refused = true;
		t->error = (uint32_t)be(p, 4);
		break;
	case T_RESET:
		CHECK(f->len == 4);
		t->reset = true;
		t->error = (uint32_t)be(p, 4);
		break;
	case T_DATA:
		CHECK(t->opened && f->stream == 1 && !t->closed[1] && be(p, 8) == t->got);
		CHECK(t->got + n <= t->granted);
		for (i = 0; i < n; i++) {
			t->sum += (t->got + i + 1) * p[8 + i];
			if (t->got + i < sizeof(t->out))
				t->out[t->got + i] = p[8 + i];
		}
		t->got += n;
		if (t->grant)
			tie_credit(g, t, t->got + WINDOW);
		break;
	case T_CREDIT:
		CHECK(t->opened && f->stream == 0 && !t->closed[0]);
		CHECK(be(p, 8) > t->credit && be(p, 8) <= t->sent + INPUT_WINDOW);
		t->credit = be(p, 8);
		break;
	case T_CLOSE:
		CHECK(t->opened && f->stream < 2 && !t->closed[f->stream]);
		t->closed[f->stream] = true;
		t->end[f->stream] = be(p, 8);
		CHECK(f->stream ? t->end[1] == t->got : t->end[0] <= t->sent);
		break;
	default:
		CHECK(false);
	}
}

static void take(struct guest *g)
{
	struct run *runs = &run;
	struct frame f;

	guest_next(g, &f);
	if (f.type == T_ERROR)
		fprintf(stderr, "agent: %.*s\n", (int)f.len - 6, (char *)f.payload + 6);
	if (f.owner >> 63)
		take_tie(g, &f);
	else
		run_take_frame(g, &runs, 1, &f);
}

#define UNTIL(cond) do { while (!(cond)) take(g); } while (0)

/* Everything that the agent has to say by itself was said */
static void quiet(struct guest *g)
{
	while (guest_ready(g, 50))
		take(g);
}

static void open_echo(struct guest *g, uint32_t window)
{
	tie_open(g, &one, ECHO, window);
	UNTIL(one.opened);
	CHECK_EQ(one.credit, INPUT_WINDOW);
}

static void open_both(struct guest *g, uint32_t window)
{
	two.id = 0;
	tie_open(g, &one, DIAL_BACK, window);
	UNTIL(two.id);
	CHECK(two.kind == DIALED_BACK && !strcmp(two.target, "a target") && !one.opened);
	CHECK_EQ(two.credit, INPUT_WINDOW);
	tie_opened(g, &two, window);
	UNTIL(one.opened);
}

static void fill(struct guest *g, struct tie *t)
{
	for (;;) {
		uint64_t n = t->credit - t->sent;

		if (n)
			tie_data(g, t, n < 60000 ? n : 60000);
		else if (guest_ready(g, 50))
			take(g);
		else
			break;
	}
}

static void came_whole(const struct tie *to, const struct tie *from)
{
	uint64_t i, sum = 0;

	CHECK_EQ(to->got, from->sent);
	for (i = 0; i < from->sent; i++)
		sum += (i + 1) * pattern(i);
	CHECK(to->sum == sum);
}

/* ---- tests ---- */

static void link_echoes_turn_by_turn_and_half_closes(struct guest *g)
{
	int i;

	open_echo(g, WINDOW);
	for (i = 1; i <= 500; i++) {
		tie_data(g, &one, 1000);
		UNTIL(one.got == one.sent);
	}
	tie_close(g, &one, 0);
	UNTIL(one.closed[1]);
	came_whole(&one, &one);
	CHECK(!one.closed[0]);
	guest_send_uint(g, T_CREDIT, 1, one.id, 8, 0);	/* crossed its end */
	guest_send_uint(g, T_CLOSE, 1, one.id, 8, 5);
	guest_send_uint(g, T_RESET, 0, one.id, 4, 5);
	ping(g);
}

static void link_carries_much(struct guest *g)
{
	uint64_t all = 40 << 20;

	open_echo(g, WINDOW);
	while (one.sent < all || one.got < all) {
		uint64_t n = one.credit - one.sent < 60000 ? one.credit - one.sent : 60000;

		if (n > all - one.sent)
			n = all - one.sent;
		if (n)
			tie_data(g, &one, n);
		while (guest_ready(g, n ? 0 : -1)) {
			take(g);
			n = 1;
		}
	}
	tie_close(g, &one, 0);
	UNTIL(one.closed[1]);
	came_whole(&one, &one);
}

static void link_feels_backpressure(struct guest *g)
{
	open_echo(g, WINDOW_MIN);
	one.grant = false;
	fill(g, &one);
	CHECK_EQ(one.got, WINDOW_MIN);
	/* The window, the pipe, and what was read of it */
	CHECK(one.sent >= INPUT_WINDOW && one.sent <= INPUT_WINDOW + 65536 + WINDOW_MIN);
	tie_credit(g, &one, WINDOW_MIN + 1);
	UNTIL(one.got == WINDOW_MIN + 1);
	one.grant = true;
	tie_close(g, &one, 0);
	tie_credit(g, &one, one.got + WINDOW);
	UNTIL(one.closed[1]);
	came_whole(&one, &one);
}

static void link_breaks_as_a_pipe(struct guest *g)
{
	open_echo(g, WINDOW_MIN);
	one.grant = false;
	fill(g, &one);
	tie_close(g, &one, 1);
	UNTIL(one.closed[0] && one.closed[1]);
	tie_close(g, &one, 0);
	ping(g);
}

static void link_dials_back(struct guest *g)
{
	open_both(g, WINDOW);
	tie_data(g, &one, 5);
	tie_data(g, &two, 7);
	UNTIL(two.got == 5 && one.got == 7);
	tie_close(g, &one, 0);			/* one way */
	UNTIL(two.closed[1]);
	tie_data(g, &two, 50000);
	UNTIL(one.got == two.sent);
	tie_close(g, &two, 0);			/* the other */
	UNTIL(one.closed[1]);
	came_whole(&one, &two);
	came_whole(&two, &one);
	CHECK(!one.closed[0] && !two.closed[0] && !one.reset && !two.reset);
}

static void link_breaks_through_the_other(struct guest *g)
{
	open_both(g, WINDOW_MIN);
	one.grant = false;
	fill(g, &two);
	CHECK(two.sent > INPUT_WINDOW && one.got == WINDOW_MIN);
	tie_close(g, &one, 1);			/* nobody reads what the other sends */
	UNTIL(one.closed[1] && two.closed[0]);
	CHECK(!two.reset && !two.closed[1]);
	tie_data(g, &one, 100);			/* the other way goes on */
	UNTIL(two.got == 100);
	tie_close(g, &one, 0);
	UNTIL(two.closed[1]);
	tie_close(g, &two, 0);
	ping(g);
}

/* The host's link is over while bytes of it still wait for credit of the other */
static void link_delivers_what_came_before_its_end(struct guest *g)
{
	open_both(g, WINDOW_MIN);
	two.grant = false;
	fill(g, &one);
	tie_close(g, &two, 0);
	UNTIL(one.closed[1]);
	tie_close(g, &one, 0);			/* it is over now */
	ping(g);
	CHECK_EQ(two.got, WINDOW_MIN);
	two.grant = true;
	tie_credit(g, &two, two.got + WINDOW);
	UNTIL(two.closed[1]);
	came_whole(&two, &one);
}

static void link_is_reset(struct guest *g)
{
	open_echo(g, WINDOW_MIN);
	one.grant = false;
	fill(g, &one);
	tie_reset(g, &one, ECONNRESET);
	guest_send_uint(g, T_CREDIT, 1, one.id, 8, 1 << 20);
	ping(g);
	open_both(g, WINDOW_MIN);		/* through to the other */
	two.grant = false;
	fill(g, &one);
	tie_reset(g, &one, 99);
	UNTIL(two.reset);
	CHECK_EQ(two.error, 99);
	open_both(g, WINDOW_MIN);
	tie_reset(g, &two, 0);
	UNTIL(one.reset);
	CHECK_EQ(one.error, ECONNRESET);
	two.id = 0;				/* while both are opening */
	tie_open(g, &one, DIAL_BACK, WINDOW);
	UNTIL(two.id);
	tie_reset(g, &one, 98);
	UNTIL(two.reset);
	CHECK_EQ(two.error, 98);
	guest_send_uint(g, T_OPENED, 0, two.id, 4, WINDOW);	/* crossed it */
	ping(g);
}

static void link_is_refused(struct guest *g)
{
	tie_open(g, &one, DIALED_BACK, WINDOW);
	UNTIL(one.refused);
	CHECK_EQ(one.error, EPROTONOSUPPORT);
	tie_open(g, &one, 65535, WINDOW_MAX);
	UNTIL(one.refused);
	CHECK_EQ(one.error, EPROTONOSUPPORT);
	tie_new(&one, OURS | ++last_id, WINDOW);
	send_open(g, one.id, ECHO, WINDOW, "a\0b", 3);
	UNTIL(one.refused);
	CHECK_EQ(one.error, EINVAL);
	two.id = 0;
	tie_open(g, &one, DIAL_BACK, WINDOW);
	UNTIL(two.id);
	two.refused = true;
	guest_send(g, T_REFUSED, 0, two.id, "\0\0\0\15\0\0\0\2no", 10);
	UNTIL(one.refused);
	CHECK_EQ(one.error, EACCES);
}

static void links_leave_no_descriptor(struct guest *g)
{
	struct rlimit limit, few;
	int i, fds = count_dir("/proc/%d/fd", g->pid);
	long rss = 0;

	for (i = 0; i < 2000; i++) {
		tie_count = 0;
		if (i % 4 == 0) {
			open_echo(g, WINDOW);
			tie_data(g, &one, 100);
			tie_close(g, &one, 0);
			UNTIL(tie_over(&one));
		} else if (i % 4 == 1) {
			open_both(g, WINDOW);
			tie_data(g, &one, 100);
			tie_close(g, &one, 0);
			tie_close(g, &two, 0);
			UNTIL(tie_over(&one) && tie_over(&two));
		} else {
			open_both(g, WINDOW);
			tie_reset(g, i % 4 == 2 ? &one : &two, 1);
			UNTIL(tie_over(&one) && tie_over(&two));
		}
		if (i == 200)
			rss = rss_kib(g->pid);
	}
	ping(g);
	CHECK_EQ(count_dir("/proc/%d/fd", g->pid), fds);
	if (!strstr(agent_path, "san"))
		CHECK(rss_kib(g->pid) <= rss + 64);
	/* None to be had, whatever numbers are free among those that are open */
	CHECK(prlimit(g->pid, RLIMIT_NOFILE, NULL, &limit) == 0);
	few = limit;
	few.rlim_cur = 0;
	CHECK(prlimit(g->pid, RLIMIT_NOFILE, &few, NULL) == 0);
	for (i = 0; i < 2; i++) {
		tie_open(g, &one, i ? DIAL_BACK : ECHO, WINDOW);
		UNTIL(one.refused);
		CHECK_EQ(one.error, EMFILE);
	}
	CHECK(prlimit(g->pid, RLIMIT_NOFILE, &limit, NULL) == 0);
	open_echo(g, WINDOW);
}

static void a_thousand_links_at_once(struct guest *g)
{
	static struct tie many[1001];
	int i, fds = count_dir("/proc/%d/fd", g->pid);

	for (i = 0; i <= 1000; i++) {
		tie_open(g, &many[i], ECHO, WINDOW);
		UNTIL(many[i].opened || many[i].refused);
	}
	CHECK_EQ(many[1000].error, EMFILE);
	run_start(g, &run, ++last_id, &(struct request){ .argv = { "cat", NULL } });
	UNTIL(run.started);			/* execs are counted apart */
	for (i = 0; i < 1000; i++) {
		tie_data(g, &many[i], 10);
		tie_close(g, &many[i], 0);
	}
	for (i = 0; i < 1000; i++) {
		UNTIL(many[i].closed[1]);
		came_whole(&many[i], &many[i]);
	}
	run_close(g, &run, 0);
	UNTIL(run_over(&run));
	ping(g);
	CHECK_EQ(count_dir("/proc/%d/fd", g->pid), fds);
	tie_count = 0;
	open_echo(g, WINDOW);
}

static void links_and_execs_share_the_port(struct guest *g)
{
	static struct tie flood[4];
	int i;

	run_start(g, &run, ++last_id, &(struct request){ .argv = { "cat", NULL } });
	for (i = 0; i < 4; i++) {
		tie_open(g, &flood[i], ECHO, WINDOW);
		UNTIL(flood[i].opened);
	}
	open_both(g, WINDOW);
	for (i = 0; i < 200; i++) {
		int n;

		for (n = 0; n < 4; n++)
			if (flood[n].credit - flood[n].sent >= 50000)
				tie_data(g, &flood[n], 50000);
		run_data(g, &run, "turn", 4);
		tie_data(g, &one, 4);
		UNTIL(run.got[0] == run.sent && two.got == one.sent);
	}
	for (i = 0; i < 4; i++) {
		CHECK(flood[i].got > 200000);
		tie_close(g, &flood[i], 0);
		UNTIL(flood[i].closed[1]);
		came_whole(&flood[i], &flood[i]);
	}
	tie_reset(g, &one, 1);
	run_close(g, &run, 0);
	UNTIL(two.reset && run_over(&run));
	CHECK_EQ(run.total[0], 800);
}

static void links_do_not_hold_up_the_end(struct guest *g)
{
	static struct tie third;

	open_both(g, WINDOW);
	tie_open(g, &third, ECHO, WINDOW_MIN);
	UNTIL(third.opened);
	third.grant = false;
	fill(g, &third);
	run_start(g, &run, ++last_id, &(struct request){ .argv = {
		  "/bin/sh", "-c", "trap '' TERM; echo up; while :; do sleep 1000; done", NULL } });
	UNTIL(run.got[0] == 3);
	guest_send_uint(g, T_SHUTDOWN, 0, 0, 4, 300);
	tie_data(g, &one, 10);			/* they go on until the last exec has ended */
	UNTIL(two.got == 10);
	{
		static struct tie late;

		tie_open(g, &late, ECHO, WINDOW);
		UNTIL(late.refused);
		CHECK_EQ(late.error, ESHUTDOWN);
	}
	UNTIL(run_over(&run) && one.reset && two.reset && third.reset);
	CHECK_EQ(third.error, ESHUTDOWN);
	CHECK(guest_ended(g));
}

static void link_answers_wait_for_the_host(struct guest *g)
{
	int i;

	for (i = 0; i < 256; i++)		/* none is read meanwhile; one more could be too many */
		send_open(g, OURS | ++last_id, 7, WINDOW, "", 0);
	for (i = 0; i < 256; i++) {
		struct frame f;

		guest_next(g, &f);
		CHECK_EQ(f.type, T_REFUSED);
	}
	quiet(g);
}

/* ---- violations ---- */

#define VIOLATION(name, body) static void name(struct guest *g) { body; }
#define OPEN_ECHO tie_count = 0; open_echo(g, WINDOW)
#define OPEN_FULL tie_count = 0; open_echo(g, WINDOW_MIN); one.grant = false; fill(g, &one)
#define OPEN_DIAL tie_count = 0; two.id = 0; tie_open(g, &one, DIAL_BACK, WINDOW); UNTIL(two.id)

VIOLATION(never_used, guest_send_uint(g, T_CREDIT, 1, OURS | 77, 8, 1))
VIOLATION(never_opened_here, OPEN_DIAL; guest_send_uint(g, T_RESET, 0, THEIRS | 2, 4, 1))
VIOLATION(number_zero, send_open(g, OURS, ECHO, WINDOW, "", 0))
VIOLATION(zero_of_guest, OPEN_DIAL; guest_send_uint(g, T_RESET, 0, THEIRS, 4, 1))
VIOLATION(open_of_guest, send_open(g, THEIRS | 1, ECHO, WINDOW, "", 0))
VIOLATION(open_twice, OPEN_ECHO; send_open(g, one.id, ECHO, WINDOW, "", 0))
VIOLATION(open_of_exec, run_start(g, &run, 5, &(struct request){ .argv = { "cat", NULL } });
	  send_open(g, OURS | 5, ECHO, WINDOW, "", 0))
VIOLATION(start_of_link, OPEN_ECHO;
	  run_start(g, &run, one.id & ~OURS, &(struct request){ .argv = { "cat", NULL } }))
VIOLATION(small_window, send_open(g, OURS | 1, ECHO, WINDOW_MIN - 1, "", 0))
VIOLATION(large_window, send_open(g, OURS | 1, ECHO, WINDOW_MAX + 1, "", 0))
VIOLATION(short_open, guest_send(g, T_OPEN, 0, OURS | 1, "\0\0\0\4\0\0\0\0\0\1", 10))
VIOLATION(long_open, guest_send(g, T_OPEN, 0, OURS | 1, "\0\0\0\4\0\0\0\0\0\0x", 11))
VIOLATION(data_before_opened, OPEN_DIAL; guest_send(g, T_DATA, 0, two.id, "\0\0\0\0\0\0\0\0x", 9))
VIOLATION(close_before_opened, OPEN_DIAL; guest_send_uint(g, T_CLOSE, 0, one.id, 8, 0))
VIOLATION(answer_to_own, OPEN_DIAL; guest_send_uint(g, T_OPENED, 0, one.id, 4, WINDOW))
VIOLATION(answer_twice, OPEN_DIAL; guest_send_uint(g, T_OPENED, 0, two.id, 4, WINDOW);
	  guest_send_uint(g, T_OPENED, 0, two.id, 4, WINDOW))
VIOLATION(refuse_after, OPEN_DIAL; guest_send_uint(g, T_OPENED, 0, two.id, 4, WINDOW);
	  guest_send(g, T_REFUSED, 0, two.id, "\0\0\0\1\0\0\0\0", 8))
VIOLATION(reset_for_answer, OPEN_DIAL; guest_send_uint(g, T_RESET, 0, two.id, 4, 1))
VIOLATION(opened_small, OPEN_DIAL; guest_send_uint(g, T_OPENED, 0, two.id, 4, 1))
VIOLATION(refused_long, OPEN_DIAL;
	  guest_send(g, T_REFUSED, 0, two.id, "\0\0\0\1\0\0\0\0x", 9))
VIOLATION(link_stream_2, OPEN_ECHO; guest_send_uint(g, T_CREDIT, 2, one.id, 8, WINDOW))
VIOLATION(link_signal, OPEN_ECHO; guest_send_uint(g, T_SIGNAL, 0, one.id, 1, 9))
VIOLATION(link_wrong_offset, OPEN_ECHO; one.sent = 1; tie_data(g, &one, 1))
VIOLATION(link_after_close, OPEN_FULL; tie_close(g, &one, 0); one.credit++; tie_data(g, &one, 1))
VIOLATION(link_beyond_credit, OPEN_FULL; one.credit++; tie_data(g, &one, 1))
VIOLATION(link_credit_down, OPEN_ECHO; guest_send_uint(g, T_CREDIT, 1, one.id, 8, 1))
VIOLATION(link_credit_far, OPEN_ECHO; guest_send_uint(g, T_CREDIT, 1, one.id, 8, WINDOW_MAX + 1))
VIOLATION(link_close_twice, OPEN_ECHO; tie_close(g, &one, 1); tie_close(g, &one, 1))
VIOLATION(no_owner, guest_send_uint(g, T_RESET, 0, 1ULL << 62 | 1, 4, 1))
VIOLATION(many_opens, int i; for (i = 1; i <= 257; i++)
	  send_open(g, OURS | (uint64_t)i, DIAL_BACK, WINDOW, "", 0))
VIOLATION(unconfigured, send_open(g, OURS | 1, ECHO, WINDOW, "", 0))

static void link_violations_end_the_agent(struct guest *g)
{
	(void)g;
#define V(name) violation(#name, name, true)
	V(never_used); V(never_opened_here); V(number_zero); V(zero_of_guest); V(open_of_guest);
	V(open_twice); V(open_of_exec); V(start_of_link); V(small_window); V(large_window);
	V(short_open); V(long_open); V(data_before_opened); V(close_before_opened);
	V(answer_to_own); V(answer_twice); V(refuse_after); V(reset_for_answer); V(opened_small); V(refused_long);
	V(link_stream_2); V(link_signal); V(link_wrong_offset); V(link_after_close);
	V(link_beyond_credit); V(link_credit_down); V(link_credit_far); V(link_close_twice);
	V(no_owner); V(many_opens);
	violation("unconfigured", unconfigured, false);
}

const struct test link_tests[] = {
#define T(fn) { #fn, fn, 0 }
	T(link_echoes_turn_by_turn_and_half_closes), T(link_carries_much),
	T(link_feels_backpressure), T(link_breaks_as_a_pipe), T(link_dials_back),
	T(link_breaks_through_the_other), T(link_delivers_what_came_before_its_end),
	T(link_is_reset), T(link_is_refused), T(links_leave_no_descriptor),
	T(a_thousand_links_at_once), T(links_and_execs_share_the_port),
	T(links_do_not_hold_up_the_end), T(link_answers_wait_for_the_host),
	T(link_violations_end_the_agent),
	{ NULL, NULL, 0 },
};
