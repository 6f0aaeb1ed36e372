/*
 * defaults.c - Limits as container runtimes set them
 *
 * The bare kernel's are those of a small multi-user machine; programs in images are made for what
 * Docker and systemd give. guest/README.md has the table. A template has all of it.
 */
#include <stdio.h>
#include <sys/resource.h>

#include "agent.h"

#define NOFILE_SOFT	1024	/* select(2) knows no more */
#define NOFILE_HARD	524288

static const struct { const char *path, *value; } sysctls[] = {
	{ "/proc/sys/fs/file-max", "9223372036854775807" },
	{ "/proc/sys/fs/inotify/max_user_instances", "8192" },
	{ "/proc/sys/fs/inotify/max_user_watches", "1048576" },
	{ "/proc/sys/kernel/pid_max", "4194304" },
	{ "/proc/sys/net/ipv4/ip_unprivileged_port_start", "0" },
	{ "/proc/sys/net/ipv4/ping_group_range", "0 2147483647" },
	{ "/proc/sys/vm/max_map_count", "1048576" },
};

/**
 * defaults_set() - Set what all processes of the guest share or inherit
 *
 * Processes get @born_nofile when they are spawned, as the agent's own limit is another.
 */
void defaults_set(void)
{
	const struct rlimit processes = { RLIM_INFINITY, RLIM_INFINITY };
	size_t i;

	for (i = 0; i < sizeof(sysctls) / sizeof(sysctls[0]); i++)
		boot_write(sysctls[i].path, sysctls[i].value);
	if (setrlimit(RLIMIT_NPROC, &processes) < 0)
		log_line("setrlimit: cannot set the number of processes");
	agent.born_nofile.rlim_cur = NOFILE_SOFT;
	agent.born_nofile.rlim_max = NOFILE_HARD;
}
