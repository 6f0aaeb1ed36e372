/*
 * start.c - START: from the message to a running process with its streams
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"
#include "exec.h"
#include "off.h"
#include "out.h"
#include "timer.h"

#define FOREVER_MS	100000000000ULL	/* three years: no overflow in ns */

static void fail(struct failure *f, uint8_t kind, int error, const char *step,
		 const char *subject)
{
	f->kind = kind;
	f->error = error;
	f->step = step;
	f->subject = strdup(subject);
}

/**
 * start_pipe() - Make one of the pipes
 * @ours:	Set to our end, non-blocking
 * @theirs:	Set to the process's end
 * @reading:	We read
 * @who:	Owner, who can then also open it by a name such as /dev/stdout
 *
 * Return: true on success
 */
static bool start_pipe(int *ours, int *theirs, bool reading, const struct identity *who)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return false;
	*ours = fds[reading ? 0 : 1];
	*theirs = fds[reading ? 1 : 0];
	fcntl(*ours, F_SETFL, O_NONBLOCK);
	if (who->change && who->uid && fchown(*theirs, who->uid, (gid_t)-1) < 0)
		log_line("cannot give a pipe away: %s", strerror(errno));
	return true;
}

/**
 * start_streams() - Make pipes or a terminal
 * @e:		Exec; gets our ends
 * @st:		What is wanted
 * @who:	Owner of a terminal
 * @theirs:	Set to the process's ends, -1 where none was made
 *
 * Return: true on success, else the failure is set
 */
static bool start_streams(struct exec *e, const struct start *st, const struct identity *who,
			  int theirs[3])
{
	struct failure *f = &e->failure;

	if (st->flags & S_TERMINAL) {
		bool made = pty_open(e, &theirs[0], st, who);

		theirs[1] = theirs[2] = theirs[0];
		if (!made)
			fail(f, F_PTY_FAILED, errno, "openpty", "/dev/ptmx");
		else if (e->screen && !start_pipe(&e->out[0].fd, &theirs[1], true, who))
			fail(f, F_RESOURCE_LIMIT, errno, "pipe2", "");
		return !f->kind;
	}
	if (st->flags & S_STDIN_NONE)
		theirs[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	else if (!start_pipe(&e->in.fd, &theirs[0], false, who))
		theirs[0] = -1;
	if (theirs[0] < 0 || !start_pipe(&e->out[0].fd, &theirs[1], true, who) ||
	    (!(st->flags & S_MERGE_STDERR) &&
	     !start_pipe(&e->out[1].fd, &theirs[2], true, who))) {
		fail(f, errno == ENOMEM ? F_OUT_OF_MEMORY :
			errno == EMFILE || errno == ENFILE ? F_RESOURCE_LIMIT : F_OTHER,
		     errno, theirs[0] < 0 && st->flags & S_STDIN_NONE ? "open" : "pipe2",
		     theirs[0] < 0 && st->flags & S_STDIN_NONE ? "/dev/null" : "");
		return false;
	}
	if (st->flags & S_MERGE_STDERR)
		theirs[2] = theirs[1];
	return true;
}

/**
 * start_watch() - Have epoll watch our ends
 * @e:		Exec
 *
 * Return: true on success
 */
static bool start_watch(struct exec *e)
{
	int i;

	for (i = 0; i < 2; i++)
		if (e->out[i].fd >= 0 && !e->out[i].end->shared &&
		    !watch_add(e->out[i].fd, EPOLLIN | EPOLLET, &e->out[i].src))
			return false;
	/* And EPOLLERR, which always counts */
	return e->in.fd < 0 ||
	       watch_add(e->in.fd, e->in.end->shared ? EPOLLIN | EPOLLOUT | EPOLLET : EPOLLET,
			 &e->in.src);
}

/**
 * start_process() - Find the user, make the streams, spawn
 * @e:		Exec
 * @st:		What is wanted
 *
 * Return: true on success, else the failure is set
 */
static bool start_process(struct exec *e, const struct start *st)
{
	const char *user = *st->user ? st->user : agent.user;
	const char *missing = "";
	const char *cwd = *st->cwd ? st->cwd : *agent.cwd ? agent.cwd : "/";
	struct identity who;
	int theirs[3] = { -1, -1, -1 }, i, error = user_find(user, &who, &missing);
	char **env = NULL;

	if (error) {
		fail(&e->failure, error == ENOMEM ? F_OUT_OF_MEMORY : F_USER_NOT_FOUND, error,
		     missing == user ? "user" : "group", missing);
		return false;
	}
	if (start_streams(e, st, &who, theirs)) {
		env = spawn_env(st, &who);
		if (!env)
			fail(&e->failure, F_OUT_OF_MEMORY, ENOMEM, "malloc", st->argv[1]);
		else if (!start_watch(e))
			fail(&e->failure, F_RESOURCE_LIMIT, errno, "epoll_ctl", "");
		else
			e->pid = spawn(st, &who, env, theirs, cwd, &e->failure);
	}
	for (i = 0; i < 3; i++)
		if (theirs[i] >= 0 && (i == 0 || (theirs[i] != theirs[i - 1] &&
						  theirs[i] != theirs[0])))
			close(theirs[i]);
	free(env);
	return e->pid > 0;
}

/**
 * start_undo() - Close our ends of what was made for a process that did not start
 * @e:		Exec
 */
static void start_undo(struct exec *e)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (e->out[i].fd >= 0 && !e->out[i].end->shared)
			watch_close(e->out[i].fd);
		e->out[i].fd = -1;
	}
	input_drop(&e->in);
	e->pid = 0;
}

/**
 * start_exec() - START
 * @id:		Its exec, not in use
 * @payload:	The whole message
 * @len:	Its length
 */
void start_exec(uint64_t id, uint8_t *payload, size_t len)
{
	struct cursor c = { payload, payload + len, false, false };
	struct start st;
	bool nomem = false;
	struct exec *e;

	if (!start_parse(&c, &st, &nomem))
		violation("malformed START");
	e = exec_new(id);
	if (!e) {
		log_line("no memory for an exec");
		off_now(1);
	}
	e->started = now();
	e->out[0].credit = st.window[0];
	e->out[1].credit = st.window[1];
	if (nomem)
		fail(&e->failure, F_OUT_OF_MEMORY, ENOMEM, "malloc", "START");
	else if (c.nul)
		fail(&e->failure, F_BAD_ARGS, EINVAL, "start", "a string with a NUL");
	else if (agent.down)
		fail(&e->failure, F_OTHER, ESHUTDOWN, "start", st.argv[1]);
	else if (exec_count() > MAX_EXECS)
		fail(&e->failure, F_RESOURCE_LIMIT, EAGAIN, "start", st.argv[1]);

	if (!e->failure.kind && start_process(e, &st)) {
		e->kill_after = st.kill_after_ms * 1000000ULL;
		if (st.timeout_ms) {
			e->deadline = e->started + 1000000 *
				      (st.timeout_ms < FOREVER_MS ? st.timeout_ms : FOREVER_MS);
			timer_arm(e->deadline);
		}
		owner_tell(&e->owner, P_STARTED);
		if (e->out[1].fd < 0) {
			e->out[1].total = 0;
			owner_tell(&e->owner, P_CLOSE_ERR);
		}
	} else {
		start_undo(e);
		owner_tell(&e->owner, P_FAILED);
	}
	free(st.argv);
	free(st.env);
}
