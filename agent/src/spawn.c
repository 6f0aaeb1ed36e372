/*
 * spawn.c - From the agent to a process that has executed its command
 *
 * The child runs in the agent's memory until it executes (vfork), which under emulation is
 * several times as fast as a copy. So it uses system calls and its own stack only, and
 * reports a failure by writing it where its parent will look. It resets no signal
 * dispositions, as the agent has none; main() sees to that.
 *
 * Linux makes memory undumpable when its owner changes uid, so that a process of the new
 * uid cannot trace the child into the agent's memory in the moment between.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <limits.h>
#include <unistd.h>

#include "agent.h"
#include "start.h"

#define ADDED		4	/* variables at most, by spawn_env() */
#define PATH_DEFAULT	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static size_t name_len(const char *s)
{
	return strcspn(s, "=");
}

static uint32_t name_hash(const char *s)
{
	size_t i, n = name_len(s);
	uint32_t h = 2166136261U;

	for (i = 0; i < n; i++)
		h = (h ^ (uint8_t)s[i]) * 16777619U;
	return h;
}

/* Slot of a name in an open hash of pointers: what has the name, or an empty one */
static const char **name_slot(const char **table, uint32_t mask, const char *s)
{
	uint32_t i = name_hash(s) & mask;

	while (table[i] && (name_len(table[i]) != name_len(s) ||
			    strncmp(table[i], s, name_len(s))))
		i = (i + 1) & mask;
	return &table[i];
}

/**
 * spawn_env() - Merge the environments
 * @st:		Has the exec's own, which goes over the sandbox's by name
 * @who:	Has the HOME for one that has none
 *
 * PATH, HOME, HOSTNAME and, on a terminal, TERM are added if they are missing.
 *
 * Return: one allocation, for free(), with room for the added strings; NULL if no memory
 */
char **spawn_env(const struct start *st, const struct identity *who)
{
	static char path[] = "PATH=" PATH_DEFAULT, term[] = "TERM=xterm";
	uint32_t mask = 15, i, n = 0, most = st->env_count + agent.env_count;
	const char **table;
	char **env, *home, *host;

	while (mask < (most + ADDED) * 2)
		mask = mask * 2 + 1;
	table = calloc((size_t)mask + 1, sizeof(*table));
	env = malloc(sizeof(*env) * ((size_t)most + ADDED + 1) + sizeof("HOME=") +
		     sizeof(who->home) + sizeof("HOSTNAME=") + strlen(agent.hostname));
	if (!table || !env) {
		free(table);
		free(env);
		return NULL;
	}
	for (i = 0; i < st->env_count; i++) {
		*name_slot(table, mask, st->env[i]) = st->env[i];
		env[n++] = st->env[i];
	}
	for (i = 0; i < agent.env_count; i++) {
		const char **slot = name_slot(table, mask, agent.env[i]);

		if (*slot)
			continue;
		*slot = agent.env[i];
		env[n++] = agent.env[i];
	}
	home = (char *)(env + most + ADDED + 1);
	host = stpcpy(stpcpy(home, "HOME="), who->home) + 1;
	stpcpy(stpcpy(host, "HOSTNAME="), agent.hostname);
	if (!*name_slot(table, mask, path))
		env[n++] = path;
	if (*who->home && !*name_slot(table, mask, home))
		env[n++] = home;
	if (*agent.hostname && !*name_slot(table, mask, host))
		env[n++] = host;
	if (st->flags & S_TERMINAL && !*name_slot(table, mask, term))
		env[n++] = term;
	env[n] = NULL;
	free(table);
	return env;
}

/**
 * is_script() - Would a shell run a file that the kernel does not know?
 * @path:	File
 *
 * As bash has it: not if there is a NUL in its first line.
 */
static bool is_script(const char *path)
{
	char b[128];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t i, n = fd < 0 ? -1 : read(fd, b, sizeof(b));

	if (fd >= 0)
		close(fd);
	if (n >= 4 && !memcmp(b, "\177ELF", 4))
		return false;
	for (i = 0; i < n && b[i] != '\n'; i++)
		if (!b[i])
			return false;
	return n >= 0;
}

