/*
 * watch.h - Descriptors, each with the function that handles its events
 */
#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

/**
 * struct source - A watched descriptor, as part of the struct that has it
 * @event:	Called with the events of epoll
 */
struct source {
	void (*event)(struct source *src, uint32_t events);
};

bool watch_init(void);
int watch_wait(struct epoll_event *events, int most, int timeout);
bool watch_add(int fd, uint32_t events, struct source *src);
bool watch_change(int fd, uint32_t events, struct source *src);
void watch_close(int fd);

#endif
