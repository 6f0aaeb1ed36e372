/*
 * mount.c - The guest's file systems
 *
 * The guest's root is hostile: a path below it may lead anywhere through symbolic links.
 * So the agent moves into it first and mounts the rest from inside, where every path ends
 * within the guest.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"
#include "timer.h"

#define DEVICE_WAIT	(5 * NANO)

/* With this a directory of the image can be renamed */
#define OVERLAY		"lowerdir=/lower,upperdir=/upper/upper,workdir=/upper/work,redirect_dir=on"

static const char *volumes[MOUNTS_MAX];	/* paths of disks that may have been written to */
static unsigned int volume_count;
static int upper_fd = -1;	/* the writable layer, which has no path any more */
static int first_fd = -1;	/* the root of before, in memory, which has none either */

/**
 * mount_device() - Mount a disk, which may still be on its way
 * @device:	Block device
 * @dir:	Where
 * @type:	File system
 * @flags:	As mount(2)
 *
 * Return: 0 or errno
 */
static int mount_device(const char *device, const char *dir, const char *type,
			unsigned long flags)
{
	uint64_t end = now() + DEVICE_WAIT;
	useconds_t pause = 200;

	mkdir(dir, 0755);
	while (mount(device, dir, type, flags, NULL) < 0) {
		if ((errno != ENOENT && errno != ENXIO && errno != ENOTBLK) || now() > end)
			return errno;
		usleep(pause);
		if (pause < 20000)
			pause *= 2;
	}
	return 0;
}

static int failed(const char **step, const char **subject, const char *a, const char *b)
{
	*step = a;
	*subject = b;
	return errno;
}

/* Size 0 is the kernel's choice, half of the memory */
static int mount_tmpfs(const char *dir, unsigned long flags, const char *mode, uint32_t mib)
{
	char options[64];

	snprintf(options, sizeof(options), mib ? "mode=%s,size=%um" : "mode=%s", mode, mib);
	return mount("tmpfs", dir, "tmpfs", flags, options) < 0 ? errno : 0;
}

/**
 * mount_overlay() - Mount the overlay, so that its programs see one file system
 *
 * The index keeps the hard links of a file together when one of them is written to, xino has all
 * inode numbers of one device and lets a file keep its own. Both need a root that knows its files
 * by their handles, which disks made by older versions of msb do not; and the root that they have
 * seen before, which the built-in one of another version is not.
 *
 * Return: 0, or -1 and errno
 */
static int mount_overlay(void)
{
	struct file_handle none = { .handle_bytes = 0 };
	int id;

	if (name_to_handle_at(AT_FDCWD, "/lower", &none, &id, 0) < 0 && errno == EOVERFLOW) {
		if (mount("overlay", "/newroot", "overlay", 0, OVERLAY ",index=on,xino=on") == 0)
			return 0;
		if (errno != ESTALE)
			return -1;
	}
	return mount("overlay", "/newroot", "overlay", 0, OVERLAY ",index=off,xino=off");
}

/**
 * mount_root() - Mount the overlay of root and upper, and move into it
 * @root:	The image
 * @upper:	The writable layer
 * @step:	As boot_configure()
 * @subject:	As boot_configure()
 *
 * Return: 0 or errno
 */
int mount_root(const struct file_system *root, const struct file_system *upper,
	       const char **step, const char **subject)
{
	int error;

	error = mount_device(root->device, "/lower", root->type, MS_RDONLY | MS_NODEV);
	if (error) {
		failed(step, subject, "mount", root->device);
		return error;
	}
	if (*upper->device) {
		error = mount_device(upper->device, "/upper", upper->type, MS_NOATIME | MS_NODEV);
	} else {
		mkdir("/upper", 0755);
		error = mount_tmpfs("/upper", MS_NODEV, "0755", upper->mib);
	}
	if (error) {
		failed(step, subject, "mount", *upper->device ? upper->device : "tmpfs");
		return error;
	}
	mkdir("/upper/upper", 0755);
	mkdir("/upper/work", 0700);
	mkdir("/newroot", 0755);
	upper_fd = open("/upper", O_PATH | O_DIRECTORY | O_CLOEXEC);
	first_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (mount_overlay() < 0)
		return failed(step, subject, "mount", "overlay");
	if (chdir("/newroot") < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 ||
	    chroot(".") < 0 || chdir("/") < 0)
		return failed(step, subject, "chroot", "/newroot");
	return 0;
}

/* Mount if it can be; the guest does without it */
static void mount_wish(const char *type, const char *dir, unsigned long flags, const char *options)
{
	mkdir(dir, 0755);
	if (mount(type, dir, type, flags, options) < 0 && errno != EBUSY)
		log_line("mount %s: %s", dir, strerror(errno));
}

