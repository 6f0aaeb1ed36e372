/*
 * exec.h - Execs: processes of the guest that the host started
 */
#ifndef EXEC_H
#define EXEC_H

#include <sys/resource.h>

#include "frame.h"
#include "start.h"
#include "stream.h"

#define MAX_EXECS	1000

enum kill_reason { R_NONE, R_TIMEOUT, R_CLIENT_GONE, R_STOPPING, R_ASKED };

/**
 * struct exec - One process of the guest that the host started
 * @owner:	Of its streams
 * @node:	In the list of all
 * @pid:	Process and group, 0 if it never started
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
	struct owner owner;
	struct list node;
	pid_t pid;
	uint8_t screen;
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

/* exec.c */
extern struct list execs;
struct exec *exec_find(uint64_t id);
struct exec *exec_of(struct owner *o);
struct exec *exec_new(uint64_t id);
struct exec *exec_by_pid(pid_t pid);
unsigned int exec_count(void);
void exec_ended(struct exec *e, int code, int status, const struct rusage *ru);
void exec_unpin(struct exec *e);

/* exec_frames.c */
void exec_frame(struct frame *f);

/* pty.c */
bool pty_open(struct exec *e, int *slave, const struct start *st, const struct identity *who);
void pty_resize(struct exec *e, uint16_t rows, uint16_t columns);

/* reap.c */
void reap(void);
bool reap_childless(void);

/* kill.c */
void kill_exec(struct exec *e, uint8_t reason, uint64_t grace_ns, bool signal_it);
void kill_pinned(void);
bool kill_check(uint64_t t);
uint64_t kill_next(void);

#endif
