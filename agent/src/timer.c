/*
 * timer.c - What time it is, and the one timer
 *
 * The timer rings at the earliest time that somebody asked for. Then everybody who may wait for
 * a time is asked for the next one (main.c).
 */
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "timer.h"

static int timer_fd = -1;
static uint64_t armed;		/* when the timer rings, 0 for never */

/**
 * now() - Time that nobody can set, in ns
 */
uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NANO + (uint64_t)ts.tv_nsec;
}

/**
 * timer_init() - Make the timer
 * @src:	Its event is called when the timer rings
 *
 * Return: true on success
 */
bool timer_init(struct source *src)
{
	timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	return timer_fd >= 0 && watch_add(timer_fd, EPOLLIN, src);
}

/**
 * timer_arm() - Have the timer ring at a time or before
 * @when:	Time in ns
 */
void timer_arm(uint64_t when)
{
	struct itimerspec its = { .it_value = { .tv_sec = (time_t)(when / NANO),
						.tv_nsec = (long)(when % NANO) } };

	if (armed && armed <= when)
		return;
	armed = when;
	timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &its, NULL);
}

/**
 * timer_rang() - Take note that the timer rang; it rings no more until it is armed
 */
void timer_rang(void)
{
	uint64_t rings;

	if (read(timer_fd, &rings, sizeof(rings)) < 0)
		rings = 0;		/* it was armed anew in the meantime */
	armed = 0;
}
