/*
 * boot.c - PID 1 from the kernel's hands to CONFIGURED
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"
#include "off.h"
#include "start.h"
#include "timer.h"

#define PORT_NAME	"msb.agent"
#define PORT_WAIT_MS	5000

#define READ_AHEAD_MOST	(4 << 20)	/* of each file */
#define TOUCHED		(16 * 4096)
#define HEAP_LEAST	16
#define HEAP_MOST	4096

/* From linux/random.h, which a musl toolchain does not have */
#define RND_ADD_ENTROPY	_IOW('R', 0x03, int[2])
#define RND_RESEED	_IO('R', 0x07)

static bool mounted;	/* by boot_ahead() */

/**
 * boot_write() - Write one of the kernel's settings, if it is there
 * @path:	File
 * @text:	Value
 */
void boot_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		log_line("%s: %s", path, strerror(errno));
	close(fd);
}

/**
 * asked() - Look for a word of ours on the kernel's command line
 * @name:	The word, up to a "=" if it has one
 *
 * Return: what follows @name, which may be changed, valid until the next call; NULL if it is not
 *	   there
 */
static char *asked(const char *name)
{
	static char line[4096];
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);
	char *word, *at = NULL;

	if (fd >= 0)
		close(fd);
	line[n > 0 ? n : 0] = '\0';
	for (word = strtok_r(line, " \n", &at); word; word = strtok_r(NULL, " \n", &at))
		if (!strncmp(word, name, strlen(name)))
			return word + strlen(name);
	return NULL;
}

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (ioctl(fd, SIOCGIFFLAGS, &ifr) == 0) {
		ifr.ifr_flags |= IFF_UP | IFF_RUNNING;
		ioctl(fd, SIOCSIFFLAGS, &ifr);
	}
	close(fd);
}

/**
 * boot_early() - What everything else needs: /dev, /proc, /sys
 */
void boot_early(void)
{
	mkdir("/dev", 0755);
	mkdir("/proc", 0555);
	mkdir("/sys", 0555);
	mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	if (asked("msb.probe"))
		off_power();
	mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	if (mount("dev", "/dev", "devtmpfs", MS_NOSUID, "mode=0755") == 0 || errno == EBUSY)
		log_open();
	agent.proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	boot_write("/proc/self/oom_score_adj", "-1000");
	loopback_up();
}

/**
 * find_port() - Look through the virtio ports for ours
 * @path:	Set to the device, 300 bytes
 */
