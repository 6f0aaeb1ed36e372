/*
 * files_walk.c - WALK: a whole tree in one stream of records
 *
 * A walk belongs to a handle. Each WALK is answered with as many records as a reply has
 * room for, so that a client which asks ahead waits for no file and no directory. What is
 * open is one file (files_content.c) and the directories that lead to it; where those got
 * to is in their own positions. Nothing is followed but what the client named and, if it asked, links.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"

#define DEPTH_MAX	2000
#define BATCH_BYTES	8192
#define ROOM_MIN	8192	/* for the longest records: an entry, and where a link leads */
#define LINKED_MAX	8192	/* files of several names that are remembered */
#define TMPFS		0x01021994

struct level {
	int fd;
	dev_t dev;
	ino_t ino;
};

struct walk {
	struct walk *next;
	uint32_t handle, flags;
	bool over;
	int depth;			/* levels in use */
	struct level levels[DEPTH_MAX + 1];
	uint64_t batch[BATCH_BYTES / 8];	/* entries of the deepest level */
	size_t at, len;
	struct files_content file;	/* the file under way */
	struct { dev_t dev; ino_t ino; } linked[LINKED_MAX];	/* a hash table */
	unsigned int linked_count;
};

static struct walk *walks;

/* What the kernel makes up: nobody's data, some of it without an end. Linux numbering */
static bool is_kernels(int dir, dev_t dev)
{
	static const uint32_t types[] = {
		0x9fa0, 0x62656572, 0x1cd1, 0x27e0eb, 0x63677270, 0x19800202, 0x64626720,
		0x74726163, 0x73636673, 0xcafe4a11, 0x62656570, 0x6165676c, 0xde5e81e4,
		0x42494e4d, 0xf97cff8c, 0x65735543, 0x6e736673, 0x0187, 0x67596969, 0x958458f6,
		0x7655821,
	};
	struct statfs fs;
	struct stat st;
	size_t i;

	if (fstatfs(dir, &fs) < 0)
		return false;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if ((uint32_t)fs.f_type == types[i])
			return true;
	/* devtmpfs, of which there is one, calls itself tmpfs */
	return fs.f_type == TMPFS && stat("/dev", &st) == 0 && st.st_dev == dev;
}

static struct level *deepest(struct walk *w)
{
	return &w->levels[w->depth - 1];
}

static uint8_t *put_found(uint8_t *p, const char *name, const struct stat *st)
{
	return files_put_attributes(put_string(put_uint(p, 1, FW_ENTRY), name, 255), st);
}

/* Whether a file of several names was sent before; else it is remembered, while there is room */
static bool was_sent(struct walk *w, const struct stat *st)
{
	size_t i = (size_t)(st->st_ino * 2654435761U + st->st_dev) % LINKED_MAX;

	if (st->st_nlink < 2)
		return false;
	while (w->linked[i].ino) {
		if (w->linked[i].ino == st->st_ino && w->linked[i].dev == st->st_dev)
			return true;
		i = (i + 1) % LINKED_MAX;
	}
	if (w->linked_count < LINKED_MAX / 2) {
		w->linked[i].ino = st->st_ino;
		w->linked[i].dev = st->st_dev;
		w->linked_count++;
	}
	return false;
}

static bool in_itself(const struct walk *w, const struct stat *st)
{
	int i;

	for (i = 0; i < w->depth; i++)
		if (w->levels[i].ino == st->st_ino && w->levels[i].dev == st->st_dev)
			return true;
	return false;
}

/* Goes into a directory that was opened */
static uint8_t *enter(struct walk *w, uint8_t *p, const char *name, int fd, const struct stat *st)
{
	int error = 0;

	p = put_found(p, name, st);
	if (st->st_dev != deepest(w)->dev && is_kernels(fd, st->st_dev)) {
		close(fd);
		return put_uint(p, 1, FW_KERNELS);
	}
	if (w->flags & FWF_FOLLOW && in_itself(w, st))
		error = ELOOP;
	else if (w->depth > DEPTH_MAX)
		error = ENAMETOOLONG;
	if (error) {
		close(fd);
		return files_put_end(p, error, 0);
	}
	w->levels[w->depth++] = (struct level){ fd, st->st_dev, st->st_ino };
	w->at = w->len = 0;
	return p;
}

static uint8_t *put_link(uint8_t *p, int dir, const char *name, const struct stat *st)
{
	ssize_t n;

	p = put_found(p, name, st);
	n = readlinkat(dir, name, (char *)p + 5, 4096);
	if (n < 0)
		return files_put_end(p, errno, 0);
	put_uint(put_uint(p, 1, FW_TARGET), 4, (uint64_t)n);
	return p + 5 + n;
}

