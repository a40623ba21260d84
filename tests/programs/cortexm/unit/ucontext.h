/* A function on a stack of its own: as much of ucontext as the tests use. */
#ifndef CORTEXM_UCONTEXT_H
#define CORTEXM_UCONTEXT_H

#include <stddef.h>

typedef struct ucontext {
    struct {
        void *ss_sp;
        size_t ss_size;
    } uc_stack;
    struct ucontext *uc_link;
    void (*run)(void);
} ucontext_t;

int getcontext(ucontext_t *);
void makecontext(ucontext_t *, void (*run)(void), int argc, ...);
/* Runs `to` until it returns. */
int swapcontext(ucontext_t *from, const ucontext_t *to);

#endif
