/*
 * world.c - The pretended machine, see world.h
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "world.h"

#define AGENT_PID	1000
#define MOST_FDS	4096
#define COPIES_FROM	500		/* number of the first copy of what was closed */
#define BIRTH		1000000000000ULL
#define END_OF_TIME	(1ULL << 62)
#define MOST_BYTES	(24U << 20)	/* of the agent's heap, see world_malloc() */
#define ROUNDS		1000		/* of the agent's loop while the test does nothing */

struct proc world_procs[WORLD_PROCS];
struct failure world_next_failure;
bool world_small_pipes;
unsigned int world_fails_in, world_full_in;

static jmp_buf out_of_agent;
static int exit_status;
static bool (*step)(void);
static bool asleep;
static unsigned int rounds;
static uint64_t clock_ns, timer_at;
static int timer = -1, sigchld = -1, master = -1;
static pid_t last_pid;
static bool open_fds[MOST_FDS], watched[MOST_FDS];
static unsigned int fd_count;
static int copies[MOST_FDS], copy_count;

int agent_main(int argc, char **argv);

_Noreturn void world_found(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "FOUND: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, "\n");
	va_end(ap);
	abort();
}

/* What the agent has no reason to call here */
#define FORBIDDEN(name)								\
	_Noreturn void forbidden_##name(void);					\
	_Noreturn void forbidden_##name(void)					\
	{									\
		world_found("the agent calls %s()", #name);			\
	}

FORBIDDEN(_exit) FORBIDDEN(boot_clock) FORBIDDEN(boot_configure) FORBIDDEN(boot_early)
FORBIDDEN(boot_ahead) FORBIDDEN(boot_port) FORBIDDEN(boot_read_ahead) FORBIDDEN(boot_warm_up)
FORBIDDEN(boot_warmed_up) FORBIDDEN(defaults_set) FORBIDDEN(dup2)
FORBIDDEN(execve) FORBIDDEN(files_main) FORBIDDEN(mount_quiesce) FORBIDDEN(reboot) FORBIDDEN(setsid)
FORBIDDEN(stat) FORBIDDEN(vfork)

/* ---- the agent's own variables, put back before each run ---- */

extern char __start_agent_data[], __stop_agent_data[], __start_agent_bss[], __stop_agent_bss[];
static char *first_data, *first_bss;

/* Not memcpy(), which would stumble over the red zones between variables */
__attribute__((no_sanitize("address"), noinline))
static void copy_bytes(char *to, const char *from, size_t n)
{
	volatile uint64_t *words = (volatile uint64_t *)to;

	for (; n >= sizeof(*words); n -= sizeof(*words)) {
		*words++ = *(const uint64_t *)from;
		from += sizeof(*words);
	}
	for (to = (char *)words; n; n--)
		*(volatile char *)to++ = *from++;
}

static void put_back(char *start, char *stop, char **first)
{
	size_t n = (size_t)(stop - start);

	if (!*first) {
		*first = malloc(n);
		copy_bytes(*first, start, n);
	} else {
		copy_bytes(start, *first, n);
	}
}

/* ---- memory ---- */

/* Each block is preceded by this, in a list, as what runs through longjmp() frees nothing */
struct block {
	struct block *prev, *next;
	size_t size;
	size_t align;
};

static struct block blocks = { &blocks, &blocks, 0, 0 };
static size_t bytes;
static unsigned int allocations;

size_t world_bytes(void)
{
	return bytes;
}

unsigned int world_allocations(void)
{
	return allocations;
}

/* Is this the call that fails? */
static bool due(unsigned int *in)
{
	return *in && !--*in;
}

void *world_malloc(size_t n);
void *world_calloc(size_t n, size_t size);
void *world_realloc(void *p, size_t n);
char *world_strdup(const char *s);
void world_free(void *p);

void *world_malloc(size_t n)
{
	struct block *b = due(&world_full_in) ? NULL : malloc(sizeof(*b) + n);

	if (!b)
		return NULL;
	bytes += n;
	allocations++;
	/* A ring for each exec's stdin, a START, and tables: nothing else may grow */
	if (bytes > MOST_BYTES)
		world_found("the agent holds %zu bytes", bytes);
	b->size = n;
	b->next = &blocks;
	b->prev = blocks.prev;
	b->prev->next = blocks.prev = b;
	return b + 1;
}

void world_free(void *p)
{
	struct block *b = p;

	if (!b)
		return;
	b--;
	b->prev->next = b->next;
	b->next->prev = b->prev;
	bytes -= b->size;
	allocations--;
	free(b);
}

void *world_calloc(size_t n, size_t size)
{
	void *p = world_malloc(n * size);

	if (p)
		memset(p, 0, n * size);
	return p;
}

void *world_realloc(void *p, size_t n)
{
	void *q = world_malloc(n);

	if (p && q) {
		size_t old = ((struct block *)p - 1)->size;

		memcpy(q, p, old < n ? old : n);
		world_free(p);
	}
	return q;
}

char *world_strdup(const char *s)
{
	char *p = world_malloc(strlen(s) + 1);

	return p ? strcpy(p, s) : NULL;
}

/* ---- descriptors ---- */

static int opened(int fd)
{
	if (fd >= MOST_FDS)
		world_found("descriptor %d", fd);
	if (fd >= 0) {
		open_fds[fd] = true;
		fd_count++;
	}
	return fd;
}

static int known(int fd)
{
	if (fd < 0 || fd >= MOST_FDS || !open_fds[fd])
		world_found("the agent uses descriptor %d, which is not open", fd);
	return fd;
}

unsigned int world_fds(void)
{
	return fd_count;
}

int world_close(int fd);
int world_pipe2(int fds[2], int flags);
int world_socketpair(int domain, int type, int protocol, int fds[2]);
int world_shutdown(int fd, int how);
int world_getsockopt(int fd, int level, int name, void *value, socklen_t *size);
int world_open(const char *path, int flags, ...);
int world_openat(int dir, const char *path, int flags, ...);
ssize_t world_read(int fd, void *p, size_t n);
ssize_t world_write(int fd, const void *p, size_t n);
ssize_t world_writev(int fd, const struct iovec *iov, int n);
int world_poll(struct pollfd *p, nfds_t n, int timeout);
int world_ioctl(int fd, unsigned long what, ...);
int world_fcntl(int fd, int what, ...);
int world_fstat(int fd, struct stat *st);
int world_fchmod(int fd, mode_t mode);
int world_fchown(int fd, uid_t uid, gid_t gid);
int world_tcgetattr(int fd, struct termios *t);

/*
 * What the agent closes is held a while by a copy, as by a child of it that has not closed its
 * own yet: epoll watches a file, not a descriptor, and goes on as long as a copy is left.
 */
static void keep_copy(int fd)
{
	int copy = copy_count < MOST_FDS ? fcntl(fd, F_DUPFD_CLOEXEC, COPIES_FROM) : -1;

	if (copy >= 0)
		copies[copy_count++] = copy;
}

static void drop_copies(void)
{
	while (copy_count)
		close(copies[--copy_count]);
}

int world_close(int fd)
{
	open_fds[known(fd)] = false;
	if (watched[fd])
		world_found("the agent closes descriptor %d, which it watches", fd);
	fd_count--;
	if (fd == master)
		master = -1;
	keep_copy(fd);
	return close(fd);
}

static bool no_descriptor(void)
{
	errno = EMFILE;
	return due(&world_fails_in);
}

int world_pipe2(int fds[2], int flags)
{
	if (no_descriptor() || pipe2(fds, flags) < 0)
		return -1;
	fcntl(fds[1], F_SETPIPE_SZ, world_small_pipes ? 4096 : 65536);
	opened(fds[0]);
	opened(fds[1]);
	return 0;
}

int world_socketpair(int domain, int type, int protocol, int fds[2])
{
	static const int small = 4096;
	int i;

	if (no_descriptor() || socketpair(domain, type, protocol, fds) < 0)
		return -1;
	for (i = 0; i < 2; i++) {
		if (world_small_pipes)
			setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
		opened(fds[i]);
	}
	return 0;
}

int world_shutdown(int fd, int how)
{
	return shutdown(known(fd), how);
}

int world_getsockopt(int fd, int level, int name, void *value, socklen_t *size)
{
	return getsockopt(known(fd), level, name, value, size);
}

/* A file that holds a text */
static int text_file(const char *text)
{
	int fd = memfd_create("text", MFD_CLOEXEC);

	if (write(fd, text, strlen(text)) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		abort();
	return opened(fd);
}

int world_open(const char *path, int flags, ...)
{
	static const int terminal_holds = 32768;	/* a real one holds less than 128 KiB */
	static int slave = -1;
	int fds[2];

	if (no_descriptor())
		return -1;
	if (!strcmp(path, "/dev/null"))
		return opened(open(path, flags & ~O_CREAT));
	if (!strcmp(path, "/proc"))
		return opened(eventfd(0, EFD_CLOEXEC));
	if (!strcmp(path, "/etc/passwd"))
		return text_file("root:x:0:0:root:/root:/bin/sh\nbroken\n:::\n"
				 "alice:x:1000:1000::/home/alice:\n");
	if (!strcmp(path, "/etc/group"))
		return text_file("root:x:0:\nwheel:x:10:bob,alice\nalice:x:1000:");
	if (!strcmp(path, "/dev/ptmx")) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
			return -1;
		setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &terminal_holds, sizeof(int));
		if (slave >= 0)
			close(slave);
		master = opened(fds[0]);
		slave = fds[1];
		return master;
	}
	if (!strncmp(path, "/dev/pts/", 9) && slave >= 0) {
		fds[0] = slave;
		slave = -1;
		return opened(fds[0]);
	}
	errno = ENOENT;
	return -1;
}

