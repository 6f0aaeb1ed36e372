/*
 * duplex.h - Our end of a link: a descriptor to write to and one to read from
 */
#ifndef DUPLEX_H
#define DUPLEX_H

#include "stream.h"

/**
 * struct duplex - Streams 0 and 1 of an owner, between two descriptors
 * @in:		Stream 0
 * @out:	Stream 1
 */
struct duplex {
	struct input in;
	struct stream out;
};

void duplex_init(struct duplex *d, struct owner *o);
void duplex_attach(struct duplex *d, int in, int out);
bool duplex_watch(struct duplex *d);
void duplex_close(struct duplex *d);

#endif
