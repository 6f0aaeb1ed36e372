/* Descriptors: pipes, reading, writing, waiting. */
#include "posix.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/uio.h>

enum { MAX_POLLED = 4096, FEW_POLLED = 64 };

int msb_store_pair(JNIEnv *env, jintArray two, const int fds[2]) {
  if (two == NULL || (*env)->GetArrayLength(env, two) < 2) {
    close(fds[0]);
    close(fds[1]);
    return -EINVAL;
  }
  const jint values[2] = {fds[0], fds[1]};
  (*env)->SetIntArrayRegion(env, two, 0, 2, values);
  return 0;
}

JNIEXPORT jint JNICALL NATIVE(pipe)(PARAMS, jintArray two) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) < 0) {
    return -errno;
  }
  return msb_store_pair(env, two, fds);
}

/* The memory of a range of a direct buffer, or NULL if the range is not within it. */
static char *range(JNIEnv *env, jobject buffer, jint offset, jint length) {
  char *base = buffer == NULL ? NULL : (*env)->GetDirectBufferAddress(env, buffer);
  if (base == NULL || offset < 0 || length < 0) {
    return NULL;
  }
  return (jlong)offset + length <= (*env)->GetDirectBufferCapacity(env, buffer) ? base + offset
                                                                                 : NULL;
}

JNIEXPORT jint JNICALL NATIVE(read)(PARAMS, jint fd, jobject buffer, jint offset, jint length) {
  char *bytes = range(env, buffer, offset, length);
  if (bytes == NULL) {
    return -EINVAL;
  }
  return result(TEMP_FAILURE_RETRY(read(fd, bytes, (size_t)length)));
}

JNIEXPORT jint JNICALL NATIVE(write)(PARAMS, jint fd, jobject buffer, jint offset, jint length) {
  char *bytes = range(env, buffer, offset, length);
  if (bytes == NULL) {
    return -EINVAL;
  }
  return result(TEMP_FAILURE_RETRY(write(fd, bytes, (size_t)length)));
}

JNIEXPORT jint JNICALL NATIVE(write2)(PARAMS, jint fd, jobject first, jint offset1, jint length1,
                                      jobject second, jint offset2, jint length2) {
  char *bytes1 = range(env, first, offset1, length1);
  char *bytes2 = range(env, second, offset2, length2);
  if (bytes1 == NULL || bytes2 == NULL) {
    return -EINVAL;
  }
  const struct iovec parts[2] = {{bytes1, (size_t)length1}, {bytes2, (size_t)length2}};
  return result(TEMP_FAILURE_RETRY(writev(fd, parts, 2)));
}

JNIEXPORT jint JNICALL NATIVE(poll)(PARAMS, jintArray fds, jshortArray events,
                                    jshortArray revents, jint n, jint timeout_millis) {
  if (n < 0 || n > MAX_POLLED || fds == NULL || events == NULL || revents == NULL ||
      (*env)->GetArrayLength(env, fds) < n || (*env)->GetArrayLength(env, events) < n ||
      (*env)->GetArrayLength(env, revents) < n) {
    return -EINVAL;
  }
  struct pollfd few[FEW_POLLED];
  struct pollfd *polled = few;
  if (n > FEW_POLLED) {
    polled = malloc((size_t)n * sizeof *polled);
    if (polled == NULL) {
      return -ENOMEM;
    }
  }
  for (jint start = 0; start < n; start += FEW_POLLED) {
    jint chunk_fds[FEW_POLLED];
    jshort chunk_events[FEW_POLLED];
    jint count = n - start < FEW_POLLED ? n - start : FEW_POLLED;
    (*env)->GetIntArrayRegion(env, fds, start, count, chunk_fds);
    (*env)->GetShortArrayRegion(env, events, start, count, chunk_events);
    for (jint i = 0; i < count; i++) {
      polled[start + i] = (struct pollfd){.fd = chunk_fds[i], .events = chunk_events[i]};
    }
  }
  int ready;
  do {
    ready = poll(polled, (nfds_t)n, timeout_millis);
  } while (ready < 0 && errno == EINTR && timeout_millis < 0);
  int status = ready < 0 && errno == EINTR ? 0 : result(ready);
  for (jint start = 0; status >= 0 && start < n; start += FEW_POLLED) {
    jshort chunk[FEW_POLLED];
    jint count = n - start < FEW_POLLED ? n - start : FEW_POLLED;
    for (jint i = 0; i < count; i++) {
      chunk[i] = status == 0 ? 0 : polled[start + i].revents;
    }
    (*env)->SetShortArrayRegion(env, revents, start, count, chunk);
  }
  if (polled != few) {
    free(polled);
  }
  return status;
}

JNIEXPORT jint JNICALL NATIVE(close)(PARAMS, jint fd) {
  /* Linux has freed the descriptor even if it says EINTR; closing it again would hit another's. */
  return close(fd) < 0 && errno != EINTR ? -errno : 0;
}

JNIEXPORT jint JNICALL NATIVE(dup2)(PARAMS, jint from, jint to) {
  return result(TEMP_FAILURE_RETRY(dup2(from, to)));
}

JNIEXPORT jint JNICALL NATIVE(nonBlocking)(PARAMS, jint fd, jboolean on) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0) {
    return -errno;
  }
  int wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
  return wanted == flags ? 0 : result(fcntl(fd, F_SETFL, wanted));
}

JNIEXPORT jint JNICALL NATIVE(flock)(PARAMS, jint fd, jint operation) {
  return result(TEMP_FAILURE_RETRY(flock(fd, operation)));
}

JNIEXPORT jint JNICALL NATIVE(pipeSize)(PARAMS, jint fd) {
  return result(fcntl(fd, F_GETPIPE_SZ));
}

JNIEXPORT jint JNICALL NATIVE(setPipeSize)(PARAMS, jint fd, jint bytes) {
  return result(fcntl(fd, F_SETPIPE_SZ, bytes));
}
