/*
 * start.h - What START asks for, and the way from there to a process
 */
#ifndef START_H
#define START_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "frame.h"

#define LIMIT_BYTES	17	/* of one resource limit in START */

/* A new one needs a line in request.c, which says what it goes together with */
enum start_flag {
	S_STDIN_NONE = 1, S_MERGE_STDERR = 2, S_TERMINAL = 4, S_KEEP = 8, S_FILES = 16,
	S_PIPED_STDOUT = 32
};

/**
 * struct start - A START message, taken apart; strings point into its payload
 */
struct start {
	uint32_t flags;
	uint16_t rows, columns;
	uint64_t timeout_ms;
	uint32_t kill_after_ms;
	uint32_t window[2];
	char *user, *cwd;
	uint32_t limit_count;
	uint8_t *limits;		/* LIMIT_BYTES each */
	char **argv;			/* argv[0] is a free slot, the command is argv[1] */
	char **env;
	uint32_t env_count;
};

/**
 * struct identity - Who a process is to be
 */
struct identity {
	uid_t uid;
	gid_t gid;
	gid_t groups[64];
	int group_count;
	bool change;			/* false: as the agent */
	char home[256];
};

/**
 * struct failure - Why an exec could not be started
 * @kind:	From enum failure_kind, 0 for none
 * @error:	errno
 * @step:	The call that failed
 * @subject:	What it failed on; allocated, or NULL for ""
 */
struct failure {
	uint8_t kind;
	int error;
	const char *step;
	char *subject;
};

/* request.c */
bool start_parse(struct cursor *c, struct start *st, bool *nomem);

/* user.c */
int user_find(const char *spec, struct identity *who, const char **missing);

/* spawn.c */
char **spawn_env(const struct start *st, const struct identity *who);
pid_t spawn(const struct start *st, const struct identity *who, char **env, const int fds[3],
	    const char *cwd, struct failure *f);

/* start.c */
void start_exec(uint64_t id, uint8_t *payload, size_t len);

#endif
