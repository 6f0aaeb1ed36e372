/*
 * files_content.c - The content of a file in a walk, without its holes
 */
#include <errno.h>
#include <unistd.h>

#include "files.h"

/* END of a file, of a directory, or of what cannot be read */
uint8_t *files_put_end(uint8_t *p, int error, off_t size)
{
	p = put_uint(put_uint(p, 1, FW_END), 4, (uint64_t)error);
	return put_uint(p, 8, (uint64_t)size);
}

/**
 * files_begin_content() - A file is next
 * @c:		Set
 * @fd:		The file, which is closed at its end
 * @st:		Its attributes
 * @parts:	Where it has data is told first
 */
void files_begin_content(struct files_content *c, int fd, const struct stat *st, bool parts)
{
	c->fd = fd;
	c->size = st->st_size;
	c->read = 0;
	c->sparse = st->st_blocks * 512 < st->st_size;
	c->mapping = c->sparse && parts;
	c->data_end = c->sparse ? 0 : st->st_size;
}

/* Where the next run of data begins and ends. Return: false: only a hole is left */
static bool next_data(struct files_content *c)
{
	off_t begin = lseek(c->fd, c->read, SEEK_DATA), end;

	if (begin < 0 && errno != ENXIO) {
		c->data_end = c->size;	/* it knows of no holes */
		return c->read < c->size;
	}
	if (begin < 0 || begin >= c->size)
		return false;
	end = lseek(c->fd, begin, SEEK_HOLE);
	c->read = begin;
	c->data_end = end > begin && end < c->size ? end : c->size;
	return true;
}

/* A part; the last one is behind all data and empty */
static uint8_t *map(struct files_content *c, uint8_t *p)
{
	bool more = next_data(c);
	off_t at = more ? c->read : c->size;

	p = put_uint(put_uint(p, 1, FW_PART), 8, (uint64_t)at);
	p = put_uint(p, 8, more ? (uint64_t)(c->data_end - at) : 0);
	if (more) {
		c->read = c->data_end;
	} else {
		c->mapping = false;
		c->read = c->data_end = 0;
	}
	return p;
}

static uint8_t *end_file(struct files_content *c, uint8_t *p, int error)
{
	close(c->fd);
	c->fd = -1;
	return files_put_end(p, error, c->size);
}

/**
 * files_put_content() - The next record of the file under way, or two
 * @c:		The file; its fd is -1 when it has ended
 * @p:		Where
 * @room:	Bytes there
 *
 * Return: behind the last byte, which may be that of an END behind the room
 */
uint8_t *files_put_content(struct files_content *c, uint8_t *p, size_t room)
{
	/* A file of no known size, as in /proc, is read until it ends */
	bool unknown = !c->size;
	size_t want = room - 13;
	ssize_t n;

	if (c->mapping)
		return map(c, p);
	if (c->sparse && c->read >= c->data_end && !next_data(c))
		return end_file(c, p, 0);
	if (!unknown && (off_t)want > c->data_end - c->read)
		want = (size_t)(c->data_end - c->read);
	n = pread(c->fd, p + 13, want, c->read);
	if (n < 0)
		return errno == EINTR ? p : end_file(c, p, errno);
	if (!n) {
		c->size = c->read;	/* it shrank, or that was its size */
		return end_file(c, p, 0);
	}
	put_uint(put_uint(put_uint(p, 1, FW_DATA), 8, (uint64_t)c->read), 4, (uint64_t)n);
	p += 13 + n;
	c->read += n;
	if (!unknown && c->read == c->size)
		return end_file(c, p, 0);
	return p;
}
