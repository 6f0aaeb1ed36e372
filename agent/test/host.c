/*
 * host.c - The host's end of the protocol, for tests
 *
 * Checks every frame of the agent against docs/protocol.md: order, offsets, credit, totals.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

const char *agent_path;

static uint64_t be(const uint8_t *p, int bytes)
{
	uint64_t v = 0;

	while (bytes--)
		v = v << 8 | *p++;
	return v;
}

static void write_all(struct guest *g, const uint8_t *p, size_t len)
{
	while (len) {
		ssize_t n = write(g->fd, p, len);

		if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
			return;		/* the test sees the end by reading */
		CHECK(n > 0);
		p += n;
		len -= (size_t)n;
	}
}

void guest_send(struct guest *g, uint8_t type, uint8_t stream, uint64_t exec, const void *p,
		size_t len)
{
	uint8_t *frame = malloc(FRAME_HEADER + len);

	memcpy(put_header(frame, (uint32_t)len, type, stream, exec), len ? p : "", len);
	write_all(g, frame, FRAME_HEADER + len);
	free(frame);
}

void guest_send_uint(struct guest *g, uint8_t type, uint8_t stream, uint64_t exec,
		     unsigned int bytes, uint64_t v)
{
	uint8_t p[8];

	put_uint(p, bytes, v);
	guest_send(g, type, stream, exec, p, bytes);
}

/* Parse what is buffered; the agent's frames have the same header but other rules */
static bool guest_parse(struct guest *g, struct frame *f)
{
	uint8_t *p = g->in + g->at;
	size_t have = g->len - g->at;

	if (have < FRAME_HEADER)
		return false;
	f->len = (uint32_t)be(p, 4);
	f->type = p[4];
	f->stream = p[5];
	CHECK_EQ(be(p + 6, 2), 0);
	f->owner = be(p + 8, 8);
	f->payload = p + FRAME_HEADER;
	CHECK(f->len <= FRAME_MAX_PAYLOAD);
	if (have < FRAME_HEADER + f->len)
		return false;
	g->at += FRAME_HEADER + f->len;
	return true;
}

static ssize_t guest_fill(struct guest *g)
{
	ssize_t n;

	memmove(g->in, g->in + g->at, g->len - g->at);
	g->len -= g->at;
	g->at = 0;
	n = read(g->fd, g->in + g->len, sizeof(g->in) - g->len);
	if (n > 0)
		g->len += (size_t)n;
	return n;
}

void guest_next(struct guest *g, struct frame *f)
{
	while (!guest_parse(g, f))
		CHECK(guest_fill(g) > 0);
}

/* Is there a frame, or will there be in time? */
bool guest_ready(struct guest *g, int ms)
{
	struct pollfd p = { .fd = g->fd, .events = POLLIN };
	struct frame f;

	if (guest_parse(g, &f)) {
		g->at -= FRAME_HEADER + f.len;
		return true;
	}
	return poll(&p, 1, ms) > 0;
}

/* The agent closed the connection; frames before that are dropped */
bool guest_ended(struct guest *g)
{
	g->at = g->len;
	return guest_fill(g) <= 0;
}

void guest_send_configure(struct guest *g, const char *cwd, const char *user, const char *env,
			  const struct mounting *mounts, uint32_t count)
{
	uint8_t *b = malloc(65536 + (env ? strlen(env) : 0)), *p = b;
	char entropy[65];
	size_t at = 0, len;
	uint32_t i;

	memset(entropy, 'e', 64);
	entropy[64] = '\0';
	p = put_uint(p, 2, VERSION);
	p = put_uint(p, 8, 0);
	p = put_string(p, entropy, 64);
	p = put_string(p, "host", 64);
	p = put_string(p, "0123456789abcdef0123456789abcdef", 64);
	p = put_uint(p, 4, env ? 1 : 0);
	if (env)
		p = put_string(p, env, SIZE_MAX);
	p = put_string(p, cwd, 512);
	p = put_string(p, user, 512);
	p = put_uint(p, 4, count);
	for (i = 0; i < count; i++) {
		p = put_uint(p, 1, mounts[i].role);
		p = put_string(p, mounts[i].device, 64);
		p = put_string(p, mounts[i].type, 64);
		p = put_string(p, mounts[i].path, 64);
		p = put_uint(p, 1, mounts[i].flags);
		p = put_uint(p, 4, mounts[i].mib);
	}
	p = put_uint(p, 4, 0);
	len = (size_t)(p - b);
	for (; len - at > FRAME_MAX_PAYLOAD; at += FRAME_MAX_PAYLOAD)
		guest_send(g, T_CONFIGURE_PART, 0, 0, b + at, FRAME_MAX_PAYLOAD);
	guest_send(g, T_CONFIGURE, 0, 0, b + at, len - at);
	free(b);
}

