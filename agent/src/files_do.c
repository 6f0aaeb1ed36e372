/*
 * files_do.c - What the file server does for each request
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent.h"
#include "files.h"

#define PREFIX_MAX	4000	/* of a path that is walked in pieces */
#define ST_RDONLY_	1	/* of f_flags */

static int handles[FILES_HANDLES];	/* descriptor + 1 */

/**
 * files_init() - Make ready to serve
 */
void files_init(void)
{
	struct rlimit most;

	umask(0);
	if (getrlimit(RLIMIT_NOFILE, &most) == 0) {
		most.rlim_cur = most.rlim_max;
		setrlimit(RLIMIT_NOFILE, &most);
	}
}

uint8_t *files_error(uint8_t *p, int error)
{
	return put_uint(put_uint(p, 1, FT_ERROR), 4, (uint64_t)error);
}

uint8_t *files_done(uint8_t *p, uint64_t value)
{
	return put_uint(put_uint(p, 1, FT_DONE), 8, value);
}

static uint8_t *result(uint8_t *p, int n)
{
	return n < 0 ? files_error(p, errno) : files_done(p, (uint64_t)n);
}

/**
 * files_fd() - The descriptor of a handle
 * @handle:	Number
 *
 * Return: the descriptor; -1 and EBADF if it is not open
 */
int files_fd(uint32_t handle)
{
	int fd = handle < FILES_HANDLES ? handles[handle] - 1 : -1;

	if (fd < 0)
		errno = EBADF;
	return fd;
}

/**
 * files_at() - Where a path is to be looked up
 * @name:	Directory and path
 * @rest:	Its @path is set to what to look up there
 * @fd:		Set to the directory's descriptor
 *
 * A path that the kernel would find too long is walked in pieces; it is changed by that.
 *
 * Return: 0: @fd is to be left alone, 1: @fd is to be closed, -1: failed, see errno
 */
int files_at(const struct files_name *name, struct files_name *rest, int *fd)
{
	char *path = name->path, *cut;
	int ours = 0, next;

	*fd = name->dir == FILES_NOWHERE ? AT_FDCWD : files_fd(name->dir);
	if (*fd == -1)
		return -1;
	while (strlen(path) >= PATH_MAX) {
		for (cut = path + PREFIX_MAX; cut > path && *cut != '/'; cut--)
			;
		next = -1;
		errno = ENAMETOOLONG;
		if (cut > path) {
			*cut = '\0';
			next = openat(*fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		}
		if (ours)
			close(*fd);
		if (next < 0)
			return -1;
		*fd = next;
		ours = 1;
		for (path = cut + 1; *path == '/'; path++)
			;
		if (!*path)
			path = strcpy(cut, ".");
	}
	rest->path = path;
	return ours;
}

static uint8_t *close_handle(const struct files_request *r, uint8_t *p)
{
	int fd = files_fd(r->handle), n = fd < 0 ? -1 : close(fd);

	if (fd >= 0) {
		handles[r->handle] = 0;
		files_walk_end(r->handle);
	}
	return result(p, n);
}

/**
 * files_open() - OPEN
 *
 * Never waits: what is no regular file is opened without blocking, and a FIFO not at all.
 */
uint8_t *files_open(const struct files_request *r, uint8_t *p)
{
	uint32_t f = r->flags, access = f & (FF_READ | FF_WRITE);
	int how = O_CLOEXEC | O_NOCTTY | O_NONBLOCK, dir, at, fd;
	struct files_name rest;
	struct stat st;
	uint8_t *end;

	if (r->handle >= FILES_HANDLES || handles[r->handle])
		return files_error(p, EBADF);
	how |= access == FF_READ ? O_RDONLY : access == FF_WRITE ? O_WRONLY : access ? O_RDWR : O_PATH;
	how |= (f & FF_APPEND ? O_APPEND : 0) | (f & FF_CREATE ? O_CREAT : 0) |
	       (f & FF_EXCLUSIVE ? O_EXCL : 0) | (f & FF_TRUNCATE ? O_TRUNC : 0) |
	       (f & FF_NOFOLLOW ? O_NOFOLLOW : 0) | (f & FF_DIRECTORY ? O_DIRECTORY : 0) |
	       (f & FF_SYNC ? O_SYNC : 0) | (f & FF_DSYNC ? O_DSYNC : 0);
	at = files_at(&r->name, &rest, &dir);
	if (at < 0)
		return files_error(p, errno);
	fd = openat(dir, rest.path, how, (mode_t)r->mode);
	end = fd < 0 ? files_error(p, errno) : NULL;
	if (at)
		close(dir);
	if (end)
		return end;
	if (fstat(fd, &st) < 0) {
		end = files_error(p, errno);
	} else if (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)) {
		end = files_error(p, ENXIO);
	} else if (S_ISDIR(st.st_mode) && !(f & FF_DIRECTORY)) {
		end = files_error(p, EISDIR);
	} else {
		handles[r->handle] = fd + 1;
		return files_stat(&(struct files_request){
			.name = { r->handle, (char[]){ "" } } }, p);
	}
	close(fd);
	return end;
}

