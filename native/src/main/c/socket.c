/*
 * Unix stream sockets.
 *
 * sun_path holds 107 bytes and a zero. A longer path is reached through a descriptor and /proc:
 * for connect the socket itself, for bind, whose file does not exist yet, its directory.
 */
#include "posix.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

typedef int (*attach)(int fd, const struct sockaddr *address, socklen_t length);

int msb_path(JNIEnv *env, jbyteArray path, char out[PATH_MAX]) {
  if (path == NULL) {
    return -EINVAL;
  }
  jsize length = (*env)->GetArrayLength(env, path);
  if (length == 0) {
    return -ENOENT;
  }
  if (length >= PATH_MAX) {
    return -ENAMETOOLONG;
  }
  (*env)->GetByteArrayRegion(env, path, 0, length, (jbyte *)out);
  out[length] = '\0';
  return memchr(out, '\0', (size_t)length) == NULL ? 0 : -EINVAL;
}

static int attach_short(attach call, int fd, const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(path);
  if (length >= sizeof address.sun_path) {
    return -ENAMETOOLONG;
  }
  memcpy(address.sun_path, path, length + 1);
  /* Retrying is right also for connect: on a unix socket it is interrupted only before it began. */
  return result(TEMP_FAILURE_RETRY(
      call(fd, (const struct sockaddr *)&address,
           (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1))));
}

/* Attaches through /proc/self/fd/DIRECTORY/base, or /proc/self/fd/ANCHOR where base is NULL. */
static int attach_through(attach call, int fd, const char *anchor, int flags, const char *base) {
  int through = open(anchor, O_PATH | O_CLOEXEC | flags);
  if (through < 0) {
    return -errno;
  }
  char name[PATH_MAX + 32];
  snprintf(name, sizeof name, "/proc/self/fd/%d%s%s", through, base == NULL ? "" : "/",
           base == NULL ? "" : base);
  int status = attach_short(call, fd, name);
  close(through);
  return status;
}

static int is_long(const char *path) {
  return strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path;
}

JNIEXPORT jint JNICALL NATIVE(connect)(PARAMS, jbyteArray path_bytes) {
  char path[PATH_MAX];
  int status = msb_path(env, path_bytes, path);
  if (status < 0) {
    return status;
  }
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return -errno;
  }
  status = is_long(path) ? attach_through(connect, fd, path, 0, NULL)
                         : attach_short(connect, fd, path);
  if (status < 0) {
    close(fd);
    return status;
  }
  return fd;
}

static int bind_path(int fd, char path[PATH_MAX]) {
  if (!is_long(path)) {
    return attach_short(bind, fd, path);
  }
  char *slash = strrchr(path, '/');
  if (slash == NULL) {
    return attach_through(bind, fd, ".", O_DIRECTORY, path);
  }
  *slash = '\0';
  int status =
      attach_through(bind, fd, slash == path ? "/" : path, O_DIRECTORY, slash + 1);
  *slash = '/';
  return status;
}

JNIEXPORT jint JNICALL NATIVE(listen)(PARAMS, jbyteArray path_bytes, jint backlog) {
  char path[PATH_MAX];
  int status = msb_path(env, path_bytes, path);
  if (status < 0) {
    return status;
  }
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) {
    return -errno;
  }
  /*
   * Linux gives the file the mode of the socket, less the umask. So the file never has a wider
   * mode, not for an instant, and the umask, which belongs to all threads, is left alone.
   */
  status = result(fchmod(fd, S_IRUSR | S_IWUSR));
  if (status == 0) {
    status = bind_path(fd, path);
  }
  if (status == 0 && listen(fd, backlog) < 0) {
    status = -errno;
    unlink(path);
  }
  if (status < 0) {
    close(fd);
    return status;
  }
  return fd;
}

JNIEXPORT jint JNICALL NATIVE(accept)(PARAMS, jint fd) {
  return result(TEMP_FAILURE_RETRY(accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)));
}

JNIEXPORT jint JNICALL NATIVE(peerUid)(PARAMS, jint fd) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) {
    return -errno;
  }
  /* A socket that is not connected has no peer, and the kernel says uid -1. */
  if (peer.uid == (uid_t)-1) {
    return -ENOTCONN;
  }
  return peer.uid > INT_MAX ? -EOVERFLOW : (jint)peer.uid;
}

JNIEXPORT jint JNICALL NATIVE(socketpair)(PARAMS, jintArray two) {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
    return -errno;
  }
  return msb_store_pair(env, two, fds);
}

static jint buffer_size(int fd, int option, int bytes) {
  socklen_t length = sizeof bytes;
  if (setsockopt(fd, SOL_SOCKET, option, &bytes, length) < 0 ||
      getsockopt(fd, SOL_SOCKET, option, &bytes, &length) < 0) {
    return -errno;
  }
  return bytes;
}

JNIEXPORT jint JNICALL NATIVE(sendBuffer)(PARAMS, jint fd, jint bytes) {
  return buffer_size(fd, SO_SNDBUF, bytes);
}

JNIEXPORT jint JNICALL NATIVE(receiveBuffer)(PARAMS, jint fd, jint bytes) {
  return buffer_size(fd, SO_RCVBUF, bytes);
}

JNIEXPORT jint JNICALL NATIVE(shutdown)(PARAMS, jint fd, jint how) {
  return result(shutdown(fd, how));
}
