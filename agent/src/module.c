/*
 * module.c - Kernel modules of the initramfs
 *
 * /modules.list names one file per line, in the order in which they are to be loaded. Those
 * before an empty line or "--" are needed to talk to the host; the others wait for
 * CONFIGURE, as a template is saved before the guest has looked at a disk.
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
 * module_load_part() - Load one of the two parts of the list
 * @late:	The second
 */
static void module_load_part(bool late)
{
	FILE *f = fopen(LIST, "re");
	bool second = false;
	char line[256];

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (!*line || !strcmp(line, "--"))
			second = true;
		else if (second == late)
			module_load(line);
	}
	if (f)
		fclose(f);
}

/**
 * module_load_early() - Load what the port needs
 */
void module_load_early(void)
{
	module_load_part(false);
}

/**
 * module_load_late() - Load what the root needs
 */
void module_load_late(void)
{
	module_load_part(true);
}