ssize_t world_read(int fd, void *p, size_t n)
{
	if (fd == timer) {		/* rings once for a time that has come */
		if (!timer_at || timer_at > clock_ns) {
			errno = EAGAIN;
			return -1;
		}
		timer_at = 0;
	}
	return read(known(fd), p, n);
}

ssize_t world_write(int fd, const void *p, size_t n)
{
	if (fd == 2)
		return getenv("FUZZ_LOG") ? write(2, p, n) : (ssize_t)n;
	return write(known(fd), p, n);
}

ssize_t world_writev(int fd, const struct iovec *iov, int n)
{
	return writev(known(fd), iov, n);
}

int world_poll(struct pollfd *p, nfds_t n, int timeout)
{
	(void)timeout;			/* who waits here, waits in vain */
	return poll(p, n, 0);
}

int world_ioctl(int fd, unsigned long what, ...)
{
	va_list ap;
	void *p;

	va_start(ap, what);
	p = va_arg(ap, void *);
	va_end(ap);
	known(fd);
	switch (what) {
	case FIONREAD:
		return ioctl(fd, what, p);
	case TIOCGPTN:
		*(unsigned int *)p = 0;
		return 0;
	case TIOCGWINSZ:
		memset(p, 0, sizeof(struct winsize));
		return 0;
	case TIOCGPGRP:
		errno = ENOTTY;
		return -1;
	case TIOCSPTLCK:
	case TIOCSWINSZ:
		return 0;
	}
	world_found("the agent calls ioctl(%#lx)", what);
}

