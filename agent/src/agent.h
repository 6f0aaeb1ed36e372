/*
 * agent.h - What the files of the agent share
 */
#ifndef AGENT_H
#define AGENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "frame.h"
#include "list.h"

#define MAX_EXECS	1000
#define OUT_SIZE	32768	/* the most one write to a virtio port takes */
#define NANO		1000000000ULL
#define LIMIT_BYTES	17	/* of one resource limit in START */

enum kill_reason { R_NONE, R_TIMEOUT, R_CLIENT_GONE, R_STOPPING, R_ASKED };

enum start_flag {
	S_STDIN_NONE = 1, S_MERGE_STDERR = 2, S_TERMINAL = 4, S_KEEP = 8, S_FILES = 16,
	S_PIPED_STDOUT = 32
};

/* What an exec still has to tell the host, in the order in which it is told */
enum pending {
	P_STARTED	= 1 << 0,
	P_FAILED	= 1 << 1,
	P_CREDIT	= 1 << 2,	/* of stdin */
	P_STDIN_CLOSE	= 1 << 3,
	P_EXIT		= 1 << 4,
	P_CLOSE_OUT	= 1 << 5,
	P_CLOSE_ERR	= 1 << 6,
};

enum source_kind { SRC_PORT, SRC_SIGNAL, SRC_TIMER, SRC_STDIN, SRC_STDOUT, SRC_STDERR, SRC_TTY };

/**
 * struct source - What an event of epoll is about
 * @kind:	Which descriptor
 * @exec:	Whose, NULL for the agent's own
 */
struct source {
	enum source_kind kind;
	struct exec *exec;
};

/**
 * struct input - stdin of an exec, from the host into the process
 * @src:	For epoll
 * @fd:		Our end of the pipe, or the terminal; -1 once ended
 * @received:	Offset up to which bytes arrived from the host
 * @granted:	Offset up to which the host may send
 * @taken:	Offset up to which bytes went into the pipe
 * @unread:	How many of them were in the pipe when our end was closed
 * @rest:	Another end of it, to see what is left after an end of file; -1 for none
 * @ring:	Bytes that found no room in the pipe, STDIN_WINDOW in size; NULL if none
 * @head:	Index of the first byte in @ring
 * @len:	Number of bytes in @ring
 * @host_closed: The host sent its CLOSE
 * @waiting:	epoll tells when the pipe has room
 * @partial:	The last byte typed was not a newline (terminal)
 */
struct input {
	struct source src;
	int fd;
	uint64_t received, granted, taken, unread;
	int rest;
	uint8_t *ring;
	uint32_t head, len;
	bool host_closed, waiting, partial;
};

/**
 * struct stream - stdout or stderr of an exec, from the process to the host
 * @link:	In one of the port's two rings while it has something to send
 * @src:	For epoll
 * @fd:		Our end of the pipe, or the terminal; -1 once ended
 * @number:	1 stdout, 2 stderr
 * @sent:	Offset up to which bytes were sent
 * @credit:	Offset up to which we may send
 * @total:	Offset at which the stream ends, UINT64_MAX while unknown
 * @readable:	The pipe may have something to read (edge-triggered)
 * @hup:	No process holds the pipe any more
 * @bulk:	The last read left something behind
 * @listed:	@link is in a ring
 * @host_closed: The host sent its CLOSE
 */
struct stream {
	struct link link;
	struct source src;
	int fd;
	uint8_t number;
	uint64_t sent, credit, total;
	bool readable, hup, bulk, listed, host_closed;
};

/**
 * struct failure - Why an exec could not be started
 * @kind:	From enum failure_kind, 0 for none
 * @error:	errno
 * @step:	The call that failed
 * @subject:	What it failed on; allocated, or NULL for ""
 */
struct failure {
	uint8_t kind;
	int error;
	const char *step;
	char *subject;
};

