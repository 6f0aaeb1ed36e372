/*
 * What the files of libmsb share. The contract of each call is in Posix.java; here is only what a
 * reader of the C needs.
 *
 * Every function returns a value >= 0 or -errno, and leaves no Java exception pending: array
 * lengths are checked before a region is copied. A wrong argument (null, out of range) is -EINVAL.
 */
#ifndef MSB_POSIX_H
#define MSB_POSIX_H

#define _GNU_SOURCE
#include <errno.h>
#include <jni.h>
#include <limits.h>
#include <stddef.h>
#include <unistd.h>

#define UNUSED __attribute__((unused))
#define NATIVE(name) Java_dev_msb_posix_Posix_##name
#define PARAMS JNIEnv *env UNUSED, jclass self UNUSED

static inline jint result(long value) {
  return value < 0 ? -errno : (jint)value;
}

/* Copies a path; 0 or -errno. A zero byte would cut the path short, so it is -EINVAL. */
int msb_path(JNIEnv *env, jbyteArray path, char out[PATH_MAX]);

/* Stores two descriptors; closes them and returns -EINVAL if the array is too short. */
int msb_store_pair(JNIEnv *env, jintArray two, const int fds[2]);

#endif
