/*
 * session_test.c - The agent as a process, spoken to as the host would
 *
 * Usage: test-session AGENT [NAME]
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

static struct run run, other;

#define RUN(g, ...) \
	run_start((g), &run, ++last_id, &(struct request){ __VA_ARGS__ })
#define ARGV(...) .argv = { __VA_ARGS__, NULL }
#define SH(script) ARGV("/bin/sh", "-c", script)

static uint64_t last_id;

/* Take frames of the one run until a condition holds */
#define UNTIL(g, cond)					\
	do {						\
		struct run *one_ = &run;		\
		while (!(cond))				\
			run_take((g), &one_, 1);	\
	} while (0)

#define UNTIL_TWO(g, cond)				\
	do {						\
		struct run *two_[2] = { &run, &other };	\
		while (!(cond))				\
			run_take((g), two_, 2);		\
	} while (0)

static void out_is(int stream, const char *text)
{
	if (run.out_len[stream - 1] != strlen(text) ||
	    memcmp(run.out[stream - 1], text, strlen(text)))
		fprintf(stderr, "stream %d is: %.*s\n", stream, (int)run.out_len[stream - 1],
			(char *)run.out[stream - 1]);
	CHECK_EQ(run.out_len[stream - 1], strlen(text));
	CHECK(!memcmp(run.out[stream - 1], text, strlen(text)));
}

static bool alive(pid_t pid)
{
	return kill(pid, 0) == 0;
}

static pid_t printed_pid(void)
{
	return (pid_t)strtol((char *)run.out[0], NULL, 10);
}

static void wait_gone(pid_t pid)
{
	struct timespec ms = { 0, 1000000 };

	while (alive(pid))
		nanosleep(&ms, NULL);	/* the watchdog is the limit */
}

/* ---- streams ---- */

static void echo_goes_turn_by_turn(struct guest *g)
{
	char turn[1024];
	int i;

	RUN(g, ARGV("cat"));
	UNTIL(g, run.started);
	CHECK_EQ(run.credit, INPUT_WINDOW);
	for (i = 0; i < 2000; i++) {
		memset(turn, 'a' + i % 26, sizeof(turn));
		run.out_len[0] = 0;
		run_data(g, &run, turn, sizeof(turn));
		UNTIL(g, run.got[0] == run.sent);
		CHECK(!memcmp(run.out[0], turn, sizeof(turn)));
	}
	run_close(g, &run, 0);
	run_to_end(g, &run);
	CHECK_EQ(run.how, 0);
	CHECK_EQ(run.code, 0);
	CHECK_EQ(run.flags, 0);
	CHECK_EQ(run.total[0], 2000 * 1024);
	CHECK_EQ(run.total[1], 0);
	CHECK(run.maxrss > 0 && run.wall_us > 0);
}

static void half_close_keeps_output(struct guest *g)
{
	RUN(g, SH("cat; echo more; echo err >&2; exit 3"));
	UNTIL(g, run.started);
	run_data(g, &run, "text\n", 5);
	run_close(g, &run, 0);
	run_to_end(g, &run);
	out_is(1, "text\nmore\n");
	out_is(2, "err\n");
	CHECK_EQ(run.code, 3);
}

static void big_stdin_arrives_whole(struct guest *g)
{
	static uint8_t block[60000];
	uint64_t i, sum = 0, all = 40 << 20;

	RUN(g, ARGV("cat"));
	UNTIL(g, run.started);
	while (run.sent < all || run.got[0] < all) {
		uint64_t n = run.credit - run.sent;

		if (n > sizeof(block))
			n = sizeof(block);
		if (n > all - run.sent)
			n = all - run.sent;
		for (i = 0; i < n; i++) {
			block[i] = (uint8_t)((run.sent + i) * 2654435761U >> 13);
			sum += (run.sent + i + 1) * block[i];
		}
		if (n)
			run_data(g, &run, block, n);
		while (guest_ready(g, n ? 0 : -1)) {
			struct run *one = &run;

			n = 1;
			run_take(g, &one, 1);
			if (run.credit - run.sent >= sizeof(block) || run.got[0] == all)
				break;
		}
	}
	run_close(g, &run, 0);
	run_to_end(g, &run);
	CHECK_EQ(run.total[0], all);
	CHECK(run.sum[0] == sum);
}

static void broken_stdout_kills_the_writer(struct guest *g)
{
	RUN(g, ARGV("yes"));
	UNTIL(g, run.got[0] > 100000);
	run_close(g, &run, 1);
	run_to_end(g, &run);
	CHECK_EQ(run.how, 1);
	CHECK_EQ(run.code, SIGPIPE);
	CHECK_EQ(run.total[0], run.got[0]);
}

static void closed_stdout_is_told_while_the_rest_goes_on(struct guest *g)
{
	RUN(g, SH("exec >&-; read x; echo $x >&2"));
	UNTIL(g, run.closed[1]);
	CHECK(!run.exited);
	run_data(g, &run, "hello\n", 6);
	run_to_end(g, &run);
	out_is(2, "hello\n");
}

static void closed_stdin_is_told(struct guest *g)
{
	RUN(g, SH("exec <&-; echo closed; exec sleep 1000"));
	UNTIL(g, run.closed[0] && run.got[0] == 7);
	CHECK_EQ(run.end[0], 0);
	run_data(g, &run, "dropped", 7);	/* on its way, no harm */
	run_close(g, &run, 0);
	run_kill(g, &run, 4, 5000);
	run_to_end(g, &run);
	CHECK_EQ(run.code, SIGTERM);
	CHECK_EQ(run.reason, 4);
}

static void unread_stdin_stops_only_itself(struct guest *g)
{
	static uint8_t block[65528];
	uint64_t id;

	RUN(g, ARGV("sleep", "1000"));
	UNTIL(g, run.started);
	while (run.sent < run.credit) {
		uint64_t n = run.credit - run.sent;

		run_data(g, &run, block, n < sizeof(block) ? n : sizeof(block));
		while (guest_ready(g, run.sent < run.credit ? 0 : 50)) {
			struct run *one = &run;

			run_take(g, &one, 1);
		}
	}
	CHECK(run.sent >= INPUT_WINDOW && run.sent <= INPUT_WINDOW + 65536);
	id = ++last_id;
	run_start(g, &other, id, &(struct request){ ARGV("cat") });
	UNTIL_TWO(g, other.started);
	run_data(g, &other, "quick", 5);
	UNTIL_TWO(g, other.got[0] == 5);
	run_kill(g, &other, 4, 1000);
	UNTIL_TWO(g, run_over(&other));
	run_kill(g, &run, 4, 1000);
	run_to_end(g, &run);
	CHECK_EQ(run.code, SIGTERM);
}

