/* Where the program says what it has found: say_host.c, say_board.c. */
#ifndef TINYIAM_TESTS_SAY_H
#define TINYIAM_TESTS_SAY_H

#include <stddef.h>

/* To standard output, which is the same on every machine. */
void say(const char *, size_t);
/* At the end: sends off what is still held, and tells on standard error what this machine needed for it. */
void say_end(void);

#endif
