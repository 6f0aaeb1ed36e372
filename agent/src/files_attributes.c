/*
 * files_attributes.c - What the file server tells of files, and sets
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"

/* At least 24 bytes an entry of the kernel's; a reply takes the names and 93 bytes an entry */
#define LIST_BYTES	8192

static uint8_t kind(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return FK_REGULAR;
	case S_IFDIR:
		return FK_DIRECTORY;
	case S_IFLNK:
		return FK_SYMLINK;
	case S_IFCHR:
		return FK_CHARACTER;
	case S_IFBLK:
		return FK_BLOCK;
	case S_IFIFO:
		return FK_FIFO;
	case S_IFSOCK:
		return FK_SOCKET;
	default:
		return FK_OTHER;
	}
}

/**
 * files_put_attributes() - Write the fields of ATTRIBUTES
 * @p:		Where
 * @st:		Attributes
 *
 * Return: behind the last byte
 */
uint8_t *files_put_attributes(uint8_t *p, const struct stat *st)
{
	const struct timespec *times[3] = { &st->st_atim, &st->st_mtim, &st->st_ctim };
	int i;

	p = put_uint(p, 1, kind(st->st_mode));
	p = put_uint(p, 4, st->st_mode & 07777);
	p = put_uint(p, 4, st->st_uid);
	p = put_uint(p, 4, st->st_gid);
	p = put_uint(p, 8, (uint64_t)st->st_size);
	p = put_uint(p, 8, st->st_nlink);
	p = put_uint(p, 8, st->st_dev);
	p = put_uint(p, 8, st->st_ino);
	p = put_uint(p, 8, st->st_rdev);
	for (i = 0; i < 3; i++) {
		p = put_uint(p, 8, (uint64_t)times[i]->tv_sec);
		p = put_uint(p, 4, (uint64_t)times[i]->tv_nsec);
	}
	return p;
}

/**
 * files_stat() - STAT
 */
uint8_t *files_stat(const struct files_request *r, uint8_t *p)
{
	struct files_name rest;
	struct stat st;
	int dir, n, ours = files_at(&r->name, &rest, &dir);
	uint8_t *end;

	if (ours < 0)
		return files_error(p, errno);
	if (!*rest.path && r->name.dir != FILES_NOWHERE)
		n = fstat(dir, &st);
	else
		n = fstatat(dir, rest.path, &st, r->flags & FF_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0);
	end = n < 0 ? files_error(p, errno) : files_put_attributes(put_uint(p, 1, FT_ATTRIBUTES), &st);
	if (ours)
		close(dir);
	return end;
}

/* One entry; nothing if it has gone meanwhile. Its attributes are all 0 if there are none */
static uint8_t *put_entry(uint8_t *p, int dir, const char *name, bool *gone)
{
	struct stat st = { 0 };

	*gone = fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
	return *gone ? p : files_put_attributes(put_string(p, name, 255), &st);
}

/**
 * files_list() - LIST: the next entries of a directory
 */
uint8_t *files_list(const struct files_request *r, uint8_t *p)
{
	static uint64_t entries[LIST_BYTES / 8];
	int fd = files_fd(r->handle);
	uint8_t *head = p, *e = (uint8_t *)entries;
	uint32_t count = 0;
	long n = fd < 0 ? -1 : syscall(SYS_getdents64, fd, entries, sizeof(entries));
	bool gone;

	if (n < 0 && errno == ENOENT)
		n = 0;			/* it was removed */
	if (n < 0)
		return files_error(p, errno);
	p += 6;
	while (e < (uint8_t *)entries + n) {
		/* struct linux_dirent64: inode, offset, u16 length, u8 type, name */
		const char *name = (const char *)e + 19;
		uint16_t len;

		memcpy(&len, e + 16, 2);
		e += len;
		if (!strcmp(name, ".") || !strcmp(name, ".."))
			continue;
		p = put_entry(p, fd, name, &gone);
		count += !gone;
	}
	put_uint(put_uint(put_uint(head, 1, FT_ENTRIES), 1, n == 0), 4, count);
	return p;
}

static struct timespec time_of(const struct files_request *r, int i)
{
	struct timespec t = { 0, UTIME_OMIT };

	if (r->mask & (i ? FS_MODIFIED : FS_ACCESSED)) {
		t.tv_sec = (time_t)r->time[i].s;
		t.tv_nsec = (long)r->time[i].ns;
	}
	return t;
}

/**
 * files_set_open() - Set what a request says of a file that is open
 * @r:		Request
 * @fd:		The file
 *
 * The owner before the mode, of which it clears bits.
 *
 * Return: 0, -1 on failure
 */
int files_set_open(const struct files_request *r, int fd)
{
	uid_t uid = r->mask & FS_OWNER ? r->uid : (uid_t)-1;
	gid_t gid = r->mask & FS_GROUP ? r->gid : (gid_t)-1;

	if (r->mask & FS_SIZE && ftruncate(fd, (off_t)r->size) < 0)
		return -1;
	if (r->mask & (FS_OWNER | FS_GROUP) && fchown(fd, uid, gid) < 0)
		return -1;
	if (r->mask & FS_MODE && fchmod(fd, (mode_t)r->mode) < 0)
		return -1;
	if (r->mask & (FS_ACCESSED | FS_MODIFIED)) {
		struct timespec times[2] = { time_of(r, 0), time_of(r, 1) };

		return futimens(fd, times);
	}
	return 0;
}

static int set_named(const struct files_request *r, int dir, const char *path)
{
	int at = r->flags & FF_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0;
	uid_t uid = r->mask & FS_OWNER ? r->uid : (uid_t)-1;
	gid_t gid = r->mask & FS_GROUP ? r->gid : (gid_t)-1;

	if (r->mask & FS_SIZE) {
		errno = EBADF;
		return -1;
	}
	if (r->mask & (FS_OWNER | FS_GROUP) && fchownat(dir, path, uid, gid, at) < 0)
		return -1;
	if (r->mask & FS_MODE && fchmodat(dir, path, (mode_t)r->mode, at) < 0)
		return -1;
	if (r->mask & (FS_ACCESSED | FS_MODIFIED)) {
		struct timespec times[2] = { time_of(r, 0), time_of(r, 1) };

		return utimensat(dir, path, times, at);
	}
	return 0;
}

/**
 * files_set() - SET
 *
 * Return: 0, -1 on failure
 */
int files_set(const struct files_request *r)
{
	struct files_name rest;
	int dir, n, ours = files_at(&r->name, &rest, &dir);

	if (ours < 0)
		return -1;
	n = !*rest.path && r->name.dir != FILES_NOWHERE ? files_set_open(r, dir) :
							  set_named(r, dir, rest.path);
	if (ours) {
		int error = errno;

		close(dir);
		errno = error;
	}
	return n;
}
