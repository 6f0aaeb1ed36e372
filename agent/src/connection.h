/*
 * connection.h - What the frames of the connection itself ask for
 */
#ifndef CONNECTION_H
#define CONNECTION_H

#include "frame.h"

bool connection_encode(void);
void connection_greet(void);
void connection_frame(struct frame *f);
bool connection_idle(void);
void connection_restart(void);
void connection_boot_failed(int error, const char *step, const char *subject);

#endif
