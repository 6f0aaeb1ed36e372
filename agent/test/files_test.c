/*
 * files_test.c - The file server as a process, spoken to as a client would
 *
 * Usage: test-files AGENT [DIRECTORY], of byte vectors: the requests among them must parse
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "files.h"

static const char *agent;
static int to_server, from_server;
static pid_t server;
static uint32_t next_id;
static uint8_t sent[2 * FILES_MESSAGE_MAX], got[FILES_MESSAGE_MAX + 4], *end;

static void server_start(void)
{
	int in[2], out[2];

	CHECK(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
	server = fork();
	if (!server) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execl(agent, agent, "--files", (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	to_server = in[1];
	from_server = out[0];
}

static void server_end(int status)
{
	int st;

	close(to_server);
	close(from_server);
	CHECK(waitpid(server, &st, 0) == server);
	CHECK(WIFEXITED(st));
	CHECK_EQ(WEXITSTATUS(st), status);
}

/* A request of fields: 'b' u8, 'w' u32, 'q' u64, 's' string, 'n' u32 and string */
static void request(uint8_t type, const char *fields, ...)
{
	va_list ap;

	va_start(ap, fields);
	end = put_uint(put_uint(sent + 4, 4, ++next_id), 1, type);
	for (; *fields; fields++) {
		switch (*fields) {
		case 'w':
			end = put_uint(end, 4, va_arg(ap, unsigned int));
			break;
		case 'q':
			end = put_uint(end, 8, va_arg(ap, unsigned long long));
			break;
		case 's':
			end = put_string(end, va_arg(ap, const char *), 65536);
			break;
		case 'n':
			end = put_uint(end, 4, va_arg(ap, unsigned int));
			end = put_string(end, va_arg(ap, const char *), 65536);
			break;
		}
	}
	va_end(ap);
}

static void transmit(void)
{
	uint8_t *p = sent;

	put_uint(sent, 4, (uint64_t)(end - sent) - 4);
	while (p < end) {
		ssize_t n = write(to_server, p, (size_t)(end - p));

		CHECK(n > 0);
		p += n;
	}
}

