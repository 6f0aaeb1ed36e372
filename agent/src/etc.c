/*
 * etc.c - The files in /etc that every runtime supplies
 *
 * They are made before the guest is configured, as that is done once for a template, and filled
 * when it is known which sandbox this is. The guest's root is hostile: no link is followed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"

#define HOSTS_HEAD	"127.0.0.1\tlocalhost "
#define HOSTS_TAIL	"\n::1\tlocalhost\n"

static int hosts_fd = -1, hostname_fd = -1, machine_id_fd = -1;

static int open_own(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/**
 * is_our_hosts() - May /etc/hosts be written to?
 *
 * One that names a sandbox and nothing else is ours, and the sandbox may have got another name
 * since. An empty one is ours, too, from a guest that was killed before it had written it to its
 * disk.
 */
static bool is_our_hosts(void)
{
	size_t head = strlen(HOSTS_HEAD), tail = strlen(HOSTS_TAIL);
	struct stat st;
	char text[512];
	ssize_t n;
	int fd;

	if (lstat("/etc/hosts", &st) < 0)
		return true;
	if (!S_ISREG(st.st_mode) || st.st_size >= (off_t)sizeof(text))
		return false;
	if (st.st_size == 0)
		return true;
	fd = open("/etc/hosts", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	if (n < (ssize_t)(head + tail))
		return false;
	text[n] = '\0';
	return !strncmp(text, HOSTS_HEAD, head) && !strcmp(text + n - tail, HOSTS_TAIL) &&
	       strcspn(text, "\n") == (size_t)n - tail;
}

/**
 * etc_make() - Make the files, with nothing in them yet
 * @memory:	A directory in memory that has no path
 *
 * A machine-id is given only to an image that has one, as it is for systemd alone.
 */
void etc_make(int memory)
{
	char path[32];

	mkdir("/etc", 0755);
	if (is_our_hosts())
		hosts_fd = open_own("/etc/hosts");
	hostname_fd = open_own("/etc/hostname");
	if (symlink("/proc/mounts", "/etc/mtab") < 0 && errno != EEXIST)
		log_line("symlink /etc/mtab: %s", strerror(errno));
	if (access("/etc/machine-id", F_OK) < 0)
		return;
	machine_id_fd = openat(memory, "machine-id", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", machine_id_fd);
	if (machine_id_fd >= 0 && mount(path, "/etc/machine-id", NULL, MS_BIND, NULL) < 0)
		log_line("mount /etc/machine-id: %s", strerror(errno));
}

static void fill(int *fd, const char *format, const char *text)
{
	if (*fd < 0)
		return;
	if (ftruncate(*fd, 0) < 0 || dprintf(*fd, format, text) < 0)
		log_line("write: %s", strerror(errno));
	close(*fd);
	*fd = -1;
}

/**
 * etc_fill() - Say which sandbox this is
 * @conf:	As CONFIGURE says
 */
void etc_fill(const struct configuration *conf)
{
	fill(&hosts_fd, HOSTS_HEAD "%s" HOSTS_TAIL, conf->hostname);
	fill(&hostname_fd, "%s\n", conf->hostname);
	fill(&machine_id_fd, "%s\n", conf->machine_id);
}
