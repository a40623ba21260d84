/* startup.h - from reset to main(), faults, and how much stack was used. */
#ifndef CORTEXM_STARTUP_H
#define CORTEXM_STARTUP_H

#include <stddef.h>

/* The program. Its return value is the exit code. */
int main(void);

/* Most bytes of the stack ever in use, as the paint of start-up shows. */
size_t startup_stack_peak(void);
size_t startup_stack_size(void);

/* From now on the stack ends here: what pushes below faults. By guard_mpu.c or guard_limit.c. */
void startup_guard(const void *limit);

/* Resets the CPU; variables marked STARTUP_KEEP survive it. */
_Noreturn void startup_restart(void);
#define STARTUP_KEEP __attribute__((section(".keep")))
/* Memory that a product provisions in flash. */
#define STARTUP_PROVISION __attribute__((section(".provision")))

#endif