void guest_configure(struct guest *g, const char *cwd, const char *user, const char *env)
{
	struct mounting mounts[] = { ROOT, UPPER };
	struct frame f;

	guest_send_configure(g, cwd, user, env, mounts, 2);
	guest_next(g, &f);
	CHECK_EQ(f.type, T_CONFIGURED);
	CHECK_EQ(f.len, 8);
}

struct guest *guest_start(bool configure)
{
	struct guest *g = calloc(1, sizeof(*g));
	struct frame f;
	char number[16];
	int fds[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	g->fd = fds[0];
	g->pid = fork();
	if (!g->pid) {
		fcntl(fds[1], F_SETFD, 0);
		snprintf(number, sizeof(number), "%d", fds[1]);
		execl(agent_path, agent_path, "--fd", number, (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	guest_next(g, &f);
	CHECK_EQ(f.type, T_READY);
	CHECK_EQ(be(f.payload, 4), MAGIC);
	CHECK_EQ(be(f.payload + 4, 2), VERSION);
	CHECK_EQ(be(f.payload + 6, 2), VERSION);
	CHECK_EQ(be(f.payload + 8, 8), 0);
	CHECK_EQ(f.len, 20 + be(f.payload + 16, 4));
	if (configure)
		guest_configure(g, "/", "", "SANDBOX=yes");
	return g;
}

void guest_end(struct guest *g, int status)
{
	int st;

	close(g->fd);
	CHECK(waitpid(g->pid, &st, 0) == g->pid);
	CHECK(WIFEXITED(st));
	CHECK_EQ(WEXITSTATUS(st), status);
	free(g);
}

static uint8_t *put_array(uint8_t *p, const char *const *a, int max, size_t filler)
{
	uint32_t n = 0;
	uint8_t *count = p;

	p += 4;
	for (; (int)n < max && a[n]; n++)
		p = put_string(p, a[n], 65536);
	if (filler) {
		p = put_uint(p, 4, filler);
		memset(p, 'x', filler);
		p += filler;
		n++;
	}
	put_uint(count, 4, n);
	return p;
}

void run_start(struct guest *g, struct run *r, uint64_t id, const struct request *q)
{
	uint8_t *b = malloc(65536 + q->filler), *p = b;
	size_t at = 0, len;
	int i;

	alarm(SECONDS_TO_HANG);	/* a test that starts one more does not hang */
	memset(r, 0, sizeof(*r));
	r->id = id;
	r->grant = true;
	p = put_uint(p, 4, q->flags);
	p = put_uint(p, 2, q->rows);
	p = put_uint(p, 2, q->columns);
	p = put_uint(p, 8, q->timeout_ms);
	p = put_uint(p, 4, q->kill_after_ms);
	for (i = 0; i < 2; i++)
		p = put_uint(p, 4, q->window ? q->window : WINDOW);
	p = put_string(p, q->user ? q->user : "", 4096);
	p = put_string(p, q->cwd ? q->cwd : "", 4096);
	p = put_uint(p, 4, q->limit ? 1 : 0);
	if (q->limit) {
		p = put_uint(p, 1, (uint64_t)q->resource);
		p = put_uint(p, 8, q->limit);
		p = put_uint(p, 8, q->limit);
	}
	p = put_array(p, q->argv, 16, q->filler);
	p = put_array(p, q->env, 8, 0);
	len = (size_t)(p - b);
	for (; len - at > FRAME_MAX_PAYLOAD; at += FRAME_MAX_PAYLOAD)
		guest_send(g, T_PART, 0, id, b + at, FRAME_MAX_PAYLOAD);
	guest_send(g, T_START, 0, id, b + at, len - at);
	free(b);
}

void run_data(struct guest *g, struct run *r, const void *p, size_t len)
{
	uint8_t *b = malloc(8 + len);

	memcpy(put_uint(b, 8, r->sent), p, len);
	guest_send(g, T_DATA, 0, r->id, b, 8 + len);
	r->sent += len;
	free(b);
}

void run_close(struct guest *g, struct run *r, int stream)
{
	guest_send_uint(g, T_CLOSE, (uint8_t)stream, r->id, 8,
			stream ? r->got[stream - 1] : r->sent);
}

void run_credit(struct guest *g, struct run *r, int stream, uint64_t offset)
{
	guest_send_uint(g, T_CREDIT, (uint8_t)stream, r->id, 8, offset);
}

void run_kill(struct guest *g, struct run *r, uint8_t reason, uint32_t grace_ms)
{
	uint8_t b[5];

	put_uint(put_uint(b, 1, reason), 4, grace_ms);
	guest_send(g, T_KILL, 0, r->id, b, 5);
}

bool run_over(const struct run *r)
{
	return r->failed || (r->exited && r->closed[1] && r->closed[2]);
}

static void take_data(struct guest *g, struct run *r, struct frame *f)
{
	uint32_t i, n = f->len - 8;
	int s = f->stream - 1;
	size_t keep;

	CHECK(s == 0 || s == 1);
	CHECK(r->started && !r->closed[f->stream] && n > 0);
	CHECK_EQ(be(f->payload, 8), r->got[s]);
	for (i = 0; i < n; i++)
		r->sum[s] += (r->got[s] + i + 1) * f->payload[8 + i];
	r->got[s] += n;
	keep = n < sizeof(r->out[s]) - r->out_len[s] ? n : sizeof(r->out[s]) - r->out_len[s];
	memcpy(r->out[s] + r->out_len[s], f->payload + 8, keep);
	r->out_len[s] += keep;
	if (r->grant)
		run_credit(g, r, f->stream, r->got[s] + WINDOW);
}

static void take_exit(struct run *r, const struct frame *f)
{
	const uint8_t *p = f->payload;

	CHECK(r->started && !r->exited);
	CHECK_EQ(f->len, 60);
	r->exited = true;
	r->how = p[0];
	r->code = p[1];
	r->flags = p[2];
	r->reason = p[3];
	r->total[0] = be(p + 4, 8);
	r->total[1] = be(p + 12, 8);
	r->maxrss = be(p + 36, 8);
	r->wall_us = be(p + 44, 8);
	r->read = be(p + 52, 8);
}

/* Take one frame, which must belong to one of the runs */
void run_take(struct guest *g, struct run **runs, int n)
{
	struct frame f;

	guest_next(g, &f);
	run_take_frame(g, runs, n, &f);
}

void run_take_frame(struct guest *g, struct run **runs, int n, struct frame *f)
{
	struct run *r = NULL;
	int i;

	for (i = 0; i < n; i++)
		if (runs[i]->id == f->owner)
			r = runs[i];
	if (f->type == T_ERROR)
		fprintf(stderr, "agent: %.*s\n", (int)f->len - 6, (char *)f->payload + 6);
	CHECK(r && !run_over(r));
	switch (f->type) {
	case T_STARTED:
		CHECK(!r->started);
		r->started = true;
		r->pid = (uint32_t)be(f->payload, 4);
		r->credit = be(f->payload + 4, 8);
		break;
	case T_FAILED:
		CHECK(!r->started);
		r->failed = true;
		r->kind = f->payload[0];
		r->error = (uint32_t)be(f->payload + 1, 4);
		i = (int)be(f->payload + 5, 4);
		snprintf(r->step, sizeof(r->step), "%.*s", i, (char *)f->payload + 9);
		snprintf(r->subject, sizeof(r->subject), "%.*s",
			 (int)be(f->payload + 9 + i, 4), (char *)f->payload + 13 + i);
		break;
	case T_DATA:
		take_data(g, r, f);
		break;
	case T_CREDIT:
		CHECK(f->stream == 0 && r->started && !r->exited);
		CHECK(be(f->payload, 8) > r->credit);
		CHECK(be(f->payload, 8) <= r->sent + WINDOW);
		r->credit = be(f->payload, 8);
		break;
	case T_CLOSE:
		CHECK(r->started && f->stream < 3 && !r->closed[f->stream]);
		r->closed[f->stream] = true;
		r->end[f->stream] = be(f->payload, 8);
		if (f->stream)
			CHECK_EQ(r->end[f->stream], r->got[f->stream - 1]);
		break;
	case T_EXIT:
		take_exit(r, f);
		break;
	default:
		fprintf(stderr, "unexpected frame 0x%02x\n", f->type);
		CHECK(false);
	}
}

void run_to_end(struct guest *g, struct run *r)
{
	while (!run_over(r))
		run_take(g, &r, 1);
}

/* A barrier: everything sent before has been acted on */
void ping(struct guest *g)
{
	struct frame f;

	guest_send_uint(g, T_PING, 0, 0, 8, 0x1122334455667788);
	guest_next(g, &f);
	CHECK_EQ(f.type, T_PONG);
	CHECK(!memcmp(f.payload, "\x11\x22\x33\x44\x55\x66\x77\x88", 8));
}

int count_dir(const char *fmt, pid_t pid)
{
	char path[64];
	DIR *d;
	int n = 0;

	snprintf(path, sizeof(path), fmt, pid);
	d = opendir(path);
	CHECK(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

long rss_kib(pid_t pid)
{
	char path[64], line[256];
	long kib = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "r");
	CHECK(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, "VmRSS:", 6))
			kib = strtol(line + 6, NULL, 10);
	fclose(f);
	return kib;
}

double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}
