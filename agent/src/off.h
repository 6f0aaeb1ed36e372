/*
 * off.h - The end: SHUTDOWN, and power off
 */
#ifndef OFF_H
#define OFF_H

#include <stdbool.h>
#include <stdint.h>

void off_begin(uint32_t grace_ms);
void off_deadline(uint64_t t);
uint64_t off_next(void);
bool off_due(void);
void off_finish(void);
_Noreturn void off_now(int status);
_Noreturn void off_power(void);

#endif