/**
 * try_command() - Execute one file; comes back only if that failed
 * @path:	File
 * @argv:	A free slot, then the words
 * @env:	Environment
 * @f:		Set to the failure, F_NOT_FOUND only if there is no such file
 */
static void try_command(char *path, char **argv, char **env, struct failure *f)
{
	struct stat st;
	char *word = argv[1];

	execve(path, argv + 1, env);
	f->error = errno;
	f->step = "execve";
	switch (f->error) {
	case ENOENT:
	case ENOTDIR:
		f->kind = F_NOT_FOUND;
		if (stat(path, &st) == 0) {
			f->kind = F_NOT_EXECUTABLE;
			f->step = "interpreter";
		}
		break;
	case EACCES:
	case EPERM:
		f->kind = stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? F_NOT_EXECUTABLE :
									F_PERMISSION_DENIED;
		break;
	case ENOEXEC:
		f->kind = F_NOT_EXECUTABLE;
		if (!is_script(path))
			break;
		argv[0] = (char *)(uintptr_t)"/bin/sh";
		argv[1] = path;
		execve(argv[0], argv, env);
		argv[1] = word;
		break;
	case E2BIG:
	case ENAMETOOLONG:
	case ELOOP:
		f->kind = F_BAD_ARGS;
		break;
	case EAGAIN:
	case EMFILE:
	case ENFILE:
		f->kind = F_RESOURCE_LIMIT;
		break;
	case ENOMEM:
		f->kind = F_OUT_OF_MEMORY;
		break;
	default:			/* EISDIR, ETXTBSY, EINVAL, ELIBBAD, ... */
		f->kind = F_NOT_EXECUTABLE;
	}
}

/**
 * run_command() - Execute the command, searching the process's own PATH
 * @argv:	A free slot, then the words
 * @env:	Environment
 * @f:		Set to the failure: the most telling one, if several files were tried
 */
static void run_command(char **argv, char **env, struct failure *f)
{
	const char *dir = PATH_DEFAULT, *command = argv[1];
	struct failure best = { F_NOT_FOUND, ENOENT, "execve", NULL };
	size_t i, n, m = strlen(command);
	char path[PATH_MAX];

	if (strchr(command, '/')) {
		try_command(argv[1], argv, env, f);
		return;
	}
	for (i = 0; env[i]; i++)
		if (!strncmp(env[i], "PATH=", 5))
			dir = env[i] + 5;
	while (*command) {
		n = strcspn(dir, ":");
		if (n + m + 3 < sizeof(path)) {
			memcpy(path, dir, n);
			if (!n)
				path[n++] = '.';
			path[n] = '/';
			memcpy(path + n + 1, command, m + 1);
			try_command(path, argv, env, f);
			if (f->kind != F_NOT_FOUND && f->kind != F_PERMISSION_DENIED &&
			    strcmp(f->step, "interpreter"))
				return;
			if (f->kind != F_NOT_FOUND && best.kind == F_NOT_FOUND)
				best = *f;
		}
		dir += strcspn(dir, ":");
		if (!*dir++)
			break;
	}
	*f = best;
}

/**
 * run_files() - Become the file server: this very program, executed afresh
 * @argv:	A free slot, then the word by which it is listed
 * @f:		Set to the failure
 */
static void run_files(char **argv, struct failure *f)
{
	static char mode[] = "--files", *none[] = { NULL };
	char *args[] = { argv[1], mode, NULL };
	int fd = openat(agent.proc, "self/exe", O_PATH | O_CLOEXEC);

	if (fd >= 0)
		syscall(SYS_execveat, fd, "", args, none, AT_EMPTY_PATH);
	f->error = errno;
	f->step = "execveat";
	f->kind = f->error == ENOMEM ? F_OUT_OF_MEMORY :
		  f->error == EMFILE || f->error == EAGAIN ? F_RESOURCE_LIMIT : F_OTHER;
}

/**
 * set_limits() - Resource limits
 * @st:		Has them
 *
 * Return: true on success
 */
static bool set_limits(const struct start *st)
{
	struct cursor c = { st->limits, st->limits + st->limit_count * LIMIT_BYTES, false, false };
	uint32_t i;

	if (syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &agent.born_nofile, NULL) < 0)
		return false;
	for (i = 0; i < st->limit_count; i++) {
		int resource = (int)get_uint(&c, 1);
		uint64_t limit[2];

		limit[0] = get_uint(&c, 8);
		limit[1] = get_uint(&c, 8);
		if (syscall(SYS_prlimit64, 0, resource, limit, NULL) < 0)
			return false;
	}
	return true;
}