/**
 * struct exec - One process of the guest that the host started
 * @link:	In the list of all
 * @control:	In the list of those with something @pending
 * @hash_next:	Next with the same hash of @id
 * @id:		The host's number
 * @pid:	Process and group, 0 if it never started
 * @pending:	Bits of enum pending
 * @terminal:	Runs on a terminal
 * @screen:	Which of @out carries what the terminal shows: 1 if stdout is a pipe beside it
 * @ended:	The process is a zombie or was reaped; the fields of EXIT are set
 * @pinned:	It is kept a zombie so that the group's id stays taken
 * @lonely:	Nobody else was seen in its group
 * @over:	Nothing more is said about it; no longer found by id
 * @told_exit:	EXIT was sent
 * @in:		stdin
 * @out:	stdout and stderr
 * @tail:	What a terminal still held when its process ended
 * @tail_len:	Bytes in @tail
 * @tail_at:	Bytes of @tail that were sent
 * @started:	When, CLOCK_MONOTONIC ns
 * @deadline:	Of the timeout or, if @reason is set, of the SIGKILL; 0 for none
 * @kill_after:	ns between SIGTERM and SIGKILL after a timeout
 * @reason:	From enum kill_reason: why we are ending it
 * @failure:	Why it could not start
 * @how:	Field of EXIT, as are the following
 */
struct exec {
	struct link link, control;
	struct exec *hash_next;
	uint64_t id;
	pid_t pid;
	uint8_t pending, screen;
	bool terminal, ended, pinned, lonely, over, told_exit;
	struct input in;
	struct stream out[2];
	uint8_t *tail;
	uint32_t tail_len, tail_at;
	uint64_t started, deadline, kill_after;
	uint8_t reason;
	struct failure failure;
	uint8_t how, code, flags;
	uint64_t wall_us;
	struct rusage usage;
};

/**
 * struct start - A START message, taken apart; strings point into its payload
 */
struct start {
	uint32_t flags;
	uint16_t rows, columns;
	uint64_t timeout_ms;
	uint32_t kill_after_ms;
	uint32_t window[2];
	char *user, *cwd;
	uint32_t limit_count;
	uint8_t *limits;		/* LIMIT_BYTES each */
	char **argv;			/* argv[0] is a free slot, the command is argv[1] */
	char **env;
	uint32_t env_count;
};

/**
 * struct identity - Who a process is to be
 */
struct identity {
	uid_t uid;
	gid_t gid;
	gid_t groups[64];
	int group_count;
	bool change;			/* false: as the agent */
	char home[256];
};

/**
 * struct agent - State of the whole agent
 */
extern struct agent {
	bool init;			/* PID 1 of a guest, not a process on the host */
	bool configured;
	bool down;			/* SHUTDOWN was received */
	int proc;			/* /proc, opened before the guest could hide it */
	struct rlimit born_nofile;	/* of a process's descriptors, unless START has others */
	char **env;			/* of the sandbox, from CONFIGURE */
	uint32_t env_count;
	const char *cwd, *user, *hostname;
} agent;

/* log.c */
void log_open(void);
__attribute__((format(printf, 1, 2))) void log_line(const char *fmt, ...);

/* watch.c */
bool watch_init(void);
int watch_wait(struct epoll_event *events, int most, int timeout);
bool watch_add(int fd, uint32_t events, struct source *src);
bool watch_change(int fd, uint32_t events, struct source *src);
void watch_close(int fd);

/* port.c */
void port_start(int fd);
void port_event(uint32_t events);
bool port_pump(void);
bool port_idle(void);
uint8_t *port_room(size_t bytes);
void port_used(size_t bytes);
void port_later(struct stream *s);
_Noreturn void port_violation(const char *why);
void port_listen(void);

/* connection.c */
bool connection_encode(void);
void connection_greet(void);
void connection_frame(struct frame *f);
bool connection_idle(void);
void connection_restart(void);
void connection_boot_failed(int error, const char *step, const char *subject);

/* request.c */
bool start_parse(struct cursor *c, struct start *st, bool *nomem);

/* start.c */
void start_exec(uint64_t id, uint8_t *payload, size_t len);

/* spawn.c */
char **spawn_env(const struct start *st, const struct identity *who);
pid_t spawn(const struct start *st, const struct identity *who, char **env, const int fds[3],
	    const char *cwd, struct failure *f);

/* user.c */
int user_find(const char *spec, struct identity *who, const char **missing);

