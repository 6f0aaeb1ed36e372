/*
 * reap.c - Zombies: those of execs and those that nobody else takes
 *
 * Every zombie is looked at before it is taken (WNOWAIT), as that of an exec may have to
 * stay (kill.c). While one stays, it hides those behind it from "any child"; then each exec
 * is asked about, and orphans wait.
 */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec.h"

/* The system call has a parameter more than the library's function: the use of resources */
static pid_t look(idtype_t type, pid_t pid, siginfo_t *info, struct rusage *ru)
{
	info->si_pid = 0;
	if (syscall(SYS_waitid, type, pid, info, WEXITED | WNOHANG | WNOWAIT, ru) < 0)
		return -1;
	return info->si_pid;
}

static void take(pid_t pid)
{
	siginfo_t info;

	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG);
}

/**
 * reap_exec() - The process of an exec is a zombie
 * @e:		Exec
 * @info:	How it ended
 * @ru:		What it used
 */
static void reap_exec(struct exec *e, const siginfo_t *info, const struct rusage *ru)
{
	exec_ended(e, info->si_code, info->si_status, ru);
	if (e->reason && e->deadline) {
		e->pinned = true;
		kill_pinned();
	} else {
		take(info->si_pid);
		e->pid = 0;
	}
}

/**
 * reap() - Look at all zombies
 */
void reap(void)
{
	bool pinned = false;
	struct rusage ru;
	siginfo_t info;
	struct list *l;

	for (l = execs.next; l != &execs; l = l->next)
		pinned |= MEMBER(l, struct exec, node)->pinned;

	while (!pinned && look(P_ALL, 0, &info, &ru) > 0) {
		struct exec *e = exec_by_pid(info.si_pid);

		if (e) {
			reap_exec(e, &info, &ru);
			pinned = e->pinned;
		} else {
			take(info.si_pid);
		}
	}
	if (!pinned)
		return;
	for (l = execs.next; l != &execs; l = l->next) {
		struct exec *e = MEMBER(l, struct exec, node);

		if (e->pid && !e->ended && look(P_PID, e->pid, &info, &ru) > 0)
			reap_exec(e, &info, &ru);
	}
}

/**
 * reap_childless() - Is there no process left?
 */
bool reap_childless(void)
{
	struct rusage ru;
	siginfo_t info;

	return look(P_ALL, 0, &info, &ru) < 0 && errno == ECHILD;
}