static void exit_tells_what_was_read_of_stdin(struct guest *g)
{
	static const struct { const char *script; size_t sent; bool close; uint64_t read; } t[] = {
		{ "true", 10, false, 0 },
		{ "read x; true", 10, true, 10 },
		{ "dd bs=1 count=3 of=/dev/null 2>/dev/null", 10, false, 3 },
		{ "dd bs=1 count=3 of=/dev/null 2>/dev/null", 10, true, 3 },
		{ "dd bs=1 count=3 of=/dev/null 2>/dev/null; exec <&-; read x <&2; :", 10, true, 3 },
		{ "dd bs=1000 count=1 of=/dev/null 2>/dev/null", 200000, false, 1000 },
		{ "cat >/dev/null", 200000, true, 200000 },
		{ "cat >/dev/null", 0, true, 0 },
		/* A process may write into it, too */
		{ "echo more >/dev/stdin", 0, false, 0 },
		{ "echo more >/dev/stdin", 2, true, 0 },
	};
	static uint8_t bytes[200000];
	size_t i, at, n;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char script[256];

		/* Not before all of it has come */
		snprintf(script, sizeof(script), "kill -STOP $$; %s", t[i].script);
		RUN(g, SH(script));
		UNTIL(g, run.started);
		for (at = 0; at < t[i].sent; at += n) {
			n = t[i].sent - at < 60000 ? t[i].sent - at : 60000;
			run_data(g, &run, bytes + at, n);
		}
		if (t[i].close)
			run_close(g, &run, 0);
		for (;;) {		/* it may not have stopped yet */
			struct run *one = &run;

			guest_send_uint(g, T_SIGNAL, 0, run.id, 1, SIGCONT);
			if (guest_ready(g, 1))
				run_take(g, &one, 1);
			if (run_over(&run))
				break;
		}
		if (run.read != t[i].read)
			fprintf(stderr, "%s: read %llu\n", t[i].script,
				(unsigned long long)run.read);
		CHECK_EQ(run.read, t[i].read);
	}
}

static void output_stops_at_the_credit(struct guest *g)
{
	RUN(g, ARGV("yes"), .window = 10000);
	run.grant = false;
	UNTIL(g, run.got[0] == 10000);
	ping(g);
	CHECK(!guest_ready(g, 100));
	run_credit(g, &run, 1, 10001);
	UNTIL(g, run.got[0] == 10001);
	CHECK(!guest_ready(g, 20));
	run_kill(g, &run, 4, 1000);
	UNTIL(g, run.exited);
	CHECK_EQ(run.code, SIGTERM);
	CHECK(run.total[0] > run.got[0]);
	run_credit(g, &run, 1, run.total[0]);
	run_to_end(g, &run);
	CHECK_EQ(run.got[0], run.total[0]);
}

static void exit_overtakes_output(struct guest *g)
{
	RUN(g, SH("head -c 50000 /dev/zero; exit 7"), .window = 4096);
	run.grant = false;
	UNTIL(g, run.exited);
	CHECK_EQ(run.code, 7);
	CHECK_EQ(run.total[0], 50000);
	CHECK(run.got[0] <= 4096);
	UNTIL(g, run.got[0] == 4096 && run.closed[2]);
	CHECK(!run.closed[1]);
	run_credit(g, &run, 1, 49999);
	UNTIL(g, run.got[0] == 49999);
	run_credit(g, &run, 1, 50000);
	run_to_end(g, &run);
	CHECK_EQ(run.got[0], 50000);
}

static void end_of_file_needs_no_credit(struct guest *g)
{
	RUN(g, SH("head -c 4096 /dev/zero; exec >&-; exec sleep 1000"), .window = 4096);
	run.grant = false;
	UNTIL(g, run.closed[1]);
	CHECK_EQ(run.end[1], 4096);
	run_kill(g, &run, 4, 100);
	run_to_end(g, &run);
}

static void grandchild_does_not_keep_the_exec(struct guest *g)
{
	pid_t pid;

	RUN(g, SH("sleep 1000 & echo $!; exit 5"));
	run_to_end(g, &run);
	CHECK_EQ(run.code, 5);
	CHECK_EQ(run.flags, 2 | 4);
	pid = printed_pid();
	CHECK(alive(pid));
	kill(pid, SIGKILL);
	wait_gone(pid);			/* the agent reaps orphans */
}

static void stderr_joins_stdout(struct guest *g)
{
	RUN(g, SH("echo 1; echo 2 >&2; echo 3"), .flags = MERGE);
	run_to_end(g, &run);
	out_is(1, "1\n2\n3\n");
	CHECK_EQ(run.total[1], 0);
	CHECK_EQ(run.end[2], 0);
}

static void without_stdin_there_is_dev_null(struct guest *g)
{
	RUN(g, SH("readlink /proc/self/fd/0; cat"), .flags = NO_STDIN);
	UNTIL(g, run.started);
	CHECK_EQ(run.credit, 0);
	run_close(g, &run, 0);
	run_to_end(g, &run);
	out_is(1, "/dev/null\n");
}

static void turns_stay_quick_beside_floods(struct guest *g)
{
	static struct run flood[4];
	struct run *all[5] = { &run, &flood[0], &flood[1], &flood[2], &flood[3] };
	uint64_t first[4], least = UINT64_MAX, most = 0;
	double start;
	int i;

	for (i = 0; i < 4; i++)
		run_start(g, &flood[i], ++last_id, &(struct request){ ARGV("cat", "/dev/zero") });
	RUN(g, ARGV("cat"));
	while (!run.started)
		run_take(g, all, 5);
	for (i = 0; i < 4; i++)
		first[i] = flood[i].got[0];
	start = seconds();
	for (i = 0; i < 500; i++) {
		run_data(g, &run, "turn", 4);
		while (run.got[0] < run.sent)
			run_take(g, all, 5);
	}
	for (i = 0; i < 4; i++) {
		first[i] = flood[i].got[0] - first[i];
		least = first[i] < least ? first[i] : least;
		most = first[i] > most ? first[i] : most;
	}
	fprintf(stderr, "  turns beside 4 floods: %.0f us each, floods %llu to %llu KiB\n",
		(seconds() - start) / 500 * 1e6, (unsigned long long)least >> 10,
		(unsigned long long)most >> 10);
	for (i = 0; i < 4; i++)		/* none starves */
		for (first[i] = flood[i].got[0]; flood[i].got[0] < first[i] + (2 << 20);)
			run_take(g, all, 5);
	for (i = 0; i < 5; i++)
		run_kill(g, all[i], 4, 1000);
	for (i = 0; i < 5; i++)
		while (!run_over(all[i]))
			run_take(g, all, 5);
}