static uint64_t be(const uint8_t *p, int n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

static void fill(uint8_t *p, size_t len)
{
	while (len) {
		ssize_t n = read(from_server, p, len);

		CHECK(n > 0);
		p += n;
		len -= (size_t)n;
	}
}

/* Takes a reply to the id; return: its type; payload at got + 5, its length in *len */
static uint8_t reply(uint32_t id, size_t *len)
{
	uint8_t head[4];
	uint64_t n;

	fill(head, 4);
	n = be(head, 4);
	CHECK(n >= 5 && n <= FILES_MESSAGE_MAX);
	fill(got, n);
	CHECK_EQ(be(got, 4), id);
	if (len)
		*len = n - 5;
	return got[4];
}

static void done(uint64_t value)
{
	size_t len;
	uint8_t type;

	transmit();
	type = reply(next_id, &len);
	if (type == FT_ERROR)
		fprintf(stderr, "errno %d\n", (int)be(got + 5, 4));
	CHECK_EQ(type, FT_DONE);
	CHECK_EQ(len, 8);
	CHECK_EQ(be(got + 5, 8), value);
}

static void fails(int error)
{
	transmit();
	CHECK_EQ(reply(next_id, NULL), FT_ERROR);
	CHECK_EQ(be(got + 5, 4), error);
}

static void attributes(uint8_t kind)
{
	size_t len;

	transmit();
	CHECK_EQ(reply(next_id, &len), FT_ATTRIBUTES);
	CHECK_EQ(len, 89);
	CHECK_EQ(got[5], kind);
}

static void open_at(uint32_t handle, uint32_t dir, const char *path, uint32_t flags)
{
	request(FT_OPEN, "wnww", handle, dir, path, flags, 0600U);
}

static void files(void)
{
	uint8_t *p;
	size_t len;

	open_at(3, FILES_NOWHERE, "a", FF_WRITE | FF_CREATE | FF_EXCLUSIVE);
	attributes(FK_REGULAR);
	CHECK_EQ(be(got + 6, 4), 0600);
	request(FT_WRITE, "wq", 3U, 0ULL);
	memcpy(end, "hello", 5);
	end += 5;
	done(5);
	open_at(3, FILES_NOWHERE, "a", FF_READ);
	fails(EBADF);			/* the handle is in use */
	request(FT_CLOSE, "w", 3U);
	done(0);
	request(FT_CLOSE, "w", 3U);
	fails(EBADF);
	open_at(FILES_HANDLES, FILES_NOWHERE, "a", FF_READ);
	fails(EBADF);
	open_at(3, FILES_NOWHERE, "a", FF_WRITE | FF_CREATE | FF_EXCLUSIVE);
	fails(EEXIST);
	/* Sent without waiting: the handle need not be known to be open */
	open_at(4, FILES_NOWHERE, "a", FF_READ);
	transmit();
	request(FT_READ, "wqw", 4U, 1ULL, 65536U);
	transmit();
	request(FT_COPY, "wqwqw", 4U, 0ULL, 4U, 0ULL, 10U);
	transmit();
	CHECK_EQ(reply(next_id - 2, NULL), FT_ATTRIBUTES);
	CHECK_EQ(reply(next_id - 1, &len), FT_DATA);
	CHECK_EQ(len, 4);
	CHECK(!memcmp(got + 5, "ello", 4));
	CHECK_EQ(reply(next_id, NULL), FT_ERROR);
	CHECK_EQ(be(got + 5, 4), EBADF);	/* it is open for reading only */
	open_at(5, FILES_NOWHERE, "b", FF_WRITE | FF_CREATE);
	attributes(FK_REGULAR);
	request(FT_COPY, "wqwqw", 4U, 0ULL, 5U, 0ULL, 100U);
	done(5);
	request(FT_COPY, "wqwqw", 4U, 5ULL, 5U, 5ULL, 100U);
	done(0);
	request(FT_SET, "nwwwwwqqwqw", 5U, "", 0U, (unsigned int)(FS_MODE | FS_MODIFIED | FS_SIZE),
		04751U, 0U, 0U, 3ULL, 0ULL, 0U, 1234567890ULL, 987654321U);
	done(0);
	request(FT_STAT, "nw", FILES_NOWHERE, "b", 0U);
	attributes(FK_REGULAR);
	CHECK_EQ(be(got + 6, 4), 04751);
	CHECK_EQ(be(got + 18, 8), 3);
	p = got + 5 + 53 + 12;
	CHECK_EQ(be(p, 8), 1234567890);
	CHECK_EQ(be(p + 8, 4), 987654321);
	request(FT_CLOSE, "w", 5U);
	done(0);
	request(FT_CLOSE, "w", 4U);
	done(0);
}

static void names(void)
{
	request(FT_MAKE_DIRECTORY, "nw", FILES_NOWHERE, "d", 0755U);
	done(0);
	request(FT_MAKE_DIRECTORY, "nw", FILES_NOWHERE, "d", 0755U);
	fails(EEXIST);
	open_at(9, FILES_NOWHERE, "d", FF_READ | FF_DIRECTORY | FF_NOFOLLOW);
	attributes(FK_DIRECTORY);
	open_at(10, FILES_NOWHERE, "d", FF_READ);
	fails(EISDIR);
	request(FT_SYMLINK, "sn", "../a", 9U, "l");
	done(0);
	request(FT_READ_SYMLINK, "n", 9U, "l");
	transmit();
	CHECK_EQ(reply(next_id, NULL), FT_PATH);
	CHECK(!memcmp(got + 5, "\0\0\0\4../a", 8));
	request(FT_STAT, "nw", 9U, "l", 0U);
	attributes(FK_REGULAR);
	request(FT_STAT, "nw", 9U, "l", (unsigned int)FF_NOFOLLOW);
	attributes(FK_SYMLINK);
	open_at(10, 9, "l", FF_READ | FF_NOFOLLOW);
	fails(ELOOP);
	request(FT_LINK, "nn", FILES_NOWHERE, "a", 9U, "hard");
	done(0);
	request(FT_RENAME, "nnw", 9U, "hard", 9U, "l", 1U);
	fails(EEXIST);
	request(FT_RENAME, "nnw", 9U, "hard", 9U, "l", 0U);
	done(0);
	CHECK(mkfifo("d/fifo", 0600) == 0);
	open_at(10, 9, "fifo", FF_READ);
	fails(ENXIO);
	open_at(10, 9, "fifo", FF_WRITE);
	fails(ENXIO);
	request(FT_REMOVE, "nw", FILES_NOWHERE, "d", (unsigned int)FR_FILE);
	fails(EISDIR);
	request(FT_REMOVE, "nw", FILES_NOWHERE, "d", (unsigned int)FR_EITHER);
	fails(ENOTEMPTY);
	request(FT_REMOVE, "nw", 9U, "fifo", (unsigned int)FR_FILE);
	done(0);
	request(FT_REMOVE, "nw", 9U, "l", (unsigned int)FR_EITHER);
	done(0);
	request(FT_LIST, "w", 9U);
	transmit();
	CHECK_EQ(reply(next_id, NULL), FT_ENTRIES);
	CHECK_EQ(be(got + 6, 4), 0);
	request(FT_ACCESS, "nw", FILES_NOWHERE, "gone", 0U);
	fails(ENOENT);
	request(FT_SPACE, "n", FILES_NOWHERE, "/");
	transmit();
	CHECK_EQ(reply(next_id, NULL), FT_SPACE_OF);
	request(FT_REAL_PATH, "n", FILES_NOWHERE, "d/../d/.");
	transmit();
	CHECK_EQ(reply(next_id, NULL), FT_PATH);
	CHECK(!memcmp(got + 5 + be(got + 5, 4), "/d", 2) || got[4 + 4 + be(got + 5, 4)] == 'd');
	request(FT_CLOSE, "w", 9U);
	done(0);
}

/* Every entry comes once, whatever the number of batches */
static void lists(void)
{
	static bool seen[1000];
	char name[300];
	int i, count = 0, batches = 0;
	bool last = false;

	request(FT_MAKE_DIRECTORY, "nw", FILES_NOWHERE, "many", 0755U);
	done(0);
	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "many/%0*d", i % 256 < 4 ? 4 : i % 256, i);
		close(open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	}
	open_at(1, FILES_NOWHERE, "many", FF_READ | FF_DIRECTORY);
	attributes(FK_DIRECTORY);
	while (!last) {
		uint8_t *p;
		uint32_t n;

		request(FT_LIST, "w", 1U);
		transmit();
		CHECK_EQ(reply(next_id, NULL), FT_ENTRIES);
		last = got[5];
		n = (uint32_t)be(got + 6, 4);
		batches++;
		for (p = got + 10; n--; count++) {
			uint32_t len = (uint32_t)be(p, 4);

			snprintf(name, sizeof(name), "%.*s", (int)len, (char *)p + 4);
			i = (int)strtol(name, NULL, 10);
			CHECK(i >= 0 && i < 1000 && !seen[i]);
			seen[i] = true;
			p += 4 + len;
			CHECK_EQ(*p, FK_REGULAR);
			p += 89;
		}
	}
	CHECK_EQ(count, 1000);
	CHECK(batches > 2);
	request(FT_CLOSE, "w", 1U);
	done(0);
}

