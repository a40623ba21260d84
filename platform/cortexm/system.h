/* system.h - the board as tinyiam's struct iam_system. */
#ifndef CORTEXM_SYSTEM_H
#define CORTEXM_SYSTEM_H

#include <tinyiam/port.h>

struct iam_system *system_get(void);

#endif
