/*
 * off.c - The end: SHUTDOWN, and power off
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent.h"
#include "exec.h"
#include "off.h"
#include "timer.h"

#define LAST_WORDS	(2 * NANO)	/* after the SIGKILL, for EXITs to get out */

static uint64_t deadline;
static bool killed;

/**
 * kill_rest() - SIGKILL to every process that remains
 *
 * In a guest that is everyone. On the host it must be no more than our own: the groups of
 * execs, and what they left to us as orphans.
 */
static void kill_rest(void)
{
	char path[64], text[4096], *p = text;
	struct list *l;
	ssize_t n;
	int fd;

	if (agent.init) {
		kill(-1, SIGKILL);
		return;
	}
	for (l = execs.next; l != &execs; l = l->next)
		if (MEMBER(l, struct exec, node)->pid)
			kill(-MEMBER(l, struct exec, node)->pid, SIGKILL);
	snprintf(path, sizeof(path), "self/task/%d/children", getpid());
	fd = openat(agent.proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	while ((n = read(fd, text, sizeof(text) - 1)) > 0) {
		text[n] = '\0';
		for (p = text; *p;) {
			pid_t pid = (pid_t)strtol(p, &p, 10);

			if (pid > 1)
				kill(pid, SIGKILL);
			p += strspn(p, " \n");
		}
	}
	close(fd);
}

/**
 * off_power() - End this machine
 *
 * Without a working power off the machine is reset; QEMU runs with -no-reboot.
 */
_Noreturn void off_power(void)
{
	reboot(RB_POWER_OFF);
	for (;;)
		reboot(RB_AUTOBOOT);
}

/**
 * off_now() - Kill what runs, write back, end
 * @status:	Exit status on the host
 */
_Noreturn void off_now(int status)
{
	uint64_t last = now() + LAST_WORDS;
	struct exec *e;
	pid_t pid;

	kill_rest();
	while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0 && now() < last) {
		e = pid ? exec_by_pid(pid) : NULL;
		if (e)
			e->pid = 0;	/* may be another's from now on */
		if (pid)
			continue;
		usleep(1000);
		kill_rest();
	}
	if (!agent.init)
		exit(status);
	mount_quiesce();
	off_power();
}

/**
 * off_begin() - SHUTDOWN
 * @grace_ms:	Between SIGTERM and SIGKILL
 */
void off_begin(uint32_t grace_ms)
{
	uint64_t grace = grace_ms * 1000000ULL;
	struct list *l;

	if (agent.down && now() + grace >= deadline)
		return;
	deadline = now() + grace;
	if (!agent.down && agent.init)
		kill(-1, SIGTERM);
	agent.down = true;
	for (l = execs.next; l != &execs; l = l->next)
		kill_exec(MEMBER(l, struct exec, node), R_STOPPING, grace, !agent.init);
	timer_arm(deadline);
}

/**
 * off_next() - When off_deadline() wants to be called, 0 for never
 */
uint64_t off_next(void)
{
	return !agent.down ? 0 : killed ? deadline + LAST_WORDS : deadline;
}

/**
 * off_deadline() - The timer rang
 * @t:		Now
 */
void off_deadline(uint64_t t)
{
	if (agent.down && killed && t >= deadline + LAST_WORDS)
		off_now(0);
	if (agent.down && !killed && t >= deadline) {
		killed = true;
		kill_rest();
	}
}

/**
 * off_due() - Has SHUTDOWN nothing more to wait for but what the host can still get?
 *
 * That is, everyone has ended and the host has got all. After the SIGKILL only what it can
 * get now: a host that grants no credit does not hold up the end.
 */
bool off_due(void)
{
	struct list *l;

	if (!agent.down)
		return false;
	for (l = execs.next; l != &execs; l = l->next) {
		struct exec *e = MEMBER(l, struct exec, node);

		if (!killed ? !e->over || e->pinned : !e->ended)
			return false;
	}
	return true;
}

/**
 * off_finish() - The host has got all: end, unless a process is left
 */
void off_finish(void)
{
	if (reap_childless())
		off_now(0);
	if (killed)
		kill_rest();
}
