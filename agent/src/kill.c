/*
 * kill.c - Ending process groups: timeouts, KILL, and the time in between
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent.h"
#include "exec.h"
#include "timer.h"

#define SCAN_FIRST	(20 * 1000000ULL)
#define SCAN_LAST	(1000 * 1000000ULL)

static uint64_t scan_at, scan_every;

/**
 * kill_release() - The group's id may be used again
 * @e:		Exec, pinned
 */
static void kill_release(struct exec *e)
{
	waitpid(e->pid, NULL, WNOHANG);
	e->pid = 0;
	e->deadline = 0;
	exec_unpin(e);
}

/**
 * kill_exec() - End a process group: SIGTERM now, SIGKILL after the grace
 * @e:		Exec
 * @reason:	From enum kill_reason
 * @grace_ns:	Grace
 * @signal_it:	false if the SIGTERM was sent already
 *
 * A second reason can only make the grace shorter.
 */
void kill_exec(struct exec *e, uint8_t reason, uint64_t grace_ns, bool signal_it)
{
	uint64_t deadline = now() + grace_ns;

	if (!e->pid || (e->ended && !e->pinned))
		return;
	if (!e->reason) {
		e->reason = reason;
		e->deadline = 0;
		if (signal_it && reason == R_CLIENT_GONE)
			kill(-e->pid, SIGHUP);
		if (signal_it)
			kill(-e->pid, SIGTERM);
	} else if (!e->deadline || e->deadline <= deadline) {
		return;
	}
	e->deadline = deadline;
	timer_arm(deadline);
}

/**
 * kill_pinned() - A zombie is kept: look soon whether its group is empty
 */
void kill_pinned(void)
{
	scan_every = SCAN_FIRST;
	if (scan_at)
		return;
	scan_at = now();
	timer_arm(scan_at);
}

/**
 * group_of() - Which process group has a process that lives?
 * @pid:	Process, as text
 *
 * Return: the group, 0 if the process is a zombie or gone
 */
static pid_t group_of(const char *pid)
{
	char path[32], text[256], *p;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%.20s/stat", pid);
	fd = openat(agent.proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	/* "1 (name) S 0 1 ...": state, parent, group; the name may hold anything */
	p = strrchr(text, ')');
	if (!p || strlen(p) < 4 || p[2] == 'Z' || p[2] == 'X')
		return 0;
	p = strchr(p + 4, ' ');
	return p ? (pid_t)strtol(p, NULL, 10) : 0;
}

/**
 * kill_scan() - Release the zombies whose group has nobody else
 */
static void kill_scan(uint64_t t)
{
	int fd = openat(agent.proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct list *l, *next;
	bool left = false;
	struct dirent *d;

	for (l = execs.next; dir && l != &execs; l = l->next)
		MEMBER(l, struct exec, node)->lonely = true;
	while (dir && (d = readdir(dir))) {
		pid_t group = *d->d_name > '0' && *d->d_name <= '9' ? group_of(d->d_name) : 0;
		struct exec *e = group ? exec_by_pid(group) : NULL;

		if (e)
			e->lonely = false;
	}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	for (l = execs.next; l != &execs; l = next) {
		struct exec *e = MEMBER(l, struct exec, node);

		next = l->next;
		if (!e->pinned)
			continue;
		if (dir && e->lonely)
			kill_release(e);
		else
			left = true;
	}
	scan_at = left ? t + scan_every : 0;
	if (scan_every < SCAN_LAST)
		scan_every *= 2;
}

/**
 * kill_due() - A deadline has passed
 * @e:		Exec
 */
static void kill_due(struct exec *e)
{
	if (!e->reason) {
		kill_exec(e, R_TIMEOUT, e->kill_after, true);
		return;
	}
	kill(-e->pid, SIGKILL);
	e->deadline = 0;
	if (e->pinned)
		kill_release(e);
}

/**
 * kill_check() - Do what has come due
 * @t:		Now
 *
 * Return: true if a zombie may have gone, so that those that it hid can be seen
 */
bool kill_check(uint64_t t)
{
	struct list *l, *next;
	bool released = false;

	for (l = execs.next; l != &execs; l = next) {
		struct exec *e = MEMBER(l, struct exec, node);

		next = l->next;
		released |= e->pinned;
		if (e->deadline && e->deadline <= t && e->pid)
			kill_due(e);
	}
	if (scan_at && scan_at <= t)
		kill_scan(t);
	return released;
}

/**
 * kill_next() - When kill_check() wants to be called, 0 for never
 */
uint64_t kill_next(void)
{
	uint64_t first = scan_at;
	struct list *l;

	for (l = execs.next; l != &execs; l = l->next) {
		uint64_t d = MEMBER(l, struct exec, node)->deadline;

		if (d && (!first || d < first))
			first = d;
	}
	return first;
}
