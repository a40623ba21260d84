/* How many columns of a terminal a character takes. */
#ifndef HOST_COLUMNS_H
#define HOST_COLUMNS_H

#include <stdint.h>

/* 2: East Asian wide letters and emoji; 0: marks that stand on the letter before them; else 1. Not for controls and what
 * else is never shown as it is (terminal.h). */
unsigned columns_of(uint32_t character);

#endif
