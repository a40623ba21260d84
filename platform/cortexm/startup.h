/* startup.h - from reset to main(), faults, and how much stack was used. */
#ifndef CORTEXM_STARTUP_H
#define CORTEXM_STARTUP_H

#include <stddef.h>
#include <stdint.h>

/* The program. Its return value is the exit code. */
int main(void);

/* Most bytes of the stack ever in use, as the paint of start-up shows. */
size_t startup_stack_peak(void);
size_t startup_stack_size(void);

/* From a CPU's reset: paints the stack, fills in variables, and runs main() to the exit. Then, for its faults: a label
 * and a number in hexadecimal on the console. */
_Noreturn void startup_begin(void);
void startup_tell(const char *label, uint32_t value);
/* The ends of the stack, from image.ld. */
extern uint32_t image_stack_limit[], image_stack_top[];
/* From now on the stack ends here: what pushes below faults. By guard_mpu.c or guard_limit.c. */
void startup_guard(const void *limit);

/* Handlers of interrupts: of clock.c, of lan9118.c; without these files a fault. */
void clock_tick(void);
void lan9118_interrupt(void);

/* Resets the CPU; variables marked STARTUP_KEEP survive it. */
_Noreturn void startup_restart(void);
#define STARTUP_KEEP __attribute__((section(".keep")))
/* Memory that a product provisions in flash. */
#define STARTUP_PROVISION __attribute__((section(".provision")))
/* In a section that image.ld places; and kept by the compiler, although no C code names it. */
#define STARTUP_IN_SECTION(name) __attribute__((section(name), used))
/* Called from assembly alone: the compiler would leave it out. */
#define STARTUP_BY_ASSEMBLY __attribute__((used))
/* Without the code that saves registers on the stack: the stack may be what failed, or not be there yet. */
#define STARTUP_NO_FRAME __attribute__((naked))

#endif