static void put(const char *path, unsigned int replace, const char *content)
{
	request(FT_PUT, "nwwwwwqqwqw", FILES_NOWHERE, path, replace,
		(unsigned int)(FS_MODE | FS_MODIFIED), 04640U, 0U, 0U, 0ULL, 0ULL, 0U,
		1234567890ULL, 5U);
	memcpy(end, content, strlen(content));
	end += strlen(content);
}

static void puts_files(void)
{
	struct stat st;

	put("put", 0, "hello");
	done(5);
	CHECK(stat("put", &st) == 0 && st.st_size == 5 && (st.st_mode & 07777) == 04640);
	CHECK(st.st_mtim.tv_sec == 1234567890 && st.st_mtim.tv_nsec == 5);
	put("put", 0, "again");
	fails(EEXIST);
	CHECK(link("put", "put-other") == 0 && symlink("put-other", "put-link") == 0);
	put("put", 1, "");
	done(0);
	put("put-link", 1, "x");
	done(1);
	CHECK(stat("put-other", &st) == 0 && st.st_size == 5 && st.st_nlink == 1);
	CHECK(lstat("put-link", &st) == 0 && S_ISREG(st.st_mode));
	CHECK(mkdir("put-dir", 0700) == 0);
	put("put-dir", 1, "x");
	fails(EISDIR);
	put("put-none/x", 1, "x");
	fails(ENOENT);
}

