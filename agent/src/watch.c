/*
 * watch.c - The one epoll, and the only way to close what it watches
 *
 * Epoll watches an open file, not a descriptor: close(2) ends a watch only when it closes the last
 * copy. A child of ours has copies of all our descriptors until its execve(2) closes them, and
 * by then we run again. So a watch is taken off before the close; else an event would
 * come for a pipe that we closed, and point to an exec that was freed.
 *
 * Events that were fetched before the close are harmless: an exec is freed after all of them
 * were handled (main.c), and a stream whose descriptor is -1 ignores its events.
 */
#include <unistd.h>

#include "watch.h"

static int epoll = -1;

/**
 * watch_init() - Make the epoll
 *
 * Return: true on success
 */
bool watch_init(void)
{
	epoll = epoll_create1(EPOLL_CLOEXEC);
	return epoll >= 0;
}

/**
 * watch_wait() - Wait for events
 * @events:	Set to them
 * @most:	Room in @events
 * @timeout:	ms, -1 for ever
 *
 * Return: how many there are, 0 or less for none
 */
int watch_wait(struct epoll_event *events, int most, int timeout)
{
	return epoll_wait(epoll, events, most, timeout);
}

/**
 * watch_add() - Watch a descriptor; only watch_close() may close it then
 * @fd:		Descriptor
 * @events:	For epoll
 * @src:	What its events are about; lives until watch_close()
 *
 * Return: true on success
 */
bool watch_add(int fd, uint32_t events, struct source *src)
{
	struct epoll_event ev = { .events = events, .data.ptr = src };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev) == 0;
}

/**
 * watch_change() - Watch for other events
 * @fd:		Descriptor, watched
 * @events:	For epoll
 * @src:	As before
 *
 * Return: true on success
 */
bool watch_change(int fd, uint32_t events, struct source *src)
{
	struct epoll_event ev = { .events = events, .data.ptr = src };

	return epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &ev) == 0;
}

/**
 * watch_close() - Take off the watch, if there is one, and close
 * @fd:		Descriptor
 */
void watch_close(int fd)
{
	epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
	close(fd);
}
