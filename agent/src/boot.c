/*
 * boot.c - PID 1 from the kernel's hands to CONFIGURED
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"

#define PORT_NAME	"msb.agent"
#define PORT_WAIT_MS	5000

/* From linux/random.h, which a musl toolchain does not have */
#define RND_ADD_ENTROPY	_IOW('R', 0x03, int[2])
#define RND_RESEED	_IO('R', 0x07)

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		log_line("%s: %s", path, strerror(errno));
	close(fd);
}

/**
 * asked_to_probe() - Is this only to find out whether a guest boots?
 */
static bool asked_to_probe(void)
{
	char line[4096];
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);
	char *word, *at = NULL;

	if (fd >= 0)
		close(fd);
	line[n > 0 ? n : 0] = '\0';
	for (word = strtok_r(line, " \n", &at); word; word = strtok_r(NULL, " \n", &at))
		if (!strcmp(word, "msb.probe"))
			return true;
	return false;
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
	if (asked_to_probe())
		off_power();
	mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	if (mount("dev", "/dev", "devtmpfs", MS_NOSUID, "mode=0755") == 0 || errno == EBUSY)
		log_open();
	agent.proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	write_file("/proc/self/oom_score_adj", "-1000");
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
	if (*conf->root)
		error = mount_root(conf, step, subject);
	if (!error)
		error = mount_guest(conf, step, subject);
	return error;
}

/**
 * boot_warm_up() - Have the kernel do once what an exec has it do
 *
 * Where the guest's code is translated, a guest that goes on from a template has to have all of
 * its kernel's translated anew. Between CONFIGURED and the first exec there is time for that:
 * the client is a program that has yet to be started. So a process is spawned as an exec's
 * is, which reads what every command would.
 */
void boot_warm_up(void)
{
	static char program[] = "/proc/self/exe", word[] = WARM_UP;
	char *argv[] = { NULL, program, word, NULL }, *env[] = { NULL };
	struct start st = { .argv = argv };
	struct identity who = { 0 };
	struct failure failure;
	int in[2] = { -1, -1 }, out[2] = { -1, -1 };

	if (pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 &&
	    spawn(&st, &who, env, (int[]){ in[0], out[1], out[1] }, "/", &failure) < 0)
		log_line("%s: %s", failure.step, strerror(failure.error));
	close(in[0]);
	close(in[1]);
	close(out[0]);
	close(out[1]);
}

/**
 * boot_warmed_up() - The process of boot_warm_up()
 *
 * What the guest's root has in the places of these files is hostile.
 */
void boot_warmed_up(void)
{
	static const char *const files[] = { "/bin/sh", "/etc/passwd" };
	char bytes[4096];
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int fd = open(files[i], O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

		if (fd >= 0 && read(fd, bytes, sizeof(bytes)) < 0)
			break;
	}
	_exit(0);
}