/* ---- ends ---- */

static void exit_codes_and_signals(struct guest *g)
{
	RUN(g, SH("exit 255"));
	run_to_end(g, &run);
	CHECK_EQ(run.how, 0);
	CHECK_EQ(run.code, 255);
	RUN(g, SH("kill -9 $$"));
	run_to_end(g, &run);
	CHECK_EQ(run.how, 1);
	CHECK_EQ(run.code, SIGKILL);
	CHECK_EQ(run.reason, 0);
	RUN(g, SH("trap 'echo got; exit 9' USR1; echo up; while :; do sleep 0.01; done"));
	UNTIL(g, run.got[0] == 3);
	guest_send_uint(g, T_SIGNAL, 0, run.id, 1, SIGUSR1);
	run_to_end(g, &run);
	out_is(1, "up\ngot\n");
	CHECK_EQ(run.code, 9);
}

static void timeout_terminates_then_kills(struct guest *g)
{
	double start = seconds();

	RUN(g, SH("trap '' TERM; echo up; while :; do sleep 1000; done"), .timeout_ms = 100,
	    .kill_after_ms = 200);
	run_to_end(g, &run);
	CHECK_EQ(run.how, 1);
	CHECK_EQ(run.code, SIGKILL);
	CHECK_EQ(run.reason, 1);
	out_is(1, "up\n");
	CHECK(seconds() - start > 0.29 && seconds() - start < 5);
	RUN(g, ARGV("sleep", "1000"), .timeout_ms = 50, .kill_after_ms = 60000);
	run_to_end(g, &run);
	CHECK_EQ(run.code, SIGTERM);
	CHECK_EQ(run.reason, 1);
}

static void kill_reaches_the_whole_group(struct guest *g)
{
	pid_t pid;

	/* The child ignores the SIGTERM of which the leader dies: EXIT is at once, SIGKILL later */
	RUN(g, SH("(trap '' TERM; sleep 1000; sleep 1000) & echo $!; wait"));
	UNTIL(g, run.got[0] > 1);
	pid = printed_pid();
	ping(g);
	usleep(20000);			/* let the subshell set its trap */
	run_kill(g, &run, 2, 300);
	run_to_end(g, &run);
	CHECK_EQ(run.how, 1);
	CHECK(run.code == SIGTERM || run.code == SIGHUP);
	CHECK_EQ(run.reason, 2);
	wait_gone(pid);
	wait_gone((pid_t)run.pid);	/* the pinned zombie too */
}

static void lonely_zombie_is_released_early(struct guest *g)
{
	double start = seconds();

	RUN(g, ARGV("sleep", "1000"));
	UNTIL(g, run.started);
	run_kill(g, &run, 4, 600000);
	run_to_end(g, &run);
	wait_gone((pid_t)run.pid);
	CHECK(seconds() - start < 5);
}

static void second_kill_shortens_the_grace(struct guest *g)
{
	RUN(g, SH("trap '' TERM; echo up; while :; do sleep 1000; done"));
	UNTIL(g, run.got[0] == 3);
	run_kill(g, &run, 4, 600000);
	run_kill(g, &run, 2, 10);
	run_to_end(g, &run);
	CHECK_EQ(run.code, SIGKILL);
	CHECK_EQ(run.reason, 4);
}

static void orphans_are_reaped_while_a_zombie_is_pinned(struct guest *g)
{
	pid_t pid;

	RUN(g, SH("(trap '' TERM; sleep 1000; sleep 1000) & echo $!; wait"));
	UNTIL(g, run.got[0] > 1);
	pid = printed_pid();
	usleep(20000);
	run_kill(g, &run, 4, 1000);
	run_to_end(g, &run);
	CHECK(alive((pid_t)run.pid) && alive(pid));
	RUN(g, SH("exit 4"));		/* others end as ever */
	run_to_end(g, &run);
	CHECK_EQ(run.code, 4);
	wait_gone(pid);
}

static void shutdown_ends_everything(struct guest *g)
{
	uint64_t got;

	RUN(g, ARGV("sleep", "1000"));
	run_start(g, &other, ++last_id, &(struct request){
		  SH("trap '' TERM; echo up; while :; do sleep 1000; done") });
	UNTIL_TWO(g, run.started && other.got[0] == 3);
	guest_send_uint(g, T_SHUTDOWN, 0, 0, 4, 200);
	UNTIL_TWO(g, run_over(&run) && run_over(&other));
	got = (uint64_t)run.code << 8 | other.code;
	CHECK_EQ(got, SIGTERM << 8 | SIGKILL);
	CHECK_EQ(run.reason, 3);
	CHECK_EQ(other.reason, 3);
	CHECK(guest_ended(g));
}

static void host_gone_ends_everything(struct guest *g)
{
	pid_t pid;

	RUN(g, SH("trap '' TERM HUP; setsid sleep 1000 & echo $!; wait"));
	UNTIL(g, run.got[0] > 1);
	pid = printed_pid();
	shutdown(g->fd, 2);
	wait_gone(pid);
	wait_gone((pid_t)run.pid);
}

/* ---- starts ---- */

static void fails_with(struct guest *g, int kind, int error, const char *step,
		       const char *subject)
{
	run_to_end(g, &run);
	if (!run.failed || run.kind != kind || strcmp(run.step, step))
		fprintf(stderr, "kind %d error %d step %s subject %s\n", run.kind, run.error,
			run.step, run.subject);
	CHECK(run.failed);
	CHECK_EQ(run.kind, kind);
	CHECK_EQ(run.error, error);
	CHECK(!strcmp(run.step, step));
	CHECK(!strcmp(run.subject, subject));
}

static void make_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	fchmod(fd, mode);
	close(fd);
}

