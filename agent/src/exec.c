/*
 * exec.c - The table of execs, and what they have to tell the host
 *
 * DOC: Theory of operation
 *
 * An exec is one process that the host started, with three streams. It lives from START
 * to the frame that makes it over: FAILED, or the last of EXIT, CLOSE(stdout) and
 * CLOSE(stderr). One thread does everything, woken by one epoll.
 *
 * Start:  start.c takes START apart, makes the pipes and calls spawn(), which returns when
 *	the process has executed its command or has failed. So there is no half-started
 *	exec: it is born with STARTED or FAILED pending.
 *
 * Telling:  nothing is queued. 'pending' has a bit for each frame of control that is due;
 *	the frame is encoded from the exec's state when the port takes bytes (port.c). A
 *	CREDIT that is due twice is told once, with the newest offset. The order of the
 *	bits is the order of the frames, so STARTED comes first however fast the process
 *	ended, and the bit of a stream's CLOSE is set when its last byte was encoded.
 *
 * Output (stream.c):  a pipe is read only into the port's buffer, only within the credit,
 *	so the process feels the host's backpressure as a full pipe. Pipes are watched
 *	edge-triggered; 'readable' remembers the edge.
 *
 * Input (input.c):  bytes go from the port's buffer into the pipe; what finds no room waits
 *	in a ring that exists only then and holds at most the window granted. A grant
 *	follows bytes into the pipe, never into the ring.
 *
 * End:  reap.c finds the zombie. exec_ended() takes the totals: what was sent plus what
 *	is in the pipes at this moment. EXIT goes out at once, the rest of the bytes under
 *	credit, then CLOSE. What others write later into a pipe they inherited is left.
 *
 * Killing (kill.c):  SIGTERM, grace, SIGKILL, always to the group. If the process ends in the
 *	grace, its group may go on, and the group's id must not be given to another: the
 *	process is kept a zombie ('pinned') until the SIGKILL, or until /proc shows that
 *	nobody else is in the group. EXIT does not wait for that.
 *
 * An exec is freed only after the events in hand were handled, as one may point to it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "agent.h"

#define BUCKETS		1024
#define SUBJECT_MAX	4096

struct link execs = LIST_EMPTY(execs);
static struct link control = LIST_EMPTY(control), dead = LIST_EMPTY(dead);
static struct exec *buckets[BUCKETS];
static unsigned int count;	/* not over */

static struct exec **exec_slot(uint64_t id)
{
	struct exec **slot = &buckets[id % BUCKETS];

	while (*slot && (*slot)->id != id)
		slot = &(*slot)->hash_next;
	return slot;
}

/**
 * exec_find() - Find the exec with an id
 * @id:		The host's number
 *
 * Return: the exec, NULL if there is none or it is over
 */
struct exec *exec_find(uint64_t id)
{
	return *exec_slot(id);
}

/**
 * exec_by_pid() - Find the exec whose process it is
 * @pid:	Process
 *
 * Return: the exec, NULL if there is none
 */
struct exec *exec_by_pid(pid_t pid)
{
	struct link *l;

	for (l = execs.next; l != &execs; l = l->next)
		if (MEMBER(l, struct exec, link)->pid == pid)
			return MEMBER(l, struct exec, link);
	return NULL;
}

/**
 * exec_count() - Number of execs that are not over
 */
unsigned int exec_count(void)
{
	return count;
}

/**
 * exec_new() - Make an exec without process
 * @id:		Its number, not in use
 *
 * Return: the exec, NULL if there is no memory
 */
struct exec *exec_new(uint64_t id)
{
	struct exec *e = calloc(1, sizeof(*e));
	int i;

	if (!e)
		return NULL;
	e->id = id;
	list_init(&e->control);
	e->in.fd = e->in.rest = -1;
	e->in.src = (struct source){ SRC_STDIN, e };
	for (i = 0; i < 2; i++) {
		list_init(&e->out[i].link);
		e->out[i].fd = -1;
		e->out[i].number = (uint8_t)(i + 1);
		e->out[i].total = UINT64_MAX;
		e->out[i].src = (struct source){ i ? SRC_STDERR : SRC_STDOUT, e };
	}
	e->hash_next = NULL;
	*exec_slot(id) = e;
	list_add(&execs, &e->link);
	count++;
	return e;
}

/**
 * exec_tell() - Make frames due
 * @e:		Exec
 * @bits:	From enum pending
 */
void exec_tell(struct exec *e, uint8_t bits)
{
	if (!e->pending)
		list_add(&control, &e->control);
	e->pending |= bits;
}

/**
 * exec_untell() - Frames are no longer due
 * @e:		Exec
 * @bits:	From enum pending
 */
void exec_untell(struct exec *e, uint8_t bits)
{
	e->pending &= (uint8_t)~bits;
	if (!e->pending)
		list_remove(&e->control);
}

bool exec_control_idle(void)
{
	return list_empty(&control);
}

static void exec_bury(struct exec *e)
{
	list_remove(&e->link);
	list_add(&dead, &e->link);
}

