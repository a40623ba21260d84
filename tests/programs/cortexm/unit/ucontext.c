/* A function on a stack of its own, on Cortex-M. */
#include "ucontext.h"

#include <stdint.h>
#include <string.h>

int getcontext(ucontext_t *context)
{
    memset(context, 0, sizeof *context);
    return 0;
}

void makecontext(ucontext_t *context, void (*run)(void), int argc, ...)
{
    (void)argc;
    context->run = run;
}

__attribute__((naked)) static void run_on(void (*run)(void), void *stack_top)
{
    __asm__ volatile("push {r4, lr}\n"
                     "mov r4, sp\n"
                     "mov sp, r1\n"
                     "blx r0\n"
                     "mov sp, r4\n"
                     "pop {r4, pc}\n");
}

int swapcontext(ucontext_t *from, const ucontext_t *to)
{
    uintptr_t top = (uintptr_t)to->uc_stack.ss_sp + to->uc_stack.ss_size;
    (void)from;
    run_on(to->run, (void *)(top & ~(uintptr_t)7));
    return 0;
}
