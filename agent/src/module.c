/*
 * module.c - Kernel modules of the initramfs
 *
 * /modules.list names one file per line, in the order in which they are to be loaded.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent.h"

#define LIST	"/modules.list"

static void module_load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST))
		log_line("module %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	unlink(path);			/* the initramfs is memory */
}

/**
 * module_load_all() - Load the modules of the list
 */
void module_load_all(void)
{
	FILE *f = fopen(LIST, "re");
	char line[256];

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\r\n")] = '\0';
		module_load(line);
	}
	if (f)
		fclose(f);
}