static void failures_are_typed(struct guest *g)
{
	char dir[] = "/tmp/msb-agent-test.XXXXXX", path[64];

	CHECK(mkdtemp(dir));
	chmod(dir, 0755);
	RUN(g, ARGV("no-such-command"));
	fails_with(g, F_NOT_FOUND, ENOENT, "execve", "no-such-command");
	RUN(g, ARGV(""));
	fails_with(g, F_NOT_FOUND, ENOENT, "execve", "");
	RUN(g, ARGV("/no/such/command"));
	fails_with(g, F_NOT_FOUND, ENOENT, "execve", "/no/such/command");
	RUN(g, ARGV("ls"), .env = { "PATH=/nowhere" });
	fails_with(g, F_NOT_FOUND, ENOENT, "execve", "ls");
	RUN(g, ARGV("/tmp"));
	fails_with(g, F_NOT_EXECUTABLE, EACCES, "execve", "/tmp");
	RUN(g, ARGV("/etc/passwd"));
	fails_with(g, F_PERMISSION_DENIED, EACCES, "execve", "/etc/passwd");
	snprintf(path, sizeof(path), "%s/interp", dir);
	make_file(path, "#!/no/such/interpreter\n", 0755);
	RUN(g, ARGV(path));
	fails_with(g, F_NOT_EXECUTABLE, ENOENT, "interpreter", path);
	snprintf(path, sizeof(path), "%s/elf", dir);
	make_file(path, "\177ELF garbage", 0755);
	RUN(g, ARGV(path));
	fails_with(g, F_NOT_EXECUTABLE, ENOEXEC, "execve", path);
	snprintf(path, sizeof(path), "%s/script", dir);
	make_file(path, "echo script $1 $0\n", 0755);
	RUN(g, ARGV("script", "arg"), .env = { "PATH=/nowhere:/tmp", NULL }, .cwd = dir);
	fails_with(g, F_NOT_FOUND, ENOENT, "execve", "script");
	RUN(g, ARGV("./script", "arg"), .cwd = dir);
	run_to_end(g, &run);
	out_is(1, "script arg ./script\n");
	RUN(g, ARGV("script", "arg"), .env = { "PATH=/nowhere:/etc/passwd:" }, .cwd = dir);
	run_to_end(g, &run);
	out_is(1, "script arg ./script\n");
	RUN(g, ARGV("true"), .cwd = "/no/such/dir");
	fails_with(g, F_BAD_CWD, ENOENT, "chdir", "/no/such/dir");
	RUN(g, ARGV("true"), .cwd = "/etc/passwd");
	fails_with(g, F_BAD_CWD, ENOTDIR, "chdir", "/etc/passwd");
	RUN(g, ARGV("true"), .user = "nobody-here");
	fails_with(g, F_USER_NOT_FOUND, ENOENT, "user", "nobody-here");
	RUN(g, ARGV("true"), .user = "root:no-such-group");
	fails_with(g, F_USER_NOT_FOUND, ENOENT, "group", "no-such-group");
	RUN(g, ARGV("true"), .user = "-1");
	fails_with(g, F_USER_NOT_FOUND, ENOENT, "user", "-1");
	RUN(g, ARGV("true"), .user = "0:99999999999");
	fails_with(g, F_USER_NOT_FOUND, ENOENT, "group", "99999999999");
	RUN(g, ARGV("true"), .resource = 99, .limit = 5);
	fails_with(g, F_RESOURCE_LIMIT, EINVAL, "setrlimit", "true");
	RUN(g, ARGV("true"), .filler = 1000000);
	fails_with(g, F_BAD_ARGS, E2BIG, "execve", "true");
	if (geteuid() == 0) {
		snprintf(path, sizeof(path), "%s/private", dir);
		mkdir(path, 0700);
		RUN(g, ARGV("true"), .user = "nobody", .cwd = path);
		fails_with(g, F_PERMISSION_DENIED, EACCES, "chdir", path);
	}
	snprintf(path, sizeof(path), "rm -rf %s", dir);
	CHECK(system(path) == 0);
}

static void environment_user_and_limits(struct guest *g)
{
	RUN(g, SH("echo $SANDBOX $MINE $HOME $PATH; pwd; ulimit -n; ulimit -c"),
	    .env = { "MINE=1", "HOME=/h" }, .cwd = "/usr", .resource = 4, .limit = 4096);
	run_to_end(g, &run);
	CHECK(strstr((char *)run.out[0],
		     "yes 1 /h /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n/usr\n"));
	CHECK(strstr((char *)run.out[0], "\n8\n"));
	RUN(g, SH("echo $SANDBOX"), .env = { "SANDBOX=no" });
	run_to_end(g, &run);
	out_is(1, "no\n");
	RUN(g, SH("echo $HOSTNAME"));
	run_to_end(g, &run);
	out_is(1, "host\n");
	RUN(g, SH("echo $HOSTNAME"), .env = { "HOSTNAME=mine" });
	run_to_end(g, &run);
	out_is(1, "mine\n");
	RUN(g, SH("ls /proc/self/fd; cat /proc/self/status"));
	run_to_end(g, &run);
	CHECK(!memcmp(run.out[0], "0\n1\n2\n3\n", 8));	/* 3 is ls's own */
	CHECK(strstr((char *)run.out[0], "SigBlk:\t0000000000000000"));
	CHECK(strstr((char *)run.out[0], "SigIgn:\t0000000000000000"));
	if (geteuid())
		return;
	RUN(g, SH(": </dev/stdin && echo out >/dev/stdout && echo err >/dev/stderr"),
	    .user = "daemon");
	run_to_end(g, &run);
	out_is(1, "out\n");
	out_is(2, "err\n");
	RUN(g, SH("id -u; id -g; id -G; echo $HOME"), .user = "daemon");
	run_to_end(g, &run);
	out_is(1, "1\n1\n1\n/usr/sbin\n");
	RUN(g, SH("id -u; id -g; id -G; echo $HOME"), .user = "4711:tty");
	run_to_end(g, &run);
	out_is(1, "4711\n5\n5\n/\n");
	RUN(g, SH("id -u; id -g; id -G; echo $HOME"), .user = "daemon:");
	run_to_end(g, &run);
	out_is(1, "1\n1\n1\n/usr/sbin\n");
	RUN(g, SH("id -u; id -g; id -G; echo $HOME"), .user = ":tty");
	run_to_end(g, &run);
	out_is(1, "0\n5\n5\n/root\n");
	RUN(g, SH("id -u; id -g; id -G; echo $HOME"), .user = ":");
	run_to_end(g, &run);
	out_is(1, "0\n0\n0\n/root\n");
}

static void long_start_comes_in_parts(struct guest *g)
{
	RUN(g, ARGV("/bin/sh", "-c", "echo ${#1}", "sh"), .filler = 100000);
	run_to_end(g, &run);
	out_is(1, "100000\n");
}

