/*
 * world.h - A machine that is all pretence, for the agent's real code to run on
 *
 * The agent's objects are linked with every system call renamed (world.syms), so what a
 * fuzzed host makes it do ends here: its processes are entries of a table, signals change
 * that table, time passes when the test says so. Only pipes, sockets and epoll are the
 * kernel's, between the agent and the test itself. A copy of each descriptor outlives its close(),
 * as those in a child do that has not finished its execve(2).
 *
 * What no run may do ends the process: signalling a group whose leader was reaped, using
 * or closing a descriptor that is not open, closing one that is watched, running a command.
 */
#ifndef WORLD_H
#define WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "agent.h"
#include "exec.h"
#include "link.h"
#include "timer.h"

#define WORLD_PROCS	64

/**
 * struct proc - A process of the guest
 * @pid:	Never used twice; 0 for a free entry
 * @group:	Its process group, which is the pid of the exec's own process
 * @run:	Index of the exec that it belongs to
 * @parent:	Its pid; the agent's for the exec's own process and for orphans
 * @first:	It is the exec's own process
 * @zombie:	It has ended and was not waited for
 * @stubborn:	Only SIGKILL ends it
 * @fd:		Its stdin, stdout and stderr, -1 once closed
 * @code:	si_code, once it has ended
 * @status:	si_status, once it has ended
 */
struct proc {
	pid_t pid, group, parent;
	int run;
	bool first, zombie, stubborn;
	int fd[3];
	int code, status;
};

extern struct proc world_procs[WORLD_PROCS];
extern struct failure world_next_failure;	/* of the next spawn(), if it has a kind */
extern bool world_small_pipes;			/* pipes to come hold one page */
extern unsigned int world_fails_in;		/* so many calls: no descriptor; 0 for never */
extern unsigned int world_full_in;		/* so many calls: no memory; 0 for never */

/* Says that something is wrong with the agent and ends */
_Noreturn __attribute__((format(printf, 1, 2))) void world_found(const char *fmt, ...);

int world_agent(int fd, bool (*go_on)(void));
bool world_asleep(void);			/* the last look found nothing to do */
void world_pass(uint64_t ns);
void world_pass_to_timer(void);
struct proc *world_fork(struct proc *parent, bool own_group);
void world_end_proc(struct proc *p, int code, int status);
void world_close_fd(struct proc *p, int n);
unsigned int world_fds(void);
size_t world_bytes(void);
unsigned int world_allocations(void);

/* Called by spawn(): which run is it, -1 for one that the test does not know? */
int world_run_started(const struct start *st);

#endif