/* exec.c */
struct exec *exec_find(uint64_t id);
struct exec *exec_new(uint64_t id);
struct exec *exec_by_pid(pid_t pid);
unsigned int exec_count(void);
void exec_tell(struct exec *e, uint8_t bits);
void exec_untell(struct exec *e, uint8_t bits);
bool exec_encode_all(void);
bool exec_control_idle(void);
void exec_ended(struct exec *e, int code, int status, const struct rusage *ru);
void exec_free_dead(void);
void exec_unpin(struct exec *e);
extern struct link execs;

/* stream.c */
int stream_available(int fd);
bool stream_is_screen(const struct stream *s);
void stream_event(struct stream *s, uint32_t events);
size_t stream_fill(struct stream *s, uint8_t *p, size_t room);
void stream_credit(struct stream *s, uint64_t credit);
void stream_closed_by_host(struct stream *s, uint64_t offset);
void stream_close(struct stream *s);
bool stream_settle(struct stream *s);

/* input.c */
void input_event(struct exec *e, uint32_t events);
void input_data(struct exec *e, uint64_t offset, const uint8_t *bytes, uint32_t len);
void input_closed_by_host(struct exec *e, uint64_t offset);
void input_drop(struct exec *e);
void input_settle(struct exec *e);

/* pty.c */
int pty_open(int *slave, const struct start *st, const struct identity *who);
void pty_resize(struct exec *e, uint16_t rows, uint16_t columns);
void pty_end_of_input(struct exec *e);
void pty_tail(struct exec *e);

/* reap.c */
void reap(void);
bool reap_childless(void);

/* kill.c */
uint64_t now(void);
bool kill_init(void);
void kill_timer(void);
void kill_arm(uint64_t when);
void kill_exec(struct exec *e, uint8_t reason, uint64_t grace_ns, bool signal_it);
void kill_pinned(void);

/* off.c */
void off_begin(uint32_t grace_ms);
void off_deadline(uint64_t t);
uint64_t off_next(void);
void off_check(void);
_Noreturn void off_now(int status);
_Noreturn void off_power(void);

/**
 * struct configuration - What CONFIGURE says of the guest as a whole
 * @realtime:	ns since 1970
 * @entropy:	64 bytes
 * @hostname:	Of the guest
 * @machine_id:	32 hex digits
 * @root:	Block device of the read-only root; empty for the initramfs, in tests
 * @root_type:	Its file system
 * @upper:	Block device of the writable layer; empty for a tmpfs
 * @upper_type:	Its file system
 * @upper_mib:	Size of that tmpfs, 0 for the kernel's choice
 * @tmpfs:	Where more of them are wanted, parents first
 * @tmpfs_count:	How many
 * @tmpfs_mib:	A u32 each, their sizes, 0 for the kernel's choice
 * @directories:	Made if they are missing
 * @directory_count:	How many
 */
struct configuration {
	uint64_t realtime;
	const uint8_t *entropy;
	const char *hostname, *machine_id;
	const char *root, *root_type, *upper, *upper_type;
	uint32_t upper_mib;
	char **tmpfs;
	uint32_t tmpfs_count;
	struct cursor tmpfs_mib;
	char **directories;
	uint32_t directory_count;
};

/* boot.c */
#define WARM_UP		"--warm-up"
#define READ_AHEAD	"--read-ahead"
void boot_early(void);
void boot_write(const char *path, const char *text);
int boot_port(void);
int boot_ahead(const char **step, const char **subject);
void boot_warm_up(void);
_Noreturn void boot_warmed_up(void);
_Noreturn void boot_read_ahead(void);
int boot_configure(const struct configuration *conf, const char **step, const char **subject);
void boot_clock(uint64_t realtime_ns);

/* defaults.c */
void defaults_set(void);

/* mount.c */
int mount_root(const struct configuration *conf, const char **step, const char **subject);
int mount_guest(const char **step, const char **subject);
int mount_own(const struct configuration *conf, const char **step, const char **subject);
void mount_quiesce(void);

/* etc.c */
void etc_make(int memory);
void etc_fill(const struct configuration *conf);

/* module.c */
void module_load_all(void);

#endif