static bool find_port(char *path)
{
	DIR *dir = opendir("/sys/class/virtio-ports");
	struct dirent *d;
	bool found = false;

	while (dir && !found && (d = readdir(dir))) {
		char name[64] = "";
		int fd;

		snprintf(path, 300, "/sys/class/virtio-ports/%s/name", d->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (read(fd, name, sizeof(name) - 1) > 0) {
			name[strcspn(name, "\n")] = '\0';
			found = !strcmp(name, PORT_NAME);
		}
		close(fd);
		snprintf(path, 300, "/dev/%s", d->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

/**
 * boot_port() - Load the drivers for the port and open it
 *
 * Return: descriptor, -1 if it does not appear in time
 */
int boot_port(void)
{
	char path[300];
	int fd, ms;

	module_load_all();
	for (ms = 0; ms < PORT_WAIT_MS; ms++) {
		if (find_port(path)) {
			fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
			if (fd >= 0)
				return fd;
		}
		usleep(1000);
	}
	return -1;
}

/**
 * boot_clock() - Set the clock
 * @realtime_ns: ns since 1970
 */
void boot_clock(uint64_t realtime_ns)
{
	struct timespec ts = { (time_t)(realtime_ns / NANO), (long)(realtime_ns % NANO) };

	if (clock_settime(CLOCK_REALTIME, &ts) < 0)
		log_line("clock_settime: %s", strerror(errno));
}

/**
 * boot_entropy() - Credit the host's bytes to the kernel's generator and reseed it
 * @entropy:	64 bytes
 *
 * Guests from one template share the generator's state until then.
 *
 * Return: 0 or errno
 */
static int boot_entropy(const uint8_t *entropy)
{
	struct { int bits, size; uint8_t bytes[64]; } pool = { 512, 64, { 0 } };
	int error = 0, fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return errno;
	memcpy(pool.bytes, entropy, sizeof(pool.bytes));
	if (ioctl(fd, RND_ADD_ENTROPY, &pool) < 0 || ioctl(fd, RND_RESEED) < 0)
		error = errno;
	close(fd);
	return error;
}

/**
 * warm_up() - Spawn a process as an exec's is, to read what nearly every command reads
 * @word:	WARM_UP or READ_AHEAD
 *
 * Return: its id, or what spawn() returns
 */
static pid_t warm_up(const char *word)
{
	static char program[] = "/proc/self/exe";
	char *argv[] = { NULL, program, (char *)word, NULL }, *env[] = { NULL };
	struct start st = { .argv = argv };
	struct identity who = { 0 };
	struct failure failure;
	int in[2] = { -1, -1 }, out[2] = { -1, -1 };
	pid_t pid = -1;

	if (pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0) {
		pid = spawn(&st, &who, env, (int[]){ in[0], out[1], out[1] }, "/", &failure);
		if (pid < 0)
			log_line("%s: %s", failure.step, strerror(failure.error));
	}
	close(in[0]);
	close(in[1]);
	close(out[0]);
	close(out[1]);
	return pid;
}

/**
 * touch_heap() - Have memory for what CONFIGURE allocates
 *
 * The kernel's path to a new page takes a guest from a template 15 ms to translate, while the
 * host waits.
 */
static void touch_heap(void)
{
	size_t size;

	for (size = HEAP_LEAST; size <= HEAP_MOST; size *= 2) {
		volatile char *kept = malloc(size), *spare = malloc(size);

		if (kept && spare)
			kept[0] = kept[size - 1] = spare[0] = spare[size - 1] = 1;
		free((void *)spare);
	}
}

/**
 * next_word() - Cut the next word from a list with commas
 * @list:	List, moved on; NULL at its end
 *
 * Return: the word, "" if there is none
 */
static const char *next_word(char **list)
{
	const char *word = strsep(list, ",");

	return word ? word : "";
}

/**
 * boot_ahead() - Mount the guest's disks before the host is greeted, if it asked for that
 * @step:	As boot_configure()
 * @subject:	As boot_configure()
 *
 * The guest is about to be saved as a template of sandboxes that begin with these very disks.
 * What nearly every command reads is read here once, so that each of them finds it in memory.
 *
 * Return: 0 or errno
 */
int boot_ahead(const char **step, const char **subject)
{
	struct file_system root = { 0 }, upper = { 0 };
	char *words = asked("msb.ahead=");
	int error, status;
	pid_t pid;

	if (!words)
		return 0;
	root.device = next_word(&words);
	root.type = next_word(&words);
	upper.device = next_word(&words);
	upper.type = next_word(&words);
	upper.mib = (uint32_t)strtoul(next_word(&words), NULL, 10);
	error = mount_root(&root, &upper, step, subject);
	if (!error)
		error = mount_guest(step, subject);
	if (error)
		return error;
	mounted = true;
	touch_heap();
	pid = warm_up(READ_AHEAD);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	sync();
	return 0;
}

/**
 * boot_configure() - Make the guest what the host wants
 *
 * @conf:	As CONFIGURE says
 * @step:	Set on failure: the call that failed
 * @subject:	Set on failure: what it failed on
 *
 * Return: 0 or errno
 */
int boot_configure(const struct configuration *conf, const char **step, const char **subject)
{
	int error = boot_entropy(conf->entropy);

	if (error) {
		*step = "entropy";
		*subject = "/dev/urandom";
		return error;
	}
	boot_clock(conf->realtime);
	if (*conf->hostname && sethostname(conf->hostname, strlen(conf->hostname)) < 0) {
		*step = "sethostname";
		*subject = conf->hostname;
		return errno;
	}
	if (!mounted)
		error = mount_root(&conf->root, &conf->upper, step, subject);
	if (!mounted && !error)
		error = mount_guest(step, subject);
	if (!error)
		error = mount_own(conf, step, subject);
	return error;
}

/**
 * boot_warm_up() - Have the kernel do once what an exec has it do
 *
 * Where the guest's code is translated, a guest that goes on from a template has to have all of
 * its kernel's translated anew. Between CONFIGURED and the first exec there is time for that:
 * the client is a program that has yet to be started.
 */
void boot_warm_up(void)
{
	warm_up(WARM_UP);
}

/* Names in the guest's root, where anything may be in their places */
static const char *const read_by_most[] = {
	"/bin/sh", "/etc/passwd", "/etc/group",
	"/lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/libc.so.6",
	"/usr/lib64/libc.so.6", "/lib/ld-musl-x86_64.so.1",
};

static int open_to_read(const char *path)
{
	return open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/**
 * boot_read_ahead() - The process of warm_up() for a template
 */
void boot_read_ahead(void)
{
	static char bytes[65536];
	size_t i, done;

	for (i = 0; i < sizeof(read_by_most) / sizeof(read_by_most[0]); i++) {
		int fd = open_to_read(read_by_most[i]);
		ssize_t n = fd < 0 ? 0 : 1;

		for (done = 0; n > 0 && done < READ_AHEAD_MOST; done += sizeof(bytes))
			n = read(fd, bytes, sizeof(bytes));
		close(fd);
	}
	_exit(0);
}

/**
 * boot_warmed_up() - The process of warm_up() for an exec: touches a program as the kernel does
 * that runs it
 */
void boot_warmed_up(void)
{
	int fd = open_to_read("/bin/sh");
	struct stat st;
	volatile char *at;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size < TOUCHED)
		_exit(0);
	at = mmap(NULL, TOUCHED, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (at != MAP_FAILED)
		at[0] = at[TOUCHED - 1];
	_exit(0);
}
