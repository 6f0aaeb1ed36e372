/*
 * Starting a program.
 *
 * The child is made by clone with CLONE_VFORK: the calling thread waits until the child has called
 * exec or has ended, and only the calling thread. Where the child keeps its identity it also
 * borrows our memory (CLONE_VM), which spares the copy of a JVM's page tables. Where it changes its
 * identity it gets a copy: a change of uid in shared memory would make the *parent* undumpable, and
 * its /proc files root's.
 *
 * Between clone and exec only system calls run, and those for identity are the raw ones: glibc's
 * setuid would tell all threads of the JVM to follow. All signals are blocked until the child's
 * dispositions are default, so no handler of the parent runs in the child.
 *
 * The outcome comes back through memory that both share, so no pipe is needed.
 */
#include "posix.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { NEW_SESSION = 1, DIE_WITH_PARENT = 2, NO_NEW_PRIVS = 4, NO_CORE = 8 };
enum { CHILD_STACK = 64 * 1024, MAX_DESCRIPTORS = 1024 };

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* Lives in memory shared with the child; the pointers lead to memory that is shared or copied. */
struct spawn {
  char **argv;
  char **env;
  const char *cwd;
  const char *search;
  int *fds;
  int n;
  int flags;
  int uid;
  int gid;
  pid_t parent;
  int error;
  char candidate[PATH_MAX];
  _Alignas(16) char stack[CHILD_STACK];
};

/* Puts fds[i] at i and closes all else. Sources that a target would overwrite move away first. */
static int arrange_descriptors(struct spawn *spawn) {
  int *fds = spawn->fds;
  int n = spawn->n;
  int null = -1;
  for (int i = 0; i < n; i++) {
    if (fds[i] < 0) {
      if (null < 0) {
        null = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (null < 0) {
          return -errno;
        }
      }
      fds[i] = null;
    }
    /* Also where source and target are one, as that is the number that others may want too. */
    if (fds[i] < n) {
      fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, n);
      if (fds[i] < 0) {
        return -errno;
      }
    }
  }
  for (int i = 0; i < n; i++) {
    if (dup2(fds[i], i) < 0) {
      return -errno;
    }
  }
  return result(syscall(SYS_close_range, (unsigned)n, ~0U, 0U));
}

static int change_identity(const struct spawn *spawn) {
  if (spawn->uid == -1 && spawn->gid == -1) {
    return 0;
  }
  if (syscall(SYS_setgroups, 0, NULL) < 0) {
    return -errno;
  }
  if (spawn->gid != -1 && syscall(SYS_setresgid, spawn->gid, spawn->gid, spawn->gid) < 0) {
    return -errno;
  }
  if (spawn->uid != -1 && syscall(SYS_setresuid, spawn->uid, spawn->uid, spawn->uid) < 0) {
    return -errno;
  }
  return 0;
}

static int execute(struct spawn *spawn) {
  const char *program = spawn->argv[0];
  if (strchr(program, '/') != NULL) {
    execve(program, spawn->argv, spawn->env);
    return -errno;
  }
  size_t length = strlen(program);
  int error = -ENOENT;
  for (const char *at = spawn->search; *at != '\0';) {
    const char *end = strchrnul(at, ':');
    size_t directory = (size_t)(end - at);
    /* An empty element would mean the working directory, which is not ours to trust. */
    if (directory > 0 && directory + length + 2 <= sizeof spawn->candidate) {
      memcpy(spawn->candidate, at, directory);
      spawn->candidate[directory] = '/';
      memcpy(spawn->candidate + directory + 1, program, length + 1);
      execve(spawn->candidate, spawn->argv, spawn->env);
      if (errno == EACCES) {
        error = -EACCES;
      } else if (errno != ENOENT && errno != ENOTDIR) {
        return -errno;
      }
    }
    at = *end == '\0' ? end : end + 1;
  }
  return error;
}