/* A file or directory, opened; what cannot be opened is told all the same */
static uint8_t *put_opened(struct walk *w, uint8_t *p, const char *name, int nofollow)
{
	int dir = deepest(w)->fd, error;
	struct stat st;
	int fd = openat(dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | nofollow);

	if (fd < 0) {
		error = errno;
		if (fstatat(dir, name, &st, nofollow ? AT_SYMLINK_NOFOLLOW : 0) < 0)
			return errno == ENOENT ? p : files_put_end(put_found(p, name,
				&(struct stat){ .st_mode = S_IFREG }), errno, 0);
		if (S_ISLNK(st.st_mode))	/* it has taken the place of what was listed */
			return put_link(p, dir, name, &st);
		p = put_found(p, name, &st);
		return S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) ? files_put_end(p, error, 0) : p;
	}
	if (fstat(fd, &st) < 0) {
		error = errno;
		close(fd);
		return files_put_end(put_found(p, name, &(struct stat){ .st_mode = S_IFREG }), error, 0);
	}
	if (S_ISDIR(st.st_mode))
		return enter(w, p, name, fd, &st);
	p = put_found(p, name, &st);
	if (S_ISREG(st.st_mode) && !was_sent(w, &st)) {
		files_begin_content(&w->file, fd, &st, w->flags & FWF_MAP);
		return p;
	}
	close(fd);
	return S_ISREG(st.st_mode) ? put_uint(p, 1, FW_SAME) : p;
}

/* One entry of the deepest directory, @type is the kernel's word for what it is */
static uint8_t *put_one(struct walk *w, uint8_t *p, const char *name, uint8_t type)
{
	int dir = deepest(w)->fd;
	bool follow = w->flags & FWF_FOLLOW;
	struct stat st;

	if (type == DT_REG || type == DT_DIR)
		return put_opened(w, p, name, O_NOFOLLOW);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? p : files_put_end(put_found(p, name,
			&(struct stat){ .st_mode = S_IFREG }), errno, 0);
	if (S_ISLNK(st.st_mode) && !follow)
		return put_link(p, dir, name, &st);
	if (S_ISLNK(st.st_mode) && fstatat(dir, name, &st, 0) < 0)
		return files_put_end(put_found(p, name, &(struct stat){ .st_mode = S_IFREG }), errno, 0);
	if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
		return put_opened(w, p, name, follow ? 0 : O_NOFOLLOW);
	return put_found(p, name, &st);
}

static uint8_t *leave(struct walk *w, uint8_t *p, int error)
{
	w->depth--;
	if (w->depth)			/* the first level's is the handle's */
		close(w->levels[w->depth].fd);
	else
		w->over = true;
	w->at = w->len = 0;
	return files_put_end(p, error, 0);
}

/* The next entry of the deepest directory, or its end */
static uint8_t *next_entry(struct walk *w, uint8_t *p)
{
	struct level *level = deepest(w);
	const uint8_t *e;
	const char *name;
	int64_t position;
	uint16_t len;
	int depth = w->depth;

	if (w->at == w->len) {
		long n = syscall(SYS_getdents64, level->fd, w->batch, sizeof(w->batch));

		if (n <= 0)
			return leave(w, p, n < 0 && errno != ENOENT ? errno : 0);
		w->at = 0;
		w->len = (size_t)n;
	}
	/* struct linux_dirent64: inode, position behind it, u16 length, u8 type, name */
	e = (uint8_t *)w->batch + w->at;
	memcpy(&position, e + 8, 8);
	memcpy(&len, e + 16, 2);
	name = (const char *)e + 19;
	w->at += len;
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return p;
	p = put_one(w, p, name, e[18]);
	if (w->depth > depth)		/* the batch is the subdirectory's now: read on from there */
		lseek(level->fd, position, SEEK_SET);
	return p;
}

static struct walk *begin(const struct files_request *r)
{
	int fd = files_fd(r->handle);
	struct stat st;
	struct walk *w;

	if (fd < 0 || fstat(fd, &st) < 0)
		return NULL;
	w = calloc(1, sizeof(*w));
	if (!w)
		return NULL;
	w->handle = r->handle;
	w->flags = r->flags;
	w->file.fd = -1;
	if (S_ISDIR(st.st_mode)) {
		w->levels[w->depth++] = (struct level){ fd, st.st_dev, st.st_ino };
	} else {
		fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (fd < 0) {
			free(w);
			return NULL;
		}
		files_begin_content(&w->file, fd, &st, w->flags & FWF_MAP);
	}
	w->next = walks;
	walks = w;
	return w;
}

/**
 * files_walk() - WALK: the next records of a handle's walk
 */
uint8_t *files_walk(const struct files_request *r, uint8_t *p)
{
	uint8_t *head = p, *limit = p + FILES_DATA_MAX;
	struct walk *w;

	for (w = walks; w && w->handle != r->handle; w = w->next)
		;
	if (!w)
		w = begin(r);
	if (!w)
		return files_error(p, errno);
	p += 2;
	while (!w->over && limit - p >= ROOM_MIN) {	/* an END may lie behind the limit */
		if (w->file.fd < 0) {
			p = next_entry(w, p);
			continue;
		}
		p = files_put_content(&w->file, p, (size_t)(limit - p));
		w->over = w->file.fd < 0 && !w->depth;
	}
	put_uint(put_uint(head, 1, FT_WALKED), 1, w->over);
	return p;
}

/**
 * files_walk_end() - Forget the walk of a handle that is closed
 * @handle:	Number
 */
void files_walk_end(uint32_t handle)
{
	struct walk **at = &walks, *w;

	while (*at && (*at)->handle != handle)
		at = &(*at)->next;
	w = *at;
	if (!w)
		return;
	*at = w->next;
	if (w->file.fd >= 0)
		close(w->file.fd);
	while (w->depth > 1)
		close(w->levels[--w->depth].fd);
	free(w);
}
