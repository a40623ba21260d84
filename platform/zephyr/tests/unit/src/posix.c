/* What tests/unit asks of POSIX, for boards: pages from the heap, and a function on a stack of its own. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define PAGE 256

void *mmap(void *at, size_t n, int protection, int flags, int file, long offset)
{
    void *p = malloc(n);

    (void)at, (void)protection, (void)flags, (void)file, (void)offset;
    return p != NULL ? p : MAP_FAILED;
}

int mprotect(void *at, size_t n, int protection)
{
    (void)at, (void)n, (void)protection;
    return 0;
}

int munmap(void *at, size_t n)
{
    (void)n;
    free(at);
    return 0;
}

long sysconf(int name)
{
    (void)name;
    return PAGE;
}

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

/* Cortex-M, as the boards of testcase.yaml are. */
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