/* The records of a walk, a letter each, and names, targets and lengths of data */
static void walk(uint32_t handle, unsigned int flags, char *told)
{
	bool last = false;
	size_t len;

	while (!last) {
		uint8_t *p = got + 6, *stop;
		uint64_t n;

		request(FT_WALK, "ww", handle, flags);
		transmit();
		CHECK_EQ(reply(next_id, &len), FT_WALKED);
		last = got[5];
		for (stop = got + 5 + len; p < stop;) {
			switch (*p++) {
			case FW_ENTRY:
				n = be(p, 4);
				told += sprintf(told, "E%.*s ", (int)n, (char *)p + 4);
				p += 4 + n + 89;
				break;
			case FW_END:
				told += sprintf(told, ".%d,%llu ", (int)be(p, 4),
						(unsigned long long)be(p + 4, 8));
				p += 12;
				break;
			case FW_DATA:
				n = be(p + 8, 4);
				told += sprintf(told, "D%llu+%d ", (unsigned long long)be(p, 8), (int)n);
				p += 12 + n;
				break;
			case FW_TARGET:
				n = be(p, 4);
				told += sprintf(told, "L%.*s ", (int)n, (char *)p + 4);
				p += 4 + n;
				break;
			case FW_SAME:
				told += sprintf(told, "S ");
				break;
			case FW_KERNELS:
				told += sprintf(told, "K ");
				break;
			case FW_PART:
				told += sprintf(told, "P%llu+%llu ", (unsigned long long)be(p, 8),
						(unsigned long long)be(p + 8, 8));
				p += 16;
				break;
			default:
				CHECK(0);
			}
			CHECK(p <= stop);
		}
	}
}

static void walk_of(const char *path, unsigned int flags, const char *expected)
{
	static char told[1 << 20];
	unsigned int i;

	for (i = 0; i < 2; i++) {	/* a handle that is closed forgets its walk */
		open_at(7, FILES_NOWHERE, path, FF_READ);
		if (expected[strlen(expected) - 2] == '0')
			open_at(7, FILES_NOWHERE, path, FF_READ | FF_DIRECTORY);
		transmit();
		CHECK_EQ(reply(next_id, NULL), FT_ATTRIBUTES);
		*told = '\0';
		walk(7, flags, told);
		if (strcmp(told, expected))
			fprintf(stderr, "%s: %s\nnot %s\n", path, told, expected);
		CHECK(!strcmp(told, expected));
		request(FT_CLOSE, "w", 7U);
		done(0);
	}
}

static void sparse(const char *path, off_t at, off_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CHECK(fd >= 0 && (!at || pwrite(fd, "x", 1, at) == 1) && ftruncate(fd, size) == 0);
	close(fd);
}

