/* Files, and copying those that are mostly holes. */
#include "posix.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

enum { COPY_BUFFER = 256 * 1024 };

JNIEXPORT jint JNICALL NATIVE(open)(PARAMS, jbyteArray path_bytes, jint flags, jint mode) {
  char path[PATH_MAX];
  int status = msb_path(env, path_bytes, path);
  if (status < 0) {
    return status;
  }
  return result(TEMP_FAILURE_RETRY(open(path, flags | O_CLOEXEC, (mode_t)mode)));
}

/* lseek(2) to data or to a hole, -errno if there is none */
static jlong seek(int fd, jlong offset, int what) {
  off_t at = lseek(fd, (off_t)offset, what);
  return at < 0 ? -errno : (jlong)at;
}

JNIEXPORT jlong JNICALL NATIVE(seekData)(PARAMS, jint fd, jlong offset) {
  return seek(fd, offset, SEEK_DATA);
}

JNIEXPORT jlong JNICALL NATIVE(seekHole)(PARAMS, jint fd, jlong offset) {
  return seek(fd, offset, SEEK_HOLE);
}

JNIEXPORT jint JNICALL NATIVE(unlink)(PARAMS, jbyteArray path_bytes) {
  char path[PATH_MAX];
  int status = msb_path(env, path_bytes, path);
  return status < 0 ? status : result(unlink(path));
}

JNIEXPORT jint JNICALL NATIVE(fsync)(PARAMS, jint fd) {
  return result(TEMP_FAILURE_RETRY(fsync(fd)));
}

JNIEXPORT jint JNICALL NATIVE(fileType)(PARAMS, jint fd) {
  struct stat about;
  return fstat(fd, &about) < 0 ? -errno : (jint)(about.st_mode & S_IFMT);
}

JNIEXPORT jlong JNICALL NATIVE(lseek)(PARAMS, jint fd, jlong offset, jint whence) {
  off_t at = lseek(fd, offset, whence);
  return at < 0 ? -errno : at;
}

/* How one copy goes on: the buffer is there once copy_file_range has turned out not to work. */
struct copy {
  int from;
  int to;
  char *buffer;
};

static int write_all(int fd, const char *bytes, size_t length, off_t at) {
  while (length > 0) {
    ssize_t count = TEMP_FAILURE_RETRY(pwrite(fd, bytes, length, at));
    if (count < 0) {
      return -errno;
    }
    bytes += count;
    at += count;
    length -= (size_t)count;
  }
  return 0;
}

static int copy_buffered(struct copy *copy, off_t at, off_t end) {
  if (copy->buffer == NULL) {
    copy->buffer = malloc(COPY_BUFFER);
    if (copy->buffer == NULL) {
      return -ENOMEM;
    }
  }
  while (at < end) {
    size_t length = end - at < COPY_BUFFER ? (size_t)(end - at) : COPY_BUFFER;
    ssize_t count = TEMP_FAILURE_RETRY(pread(copy->from, copy->buffer, length, at));
    if (count <= 0) {
      /* The source is shorter than it was: a copy of that is no copy. */
      return count < 0 ? -errno : -EIO;
    }
    int status = write_all(copy->to, copy->buffer, (size_t)count, at);
    if (status < 0) {
      return status;
    }
    at += count;
  }
  return 0;
}

static int copy_extent(struct copy *copy, off_t at, off_t end) {
  while (at < end && copy->buffer == NULL) {
    off_t in = at;
    off_t out = at;
    ssize_t count = copy_file_range(copy->from, &in, copy->to, &out, (size_t)(end - at), 0);
    if (count > 0) {
      at += count;
    } else if (count == 0 || errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP ||
               errno == ENOSYS || errno == EPERM) {
      /* Not between these file systems, or (0) not from this one, although it says so. */
      break;
    } else if (errno != EINTR) {
      return -errno;
    }
  }
  return at < end ? copy_buffered(copy, at, end) : 0;
}

static int copy_extents(struct copy *copy, off_t size) {
  off_t at = 0;
  while (at < size) {
    off_t data = lseek(copy->from, at, SEEK_DATA);
    if (data < 0 && errno == ENXIO) {
      return 0;
    }
    off_t hole = size;
    if (data < 0) {
      /* A file system that knows no holes: all of it is data. */
      data = at;
    } else {
      hole = lseek(copy->from, data, SEEK_HOLE);
      if (hole < 0 || hole > size) {
        hole = size;
      }
    }
    int status = copy_extent(copy, data, hole);
    if (status < 0) {
      return status;
    }
    at = hole;
  }
  return 0;
}

JNIEXPORT jint JNICALL NATIVE(copySparse)(PARAMS, jint from, jint to) {
  struct stat source;
  struct stat target;
  if (fstat(from, &source) < 0 || fstat(to, &target) < 0) {
    return -errno;
  }
  if (!S_ISREG(source.st_mode) || !S_ISREG(target.st_mode) ||
      (source.st_dev == target.st_dev && source.st_ino == target.st_ino)) {
    return -EINVAL;
  }
  /* Truncated first, so that holes of the source are holes of the target and not its old bytes. */
  if (ftruncate(to, 0) < 0) {
    return -errno;
  }
  if (ioctl(to, FICLONE, from) == 0) {
    return 0;
  }
  if (ftruncate(to, source.st_size) < 0) {
    return -errno;
  }
  struct copy copy = {from, to, NULL};
  int status = copy_extents(&copy, source.st_size);
  free(copy.buffer);
  return status;
}
