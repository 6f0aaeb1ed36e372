/*
 * main.c - Modes and the event loop
 *
 * msb-agent            as PID 1 of a guest
 * msb-agent --fd N     as a process on the host, N being a connected stream socket
 * msb-agent --files    as a file server, see files.c
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent.h"
#include "connection.h"
#include "exec.h"
#include "files.h"
#include "link.h"
#include "off.h"
#include "port.h"
#include "timer.h"

#define EVENTS		64
#define MAX_FDS		8192

struct agent agent = { .proc = -1, .cwd = "", .user = "", .hostname = "", .quit = off_now };
static void signal_event(struct source *src, uint32_t events);
static void timer_event(struct source *src, uint32_t events);
static struct source signal_source = { signal_event }, timer_source = { timer_event };
static int signal_fd;

static void signal_event(struct source *src, uint32_t events)
{
	struct signalfd_siginfo info[8];

	(void)src;
	(void)events;
	while (read(signal_fd, info, sizeof(info)) > 0)
		;
	reap();
}

static void timer_event(struct source *src, uint32_t events)
{
	uint64_t t = now(), next;
	bool released;

	(void)src;
	(void)events;
	timer_rang();
	released = kill_check(t);
	off_deadline(t);
	next = kill_next();
	if (next)
		timer_arm(next);
	next = off_next();
	if (next)
		timer_arm(next);
	if (released)
		reap();			/* orphans that a zombie hid */
}

static _Noreturn void loop(void)
{
	struct epoll_event events[EVENTS];
	bool more = false, warm = !agent.init;

	for (;;) {
		int i, n = watch_wait(events, EVENTS, more ? 0 : -1);

		for (i = 0; i < n; i++) {
			struct source *src = events[i].data.ptr;

			src->event(src, events[i].events);
		}
		more = port_pump();
		link_tidy();
		owner_free_dead();
		if (off_due()) {
			if (link_end_all(ESHUTDOWN))
				more = true;
			else if (port_idle())
				off_finish();
		}
		if (agent.configured && !warm && !more) {
			warm = true;
			boot_warm_up();
		}
	}
}

/**
 * reset_signals() - Give every signal its default disposition
 *
 * A library refuses to touch the signals that it keeps for itself (32, 33), but whoever
 * started us may have ignored them, and that would be inherited by all.
 */
static void reset_signals(void)
{
	/* The kernel's struct sigaction: all zero is SIG_DFL, no flags, no mask */
	static const unsigned long dfl[4];
	int i;

	for (i = 1; i <= 64; i++)
		if (signal(i, SIG_DFL) == SIG_ERR)
			syscall(SYS_rt_sigaction, i, dfl, NULL, 8);
}

static _Noreturn void bail(const char *what)
{
	log_line("%s: %s", what, strerror(errno));
	if (agent.init)
		off_power();
	exit(1);
}

/**
 * setup() - What both modes need
 *
 * Signals are blocked, not ignored, and all have their default disposition, so a child has
 * only to clear its mask.
 */
static void setup(void)
{
	struct rlimit most = { MAX_FDS, MAX_FDS };
	sigset_t set;
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= 2);
	close(fd);
	reset_signals();
	if (agent.init) {
		sigfillset(&set);
	} else {
		sigemptyset(&set);
		sigaddset(&set, SIGCHLD);
		sigaddset(&set, SIGPIPE);
	}
	sigprocmask(SIG_SETMASK, &set, NULL);
	umask(022);
	getrlimit(RLIMIT_NOFILE, &agent.born_nofile);
	if (agent.born_nofile.rlim_max > most.rlim_max && !agent.init)
		most.rlim_max = agent.born_nofile.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &most) < 0) {
		most.rlim_cur = most.rlim_max = agent.born_nofile.rlim_max;
		setrlimit(RLIMIT_NOFILE, &most);
	}
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (!watch_init() || signal_fd < 0 || !timer_init(&timer_source) ||
	    !watch_add(signal_fd, EPOLLIN, &signal_source))
		bail("cannot set up");
}

/**
 * host_main() - Run as a process on the host
 * @fd:		Socket
 */
static _Noreturn void host_main(int fd)
{
	/* Children get nothing that was left open to us */
	syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
	agent.proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	setup();
	if (chdir("/") < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		bail("bad descriptor");
	port_start(fd);
	loop();
}

static _Noreturn void init_main(void)
{
	const char *step = "", *subject = "";
	int fd, error;

	agent.init = true;
	boot_early();
	setup();
	defaults_set();
	fd = boot_port();
	if (fd < 0)
		bail("no port named msb.agent");
	error = boot_ahead(&step, &subject);
	if (error)
		connection_boot_failed(error, step, subject);
	port_start(fd);
	loop();
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--fd"))
		host_main(atoi(argv[2]));
	if (getpid() == 1)
		init_main();
	if (argc == 2 && !strcmp(argv[1], WARM_UP))
		boot_warmed_up();
	if (argc == 2 && !strcmp(argv[1], READ_AHEAD))
		boot_read_ahead();
	if (argc == 2 && !strcmp(argv[1], "--files"))
		files_main();
	fprintf(stderr, "usage: msb-agent --fd N | --files\n");
	return 2;
}
