/*
 * host.h - The host's end of the protocol, for tests
 */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <sys/types.h>

#include "check.h"
#include "frame.h"

#define WINDOW	262144U
#define SECONDS_TO_HANG 60	/* from one exec to the next, on however busy a machine */

enum how_exec { NO_STDIN = 1, MERGE = 2, TERMINAL = 4, PIPED_STDOUT = 32 };

/* The agent under test and what came from it */
struct guest {
	int fd;
	pid_t pid;
	uint8_t in[1 << 20];
	size_t at, len;
};

/* A mount of CONFIGURE */
struct mounting {
	uint8_t role;
	const char *device, *type, *path;
	uint8_t flags;
	uint32_t mib;
};

#define ROOT	{ M_ROOT, "/dev/vda", "squashfs", "", 0, 0 }
#define UPPER	{ M_UPPER, "", "", "", 0, 0 }

/* What START shall say; zero is a sensible default */
struct request {
	uint32_t flags;
	uint16_t rows, columns;
	uint64_t timeout_ms;
	uint32_t kill_after_ms;
	uint32_t window;
	const char *user, *cwd;
	int resource;
	uint64_t limit;
	const char *argv[16];
	const char *env[8];
	size_t filler;		/* bytes of a last argument, for a long START */
};

/* An exec as the host has seen it */
struct run {
	uint64_t id;
	bool started, failed, exited, closed[3], grant;
	uint32_t pid;
	uint64_t credit, sent;
	uint8_t kind;
	uint32_t error;
	char step[64], subject[5000];
	uint8_t how, code, flags, reason;
	uint64_t total[2], got[2], end[3], wall_us, maxrss, read;
	uint8_t out[2][65536];		/* the last bytes of each stream */
	size_t out_len[2];
	uint64_t sum[2];		/* of all bytes, by place */
};

extern const char *agent_path;

/* One test of the list; the agent is to end with @status */
struct test {
	const char *name;
	void (*fn)(struct guest *g);
	int status;
};

extern const struct test link_tests[];

struct guest *guest_start(bool configure);
void guest_end(struct guest *g, int status);
void guest_send_configure(struct guest *g, const char *cwd, const char *user, const char *env,
			  const struct mounting *mounts, uint32_t count);
void guest_send(struct guest *g, uint8_t type, uint8_t stream, uint64_t exec, const void *p,
		size_t len);
void guest_send_uint(struct guest *g, uint8_t type, uint8_t stream, uint64_t exec,
		     unsigned int bytes, uint64_t v);
void guest_next(struct guest *g, struct frame *f);
bool guest_ready(struct guest *g, int ms);
bool guest_ended(struct guest *g);
void guest_configure(struct guest *g, const char *cwd, const char *user, const char *env);

void ping(struct guest *g);
int count_dir(const char *fmt, pid_t pid);
long rss_kib(pid_t pid);
double seconds(void);
void violation(const char *name, void (*act)(struct guest *g), bool configure);

void run_start(struct guest *g, struct run *r, uint64_t id, const struct request *q);
void run_data(struct guest *g, struct run *r, const void *p, size_t len);
void run_close(struct guest *g, struct run *r, int stream);
void run_credit(struct guest *g, struct run *r, int stream, uint64_t offset);
void run_kill(struct guest *g, struct run *r, uint8_t reason, uint32_t grace_ms);
void run_take(struct guest *g, struct run **runs, int n);
void run_take_frame(struct guest *g, struct run **runs, int n, struct frame *f);
bool run_over(const struct run *r);
void run_to_end(struct guest *g, struct run *r);

#endif
