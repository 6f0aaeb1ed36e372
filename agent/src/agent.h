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
	void (*quit)(int status);	/* off_now(), for what lies below it */
} agent;

/**
 * agent_quit() - End everything
 * @status:	Exit status on the host
 */
static inline _Noreturn void agent_quit(int status)
{
	agent.quit(status);
	__builtin_unreachable();
}

/* log.c */
void log_open(void);
__attribute__((format(printf, 1, 2))) void log_line(const char *fmt, ...);

/**
 * struct file_system - One that CONFIGURE has us mount
 * @device:	Block device; empty for a tmpfs
 * @type:	Of what is on it; empty for a tmpfs
 * @path:	Where, within the guest's root; empty of the root and of the upper layer
 * @flags:	Of enum mount_flag
 * @mib:	Size of a tmpfs, 0 for the kernel's choice
 */
struct file_system {
	const char *device, *type, *path;
	uint8_t flags;
	uint32_t mib;
};

/**
 * struct configuration - What CONFIGURE says of the guest as a whole
 * @realtime:	ns since 1970
 * @entropy:	64 bytes
 * @hostname:	Of the guest
 * @machine_id:	32 hex digits
 * @root:	The image
 * @upper:	The writable layer over it
 * @mounts:	What else is wanted, parents first
 * @mount_count:	How many
 * @directories:	Made if they are missing
 * @directory_count:	How many
 */
struct configuration {
	uint64_t realtime;
	const uint8_t *entropy;
	const char *hostname, *machine_id;
	struct file_system root, upper;
	struct file_system mounts[MOUNTS_MAX];
	uint32_t mount_count;
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
int mount_root(const struct file_system *root, const struct file_system *upper,
	       const char **step, const char **subject);
int mount_guest(const char **step, const char **subject);
int mount_own(const struct configuration *conf, const char **step, const char **subject);
void mount_quiesce(void);

/* etc.c */
void etc_make(int memory);
void etc_fill(const struct configuration *conf);

/* module.c */
void module_load_all(void);

#endif
