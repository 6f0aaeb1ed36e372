/*
 * frame.h - Frames of the protocol: numbers, reading and writing of fields
 */
#ifndef FRAME_H
#define FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_HEADER		16
#define FRAME_MAX_PAYLOAD	65536
#define START_MAX		((2U << 20) + (64U << 10))
#define CONFIGURE_MAX		(2U << 20)
#define MOUNTS_MAX		64
#define MAGIC			0x6d736231U	/* "msb1" */
#define VERSION			1
#define WINDOW_MIN		4096U
#define WINDOW_MAX		(4U << 20)
#define TARGET_MAX		4096U	/* bytes of OPEN's target */
#define INPUT_WINDOW		(256U << 10)

enum frame_type {
	T_ERROR = 0x03, T_PING = 0x04, T_PONG = 0x05,
	T_PART = 0x10, T_START = 0x11, T_SIGNAL = 0x12, T_RESIZE = 0x13, T_KILL = 0x14,
	T_DATA = 0x20, T_CREDIT = 0x21, T_CLOSE = 0x22,
	T_STARTED = 0x30, T_FAILED = 0x31, T_EXIT = 0x32,
	T_READY = 0x40, T_CONFIGURE = 0x41, T_CONFIGURED = 0x42, T_BOOT_FAILED = 0x43,
	T_SHUTDOWN = 0x44, T_CLOCK = 0x45, T_CONFIGURE_PART = 0x46,
	T_OPEN = 0x50, T_OPENED = 0x51, T_REFUSED = 0x52, T_RESET = 0x53,
};

/* What the top bits of an owner say; the others are its number */
#define OWNER_LINK		(1ULL << 63)
#define OWNER_GUEST		(1ULL << 62)	/* of a link: the guest opened it */
#define OWNER_NUMBER		(OWNER_GUEST - 1)

enum owner_class { OWNER_NONE = 0, OWNER_CONNECTION = 1, OWNER_EXEC = 2, OWNER_A_LINK = 4 };

enum failure_kind {
	F_NOT_FOUND = 1, F_PERMISSION_DENIED, F_NOT_EXECUTABLE, F_BAD_CWD, F_BAD_ARGS,
	F_RESOURCE_LIMIT, F_USER_NOT_FOUND, F_OUT_OF_MEMORY, F_PTY_FAILED, F_OTHER,
};

/* What a file system that CONFIGURE names is to the guest */
enum mount_role { M_ROOT = 1, M_UPPER, M_AT_PATH };

enum mount_flag { M_READ_ONLY = 1 };

/**
 * struct frame - A received frame
 * @type:	Number from enum frame_type
 * @stream:	0 stdin, 1 stdout, 2 stderr where the type has one
 * @owner:	Owner it belongs to, 0 for the connection
 * @payload:	Points into the buffer that was parsed
 * @len:	Bytes of payload
 */
struct frame {
	uint8_t type;
	uint8_t stream;
	uint64_t owner;
	uint8_t *payload;
	uint32_t len;
};

/**
 * struct cursor - Where reading of a payload has got to
 * @p:		Next byte
 * @end:	Behind the last byte
 * @bad:	Set when a field did not fit; all later fields read as 0 or ""
 * @nul:	Set when a string contained a NUL
 */
struct cursor {
	uint8_t *p;
	uint8_t *end;
	bool bad;
	bool nul;
};

enum owner_class frame_owner(uint64_t owner);
int frame_parse(uint8_t *buf, size_t len, struct frame *f, const char **why);

uint64_t get_uint(struct cursor *c, unsigned int bytes);
char *get_string(struct cursor *c, uint32_t *len);
char **get_strings(struct cursor *c, uint32_t *count, unsigned int spare, bool *nomem);
bool get_end(const struct cursor *c);

uint8_t *put_uint(uint8_t *p, unsigned int bytes, uint64_t v);
uint8_t *put_string(uint8_t *p, const char *s, size_t max);
uint8_t *put_header(uint8_t *p, uint32_t len, uint8_t type, uint8_t stream, uint64_t owner);

#endif