int world_fcntl(int fd, int what, ...)
{
	va_list ap;
	int arg;

	va_start(ap, what);
	arg = va_arg(ap, int);
	va_end(ap);
	return fcntl(known(fd), what, arg);
}

int world_fstat(int fd, struct stat *st)
{
	return fstat(known(fd), st);
}

int world_fchmod(int fd, mode_t mode)
{
	(void)mode;
	known(fd);
	return 0;
}

int world_fchown(int fd, uid_t uid, gid_t gid)
{
	(void)uid;
	(void)gid;
	known(fd);
	return 0;
}

int world_tcgetattr(int fd, struct termios *t)
{
	known(fd);
	memset(t, 0, sizeof(*t));
	t->c_lflag = ICANON;
	t->c_cc[VEOF] = 4;
	return 0;
}

/* ---- /proc ---- */

static struct proc *by_pid(pid_t pid);

int world_openat(int dir, const char *path, int flags, ...)
{
	char text[WORLD_PROCS * 12] = "", *p = text;
	struct proc *proc;
	int i;

	known(dir);
	if (!strcmp(path, "."))
		return opened(eventfd(0, EFD_CLOEXEC));
	if (!strncmp(path, "self/fd/", 8)) {	/* of a pipe */
		if (no_descriptor())
			return -1;
		known(atoi(path + 8));
		sprintf(text, "/proc/%s", path);
		return opened(open(text, flags & ~O_CREAT));
	}
	if (!strncmp(path, "self/task/", 10)) {
		for (i = 0; i < WORLD_PROCS; i++)
			if (world_procs[i].pid && world_procs[i].parent == AGENT_PID)
				p += sprintf(p, "%d ", world_procs[i].pid);
		return text_file(text);
	}
	proc = by_pid((pid_t)strtol(path, NULL, 10));
	if (!proc || !strstr(path, "/stat")) {
		errno = ENOENT;
		return -1;
	}
	sprintf(text, "%d (a) b) %c %d %d 1 0", proc->pid, proc->zombie ? 'Z' : 'S', proc->parent,
		proc->group);
	return text_file(text);
}