static void long_configure_comes_in_parts(struct guest *g)
{
	struct guest *other_guest = guest_start(false);
	static char env[131000] = "LONG=";

	memset(env + 5, 'x', sizeof(env) - 6);
	guest_configure(other_guest, "/", "", env);
	run_start(other_guest, &run, 1, &(struct request){ SH("echo ${#LONG}") });
	run_to_end(other_guest, &run);
	out_is(1, "130994\n");
	guest_end(other_guest, 0);
	ping(g);
}

static void a_thousand_execs_at_once(struct guest *g)
{
	static struct run *many[1001];
	int i, left = 1000;

	for (i = 0; i <= 1000; i++) {
		many[i] = malloc(sizeof(*many[i]));
		run_start(g, many[i], ++last_id, &(struct request){ ARGV("cat") });
		while (guest_ready(g, 0))
			run_take(g, many, i + 1);
	}
	while (!many[1000]->failed)
		run_take(g, many, 1001);
	CHECK_EQ(many[1000]->kind, F_RESOURCE_LIMIT);
	for (i = 0; i < 1000; i++)
		while (!many[i]->started)
			run_take(g, many, 1001);
	for (i = 0; i < 1000; i++) {
		run_data(g, many[i], "x", 1);
		run_close(g, many[i], 0);
	}
	while (left) {
		run_take(g, many, 1001);
		for (i = left = 0; i < 1000; i++)
			left += !run_over(many[i]);
	}
	for (i = 0; i < 1000; i++)
		CHECK(many[i]->got[0] == 1 && many[i]->code == 0);
	for (i = 0; i <= 1000; i++)
		free(many[i]);
}

/* 40 at once on one processor: each start meets ends of others, for which the agent runs as soon as
 * the new child has begun its execve, that is while that child has all its descriptors still */
static void short_execs_end_while_others_start(struct guest *g)
{
	static struct run many[40];
	struct run *all[40];
	int i, started = 0, ended = 0;
	cpu_set_t one, before;

	CHECK(sched_getaffinity(0, sizeof(before), &before) == 0);
	for (i = 0; !CPU_ISSET(i, &before); i++)
		;
	CPU_ZERO(&one);
	CPU_SET(i, &one);
	CHECK(sched_setaffinity(g->pid, sizeof(one), &one) == 0);
	for (i = 0; i < 40; i++) {
		all[i] = &many[i];
		many[i].failed = true;
	}
	while (ended < 4000) {
		for (i = 0; i < 40; i++) {
			if (!run_over(&many[i]) || started == 4000)
				continue;
			run_start(g, &many[i], ++last_id, &(struct request){ ARGV("cat") });
			started++;
		}
		run_take(g, all, 40);
		for (i = 0; i < 40; i++) {
			if (many[i].started && !many[i].sent) {
				run_data(g, &many[i], "turn", 4);
				run_close(g, &many[i], 0);
			}
			if (!run_over(&many[i]) || many[i].failed)
				continue;
			CHECK(many[i].code == 0 && many[i].total[0] == 4 && !many[i].flags);
			many[i].failed = true;
			ended++;
		}
	}
}

/* Take copies of the agent's descriptors, as a child of it has between vfork and the end of its
 * execve. Return: how many */
static int take_copies(pid_t pid, int *copies, int most)
{
	int fd, n = 0, agent = (int)syscall(SYS_pidfd_open, pid, 0);

	CHECK(agent >= 0);
	for (fd = 3; fd < 64 && n < most; fd++) {
		int copy = (int)syscall(SYS_pidfd_getfd, agent, fd, 0);

		CHECK(copy >= 0 || errno == EBADF);
		if (copy >= 0)
			copies[n++] = copy;
	}
	close(agent);
	return n;
}

/* Somebody has copies of the descriptors of an exec that is over, and something happens to them */
static void copies_of_what_is_closed_wake_nobody(struct guest *g)
{
	static const uint32_t flags[] = { 0, MERGE, TERMINAL, TERMINAL | PIPED_STDOUT };
	char dir[] = "/tmp/msb-agent-test.XXXXXX", fifo[64], script[256];
	int copies[64], n, fd;
	size_t i;

	CHECK(mkdtemp(dir));
	snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	CHECK(mkfifo(fifo, 0600) == 0);
	snprintf(script, sizeof(script), "trap '' HUP; exec 3<&0; { cat %s; echo more >&2; } <&3 & "
		 "echo $! >&2; read x; exit 7", fifo);
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		const uint8_t *told = run.out[flags[i] == MERGE || flags[i] == TERMINAL ? 0 : 1];
		pid_t pid;

		RUN(g, SH(script), .flags = flags[i]);
		UNTIL(g, strchr((char *)told, '\n'));
		pid = (pid_t)strtol((char *)told, NULL, 10);
		n = take_copies(g->pid, copies, 64);
		CHECK(n > 3);
		run_data(g, &run, "go\n", 3);
		run_to_end(g, &run);
		CHECK_EQ(run.code, 7);
		fd = open(fifo, O_WRONLY);
		CHECK(fd >= 0 && write(fd, "late\n", 5) == 5);
		close(fd);
		wait_gone(pid);
		ping(g);
		RUN(g, ARGV("true"));
		run_to_end(g, &run);
		CHECK_EQ(run.code, 0);
		while (n)
			close(copies[--n]);
	}
	unlink(fifo);
	rmdir(dir);
}

static void many_short_sessions_leave_nothing(struct guest *g)
{
	int i, fds = count_dir("/proc/%d/fd", g->pid);
	long rss = 0;
	char text[32];
	double start;

	start = seconds();
	for (i = 0; i < 10000; i++) {
		RUN(g, ARGV("/bin/echo", text));
		snprintf(text, sizeof(text), "session %d", i);
		run.id = last_id;
		if (i == 1000)
			rss = rss_kib(g->pid);
		run_to_end(g, &run);
		CHECK(run.got[0] == run.total[0] && run.got[0] > 0);
		CHECK_EQ(run.code, 0);
	}
	fprintf(stderr, "  10,000 sessions: %.0f us each, RSS %ld -> %ld KiB\n",
		(seconds() - start) / 10000 * 1e6, rss, rss_kib(g->pid));
	CHECK_EQ(count_dir("/proc/%d/fd", g->pid), fds);
	if (!strstr(agent_path, "san"))
		CHECK(rss_kib(g->pid) <= rss + 64);
}

/* ---- terminals ---- */

