/* What differs between a chip and the linux target. */
#ifndef LAST_ACCESSED_BOARD_H
#define LAST_ACCESSED_BOARD_H

#include <esp_err.h>
#include <stdint.h>

/* Network up, clock set. */
esp_err_t board_start(void);

/* A chip sleeps deeply and starts anew: this does not return. The linux target waits. */
void board_sleep(uint32_t seconds);

/* Seconds slept so since the board was switched on. */
uint32_t board_slept(void);

/* The end of the program: a chip stays idle. */
void board_end(int code);

#endif