static struct { int fd, at; } proc_dir;

DIR *world_fdopendir(int fd);
struct dirent *world_readdir(DIR *dir);
int world_closedir(DIR *dir);

DIR *world_fdopendir(int fd)
{
	proc_dir.fd = known(fd);
	proc_dir.at = 0;
	return (DIR *)&proc_dir;
}

struct dirent *world_readdir(DIR *dir)
{
	static struct dirent d;

	(void)dir;
	while (proc_dir.at < WORLD_PROCS) {
		struct proc *p = &world_procs[proc_dir.at++];

		if (p->pid) {
			sprintf(d.d_name, "%d", p->pid);
			return &d;
		}
	}
	return NULL;
}

int world_closedir(DIR *dir)
{
	(void)dir;
	return world_close(proc_dir.fd);
}

/* ---- events and time ---- */

int world_epoll_create1(int flags);
int world_epoll_ctl(int epfd, int what, int fd, struct epoll_event *ev);
int world_epoll_wait(int epfd, struct epoll_event *events, int most, int timeout);
int world_timerfd_create(int clock, int flags);
int world_timerfd_settime(int fd, int flags, const struct itimerspec *its,
			  struct itimerspec *old);
int world_signalfd(int fd, const sigset_t *set, int flags);
int world_clock_gettime(clockid_t clock, struct timespec *ts);
int world_usleep(useconds_t us);

int world_epoll_create1(int flags)
{
	return opened(epoll_create1(flags));
}

int world_epoll_ctl(int epfd, int what, int fd, struct epoll_event *ev)
{
	known(fd);
	if (what == EPOLL_CTL_ADD && no_descriptor())
		return -1;
	if (epoll_ctl(known(epfd), what, fd, ev) < 0)
		return -1;
	watched[fd] = what != EPOLL_CTL_DEL;
	return 0;
}

bool world_asleep(void)
{
	return asleep;
}

/* Where the agent waits is where its world goes on. The copies of what it closed last until the
 * events of its first sleep after that are in its hand, or until nothing wakes it. */