static void terminal_is_one(struct guest *g)
{
	RUN(g, SH("test -t 0 && test -t 1 && test -t 2 && stty size; echo $TERM; read x; "
		  "echo got $x; stty size; cat; exit 6"),
	    .flags = TERMINAL, .rows = 33, .columns = 111);
	UNTIL(g, strstr((char *)run.out[0], "33 111\r\nxterm\r\n"));
	CHECK(run.closed[2]);
	guest_send(g, T_RESIZE, 0, run.id, "\0\x2c\0\x42", 4);
	run_data(g, &run, "line\n", 5);
	UNTIL(g, strstr((char *)run.out[0], "got line\r\n44 66\r\n"));
	run_close(g, &run, 0);		/* as ^D: cat ends */
	run_to_end(g, &run);
	CHECK_EQ(run.code, 6);
}

static void terminal_output_after_exit(struct guest *g)
{
	RUN(g, SH("head -c 3000 /dev/zero | tr '\\0' x"), .flags = TERMINAL, .window = 4096);
	run_to_end(g, &run);
	CHECK_EQ(run.total[0], 3000);
	RUN(g, SH("sleep 1000 & head -c 8000 /dev/zero | tr '\\0' x; exit 2"), .flags = TERMINAL,
	    .window = 4096);
	run_to_end(g, &run);
	CHECK_EQ(run.total[0], 8000);
	CHECK_EQ(run.code, 2);
}

static void terminal_interrupt_is_typed(struct guest *g)
{
	RUN(g, SH("echo up; exec sleep 1000"), .flags = TERMINAL);
	UNTIL(g, run.got[0] == 4);
	run_data(g, &run, "\003", 1);
	run_to_end(g, &run);
	CHECK_EQ(run.how, 1);
	CHECK_EQ(run.code, SIGINT);
	RUN(g, SH("echo up; exec sleep 1000"), .flags = TERMINAL);
	UNTIL(g, run.got[0] == 4);
	run_close(g, &run, 1);		/* hangs up */
	run_to_end(g, &run);
	CHECK_EQ(run.code, SIGHUP);
}

static void terminal_beside_a_piped_stdout(struct guest *g)
{
	RUN(g, SH("test -t 0 && test ! -t 1 && test -t 2 && stty size >&2; echo out; echo err >&2;"
		  "read x; echo got $x; exit 6"),
	    .flags = TERMINAL | PIPED_STDOUT, .rows = 33, .columns = 111);
	UNTIL(g, strstr((char *)run.out[1], "33 111\r\nerr\r\n"));
	run_data(g, &run, "line\n", 5);
	run_to_end(g, &run);
	CHECK(!strcmp((char *)run.out[0], "out\ngot line\n"));
	CHECK(strstr((char *)run.out[1], "line\r\n"));		/* the echo */
	CHECK_EQ(run.code, 6);
	RUN(g, SH("echo up; exec sleep 1000"), .flags = TERMINAL | PIPED_STDOUT);
	UNTIL(g, run.got[0] == 3);
	run_close(g, &run, 1);		/* breaks the pipe only */
	run_data(g, &run, "\003", 1);
	run_to_end(g, &run);
	CHECK_EQ(run.code, SIGINT);
	RUN(g, SH("echo up; exec sleep 1000"), .flags = TERMINAL | PIPED_STDOUT);
	UNTIL(g, run.got[0] == 3);
	run_close(g, &run, 2);		/* hangs up */
	run_to_end(g, &run);
	CHECK_EQ(run.code, SIGHUP);
}

/* Whoever comes back to a terminal asks for a new screen by naming the size that it has */
static void terminal_of_the_same_size_is_drawn_again(struct guest *g)
{
	RUN(g, SH("trap 'echo winch' WINCH; echo up; while read x; do echo got $x; done"),
	    .flags = TERMINAL, .rows = 33, .columns = 111);
	UNTIL(g, strstr((char *)run.out[0], "up\r\n"));
	guest_send(g, T_RESIZE, 0, run.id, "\0\x21\0\x6f", 4);
	run_data(g, &run, "line\n", 5);
	UNTIL(g, strstr((char *)run.out[0], "winch\r\n"));
	run_data(g, &run, "\004", 1);
	run_to_end(g, &run);
}

/* ---- the program ---- */

static uint64_t le(const uint8_t *p, int bytes)
{
	uint64_t v = 0;

	while (bytes--)
		v = v << 8 | p[bytes];
	return v;
}

/* Position-independent, with relocations that are read-only, a stack that cannot be executed and
 * guards in it; the one with sanitizers is another */
static void program_is_hardened(struct guest *g)
{
	static const uint8_t guard[] = { 0x25, 0x28, 0, 0, 0 };	/* %fs:0x28 */
	static uint8_t file[4 << 20];
	bool relro = false, no_exec = false, guarded = false;
	int i, fd = open(agent_path, O_RDONLY);
	ssize_t at, n = read(fd, file, sizeof(file));

	(void)g;
	close(fd);
	if (strstr(agent_path, "san"))
		return;
	CHECK(n > 64 && n < (ssize_t)sizeof(file) && !memcmp(file, "\177ELF\2\1", 6));
	CHECK_EQ(le(file + 16, 2), 3);				/* ET_DYN */
	for (i = 0; i < (int)le(file + 56, 2); i++) {
		const uint8_t *p = file + le(file + 32, 8) + (uint64_t)i * le(file + 54, 2);

		CHECK(le(p, 4) != 3);				/* PT_INTERP: it is static */
		relro |= le(p, 4) == 0x6474e552;
		no_exec |= le(p, 4) == 0x6474e551 && !(p[4] & 1);
	}
	for (at = 4; at + 5 <= n; at++)
		guarded |= !memcmp(file + at, guard, 5) && file[at - 4] == 0x64;
	CHECK(relro && no_exec && guarded);
}

/* ---- violations ---- */

void violation(const char *name, void (*act)(struct guest *g), bool configure)
{
	struct guest *g = guest_start(configure);
	struct frame f;

	act(g);
	do
		guest_next(g, &f);
	while (f.type == T_STARTED || f.type == T_DATA || f.type == T_CREDIT || f.type == T_CLOSE ||
	       f.type == T_OPEN || f.type == T_OPENED || f.type == T_REFUSED || f.type == T_RESET);
	if (f.type != T_ERROR)
		fprintf(stderr, "%s: frame 0x%02x\n", name, f.type);
	CHECK_EQ(f.type, T_ERROR);
	CHECK(f.payload[0] == 0 && f.payload[1] == 1);
	CHECK(guest_ended(g));
	guest_end(g, 1);
}

