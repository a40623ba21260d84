/* A port made of port/template by nine functions over memory: for test_template.c, and for tests/programs/install. */
#ifndef TESTS_PORT_YOURS_MEMORY_H
#define TESTS_PORT_YOURS_MEMORY_H

#include "conformance.h"
#include "memory.h"

#define YOURS_REFUSING_PORT 2

extern struct memory yours_wire; /* the network that template_init is given */
extern uint32_t yours_clock;     /* the board */
extern int yours_dropped, yours_connected;

/* The rules of port.h over stream and system: the broken one, or NULL. */
const char *yours_rules(void);

#endif
