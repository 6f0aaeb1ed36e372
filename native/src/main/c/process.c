/* Processes and signals. */
#include "posix.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

JNIEXPORT jint JNICALL NATIVE(pidfd)(PARAMS, jint pid) {
  return result(syscall(SYS_pidfd_open, pid, 0U));
}

JNIEXPORT jint JNICALL NATIVE(waitpid)(PARAMS, jint pid, jintArray status_out, jint flags) {
  if (status_out == NULL || (*env)->GetArrayLength(env, status_out) < 1) {
    return -EINVAL;
  }
  int status = 0;
  pid_t ended = TEMP_FAILURE_RETRY(waitpid(pid, &status, flags));
  if (ended < 0) {
    return -errno;
  }
  const jint value = status;
  (*env)->SetIntArrayRegion(env, status_out, 0, 1, &value);
  return ended;
}

JNIEXPORT jint JNICALL NATIVE(kill)(PARAMS, jint pid, jint number) {
  return result(kill(pid, number));
}

JNIEXPORT jint JNICALL NATIVE(getpid)(PARAMS) {
  return getpid();
}

JNIEXPORT jint JNICALL NATIVE(getuid)(PARAMS) {
  uid_t uid = getuid();
  return uid > INT_MAX ? -EOVERFLOW : (jint)uid;
}

JNIEXPORT void JNICALL NATIVE(exit)(PARAMS, jint status) {
  _exit(status);
}

/* The pipe of signalPipe; it is made once and stays open as long as the process. */
static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
static int read_end = -1;
static _Atomic int write_end = -1;

static void note(int number) {
  int saved = errno;
  const unsigned char byte = (unsigned char)number;
  /* A full pipe holds 64 Ki signals that nobody has read: one more would tell nothing new. */
  ssize_t ignored UNUSED = write(write_end, &byte, 1);
  errno = saved;
}

static int make_pipe(void) {
  int status = 0;
  pthread_mutex_lock(&making);
  if (read_end < 0) {
    int fds[2];
    status = result(pipe2(fds, O_CLOEXEC | O_NONBLOCK));
    if (status == 0) {
      read_end = fds[0];
      write_end = fds[1];
    }
  }
  pthread_mutex_unlock(&making);
  return status;
}

JNIEXPORT jint JNICALL NATIVE(signalPipe)(PARAMS, jintArray signals) {
  jint numbers[NSIG];
  jsize count = signals == NULL ? -1 : (*env)->GetArrayLength(env, signals);
  if (count < 0 || count > NSIG) {
    return -EINVAL;
  }
  (*env)->GetIntArrayRegion(env, signals, 0, count, numbers);
  int status = make_pipe();
  if (status < 0) {
    return status;
  }
  struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART | SA_ONSTACK};
  sigfillset(&action.sa_mask);
  sigset_t wanted;
  sigemptyset(&wanted);
  for (jsize i = 0; i < count; i++) {
    if (sigaction(numbers[i], &action, NULL) < 0) {
      return -errno;
    }
    sigaddset(&wanted, numbers[i]);
  }
  /* HotSpot blocks QUIT in Java threads, and whoever started us may have blocked others. */
  pthread_sigmask(SIG_UNBLOCK, &wanted, NULL);
  return read_end;
}

JNIEXPORT jint JNICALL NATIVE(ignored)(PARAMS, jint number) {
  struct sigaction action;
  if (sigaction(number, NULL, &action) < 0) {
    return -errno;
  }
  return action.sa_handler == SIG_IGN;
}

JNIEXPORT jint JNICALL NATIVE(resetSignal)(PARAMS, jint number) {
  const struct sigaction by_default = {.sa_handler = SIG_DFL};
  return result(sigaction(number, &by_default, NULL));
}

JNIEXPORT jint JNICALL NATIVE(raise)(PARAMS, jint number) {
  const struct sigaction by_default = {.sa_handler = SIG_DFL};
  struct sigaction before;
  /* KILL and STOP have no disposition to set. */
  int is_fixed = number == SIGKILL || number == SIGSTOP;
  if (!is_fixed && sigaction(number, &by_default, &before) < 0) {
    return -errno;
  }
  sigset_t only;
  sigset_t mask;
  sigemptyset(&only);
  sigaddset(&only, number);
  pthread_sigmask(SIG_UNBLOCK, &only, &mask);
  /* To this thread, so that it has taken effect, on the whole process, when the call returns. */
  int status = -pthread_kill(pthread_self(), number);
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
  if (!is_fixed) {
    sigaction(number, &before, NULL);
  }
  return status;
}

JNIEXPORT jstring JNICALL NATIVE(describe)(PARAMS, jint number) {
  /* Not strerror: the JVM sets the locale, and messages of ours are in one language. */
  const char *text = strerrordesc_np(number);
  const char *name = strerrorname_np(number);
  char message[128];
  if (text == NULL || name == NULL) {
    snprintf(message, sizeof message, "Unknown error %d", number);
  } else {
    snprintf(message, sizeof message, "%s (%s)", text, name);
  }
  return (*env)->NewStringUTF(env, message);
}