#define VIOLATION(name, body) static void name(struct guest *g) { body; }
#define CAT RUN(g, ARGV("cat")); UNTIL(g, run.started)

VIOLATION(unknown_type, guest_send(g, 0x7f, 0, 0, NULL, 0))
VIOLATION(guests_own_type, guest_send(g, T_STARTED, 0, 1, "123456789012", 12))
VIOLATION(wrong_stream, CAT; guest_send_uint(g, T_CREDIT, 0, run.id, 8, 1))
VIOLATION(data_on_stdout, CAT; guest_send(g, T_DATA, 1, run.id, "123456789", 9))
VIOLATION(no_id, guest_send_uint(g, T_SIGNAL, 0, 0, 1, 1))
VIOLATION(ping_with_id, guest_send_uint(g, T_PING, 0, 1, 8, 1))
VIOLATION(too_long, guest_send_uint(g, T_PING, 0, 0, 4, 1))
VIOLATION(empty_data, CAT; guest_send_uint(g, T_DATA, 0, run.id, 8, 0))
VIOLATION(wrong_offset, CAT; run.sent = 1; run_data(g, &run, "x", 1))
VIOLATION(data_after_close, CAT; run_close(g, &run, 0); run_data(g, &run, "x", 1))
VIOLATION(credit_down, CAT; run_credit(g, &run, 1, 5))
VIOLATION(credit_far, CAT; run_credit(g, &run, 1, WINDOW_MAX + 1))
VIOLATION(close_twice, CAT; run_close(g, &run, 2); run_close(g, &run, 2))
VIOLATION(close_wrong, CAT; run.sent = 9; run_close(g, &run, 0))
VIOLATION(id_in_use, CAT; run_start(g, &run, run.id, &(struct request){ ARGV("cat") }))
VIOLATION(configure_twice, guest_send(g, T_CONFIGURE, 0, 0, "", 0))
VIOLATION(configure_part_later, guest_send(g, T_CONFIGURE_PART, 0, 0, "1", 1))
VIOLATION(short_start, guest_send(g, T_START, 0, 1, "12345678", 8))
VIOLATION(signal_zero, CAT; guest_send_uint(g, T_SIGNAL, 0, run.id, 1, 0))
VIOLATION(between_parts, guest_send(g, T_PART, 0, 9, "1", 1);
	  guest_send_uint(g, T_PING, 0, 0, 8, 1))
VIOLATION(other_part, guest_send(g, T_PART, 0, 9, "1", 1); guest_send(g, T_PART, 0, 8, "1", 1))
VIOLATION(start_too_long, static uint8_t b[65536]; size_t n;
	  for (n = 0; n <= START_MAX; n += sizeof(b))
		guest_send(g, T_PART, 0, 9, b, sizeof(b)))
VIOLATION(between_configure_parts, guest_send(g, T_CONFIGURE_PART, 0, 0, "1", 1);
	  guest_send_uint(g, T_PING, 0, 0, 8, 1))
VIOLATION(start_between_configure_parts, guest_send(g, T_CONFIGURE_PART, 0, 0, "1", 1);
	  guest_send(g, T_PART, 0, 9, "1", 1))
VIOLATION(short_configure, guest_send(g, T_CONFIGURE_PART, 0, 0, "\0", 1);
	  guest_send(g, T_CONFIGURE, 0, 0, "\1", 1))
VIOLATION(configure_too_long, static uint8_t b[65536]; size_t n;
	  for (n = 0; n <= CONFIGURE_MAX; n += sizeof(b))
		guest_send(g, T_CONFIGURE_PART, 0, 0, b, sizeof(b)))

#define MOUNTS(name, ...) static void name(struct guest *g)	\
{								\
	struct mounting m[] = { __VA_ARGS__ };			\
								\
	guest_send_configure(g, "", "", NULL, m, sizeof(m) / sizeof(m[0]));	\
}

MOUNTS(no_root, UPPER)
MOUNTS(no_upper, ROOT)
MOUNTS(two_roots, ROOT, ROOT, UPPER)
MOUNTS(two_uppers, ROOT, UPPER, { M_UPPER, "/dev/vdb", "ext4", "", 0, 0 })
MOUNTS(no_such_role, ROOT, UPPER, { 4, "/dev/vdb", "ext4", "/data", 0, 0 })
MOUNTS(no_such_flag, ROOT, UPPER, { M_AT_PATH, "/dev/vdb", "ext4", "/data", 2, 0 })
MOUNTS(root_in_memory, UPPER, { M_ROOT, "", "", "", 0, 0 })
MOUNTS(upper_with_path, ROOT, { M_UPPER, "", "", "/data", 0, 0 })
MOUNTS(read_only_upper, ROOT, { M_UPPER, "/dev/vdb", "ext4", "", M_READ_ONLY, 0 })
MOUNTS(volume_without_path, ROOT, UPPER, { M_AT_PATH, "/dev/vdb", "ext4", "", 0, 0 })
MOUNTS(volume_without_type, ROOT, UPPER, { M_AT_PATH, "/dev/vdb", "", "/data", 0, 0 })
MOUNTS(volume_in_memory_too, ROOT, UPPER, { M_AT_PATH, "/dev/vdb", "ext4", "/data", 0, 1 })

static void too_many_mounts(struct guest *g)
{
	struct mounting m[MOUNTS_MAX + 1] = { ROOT, UPPER };
	int i;

	for (i = 2; i <= MOUNTS_MAX; i++)
		m[i] = (struct mounting){ M_AT_PATH, "", "", "/data", 0, 0 };
	guest_send_configure(g, "", "", NULL, m, MOUNTS_MAX + 1);
}

VIOLATION(credit_exceeded, CAT; guest_send_uint(g, T_SIGNAL, 0, run.id, 1, SIGSTOP);
	  for (;;) {
		static uint8_t b[65528];
		run_data(g, &run, b, sizeof(b));
		if (run.sent > (1 << 20))
			break;
	  })

