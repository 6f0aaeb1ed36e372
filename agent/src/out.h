/*
 * out.h - The buffer of what goes to the host
 */
#ifndef OUT_H
#define OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define OUT_SIZE	32768	/* the most one write to a virtio port takes */

void out_start(int fd);
void out_clear(void);
bool out_empty(void);
size_t out_left(size_t limit);
uint8_t *out_room(size_t bytes);
void out_used(size_t bytes);
ssize_t out_write(void);
_Noreturn void violation(const char *why);

#endif
