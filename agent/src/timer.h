/*
 * timer.h - What time it is, and the one timer
 */
#ifndef TIMER_H
#define TIMER_H

#include "watch.h"

#define NANO	1000000000ULL

uint64_t now(void);
bool timer_init(struct source *src);
void timer_arm(uint64_t when);
void timer_rang(void);

#endif
