/*
 * agent.h - What every file of PID 1 may use: its state, its log; and how it boots
 *
 * The other headers are one for each layer, from below: list.h and frame.h; watch.h and timer.h;
 * out.h, the buffer to the host; owner.h and stream.h, what frames belong to; start.h and exec.h,
 * processes; off.h, the end; connection.h and port.h, the host. A layer calls those below it.
 */
#ifndef AGENT_H
#define AGENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "frame.h"

/**
 * struct agent - State of the whole agent
 */
extern struct agent {
	bool init;			/* PID 1 of a guest, not a process on the host */
	bool configured;
	bool down;			/* SHUTDOWN was received */
	int proc;			/* /proc, opened before the guest could hide it */
	struct rlimit born_nofile;	/* of a process's descriptors, unless START has others */
	char **env;			/* of the sandbox, from CONFIGURE */
	uint32_t env_count;
	const char *cwd, *user, *hostname;
	/* Ends everything, with a status for the host; for what lies below off.c */
	__attribute__((noreturn)) void (*quit)(int status);
} agent;

/* log.c */
void log_open(void);
__attribute__((format(printf, 1, 2))) void log_line(const char *fmt, ...);

/**
 * struct configuration - What CONFIGURE says of the guest as a whole
 * @realtime:	ns since 1970
 * @entropy:	64 bytes
 * @hostname:	Of the guest
 * @machine_id:	32 hex digits
 * @root:	Block device of the read-only root; empty for the initramfs, in tests
 * @root_type:	Its file system
 * @upper:	Block device of the writable layer; empty for a tmpfs
 * @upper_type:	Its file system
 * @upper_mib:	Size of that tmpfs, 0 for the kernel's choice
 * @tmpfs:	Where more of them are wanted, parents first
 * @tmpfs_count:	How many
 * @tmpfs_mib:	A u32 each, their sizes, 0 for the kernel's choice
 * @directories:	Made if they are missing
 * @directory_count:	How many
 */
struct configuration {
	uint64_t realtime;
	const uint8_t *entropy;
	const char *hostname, *machine_id;
	const char *root, *root_type, *upper, *upper_type;
	uint32_t upper_mib;
	char **tmpfs;
	uint32_t tmpfs_count;
	struct cursor tmpfs_mib;
	char **directories;
	uint32_t directory_count;
};

/* boot.c */
#define WARM_UP		"--warm-up"
#define READ_AHEAD	"--read-ahead"
void boot_early(void);
void boot_write(const char *path, const char *text);
int boot_port(void);
int boot_ahead(const char **step, const char **subject);
void boot_warm_up(void);
_Noreturn void boot_warmed_up(void);
_Noreturn void boot_read_ahead(void);
int boot_configure(const struct configuration *conf, const char **step, const char **subject);
void boot_clock(uint64_t realtime_ns);

/* defaults.c */
void defaults_set(void);

/* mount.c */
int mount_root(const struct configuration *conf, const char **step, const char **subject);
int mount_guest(const char **step, const char **subject);
int mount_own(const struct configuration *conf, const char **step, const char **subject);
void mount_quiesce(void);

/* etc.c */
void etc_make(int memory);
void etc_fill(const struct configuration *conf);

/* module.c */
void module_load_all(void);

#endif