/**
 * exec_unpin() - The zombie was taken
 * @e:		Exec
 */
void exec_unpin(struct exec *e)
{
	e->pinned = false;
	if (e->over)
		exec_bury(e);
}

/**
 * exec_over() - Nothing more is to be said about an exec
 * @e:		Exec
 */
static void exec_over(struct exec *e)
{
	struct exec **slot = exec_slot(e->id);

	*slot = e->hash_next;
	e->over = true;
	count--;
	if (!e->pinned)
		exec_bury(e);
}

/**
 * exec_free_dead() - Free the execs that are over
 */
void exec_free_dead(void)
{
	while (!list_empty(&dead)) {
		struct exec *e = MEMBER(dead.next, struct exec, link);

		list_remove(&e->link);
		free(e->failure.subject);
		free(e->tail);
		free(e);
	}
}

static uint64_t usec(struct timeval t)
{
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_usec;
}

static uint8_t *encode_exit(struct exec *e, uint8_t *p)
{
	p = put_uint(p, 1, e->how);
	p = put_uint(p, 1, e->code);
	p = put_uint(p, 1, e->flags);
	p = put_uint(p, 1, e->reason);
	p = put_uint(p, 8, e->out[0].total);
	p = put_uint(p, 8, e->out[1].total);
	p = put_uint(p, 8, usec(e->usage.ru_utime));
	p = put_uint(p, 8, usec(e->usage.ru_stime));
	p = put_uint(p, 8, (uint64_t)e->usage.ru_maxrss);
	p = put_uint(p, 8, e->wall_us);
	/* Processes can write into their stdin, too */
	return put_uint(p, 8, e->in.unread < e->in.taken ? e->in.taken - e->in.unread : 0);
}

/**
 * exec_encode_one() - Encode the first frame that is due
 * @e:		Exec
 *
 * Return: false if there was no room
 */
static bool exec_encode_one(struct exec *e)
{
	static const uint8_t types[] = { T_STARTED, T_FAILED, T_CREDIT, T_CLOSE, T_EXIT,
					 T_CLOSE, T_CLOSE };
	int n = __builtin_ctz(e->pending);
	uint8_t *to = port_room(n == 1 ? FRAME_HEADER + 128 + SUBJECT_MAX : 128);
	uint8_t *p, stream = 0;

	if (!to)
		return false;
	p = to + FRAME_HEADER;
	switch (1 << n) {
	case P_STARTED:
		if (e->in.fd >= 0)
			e->in.granted = STDIN_WINDOW;
		p = put_uint(p, 4, (uint32_t)e->pid);
		p = put_uint(p, 8, e->in.granted);
		break;
	case P_FAILED:
		p = put_uint(p, 1, e->failure.kind);
		p = put_uint(p, 4, (uint32_t)e->failure.error);
		p = put_string(p, e->failure.step, 64);
		p = put_string(p, e->failure.subject ? e->failure.subject : "", SUBJECT_MAX);
		break;
	case P_CREDIT:
		e->in.granted = e->in.taken + STDIN_WINDOW;
		p = put_uint(p, 8, e->in.granted);
		break;
	case P_STDIN_CLOSE:
		p = put_uint(p, 8, e->in.taken);
		break;
	case P_EXIT:
		e->told_exit = true;
		p = encode_exit(e, p);
		break;
	default:
		stream = 1 << n == P_CLOSE_OUT ? 1 : 2;
		p = put_uint(p, 8, e->out[stream - 1].total);
	}
	put_header(to, (uint32_t)(p - to - FRAME_HEADER), types[n], stream, e->id);
	port_used((size_t)(p - to));
	exec_untell(e, (uint8_t)(1 << n));
	if (1 << n == P_FAILED || (e->told_exit && !e->pending && e->out[0].fd < 0 &&
				   e->out[1].fd < 0))
		exec_over(e);
	return true;
}

/**
 * exec_encode_all() - Encode what is due for all execs
 *
 * Return: false if there was not enough room
 */
bool exec_encode_all(void)
{
	while (!list_empty(&control))
		if (!exec_encode_one(MEMBER(control.next, struct exec, control)))
			return false;
	return true;
}

/**
 * exec_ended() - The process became a zombie: fix what EXIT will say
 * @e:		Exec
 * @code:	si_code of waitid(2)
 * @status:	si_status of waitid(2)
 * @ru:		What it used
 */
void exec_ended(struct exec *e, int code, int status, const struct rusage *ru)
{
	int i;

	e->ended = true;
	e->how = code != CLD_EXITED;
	e->code = (uint8_t)status;
	e->flags = code == CLD_DUMPED;
	e->usage = *ru;
	e->wall_us = (now() - e->started) / 1000;
	if (!e->reason)
		e->deadline = 0;
	if (e->terminal)
		pty_tail(e);
	for (i = 0; i < 2; i++)
		if (stream_settle(&e->out[i]))
			e->flags |= (uint8_t)(2 << i);
	input_settle(e);
	exec_untell(e, P_CREDIT | P_STDIN_CLOSE);
	exec_tell(e, P_EXIT);
}