/* What was a file when its directory was read, and is a link when its turn comes */
static void walk_replaced(void)
{
	static char told[4096];
	unsigned int i;

	CHECK(mkdir("r", 0700) == 0);
	for (i = 0; i < 2; i++) {
		int fd = open(i ? "r/f1" : "r/f0", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		static char bytes[200000];

		CHECK(fd >= 0 && write(fd, bytes, sizeof(bytes)) == sizeof(bytes));
		close(fd);
	}
	open_at(7, FILES_NOWHERE, "r", FF_READ | FF_DIRECTORY);
	attributes(FK_DIRECTORY);
	request(FT_WALK, "ww", 7U, 0U);	/* to the midst of one of them */
	transmit();
	CHECK_EQ(reply(next_id, NULL), FT_WALKED);
	for (i = 0; i < 2; i++)
		CHECK(symlink("to", "r/l") == 0 && rename("r/l", i ? "r/f1" : "r/f0") == 0);
	walk(7, 0, told);
	CHECK(strstr(told, ".0,200000 Ef") && strstr(told, " Lto .0,0 "));
	request(FT_CLOSE, "w", 7U);
	done(0);
}

/* A file's END that an answer has just no room for, and another file behind it */
static void walk_full(void)
{
	static char told[4096], bytes[FILES_DATA_MAX];
	off_t size;
	int i, fd[2];

	CHECK(mkdir("full", 0700) == 0);
	for (i = 0; i < 2; i++) {
		fd[i] = open(i ? "full/f1" : "full/f0", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		CHECK(fd[i] >= 0 && write(fd[i], bytes, sizeof(bytes)) == sizeof(bytes));
	}
	for (size = FILES_DATA_MAX - 160; size <= FILES_DATA_MAX; size++) {
		char whole[64], *first;

		CHECK(ftruncate(fd[0], size) == 0 && ftruncate(fd[1], size) == 0);
		open_at(7, FILES_NOWHERE, "full", FF_READ | FF_DIRECTORY);
		attributes(FK_DIRECTORY);
		*told = '\0';
		walk(7, 0, told);	/* reply() knows how long an answer may be */
		snprintf(whole, sizeof(whole), " .0,%d ", (int)size);
		first = strstr(told, whole);
		CHECK(first && strstr(first + 1, whole));
		request(FT_CLOSE, "w", 7U);
		done(0);
	}
	close(fd[0]);
	close(fd[1]);
}

static void walks(void)
{
	int i;

	CHECK(mkdir("w", 0700) == 0 && mkdir("w/d", 0700) == 0);
	walk_of("w/d", 0, ".0,0 ");
	CHECK(symlink("../f", "w/d/l") == 0);
	walk_of("w/d", 0, "El L../f .0,0 ");
	walk_of("w", 0, "Ed El L../f .0,0 .0,0 ");
	CHECK(unlink("w/d/l") == 0 && symlink("..", "w/d/l") == 0);
	walk_of("w", FWF_FOLLOW, "Ed El .40,0 .0,0 .0,0 ");
	CHECK(unlink("w/d/l") == 0 && symlink("none", "w/d/l") == 0);
	walk_of("w/d", FWF_FOLLOW, "El .2,0 .0,0 ");
	CHECK(unlink("w/d/l") == 0);
	sparse("w/d/f", 0, 0);
	walk_of("w/d", 0, "Ef .0,0 .0,0 ");
	sparse("w/d/f", 1048576, 1048577);
	walk_of("w/d", 0, "Ef D1048576+1 .0,1048577 .0,0 ");
	sparse("w/d/f", 1048576, 1LL << 31);
	walk_of("w/d", FWF_MAP, "Ef P1048576+4096 P2147483648+0 D1048576+4096 .0,2147483648 .0,0 ");
	walk_of("w/d/f", 0, "D1048576+4096 .0,2147483648 ");
	sparse("w/d/f", 0, 300);
	walk_of("w/d", FWF_MAP, "Ef P300+0 .0,300 .0,0 ");
	CHECK(unlink("w/d/f") == 0 && mkfifo("w/d/f", 0600) == 0);
	walk_of("w/d", 0, "Ef .0,0 ");
	/* Not entered; the walk is begun in a directory of another file system */
	CHECK(unlink("w/d/f") == 0 && rmdir("w/d") == 0);
	{
		static char told[1 << 20];

		open_at(7, FILES_NOWHERE, "/", FF_READ | FF_DIRECTORY);
		attributes(FK_DIRECTORY);
		request(FT_WALK, "ww", 7U, 0U);
		transmit();
		CHECK_EQ(reply(next_id, NULL), FT_WALKED);
		request(FT_CLOSE, "w", 7U);	/* in its midst */
		done(0);
		open_at(7, FILES_NOWHERE, "/proc/self", FF_READ | FF_DIRECTORY);
		attributes(FK_DIRECTORY);
		request(FT_CLOSE, "w", 7U);
		done(0);
		open_at(7, FILES_NOWHERE, "/proc/version", FF_READ);
		attributes(FK_REGULAR);
		*told = '\0';
		walk(7, 0, told);
		CHECK(!strncmp(told, "D0+", 3) && strlen(told) > 8);
		request(FT_CLOSE, "w", 7U);
		done(0);
		/* Every file once, whatever the number of answers; a second name has no content */
		for (i = 0; i < 300; i++) {
			char name[64];

			snprintf(name, sizeof(name), "w/s%d", i / 10);
			mkdir(name, 0700);
			snprintf(name, sizeof(name), "w/s%d/f%d", i / 10, i);
			sparse(name, 899, 900);
			if (i == 7 || i == 299)
				CHECK(link(name, i == 7 ? "w/h7" : "w/h299") == 0);
		}
		open_at(7, FILES_NOWHERE, "w", FF_READ | FF_DIRECTORY);
		attributes(FK_DIRECTORY);
		*told = '\0';
		walk(7, 0, told);
		for (i = 0; i < 300; i++) {
			char name[64], *at;

			snprintf(name, sizeof(name), "Ef%d ", i);
			at = strstr(told, name);
			CHECK(at && !strstr(at + 1, name));
			at += strlen(name);
			CHECK(!strncmp(at, "D0+900 .0,900 ", 14) || i == 7 || i == 299);
		}
		CHECK(strstr(told, " S "));
		request(FT_CLOSE, "w", 7U);
		done(0);
	}
	request(FT_WALK, "ww", 7U, 0U);
	fails(EBADF);
	walk_replaced();
	walk_full();
}

/* A path longer than the kernel takes */
static void deep(void)
{
	static char path[30000];
	char *p = path;
	int i;

	for (i = 0; i < 100; i++) {
		memset(p, 'x', 200);
		p[200] = '\0';
		request(FT_MAKE_DIRECTORY, "nw", FILES_NOWHERE, path, 0755U);
		done(0);
		p += 200;
		*p++ = '/';
	}
	strcpy(p, "file");
	open_at(2, FILES_NOWHERE, path, FF_WRITE | FF_CREATE);
	attributes(FK_REGULAR);
	request(FT_CLOSE, "w", 2U);
	done(0);
	request(FT_RENAME, "nnw", FILES_NOWHERE, path, FILES_NOWHERE, "up", 0U);
	done(0);
	request(FT_STAT, "nw", FILES_NOWHERE, path, 0U);
	fails(ENOENT);
	memset(path, 'y', 5000);
	path[5000] = '\0';
	request(FT_STAT, "nw", FILES_NOWHERE, path, 0U);
	fails(ENAMETOOLONG);
}

static void nul(void)
{
	request(FT_STAT, "nw", FILES_NOWHERE, "a_b", 0U);
	sent[18] = '\0';
	fails(EINVAL);
}

/* What breaks a rule ends the server */
static void malformed(void)
{
	static char content[FILES_DATA_MAX + 2];
	uint8_t longest[4];

	server_start();
	request(FT_LAST + 1, "");
	transmit();
	CHECK(read(from_server, got, 1) == 0);
	server_end(2);

	server_start();
	request(FT_CLOSE, "ww", 1U, 2U);
	transmit();
	CHECK(read(from_server, got, 1) == 0);
	server_end(2);

	server_start();
	memset(content, 'x', FILES_DATA_MAX + 1);
	put("too-long", 0, content);
	transmit();
	CHECK(read(from_server, got, 1) == 0);
	server_end(2);

	server_start();
	put_uint(longest, 4, FILES_MESSAGE_MAX + 1);
	CHECK(write(to_server, longest, 4) == 4);
	CHECK(read(from_server, got, 1) == 0);
	server_end(2);

	server_start();
	CHECK(write(to_server, longest, 3) == 3);
	server_end(1);
}

/* Hex digits of a file, without its comments */
static size_t vector(FILE *in, uint8_t *b, size_t max)
{
	int c, high = -1;
	size_t n = 0;

	while ((c = fgetc(in)) != EOF) {
		if (c == '#')
			while ((c = fgetc(in)) != EOF && c != '\n')
				;
		if (c == EOF || !isxdigit(c))
			continue;
		c = c <= '9' ? c - '0' : c - 'a' + 10;
		if (high < 0) {
			high = c;
			continue;
		}
		CHECK(n < max);
		b[n++] = (uint8_t)(high << 4 | c);
		high = -1;
	}
	return n;
}

static void vectors(const char *directory)
{
	DIR *dir = opendir(directory);
	bool seen[FT_LAST + 1] = { false };
	struct files_request r;
	struct dirent *d;
	char path[512];
	int i;

	CHECK(dir);
	while ((d = readdir(dir))) {
		static uint8_t b[4096];
		FILE *in;
		size_t n;

		if (!strstr(d->d_name, ".hex"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, d->d_name);
		in = fopen(path, "r");
		CHECK(in);
		n = vector(in, b, sizeof(b));
		fclose(in);
		CHECK(n >= 9 && be(b, 4) == n - 4);
		if (b[8] >= FT_ERROR)
			continue;
		if (!files_parse(b + 4, n - 4, &r))
			fprintf(stderr, "vector: %s\n", d->d_name);
		CHECK(r.type > 0 && r.type <= FT_LAST);
		seen[r.type] = true;
	}
	closedir(dir);
	for (i = 1; i <= FT_LAST; i++)
		CHECK(seen[i]);
}

int main(int argc, char **argv)
{
	char directory[] = "/tmp/msb-files-XXXXXX", command[64];

	CHECK(argc > 1);
	signal(SIGPIPE, SIG_IGN);
	agent = realpath(argv[1], NULL);
	if (argc > 2)
		vectors(argv[2]);
	CHECK(mkdtemp(directory) && chdir(directory) == 0);
	server_start();
	files();
	names();
	lists();
	puts_files();
	walks();
	deep();
	nul();
	server_end(0);
	malformed();
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	CHECK(chdir("/") == 0 && system(command) == 0);
	printf("ok   file server of %s\n", argv[1]);
	free((void *)(uintptr_t)agent);
	return 0;
}
