/*
 * exec_frames.c - What the host asks of an exec that runs
 */
#include <signal.h>

#include "exec.h"
#include "out.h"

/**
 * exec_frame() - Act on a frame for an exec
 * @f:		Frame
 *
 * One for an exec that is over is ignored, as it may have crossed its end.
 */
void exec_frame(struct frame *f)
{
	struct exec *e = exec_find(f->owner);
	struct cursor c = { f->payload, f->payload + f->len, false, false };
	uint64_t offset, grace;
	uint16_t rows;
	uint8_t n;

	if (!e)
		return;
	switch (f->type) {
	case T_DATA:
		offset = get_uint(&c, 8);
		input_data(&e->in, offset, c.p, (uint32_t)(c.end - c.p));
		return;
	case T_CREDIT:
		stream_credit(&e->out[f->stream - 1], get_uint(&c, 8));
		return;
	case T_CLOSE:
		offset = get_uint(&c, 8);
		if (f->stream == 0)
			input_closed_by_host(&e->in, offset);
		else
			stream_closed_by_host(&e->out[f->stream - 1], offset);
		return;
	case T_SIGNAL:
		n = (uint8_t)get_uint(&c, 1);
		if (n < 1 || n > 64)
			violation("no such signal");
		if (e->pid && !e->ended)
			kill(-e->pid, n);
		return;
	case T_RESIZE:
		rows = (uint16_t)get_uint(&c, 2);
		pty_resize(e, rows, (uint16_t)get_uint(&c, 2));
		return;
	case T_KILL:
		n = (uint8_t)get_uint(&c, 1);
		grace = get_uint(&c, 4) * 1000000;
		if (n < R_TIMEOUT || n > R_ASKED)
			violation("no such reason of KILL");
		kill_exec(e, n, grace, true);
		return;
	}
}
