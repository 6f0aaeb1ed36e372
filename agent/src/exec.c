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
 * Telling:  an exec is an owner of streams (owner.h); what is due is encoded when the port
 *	takes bytes. The order of the bits in enum pending is the order of the frames, so STARTED
 *	comes first however fast the process ended, and the bit of a stream's CLOSE is set when its
 *	last byte was encoded.
 *
 * Streams:  stream.c, input.c; what differs between pipes and a terminal is in pipe.c and pty.c.
 *
 * End:  reap.c finds the zombie. exec_ended() takes the totals: what was sent plus what
 *	is in the pipes at this moment. EXIT goes out at once, the rest of the bytes under
 *	credit, then CLOSE. What others write later into a pipe they inherited is left.
 *
 * Killing (kill.c):  SIGTERM, grace, SIGKILL, always to the group. If the process ends in the
 *	grace, its group may go on, and the group's id must not be given to another: the
 *	process is kept a zombie ('pinned') until the SIGKILL, or until /proc shows that
 *	nobody else is in the group. EXIT does not wait for that.
 */
#include <stdlib.h>
#include <sys/wait.h>

#include "exec.h"
#include "timer.h"

struct list execs = LIST_EMPTY(execs);
static unsigned int count;	/* not over */

/**
 * exec_of() - Get the exec that an owner is part of
 * @o:		Owner, of that kind
 */
struct exec *exec_of(struct owner *o)
{
	return MEMBER(o, struct exec, owner);
}

/**
 * exec_find() - Find the exec with an id
 * @id:		The host's number
 *
 * Return: the exec, NULL if there is none or it is over
 */
struct exec *exec_find(uint64_t id)
{
	struct owner *o = owner_find(id);

	return o ? exec_of(o) : NULL;
}

/**
 * exec_by_pid() - Find the exec whose process it is
 * @pid:	Process
 *
 * Return: the exec, NULL if there is none
 */
struct exec *exec_by_pid(pid_t pid)
{
	struct list *l;

	for (l = execs.next; l != &execs; l = l->next)
		if (MEMBER(l, struct exec, node)->pid == pid)
			return MEMBER(l, struct exec, node);
	return NULL;
}

/**
 * exec_count() - Number of execs that are not over
 */
unsigned int exec_count(void)
{
	return count;
}

static void exec_bury(struct exec *e)
{
	list_remove(&e->node);
	owner_bury(&e->owner);
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
	owner_remove(&e->owner);
	e->over = true;
	count--;
	if (!e->pinned)
		exec_bury(e);
}

static void exec_free(struct owner *o)
{
	struct exec *e = exec_of(o);

	free(e->failure.subject);
	free(e->tail);
	free(e);
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

static uint8_t *encode_failed(const struct failure *f, uint8_t *p)
{
	p = put_uint(p, 1, f->kind);
	p = put_uint(p, 4, (uint32_t)f->error);
	p = put_string(p, f->step, 64);
	return put_string(p, f->subject ? f->subject : "", 4096);
}

static uint8_t *exec_encode(struct owner *o, unsigned int bit, uint8_t *p)
{
	struct exec *e = exec_of(o);

	switch (bit) {
	case P_STARTED:
		if (e->in.fd >= 0)
			input_grant(&e->in);
		p = put_uint(p, 4, (uint32_t)e->pid);
		return put_uint(p, 8, e->in.granted);
	case P_FAILED:
		return encode_failed(&e->failure, p);
	case P_CREDIT:
		input_grant(&e->in);
		return put_uint(p, 8, e->in.granted);
	case P_CLOSE_IN:
		return put_uint(p, 8, e->in.taken);
	case P_EXIT:
		e->told_exit = true;
		return encode_exit(e, p);
	default:
		return put_uint(p, 8, e->out[bit == P_CLOSE_OUT ? 0 : 1].total);
	}
}

static void exec_told(struct owner *o, unsigned int bit)
{
	struct exec *e = exec_of(o);

	if (bit == P_FAILED || (e->told_exit && !o->pending && e->out[0].fd < 0 &&
				e->out[1].fd < 0))
		exec_over(e);
}

static const struct owner_kind exec_kind = {
	.encode = exec_encode, .told = exec_told, .free = exec_free,
};

/**
 * exec_new() - Make an exec without process
 * @id:		Its number, not in use
 *
 * Return: the exec, NULL if there is no memory
 */
struct exec *exec_new(uint64_t id)
{
	struct exec *e = calloc(1, sizeof(*e));
	uint8_t i;

	if (!e)
		return NULL;
	owner_add(&e->owner, id, &exec_kind);
	input_init(&e->in, &e->owner);
	e->in.end = &pipe_end;
	for (i = 0; i < 2; i++) {
		stream_init(&e->out[i], &e->owner, i + 1);
		e->out[i].end = &pipe_end;
	}
	list_add(&execs, &e->node);
	count++;
	return e;
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
	for (i = 0; i < 2; i++)
		if (e->out[i].fd >= 0 && e->out[i].end->settle(&e->out[i]))
			e->flags |= (uint8_t)(2 << i);
	input_settle(&e->in);
	owner_untell(&e->owner, P_CREDIT | P_CLOSE_IN);
	owner_tell(&e->owner, P_EXIT);
}
