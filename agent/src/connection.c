/*
 * connection.c - What the frames of the connection itself ask for; those of owners are passed on
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent.h"
#include "connection.h"
#include "exec.h"
#include "link.h"
#include "off.h"
#include "out.h"

#ifndef BUILD
#define BUILD "msb-agent"
#endif

static bool ready_due, configured_due, failed_due, pong_due;
static bool got_configure;
static uint64_t pong_token;
static struct { int error; const char *step; char subject[256]; } boot_failure;

/* A START or CONFIGURE longer than a frame, while it is put together; @id is 0 of a CONFIGURE */
static struct { uint64_t id; uint8_t *bytes; size_t len, size; } part;

static void part_forget(void)
{
	free(part.bytes);
	memset(&part, 0, sizeof(part));
}

/**
 * part_add() - Put a piece behind those before it
 * @f:		Frame
 * @max:	Most bytes of the whole
 */
static void part_add(const struct frame *f, size_t max)
{
	if (part.len + f->len > max)
		violation(f->owner ? "START is too long" : "CONFIGURE is too long");
	if (part.len + f->len > part.size || !part.bytes) {
		size_t size = part.size ? part.size * 2 : 256 << 10;
		uint8_t *bytes = realloc(part.bytes, size);

		if (!bytes) {
			log_line("no memory for a long message");
			off_now(1);
		}
		part.bytes = bytes;
		part.size = size;
	}
	part.id = f->owner;
	memcpy(part.bytes + part.len, f->payload, f->len);
	part.len += f->len;
}

/**
 * connection_restart() - Forget what the last host asked for before CONFIGURE
 */
void connection_restart(void)
{
	pong_due = false;
	configured_due = failed_due = false;
	part_forget();
}

/**
 * connection_greet() - Make due what the host is told first: READY, or that there is no point
 */
void connection_greet(void)
{
	if (boot_failure.error)
		failed_due = true;
	else
		ready_due = true;
}

bool connection_idle(void)
{
	return !ready_due && !configured_due && !failed_due && !pong_due;
}

/**
 * connection_boot_failed() - Make BOOT_FAILED due
 * @error:	errno
 * @step:	The call that failed
 * @subject:	What it failed on
 */
void connection_boot_failed(int error, const char *step, const char *subject)
{
	log_line("boot failed: %s %s: %s", step, subject, strerror(error));
	boot_failure.error = error;
	boot_failure.step = step;
	strncpy(boot_failure.subject, subject, sizeof(boot_failure.subject) - 1);
	failed_due = true;
}

static void finish(uint8_t *frame, uint8_t *end, uint8_t type)
{
	put_header(frame, (uint32_t)(end - frame - FRAME_HEADER), type, 0, 0);
	out_used((size_t)(end - frame));
}

/**
 * connection_encode() - Write the frames that are due for the connection itself
 *
 * Return: false if there was not enough room
 */
bool connection_encode(void)
{
	struct timespec ts;
	uint8_t *to, *p;

	if (connection_idle())
		return true;
	to = out_room(1024);
	if (!to)
		return false;
	p = to + FRAME_HEADER;
	if (ready_due) {
		p = put_uint(p, 4, MAGIC);
		p = put_uint(p, 2, VERSION);
		p = put_uint(p, 2, VERSION);
		p = put_uint(p, 8, 0);
		finish(to, put_string(p, BUILD, 64), T_READY);
		ready_due = false;
	} else if (failed_due) {
		p = put_uint(p, 4, (uint32_t)boot_failure.error);
		p = put_string(p, boot_failure.step, 64);
		finish(to, put_string(p, boot_failure.subject, 255), T_BOOT_FAILED);
		failed_due = false;
	} else if (configured_due) {
		clock_gettime(CLOCK_BOOTTIME, &ts);
		finish(to, put_uint(p, 8, (uint64_t)ts.tv_sec * 1000 +
					  (uint64_t)ts.tv_nsec / 1000000), T_CONFIGURED);
		configured_due = false;
	} else if (pong_due) {
		finish(to, put_uint(p, 8, pong_token), T_PONG);
		pong_due = false;
	}
	return connection_encode();
}

/**
 * get_mount() - Read a file system to be mounted
 * @c:		Payload; bad if the fields do not fit each other
 * @m:		Set to it
 *
 * Return: from enum mount_role
 */
static uint8_t get_mount(struct cursor *c, struct file_system *m)
{
	uint8_t role = (uint8_t)get_uint(c, 1);

	m->device = get_string(c, NULL);
	m->type = get_string(c, NULL);
	m->path = get_string(c, NULL);
	m->flags = (uint8_t)get_uint(c, 1);
	m->mib = (uint32_t)get_uint(c, 4);
	if (!*m->device != !*m->type || (*m->device && m->mib) || m->flags > M_READ_ONLY ||
	    (role == M_AT_PATH ? *m->path != '/' : *m->path != '\0') ||
	    (role == M_ROOT && !*m->device) || (role == M_UPPER && m->flags))
		c->bad = true;
	return role;
}