static int prepare_and_execute(struct spawn *spawn) {
  /*
   * The raw call, as glibc's refuses two numbers that a parent may have ignored all the same. The
   * kernel's struct is no wider than glibc's, and all zeros mean SIG_DFL in each layout.
   */
  const struct sigaction by_default = {0};
  for (int number = 1; number < NSIG; number++) {
    syscall(SYS_rt_sigaction, number, &by_default, NULL, (size_t)(NSIG - 1) / 8);
  }
  if ((spawn->flags & NEW_SESSION) && setsid() < 0) {
    return -errno;
  }
  int status = arrange_descriptors(spawn);
  if (status == 0) {
    status = change_identity(spawn);
  }
  if (status < 0) {
    return status;
  }
  /* As the new user, so that it gets no directory that it could not have entered itself. */
  if (spawn->cwd != NULL && chdir(spawn->cwd) < 0) {
    return -errno;
  }
  if ((spawn->flags & NO_NEW_PRIVS) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
    return -errno;
  }
  const struct rlimit no_core = {0, 0};
  if ((spawn->flags & NO_CORE) && setrlimit(RLIMIT_CORE, &no_core) < 0) {
    return -errno;
  }
  if (spawn->flags & DIE_WITH_PARENT) {
    /* After the change of identity, which clears it. A parent that died before sends nothing. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) {
      return -errno;
    }
    if (getppid() != spawn->parent) {
      return -ESRCH;
    }
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  return execute(spawn);
}

static int child(void *argument) {
  struct spawn *spawn = argument;
  spawn->error = prepare_and_execute(spawn);
  _exit(127);
}

static int start(struct spawn *spawn) {
  int changes_identity = spawn->uid != -1 || spawn->gid != -1;
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  spawn->parent = getpid();
  pid_t pid = clone(child, spawn->stack + sizeof spawn->stack,
                    CLONE_VFORK | SIGCHLD | (changes_identity ? 0 : CLONE_VM), spawn);
  int status = result(pid);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (pid > 0 && spawn->error != 0) {
    TEMP_FAILURE_RETRY(waitpid(pid, NULL, 0));
    status = spawn->error;
  }
  return status;
}

/* Copies strings into one block that ends with NULL, to be freed as one; NULL and an error else. */
static char **copy_strings(JNIEnv *env, jobjectArray strings, int *error) {
  *error = -EINVAL;
  if (strings == NULL) {
    return NULL;
  }
  jsize count = (*env)->GetArrayLength(env, strings);
  size_t size = ((size_t)count + 1) * sizeof(char *);
  for (jsize i = 0; i < count; i++) {
    jbyteArray string = (*env)->GetObjectArrayElement(env, strings, i);
    if (string == NULL) {
      return NULL;
    }
    size += (size_t)(*env)->GetArrayLength(env, string) + 1;
    (*env)->DeleteLocalRef(env, string);
  }
  char **copy = malloc(size);
  if (copy == NULL) {
    *error = -ENOMEM;
    return NULL;
  }
  char *end = (char *)copy + size;
  char *at = (char *)(copy + count + 1);
  for (jsize i = 0; i < count; i++) {
    jbyteArray string = (*env)->GetObjectArrayElement(env, strings, i);
    jsize length = string == NULL ? 0 : (*env)->GetArrayLength(env, string);
    /* Another thread may have put a longer string there since the sizes were added up. */
    if (string == NULL || end - at <= length) {
      free(copy);
      return NULL;
    }
    (*env)->GetByteArrayRegion(env, string, 0, length, (jbyte *)at);
    (*env)->DeleteLocalRef(env, string);
    at[length] = '\0';
    if (memchr(at, '\0', (size_t)length) != NULL) {
      free(copy);
      return NULL;
    }
    copy[i] = at;
    at += length + 1;
  }
  copy[count] = NULL;
  *error = 0;
  return copy;
}

static int copy_arguments(JNIEnv *env, struct spawn *spawn, jobjectArray argv, jobjectArray envp,
                          jintArray fds) {
  int error;
  spawn->argv = copy_strings(env, argv, &error);
  if (error < 0) {
    return error;
  }
  if (spawn->argv[0] == NULL || spawn->argv[0][0] == '\0') {
    return spawn->argv[0] == NULL ? -EINVAL : -ENOENT;
  }
  spawn->env = copy_strings(env, envp, &error);
  if (error < 0) {
    return error;
  }
  spawn->n = fds == NULL ? -1 : (*env)->GetArrayLength(env, fds);
  if (spawn->n < 0 || spawn->n > MAX_DESCRIPTORS) {
    return -EINVAL;
  }
  spawn->fds = malloc((size_t)spawn->n * sizeof(int) + 1);
  if (spawn->fds == NULL) {
    return -ENOMEM;
  }
  (*env)->GetIntArrayRegion(env, fds, 0, spawn->n, (jint *)spawn->fds);
  return 0;
}

JNIEXPORT jint JNICALL NATIVE(spawn)(PARAMS, jobjectArray argv, jobjectArray envp, jintArray fds,
                                     jbyteArray cwd_bytes, jint flags, jint uid, jint gid) {
  char cwd[PATH_MAX];
  if (flags & ~(NEW_SESSION | DIE_WITH_PARENT | NO_NEW_PRIVS | NO_CORE) || uid < -1 || gid < -1) {
    return -EINVAL;
  }
  int status = cwd_bytes == NULL ? 0 : msb_path(env, cwd_bytes, cwd);
  if (status < 0) {
    return status;
  }
  struct spawn *spawn = mmap(NULL, sizeof *spawn, PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (spawn == MAP_FAILED) {
    return -errno;
  }
  const char *search = getenv("PATH");
  spawn->search = search == NULL ? DEFAULT_PATH : search;
  spawn->cwd = cwd_bytes == NULL ? NULL : cwd;
  spawn->flags = flags;
  spawn->uid = uid;
  spawn->gid = gid;
  status = copy_arguments(env, spawn, argv, envp, fds);
  if (status == 0) {
    status = start(spawn);
  }
  free(spawn->argv);
  free(spawn->env);
  free(spawn->fds);
  munmap(spawn, sizeof *spawn);
  return status;
}