int world_epoll_wait(int epfd, struct epoll_event *events, int most, int timeout)
{
	int n, sleeps = 0;

	do {
		rounds = step() ? 0 : rounds + 1;
		if (rounds > ROUNDS)
			world_found("the agent never rests");
		n = epoll_wait(known(epfd), events, most, 0);
		asleep = !n && timeout;
		if (sleeps++)
			drop_copies();
	} while (asleep);
	return n;
}

int world_timerfd_create(int clock, int flags)
{
	(void)clock;
	(void)flags;
	return timer = opened(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

static void ring(void)
{
	uint64_t one = 1;

	if (timer_at && timer_at <= clock_ns && write(timer, &one, sizeof(one)) < 0)
		abort();
}

int world_timerfd_settime(int fd, int flags, const struct itimerspec *its,
			  struct itimerspec *old)
{
	uint64_t dummy;

	(void)old;
	known(fd);
	if (!(flags & TFD_TIMER_ABSTIME) || its->it_value.tv_nsec >= 1000000000)
		world_found("a timer that cannot be set");
	timer_at = (uint64_t)its->it_value.tv_sec * NANO + (uint64_t)its->it_value.tv_nsec;
	if (read(timer, &dummy, sizeof(dummy)) > 0)
		dummy = 0;		/* setting it forgets that it rang */
	ring();
	return 0;
}

int world_signalfd(int fd, const sigset_t *set, int flags)
{
	(void)fd;
	(void)set;
	(void)flags;
	return sigchld = opened(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

int world_clock_gettime(clockid_t clock, struct timespec *ts)
{
	(void)clock;
	ts->tv_sec = (time_t)(clock_ns / NANO);
	ts->tv_nsec = (long)(clock_ns % NANO);
	return 0;
}

void world_pass(uint64_t ns)
{
	if (clock_ns + ns < END_OF_TIME)
		clock_ns += ns;
	ring();
}

void world_pass_to_timer(void)
{
	if (timer_at > clock_ns)
		world_pass(timer_at - clock_ns);
}

int world_usleep(useconds_t us)
{
	world_pass(us * 1000ULL);
	return 0;
}

/* ---- processes ---- */

int world_kill(pid_t pid, int signal);
int world_waitid(idtype_t type, id_t id, siginfo_t *info, int options);
pid_t world_waitpid(pid_t pid, int *status, int options);
long world_syscall(long number, ...);

static struct proc *by_pid(pid_t pid)
{
	int i;

	for (i = 0; i < WORLD_PROCS; i++)
		if (world_procs[i].pid == pid)
			return &world_procs[i];
	return NULL;
}

static struct proc *free_proc(void)
{
	struct proc *p = by_pid(0);

	if (p) {
		memset(p, 0, sizeof(*p));
		p->pid = ++last_pid;
		p->fd[0] = p->fd[1] = p->fd[2] = -1;
	}
	return p;
}

void world_close_fd(struct proc *p, int n)
{
	if (p->fd[n] >= 0)
		close(p->fd[n]);
	p->fd[n] = -1;
}

static void tell_agent(void)
{
	uint64_t one = 1;

	if (write(sigchld, &one, sizeof(one)) < 0)
		abort();
}

struct proc *world_fork(struct proc *parent, bool own_group)
{
	struct proc *p = free_proc();
	int i;

	if (!p)
		return NULL;
	p->group = own_group ? p->pid : parent->group;
	p->parent = parent->pid;
	p->run = parent->run;
	for (i = 0; i < 3; i++)
		p->fd[i] = parent->fd[i] < 0 ? -1 : fcntl(parent->fd[i], F_DUPFD_CLOEXEC, 0);
	return p;
}

void world_end_proc(struct proc *p, int code, int status)
{
	int i;

	for (i = 0; i < 3; i++)
		world_close_fd(p, i);
	for (i = 0; i < WORLD_PROCS; i++)
		if (world_procs[i].pid && world_procs[i].parent == p->pid)
			world_procs[i].parent = AGENT_PID;
	p->zombie = true;
	p->code = code;
	p->status = status;
	if (p->parent == AGENT_PID)
		tell_agent();
	else
		p->pid = 0;
}

static void signal_one(struct proc *p, int signal)
{
	bool ends = signal != 0 && signal != SIGCHLD && signal != SIGCONT && signal != SIGWINCH &&
		    signal != SIGURG && signal != SIGSTOP && signal != SIGTSTP &&
		    signal != SIGTTIN && signal != SIGTTOU;

	if (ends && !p->zombie && (!p->stubborn || signal == SIGKILL))
		world_end_proc(p, CLD_KILLED, signal);
}

int world_kill(pid_t pid, int signal)
{
	struct proc *leader;
	int i;

	if (pid == 0 || pid == -1 || signal < 0 || signal > 64)
		world_found("kill(%d, %d)", pid, signal);
	leader = by_pid(pid < 0 ? -pid : pid);
	/* Its number may be anyone's by now */
	if (!leader)
		world_found("kill(%d, %d), of which nobody is left", pid, signal);
	if (pid > 0) {
		signal_one(leader, signal);
		return 0;
	}
	for (i = 0; i < WORLD_PROCS; i++)
		if (world_procs[i].pid && world_procs[i].group == -pid)
			signal_one(&world_procs[i], signal);
	return 0;
}

/* The spawn() of spawn.c, in whose place this is linked, runs its command or fails */
pid_t world_spawn(const struct start *st, const struct identity *who, char **env, const int fds[3],
		  const char *cwd, struct failure *f);

pid_t world_spawn(const struct start *st, const struct identity *who, char **env, const int fds[3],
		  const char *cwd, struct failure *f)
{
	struct proc *p = world_next_failure.kind ? NULL : free_proc();
	size_t length = strlen(cwd) + strlen(who->home);
	uint32_t i;

	/* Looks at all that a child would look at */
	for (i = 1; st->argv[i]; i++)
		length += strlen(st->argv[i]);
	for (i = 0; env[i]; i++)
		length += strlen(env[i]);
	for (i = 0; i < st->limit_count * LIMIT_BYTES; i++)
		length += st->limits[i];
	if (!p) {
		*f = world_next_failure;
		if (!f->kind)
			*f = (struct failure){ F_RESOURCE_LIMIT, EAGAIN, "fork", NULL };
		f->subject = world_strdup(length % 2 ? st->argv[1] : cwd);
		world_next_failure.kind = 0;
		return -1;
	}
	p->first = true;
	p->group = p->pid;
	p->parent = AGENT_PID;
	p->run = world_run_started(st);
	for (i = 0; i < 3; i++) {
		fcntl(known(fds[i]), F_SETFL, O_NONBLOCK);
		p->fd[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 0);
	}
	return p->pid;
}

/* The zombies that a wait looks at; NULL with *any if a child lives */
static struct proc *zombie(pid_t pid, bool *any)
{
	int i;

	*any = false;
	for (i = 0; i < WORLD_PROCS; i++) {
		struct proc *p = &world_procs[i];

		if (!p->pid || p->parent != AGENT_PID || (pid > 0 && p->pid != pid))
			continue;
		*any = true;
		if (p->zombie)
			return p;
	}
	return NULL;
}

int world_waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	bool any;
	struct proc *p = zombie(type == P_ALL ? 0 : (pid_t)id, &any);

	info->si_pid = 0;
	if (!p && !any) {
		errno = ECHILD;
		return -1;
	}
	if (p) {
		info->si_pid = p->pid;
		info->si_code = p->code;
		info->si_status = p->status;
		if (!(options & WNOWAIT))
			p->pid = 0;
	}
	return 0;
}

pid_t world_waitpid(pid_t pid, int *status, int options)
{
	siginfo_t info;

	(void)status;
	if (!(options & WNOHANG))
		world_found("the agent waits for a process");
	if (world_waitid(pid > 0 ? P_PID : P_ALL, (id_t)pid, &info, 0) < 0)
		return -1;
	return info.si_pid;
}

long world_syscall(long number, ...)
{
	va_list ap;
	idtype_t type;
	id_t id;
	siginfo_t *info;
	int options;

	if (number != SYS_waitid)	/* the others ask for nothing that shows */
		return 0;
	va_start(ap, number);
	type = va_arg(ap, idtype_t);
	id = (id_t)va_arg(ap, int);
	info = va_arg(ap, siginfo_t *);
	options = va_arg(ap, int);
	memset(va_arg(ap, struct rusage *), 0, sizeof(struct rusage));
	va_end(ap);
	return world_waitid(type, id, info, options);
}

/* ---- what a process may set of itself, and what it is ---- */

pid_t world_getpid(void);
uid_t world_geteuid(void);
gid_t world_getegid(void);
void (*world_signal(int signal, void (*handler)(int)))(int);
int world_sigprocmask(int how, const sigset_t *set, sigset_t *old);
mode_t world_umask(mode_t mode);
int world_getrlimit(int resource, struct rlimit *limit);
int world_setrlimit(int resource, const struct rlimit *limit);
int world_prctl(int what, ...);
int world_chdir(const char *path);
_Noreturn void world_exit(int status);

pid_t world_getpid(void)
{
	return AGENT_PID;
}

uid_t world_geteuid(void)
{
	return 0;
}

gid_t world_getegid(void)
{
	return 0;
}

void (*world_signal(int signal, void (*handler)(int)))(int)
{
	(void)signal;
	return handler;
}

int world_sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	(void)how;
	(void)set;
	(void)old;
	return 0;
}

mode_t world_umask(mode_t mode)
{
	return mode;
}

int world_getrlimit(int resource, struct rlimit *limit)
{
	(void)resource;
	limit->rlim_cur = limit->rlim_max = MOST_FDS;
	return 0;
}

int world_setrlimit(int resource, const struct rlimit *limit)
{
	(void)resource;
	(void)limit;
	return 0;
}

int world_prctl(int what, ...)
{
	(void)what;
	return 0;
}

int world_chdir(const char *path)
{
	(void)path;
	return 0;
}

/* ---- a life of the agent ---- */

_Noreturn void world_exit(int status)
{
	exit_status = status;
	longjmp(out_of_agent, 1);
}

static void clear(void)
{
	int i, n;

	for (i = 0; i < WORLD_PROCS; i++) {
		for (n = 0; world_procs[i].pid && n < 3; n++)
			world_close_fd(&world_procs[i], n);
		world_procs[i].pid = 0;
	}
	for (i = 0; i < MOST_FDS && fd_count; i++) {
		if (open_fds[i]) {
			close(i);
			open_fds[i] = watched[i] = false;
			fd_count--;
		}
	}
	drop_copies();
	while (blocks.next != &blocks)
		world_free(blocks.next + 1);
}

/**
 * world_agent() - Run the agent from its start to its end
 * @fd:		Its end of the connection; closed at the end
 * @go_on:	Called whenever the agent waits: lets something happen, says whether it did
 *
 * Return: its exit status
 */
int world_agent(int fd, bool (*go_on)(void))
{
	char number[16], name[] = "msb-agent", option[] = "--fd";
	char *argv[] = { name, option, number, NULL };

	put_back(__start_agent_data, __stop_agent_data, &first_data);
	put_back(__start_agent_bss, __stop_agent_bss, &first_bss);
	step = go_on;
	asleep = false;
	rounds = 0;
	clock_ns = BIRTH;
	timer_at = 0;
	last_pid = AGENT_PID;
	world_next_failure.kind = 0;
	world_small_pipes = false;
	world_fails_in = world_full_in = 0;
	sprintf(number, "%d", opened(fd));
	if (!setjmp(out_of_agent))
		exit_status = agent_main(3, argv);
	clear();
	return exit_status;
}