/**
 * get_mounts() - Read the list of them
 * @c:		Payload; bad if there is not one root and one upper layer
 * @conf:	Configuration to fill in
 */
static void get_mounts(struct cursor *c, struct configuration *conf)
{
	uint32_t i, n = (uint32_t)get_uint(c, 4), roots = 0, uppers = 0;
	struct file_system m;

	if (n > MOUNTS_MAX)
		c->bad = true;
	for (i = 0; i < n && !c->bad; i++) {
		switch (get_mount(c, &m)) {
		case M_ROOT:
			conf->root = m;
			roots++;
			break;
		case M_UPPER:
			conf->upper = m;
			uppers++;
			break;
		case M_AT_PATH:
			conf->mounts[conf->mount_count++] = m;
			break;
		default:
			c->bad = true;
		}
	}
	if (roots != 1 || uppers != 1)
		c->bad = true;
}

/**
 * connection_configure() - CONFIGURE: make the guest what the host wants, once
 * @f:		Frame
 */
static void connection_configure(struct frame *f)
{
	struct configuration conf = { 0 };
	struct cursor c;
	const char *step = "", *subject = "";
	uint32_t entropy_len;
	size_t len;
	uint8_t *copy;
	bool nomem = false;
	int error = 0;

	if (got_configure)
		violation("second CONFIGURE");
	if (f->type == T_CONFIGURE_PART) {
		part_add(f, CONFIGURE_MAX);
		return;
	}
	got_configure = true;
	/* The strings live as long as the agent */
	if (part.bytes) {
		part_add(f, CONFIGURE_MAX);
		copy = part.bytes;
		len = part.len;
		memset(&part, 0, sizeof(part));
	} else {
		len = f->len;
		copy = malloc(len + 1);
		if (!copy) {
			connection_boot_failed(ENOMEM, "malloc", "CONFIGURE");
			return;
		}
		memcpy(copy, f->payload, len);
	}
	c = (struct cursor){ copy, copy + len, false, false };

	if (get_uint(&c, 2) != VERSION)
		violation("CONFIGURE of an unknown version");
	conf.realtime = get_uint(&c, 8);
	conf.entropy = (const uint8_t *)get_string(&c, &entropy_len);
	c.nul = false;			/* allowed in the entropy */
	conf.hostname = agent.hostname = get_string(&c, NULL);
	conf.machine_id = get_string(&c, NULL);
	agent.env = get_strings(&c, &agent.env_count, 0, &nomem);
	agent.cwd = get_string(&c, NULL);
	agent.user = get_string(&c, NULL);
	if (!nomem)
		get_mounts(&c, &conf);
	if (!nomem)
		conf.directories = get_strings(&c, &conf.directory_count, 0, &nomem);
	if (nomem) {
		connection_boot_failed(ENOMEM, "malloc", "CONFIGURE");
		return;
	}
	if (!get_end(&c) || c.nul || entropy_len != 64)
		violation("malformed CONFIGURE");

	if (agent.init)
		error = boot_configure(&conf, &step, &subject);
	free(conf.directories);
	if (error) {
		connection_boot_failed(error, step, subject);
		return;
	}
	agent.configured = true;
	configured_due = true;
}

/**
 * connection_start() - PART and START
 * @f:		Frame
 *
 * A START in one piece is used where it lies.
 */
static void connection_start(struct frame *f)
{
	if (owner_taken(f->owner))
		violation("START of an exec that is there");
	if (f->type == T_START && !part.bytes) {
		start_exec(f->owner, f->payload, f->len);
		return;
	}
	part_add(f, START_MAX);
	if (f->type == T_START) {
		start_exec(f->owner, part.bytes, part.len);
		part_forget();
	}
}

/**
 * connection_frame() - Act on a frame from the host
 * @f:		Frame with a good header
 */
void connection_frame(struct frame *f)
{
	struct cursor c = { f->payload, f->payload + f->len, false, false };

	if (part.bytes && (f->owner != part.id ||
			   (f->owner ? f->type != T_PART && f->type != T_START :
				      f->type != T_CONFIGURE_PART && f->type != T_CONFIGURE)))
		violation("a frame between the parts of a message");
	if (f->type == T_CONFIGURE || f->type == T_CONFIGURE_PART) {
		connection_configure(f);
		return;
	}
	if (!agent.configured && (f->owner || f->type == T_CLOCK))
		violation("not configured");

	switch (f->type) {
	case T_PING:
		if (pong_due)
			violation("second PING under way");
		pong_token = get_uint(&c, 8);
		pong_due = true;
		return;
	case T_SHUTDOWN:
		off_begin((uint32_t)get_uint(&c, 4));
		return;
	case T_CLOCK:
		if (agent.init)
			boot_clock(get_uint(&c, 8));
		return;
	case T_PART:
	case T_START:
		connection_start(f);
		return;
	default:
		if (frame_owner(f->owner) == OWNER_EXEC)
			exec_frame(f);
		else if (f->type == T_OPEN)
			accept_open(f);
		else
			link_frame(f);
	}
}
