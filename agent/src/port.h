/*
 * port.h - The connection to the host
 */
#ifndef PORT_H
#define PORT_H

#include <stdbool.h>

void port_start(int fd);
bool port_pump(void);
bool port_idle(void);

#endif
