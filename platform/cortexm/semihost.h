/* semihost.h - files, console, time and the end of the program through the debugger or QEMU. On a board
 * without a debugger this is the one file to replace: UART for the console, TRNG for entropy, RTC for time. */
#ifndef CORTEXM_SEMIHOST_H
#define CORTEXM_SEMIHOST_H

#include <stddef.h>
#include <stdint.h>

enum semihost_mode { SEMIHOST_READ = 1, SEMIHOST_WRITE = 4, SEMIHOST_APPEND = 8 };

/* A handle, or < 0. ":tt" is the console: WRITE is its stdout, APPEND its stderr. */
int semihost_open(const char *path, enum semihost_mode mode);
void semihost_close(int handle);
/* Bytes read, 0 at the end, < 0: failed. */
int semihost_read(int handle, void *to, size_t n);
/* 0: all written. */
int semihost_write(int handle, const void *from, size_t n);

/* One line of diagnosis, unbuffered, without a handle. */
void semihost_puts(const char *text);
/* The program's command line, NUL-terminated. 0, or < 0 where it does not fit. */
int semihost_cmdline(char *to, size_t size);
/* Seconds since 1970, by the host's clock. */
uint32_t semihost_time(void);
/* Hundredths of a second that the program has run, by the host's clock. */
uint32_t semihost_clock(void);
_Noreturn void semihost_exit(int code);

#endif