static void violations_end_the_agent(struct guest *g)
{
	(void)g;
#define V(name) violation(#name, name, true)
#define V_UNCONFIGURED(name) violation(#name, name, false)
	V(unknown_type); V(guests_own_type); V(wrong_stream); V(data_on_stdout); V(no_id);
	V(ping_with_id); V(too_long); V(empty_data); V(wrong_offset); V(data_after_close);
	V(credit_down); V(credit_far); V(close_twice); V(close_wrong); V(id_in_use);
	V(configure_twice); V(short_start); V(signal_zero); V(between_parts); V(other_part);
	V(credit_exceeded); V(start_too_long); V(configure_part_later);
	V_UNCONFIGURED(between_configure_parts); V_UNCONFIGURED(start_between_configure_parts);
	V_UNCONFIGURED(short_configure); V_UNCONFIGURED(configure_too_long);
	V_UNCONFIGURED(no_root); V_UNCONFIGURED(no_upper); V_UNCONFIGURED(two_roots);
	V_UNCONFIGURED(two_uppers); V_UNCONFIGURED(no_such_role); V_UNCONFIGURED(no_such_flag);
	V_UNCONFIGURED(root_in_memory); V_UNCONFIGURED(upper_with_path);
	V_UNCONFIGURED(read_only_upper); V_UNCONFIGURED(volume_without_path);
	V_UNCONFIGURED(volume_without_type); V_UNCONFIGURED(volume_in_memory_too);
	V_UNCONFIGURED(too_many_mounts);
}

static void frames_for_the_dead_are_ignored(struct guest *g)
{
	RUN(g, ARGV("true"));
	run_to_end(g, &run);
	run_data(g, &run, "late", 4);
	run_close(g, &run, 0);
	run_close(g, &run, 1);
	run_credit(g, &run, 1, WINDOW + 1);
	run_kill(g, &run, 4, 1);
	guest_send_uint(g, T_SIGNAL, 0, run.id, 1, 9);
	ping(g);
}

static void frames_cut_anywhere(struct guest *g)
{
	uint8_t b[64], *p = put_header(b, 8, T_PING, 0, 0);
	struct frame f;
	int i;

	p = put_uint(p, 8, 42);
	for (i = 0; i < p - b; i++) {
		CHECK(write(g->fd, b + i, 1) == 1);
		usleep(500);
	}
	guest_next(g, &f);
	CHECK_EQ(f.type, T_PONG);
}

/* Random frames, mostly well-formed: the agent answers, ignores or ends with an ERROR */
static void monkeys_do_no_harm(struct guest *g)
{
	static const uint8_t types[] = { T_PART, T_START, T_SIGNAL, T_RESIZE, T_KILL, T_DATA,
					 T_CREDIT, T_CLOSE, T_CLOCK, T_PING };
	static const uint8_t sizes[] = { 3, 40, 1, 4, 5, 30, 8, 8, 8, 8 };
	uint8_t b[64];
	int i, j, k;

	(void)g;
	srand(1);
	for (i = 0; i < 150; i++) {
		struct guest *m = guest_start(true);
		int st;

		run_start(m, &run, 1, &(struct request){ ARGV("cat") });
		for (j = 0; j < 40; j++) {
			k = rand() % 10;
			memset(b, 0, sizeof(b));
			b[7] = (uint8_t)(rand() % 4);
			b[rand() % 40] = (uint8_t)rand();
			if (types[k] == T_SIGNAL)
				b[0] = 10;
			guest_send(m, types[k], (uint8_t)(rand() % 3 * (k > 4 && k < 8)),
				   (uint64_t)(k > 7 ? 0 : rand() % 2 + 1), b, sizes[k]);
		}
		shutdown(m->fd, SHUT_WR);
		while (!guest_ended(m))
			;
		close(m->fd);
		CHECK(waitpid(m->pid, &st, 0) == m->pid);
		CHECK(WIFEXITED(st) && (WEXITSTATUS(st) == 0 || WEXITSTATUS(st) == 1));
		free(m);
	}
}

static const struct test tests[] = {
#define T(fn) { #fn, fn, 0 }
	T(echo_goes_turn_by_turn), T(half_close_keeps_output), T(big_stdin_arrives_whole),
	T(broken_stdout_kills_the_writer), T(closed_stdout_is_told_while_the_rest_goes_on),
	T(closed_stdin_is_told), T(unread_stdin_stops_only_itself),
	T(exit_tells_what_was_read_of_stdin), T(output_stops_at_the_credit),
	T(exit_overtakes_output), T(end_of_file_needs_no_credit),
	T(grandchild_does_not_keep_the_exec), T(stderr_joins_stdout),
	T(without_stdin_there_is_dev_null), T(turns_stay_quick_beside_floods),
	T(exit_codes_and_signals), T(timeout_terminates_then_kills),
	T(kill_reaches_the_whole_group), T(lonely_zombie_is_released_early),
	T(second_kill_shortens_the_grace), T(orphans_are_reaped_while_a_zombie_is_pinned),
	T(shutdown_ends_everything), T(host_gone_ends_everything), T(failures_are_typed),
	T(environment_user_and_limits), T(long_start_comes_in_parts),
	T(long_configure_comes_in_parts), T(a_thousand_execs_at_once),
	T(short_execs_end_while_others_start), T(copies_of_what_is_closed_wake_nobody),
	T(terminal_is_one), T(terminal_output_after_exit), T(terminal_interrupt_is_typed),
	T(terminal_beside_a_piped_stdout), T(terminal_of_the_same_size_is_drawn_again),
	T(violations_end_the_agent), T(frames_for_the_dead_are_ignored), T(frames_cut_anywhere),
	T(monkeys_do_no_harm), T(program_is_hardened),
	T(many_short_sessions_leave_nothing),
	{ NULL, NULL, 0 },
};

/* Each test has an agent of its own in a process of its own, so one that hangs is killed */
static bool run_test(const struct test *t)
{
	double start = seconds();
	pid_t pid = fork();
	int st;

	if (!pid) {
		struct guest *g;

		setpgid(0, 0);
		signal(SIGPIPE, SIG_IGN);
		alarm(SECONDS_TO_HANG);
		g = guest_start(true);
		t->fn(g);
		guest_end(g, t->status);
		exit(0);
	}
	waitpid(pid, &st, 0);
	kill(-pid, SIGKILL);
	printf("%s %-50s %.2f s\n", st ? "FAIL" : "ok  ", t->name, seconds() - start);
	return !st;
}

int main(int argc, char **argv)
{
	const struct test *t;
	size_t bad = 0;

	CHECK(argc >= 2);
	setvbuf(stdout, NULL, _IOLBF, 0);
	agent_path = realpath(argv[1], NULL);
	CHECK(agent_path);
	for (t = tests; t->name; t++)
		if (argc < 3 || strstr(t->name, argv[2]))
			bad += !run_test(t);
	for (t = link_tests; t->name; t++)
		if (argc < 3 || strstr(t->name, argv[2]))
			bad += !run_test(t);
	printf("%s: %zu failed\n", argv[1], bad);
	free((void *)(uintptr_t)agent_path);
	return bad != 0;
}
