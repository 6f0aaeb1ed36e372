/*
 * files.h - What the files of the file server share
 */
#ifndef FILES_H
#define FILES_H

#include <sys/stat.h>

#include "frame.h"

#define FILES_MESSAGE_MAX	66560U	/* bytes after the length */
#define FILES_DATA_MAX		65536U	/* of one READ, WRITE or PUT */
#define FILES_HANDLES		4096U
#define FILES_NOWHERE		0xffffffffU

enum files_type {
	FT_OPEN = 1, FT_CLOSE, FT_READ, FT_WRITE, FT_COPY, FT_LIST, FT_STAT, FT_SET,
	FT_MAKE_DIRECTORY, FT_LINK, FT_SYMLINK, FT_READ_SYMLINK, FT_REMOVE, FT_RENAME,
	FT_ACCESS, FT_REAL_PATH, FT_SPACE, FT_WALK, FT_PUT, FT_LAST = FT_PUT,

	FT_ERROR = 0x80, FT_DONE, FT_DATA, FT_ATTRIBUTES, FT_ENTRIES, FT_PATH, FT_SPACE_OF,
	FT_WALKED,
};

/* Of WALK, and the records of its reply */
enum files_walk_flag { FWF_FOLLOW = 1, FWF_MAP = 2, FWF_ALL = 3 };
enum files_record { FW_ENTRY = 1, FW_END, FW_DATA, FW_TARGET, FW_SAME, FW_KERNELS, FW_PART };

/* Of OPEN; STAT and SET have NOFOLLOW only */
enum files_flag {
	FF_READ = 1, FF_WRITE = 2, FF_APPEND = 4, FF_CREATE = 8, FF_EXCLUSIVE = 16,
	FF_TRUNCATE = 32, FF_NOFOLLOW = 64, FF_DIRECTORY = 128, FF_SYNC = 256, FF_DSYNC = 512,
	FF_ALL = 1023,
};

enum files_set { FS_MODE = 1, FS_OWNER = 2, FS_GROUP = 4, FS_ACCESSED = 8, FS_MODIFIED = 16,
		 FS_SIZE = 32, FS_ALL = 63 };

enum files_remove { FR_FILE, FR_DIRECTORY, FR_EITHER, FR_LAST = FR_EITHER };

enum files_kind { FK_OTHER, FK_REGULAR, FK_DIRECTORY, FK_SYMLINK, FK_CHARACTER, FK_BLOCK, FK_FIFO,
		  FK_SOCKET };

/**
 * struct files_name - A file: a path, from a directory or not
 * @dir:	Handle of the directory it is relative to, FILES_NOWHERE for the working directory
 * @path:	Terminated; "" for what @dir is a handle of
 */
struct files_name {
	uint32_t dir;
	char *path;
};

/**
 * struct files_request - A request, taken apart; strings and bytes point into its message
 */
struct files_request {
	uint32_t id;
	uint8_t type;
	uint32_t handle, to;
	struct files_name name, other;
	uint32_t flags, mask, mode, uid, gid, count;
	uint64_t offset, to_offset, size;
	struct { int64_t s; uint32_t ns; } time[2];
	const uint8_t *bytes;
	bool nul;			/* a NUL in a path */
};

/**
 * struct files_content - The file that a walk is sending
 * @fd:		Descriptor, -1 for none
 * @size:	How long it is
 * @read:	What was sent up to
 * @data_end:	Where the run of data at @read ends
 * @sparse:	It has holes
 * @mapping:	Its parts are being told
 */
struct files_content {
	int fd;
	off_t size, read, data_end;
	bool sparse, mapping;
};

bool files_parse(uint8_t *message, size_t len, struct files_request *r);

/* Does the request; writes the reply's type and payload to @p. Return: behind its last byte */
uint8_t *files_do(const struct files_request *r, uint8_t *p);

void files_init(void);
int files_at(const struct files_name *name, struct files_name *rest, int *fd);
int files_fd(uint32_t handle);
uint8_t *files_error(uint8_t *p, int error);
uint8_t *files_done(uint8_t *p, uint64_t value);
uint8_t *files_list(const struct files_request *r, uint8_t *p);
uint8_t *files_open(const struct files_request *r, uint8_t *p);
uint8_t *files_stat(const struct files_request *r, uint8_t *p);
int files_set(const struct files_request *r);
int files_set_open(const struct files_request *r, int fd);
uint8_t *files_put_attributes(uint8_t *p, const struct stat *st);
uint8_t *files_walk(const struct files_request *r, uint8_t *p);
void files_begin_content(struct files_content *c, int fd, const struct stat *st, bool parts);
uint8_t *files_put_content(struct files_content *c, uint8_t *p, size_t room);
uint8_t *files_put_end(uint8_t *p, int error, off_t size);
void files_walk_end(uint32_t handle);

_Noreturn void files_main(void);

#endif