static void set_oom_score(void)
{
	int fd = openat(agent.proc, "self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (write(fd, "0", 1) < 0)
			return;		/* then it keeps the agent's */
		close(fd);
	}
}

/* What spawn() was asked for, and where a failure goes */
struct birth {
	const struct start *st;
	const struct identity *who;
	char **env;
	const int *fds;
	const char *cwd;
	struct failure *f;
};

/**
 * child() - What the new process does
 * @b:		What is wanted; @f is set if the command was not executed
 */
static _Noreturn void child(const struct birth *b)
{
	const struct start *st = b->st;
	const struct identity *who = b->who;
	struct failure *f = b->f;
	struct failure tried = { 0 };
	sigset_t none;
	int i;

	f->kind = F_OTHER;
	f->step = "setsid";
	if (setsid() < 0)
		goto failed;
	f->step = "dup2";
	for (i = 0; i < 3; i++)
		if (dup2(b->fds[i], i) < 0)
			goto failed;
	f->step = "TIOCSCTTY";
	f->kind = F_PTY_FAILED;
	if (st->flags & S_TERMINAL && ioctl(0, TIOCSCTTY, 0) < 0)
		goto failed;
	if (agent.init)
		set_oom_score();
	f->step = "setrlimit";
	f->kind = F_RESOURCE_LIMIT;
	if (!set_limits(st))
		goto failed;
	f->kind = F_PERMISSION_DENIED;
	if (who->change) {
		f->step = "setgroups";
		if (syscall(SYS_setgroups, (size_t)who->group_count, who->groups) < 0)
			goto failed;
		f->step = "setgid";
		if (syscall(SYS_setresgid, who->gid, who->gid, who->gid) < 0)
			goto failed;
		f->step = "setuid";
		if (syscall(SYS_setresuid, who->uid, who->uid, who->uid) < 0)
			goto failed;
	}
	f->step = "chdir";
	if (chdir(b->cwd) < 0) {
		if (errno != EACCES)
			f->kind = F_BAD_CWD;
		goto failed;
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (st->flags & S_FILES)
		run_files(st->argv, &tried);
	else
		run_command(st->argv, b->env, &tried);
	*f = tried;			/* not before: an error says that all tries failed */
	_exit(127);
failed:
	f->error = errno;
	_exit(127);
}

/* On its own, as locals of the caller of vfork(2) are not safe; and opaque to the
 * compiler, which else concludes that what the child writes before its _exit() is not
 * there when this returns */
static __attribute__((noipa)) pid_t give_birth(const struct birth *b)
{
	pid_t pid = vfork();

	if (pid == 0)
		child(b);
	return pid;
}

/**
 * spawn() - Start a process, in a session of its own
 * @st:		Command, limits
 * @who:	Its user
 * @env:	Its environment
 * @fds:	Its stdin, stdout and stderr
 * @cwd:	Its working directory
 * @f:		Set on failure
 *
 * Return: its pid; it has executed its command. -1 on failure
 */
pid_t spawn(const struct start *st, const struct identity *who, char **env, const int fds[3],
	    const char *cwd, struct failure *f)
{
	struct failure shared = { 0 };
	const char *subject = st->argv[1];
	struct birth birth = { st, who, env, fds, cwd, &shared };
	pid_t pid = give_birth(&birth);

	if (pid < 0) {
		shared.kind = errno == ENOMEM ? F_OUT_OF_MEMORY : F_RESOURCE_LIMIT;
		shared.error = errno;
		shared.step = "fork";
	} else if (!shared.error) {
		return pid;
	} else {
		waitpid(pid, NULL, 0);
		if (!strcmp(shared.step, "chdir"))
			subject = cwd;
		else if (who->change && !strncmp(shared.step, "set", 3) &&
			 strcmp(shared.step, "setrlimit"))
			subject = *st->user ? st->user : agent.user;
	}
	*f = shared;
	f->subject = strdup(subject);
	return -1;
}