/* What has no positions is read and written from where it is */
static ssize_t read_at(int fd, uint8_t *p, size_t n, uint64_t offset)
{
	ssize_t got = pread(fd, p, n, (off_t)offset);

	return got < 0 && errno == ESPIPE ? read(fd, p, n) : got;
}

static ssize_t write_at(int fd, const uint8_t *p, size_t n, uint64_t offset)
{
	ssize_t put = pwrite(fd, p, n, (off_t)offset);

	return put < 0 && errno == ESPIPE ? write(fd, p, n) : put;
}

static uint8_t *read_file(const struct files_request *r, uint8_t *p)
{
	int fd = files_fd(r->handle);
	size_t len = 0;
	ssize_t n = -1;

	while (fd >= 0 && len < r->count) {
		n = read_at(fd, p + 1 + len, r->count - len, r->offset + len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	if (fd < 0 || (n < 0 && !len && r->count))
		return files_error(p, errno);
	put_uint(p, 1, FT_DATA);
	return p + 1 + len;
}

static uint8_t *write_file(const struct files_request *r, uint8_t *p)
{
	int fd = files_fd(r->handle);
	size_t len = 0;

	while (fd >= 0 && len < r->count) {
		ssize_t n = write_at(fd, r->bytes + len, r->count - len, r->offset + len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return files_error(p, errno);
		len += (size_t)n;
	}
	return fd < 0 ? files_error(p, errno) : files_done(p, len);
}

/* Where the kernel cannot copy between two files */
static ssize_t copy_by_hand(int from, off_t at, int to, off_t to_at, size_t count)
{
	static uint8_t bytes[FILES_DATA_MAX];
	ssize_t n = pread(from, bytes, count < sizeof(bytes) ? count : sizeof(bytes), at);

	return n <= 0 ? n : pwrite(to, bytes, (size_t)n, to_at);
}

static uint8_t *copy_file(const struct files_request *r, uint8_t *p)
{
	int from = files_fd(r->handle), to = files_fd(r->to);
	size_t count = r->count < (1U << 20) ? r->count : 1U << 20;
	off_t at = (off_t)r->offset, to_at = (off_t)r->to_offset;
	ssize_t n;

	if (from < 0 || to < 0)
		return files_error(p, EBADF);
	n = copy_file_range(from, &at, to, &to_at, count, 0);
	/* 0 is also what some kernels say of files whose length is not known before */
	if (n == 0 || (n < 0 && (errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP ||
				 errno == ENOSYS)))
		n = copy_by_hand(from, (off_t)r->offset, to, (off_t)r->to_offset, count);
	return n < 0 ? files_error(p, errno) : files_done(p, (uint64_t)n);
}

static uint8_t *read_link(int dir, const char *path, uint8_t *p)
{
	ssize_t n = readlinkat(dir, path, (char *)p + 5, PATH_MAX);

	if (n < 0)
		return files_error(p, errno);
	put_uint(put_uint(p, 1, FT_PATH), 4, (uint64_t)n);
	return p + 5 + n;
}

static uint8_t *real_path(int dir, const char *path, uint8_t *p)
{
	char real[PATH_MAX], link[32];
	uint8_t *end;
	int fd;

	if (dir == AT_FDCWD) {
		if (!realpath(path, real))
			return files_error(p, errno);
		return put_string(put_uint(p, 1, FT_PATH), real, sizeof(real));
	}
	fd = openat(dir, *path ? path : ".", O_PATH | O_CLOEXEC);
	if (fd < 0)
		return files_error(p, errno);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	end = read_link(AT_FDCWD, link, p);
	close(fd);
	return end;
}

static uint8_t *space(int dir, const char *path, uint8_t *p)
{
	int fd = openat(dir, *path ? path : ".", O_PATH | O_CLOEXEC), error;
	struct statfs s;

	if (fd < 0 || fstatfs(fd, &s) < 0) {
		error = errno;
		if (fd >= 0)
			close(fd);
		return files_error(p, error);
	}
	close(fd);
	p = put_uint(p, 1, FT_SPACE_OF);
	p = put_uint(p, 8, (uint64_t)s.f_bsize);
	p = put_uint(p, 8, s.f_blocks);
	p = put_uint(p, 8, s.f_bfree);
	p = put_uint(p, 8, s.f_bavail);
	p = put_uint(p, 1, s.f_flags & ST_RDONLY_ ? 1 : 0);
	return put_uint(p, 4, (uint64_t)s.f_type);
}

static int remove_name(int dir, const char *path, uint32_t what)
{
	int n = what == FR_DIRECTORY ? -1 : unlinkat(dir, path, 0);

	if (what == FR_DIRECTORY || (what == FR_EITHER && n < 0 && errno == EISDIR))
		n = unlinkat(dir, path, AT_REMOVEDIR);
	return n;
}

/* A new file with its content and attributes; in place of what is there, if so wanted */
static int put(const struct files_request *r, int dir, const char *path)
{
	int fd, n = 0, error;
	size_t len = 0;

	if (r->flags && unlinkat(dir, path, 0) < 0 && errno != ENOENT)
		return -1;
	fd = openat(dir, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	while (fd >= 0 && n >= 0 && len < r->count) {
		n = (int)write(fd, r->bytes + len, r->count - len);
		if (n < 0 && errno == EINTR)
			n = 0;
		len += n > 0 ? (size_t)n : 0;
	}
	if (fd < 0)
		return -1;
	if (n >= 0)
		n = files_set_open(r, fd);
	error = errno;
	if (close(fd) < 0 && n >= 0)
		return -1;
	errno = error;
	return n < 0 ? n : (int)r->count;
}

/* Requests that name a file */
static uint8_t *do_named(const struct files_request *r, int dir, const char *path, uint8_t *p)
{
	struct files_name rest;
	int other = -1, ours = 0, n = -1;

	if (r->type == FT_LINK || r->type == FT_RENAME) {
		ours = files_at(&r->other, &rest, &other);
		if (ours < 0)
			return files_error(p, errno);
	}
	switch (r->type) {
	case FT_MAKE_DIRECTORY:
		n = mkdirat(dir, path, (mode_t)r->mode);
		break;
	case FT_LINK:
		n = linkat(dir, path, other, rest.path, 0);
		break;
	case FT_SYMLINK:
		n = symlinkat(r->other.path, dir, path);
		break;
	case FT_REMOVE:
		n = remove_name(dir, path, r->flags);
		break;
	case FT_RENAME:			/* its flag is RENAME_NOREPLACE, which musl lacks */
		n = (int)syscall(SYS_renameat2, dir, path, other, rest.path, r->flags);
		break;
	case FT_ACCESS:
		n = faccessat(dir, path, (int)r->mode, 0);
		break;
	case FT_READ_SYMLINK:
		return read_link(dir, path, p);
	case FT_REAL_PATH:
		return real_path(dir, path, p);
	case FT_PUT:
		n = put(r, dir, path);
		break;
	case FT_SPACE:
		return space(dir, path, p);
	}
	p = result(p, n);
	if (ours)
		close(other);
	return p;
}

uint8_t *files_do(const struct files_request *r, uint8_t *p)
{
	struct files_name rest;
	int dir, ours;
	uint8_t *end;

	switch (r->type) {
	case FT_OPEN:
		return files_open(r, p);
	case FT_CLOSE:
		return close_handle(r, p);
	case FT_READ:
		return read_file(r, p);
	case FT_WRITE:
		return write_file(r, p);
	case FT_COPY:
		return copy_file(r, p);
	case FT_LIST:
		return files_list(r, p);
	case FT_STAT:
		return files_stat(r, p);
	case FT_SET:
		return result(p, files_set(r));
	case FT_WALK:
		return files_walk(r, p);
	}
	ours = files_at(&r->name, &rest, &dir);
	if (ours < 0)
		return files_error(p, errno);
	end = do_named(r, dir, rest.path, p);
	if (ours)
		close(dir);
	return end;
}