static void mount_devices(void)
{
	mount_wish("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC,
		   "newinstance,ptmxmode=0666,mode=0620,gid=5");
	mount_wish("tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777");
	mount_wish("mqueue", "/dev/mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	/* devtmpfs has a ptmx of the first instance; ours is another */
	unlink("/dev/ptmx");
	if (symlink("pts/ptmx", "/dev/ptmx") < 0 ||
	    (symlink("/proc/self/fd", "/dev/fd") < 0 && errno != EEXIST) ||
	    (symlink("/proc/self/fd/0", "/dev/stdin") < 0 && errno != EEXIST) ||
	    (symlink("/proc/self/fd/1", "/dev/stdout") < 0 && errno != EEXIST) ||
	    (symlink("/proc/self/fd/2", "/dev/stderr") < 0 && errno != EEXIST))
		log_line("links in /dev: %s", strerror(errno));
}

#define MOST_LINKS	40	/* as the kernel follows */

/**
 * make_directories() - Make a directory and those above it
 * @path:	Absolute
 * @links:	Symbolic links that may still be followed: one may lead to what is not there yet
 *
 * Return: 0 or errno
 */
static int make_directories(const char *path, int links)
{
	char part[4096], target[4096];
	struct stat st;
	size_t i;
	ssize_t n;
	int error;

	for (i = 0; i < sizeof(part) && (i == 0 || path[i - 1]); i++) {
		part[i] = path[i];
		if (!i || (path[i] != '/' && path[i]))
			continue;
		part[i] = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return errno;
		if (stat(part, &st) < 0) {
			size_t dir = (size_t)(strrchr(part, '/') - part) + 1;

			n = readlink(part, target, sizeof(target));
			if (n < 0 || links == 0 || dir + (size_t)n >= sizeof(target))
				return n < 0 ? errno : ELOOP;
			if (*target == '/')
				dir = 0;
			memmove(target + dir, target, (size_t)n);
			memcpy(target, part, dir);
			target[dir + (size_t)n] = '\0';
			error = make_directories(target, links - 1);
			if (error)
				return error;
		} else if (!S_ISDIR(st.st_mode)) {
			return ENOTDIR;
		}
		part[i] = path[i];
	}
	return i < sizeof(part) ? 0 : ENAMETOOLONG;
}

/* What the image or the user names, as other runtimes make it; an exec says what is wrong with it */
static void make_named(const struct configuration *conf)
{
	uint32_t i;

	for (i = 0; i < conf->directory_count; i++) {
		int error = *conf->directories[i] == '/' ?
			    make_directories(conf->directories[i], MOST_LINKS) : EINVAL;

		if (error)
			log_line("mkdir %s: %s", conf->directories[i], strerror(error));
	}
}

/* What the user asked for has to be there */
static int mount_wanted(const struct configuration *conf, const char **step, const char **subject)
{
	uint32_t i;
	int error;

	for (i = 0; i < conf->mount_count; i++) {
		const struct file_system *m = &conf->mounts[i];
		unsigned long flags = MS_NODEV | (m->flags & M_READ_ONLY ? MS_RDONLY : 0);

		*step = "mkdir";
		*subject = m->path;
		error = make_directories(m->path, MOST_LINKS);
		if (error)
			return error;
		if (*m->device) {
			*step = "mount";
			error = mount_device(m->device, m->path, m->type, flags);
			volumes[volume_count++] = m->path;
		} else {
			*step = "mount tmpfs";
			error = mount_tmpfs(m->path, flags | MS_NOSUID, "1777", m->mib);
		}
		if (error)
			return error;
	}
	return 0;
}

/**
 * mount_guest() - Mount what every Linux program expects
 * @step:	As boot_configure()
 * @subject:	As boot_configure()
 *
 * Return: 0 or errno
 */
int mount_guest(const char **step, const char **subject)
{
	static const struct { const char *type, *dir; unsigned long flags; } needed[] = {
		{ "proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC },
		{ "sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC },
		{ "devtmpfs", "/dev", MS_NOSUID },
	};
	size_t i;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		mkdir(needed[i].dir, 0755);
		if (mount(needed[i].type, needed[i].dir, needed[i].type, needed[i].flags,
			  NULL) < 0 && errno != EBUSY)
			return failed(step, subject, "mount", needed[i].dir);
	}
	mount_devices();
	mkdir("/run", 0755);	/* no tmpfs: the image may have directories in it */
	mount_wish("cgroup2", "/sys/fs/cgroup", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	if (mkdir("/tmp", 01777) == 0 && chmod("/tmp", 01777) < 0)
		log_line("chmod /tmp: %s", strerror(errno));
	etc_make(first_fd);
	return 0;
}

/**
 * mount_own() - Fill and mount what is this one sandbox's
 * @conf:	As CONFIGURE says
 * @step:	As boot_configure()
 * @subject:	As boot_configure()
 *
 * Return: 0 or errno
 */
int mount_own(const struct configuration *conf, const char **step, const char **subject)
{
	int error;

	etc_fill(conf);
	error = mount_wanted(conf, step, subject);
	if (!error)
		make_named(conf);
	return error;
}

/**
 * mount_quiesce() - Write everything back and let no more be written
 */
void mount_quiesce(void)
{
	unsigned int i;

	sync();
	/* By path: one that the guest has moved or covered was synced, which is enough */
	for (i = volume_count; i-- > 0; )
		mount(NULL, volumes[i], NULL, MS_REMOUNT | MS_RDONLY, NULL);
	mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL);
	if (upper_fd >= 0 && fchdir(upper_fd) == 0)
		mount(NULL, ".", NULL, MS_REMOUNT | MS_RDONLY, NULL);
	sync();
}
