/* Terminals. */
#include "posix.h"

#include <sys/ioctl.h>
#include <termios.h>

JNIEXPORT jint JNICALL NATIVE(isatty)(PARAMS, jint fd) {
  return isatty(fd) ? 1 : errno == EBADF ? -EBADF : 0;
}

JNIEXPORT jbyteArray JNICALL NATIVE(rawMode)(PARAMS, jint fd, jboolean output) {
  struct termios mode = {0};
  if (tcgetattr(fd, &mode) < 0) {
    return NULL;
  }
  jbyteArray saved = (*env)->NewByteArray(env, (jsize)sizeof mode);
  if (saved == NULL) {
    return NULL;
  }
  (*env)->SetByteArrayRegion(env, saved, 0, (jsize)sizeof mode, (const jbyte *)&mode);
  tcflag_t processing = mode.c_oflag;
  cfmakeraw(&mode);
  if (!output) {
    mode.c_oflag = processing;
  }
  mode.c_cc[VMIN] = 1;
  mode.c_cc[VTIME] = 0;
  /* After what is still being written has gone out, so that it keeps its line ends. */
  return TEMP_FAILURE_RETRY(tcsetattr(fd, TCSADRAIN, &mode)) < 0 ? NULL : saved;
}

/* Whether another process group has our controlling terminal now. */
static int in_background(int fd) {
  pid_t foreground = tcgetpgrp(fd);
  return foreground > 0 && foreground != getpgrp() && tcgetsid(fd) == getsid(0);
}

JNIEXPORT jint JNICALL NATIVE(restoreMode)(PARAMS, jint fd, jbyteArray saved) {
  struct termios mode;
  if (saved == NULL || (*env)->GetArrayLength(env, saved) != (jsize)sizeof mode) {
    return -EINVAL;
  }
  if (in_background(fd)) {
    return 0;
  }
  (*env)->GetByteArrayRegion(env, saved, 0, (jsize)sizeof mode, (jbyte *)&mode);
  return result(TEMP_FAILURE_RETRY(tcsetattr(fd, TCSADRAIN, &mode)));
}

JNIEXPORT jint JNICALL NATIVE(windowSize)(PARAMS, jint fd) {
  struct winsize size;
  if (ioctl(fd, TIOCGWINSZ, &size) < 0) {
    return -errno;
  }
  /* 15 bits, as the sign is for errors. */
  jint rows = size.ws_row > 0x7fff ? 0x7fff : size.ws_row;
  return rows << 16 | size.ws_col;
}
