/* A stream in memory with its far end, for tests: the third implementation of port.h beside sockets and
 * TLS. Everything that a network may do can be told to happen, at a byte or at a call. */
#ifndef TESTS_PORT_MEMORY_H
#define TESTS_PORT_MEMORY_H

#include <tinyiam/port.h>

#include "conformance.h"

#define MEMORY_PIPE_SIZE 8192u

/* One direction. */
struct memory_pipe {
    unsigned char bytes[MEMORY_PIPE_SIZE];
    size_t from, n;  /* a ring: first byte, bytes held */
    size_t capacity; /* 0: all of it */
    uint64_t passed; /* bytes ever taken out */
    bool ended;      /* no more will come */
};

struct memory {
    struct iam_stream stream;       /* the near end */
    struct memory_pipe there, back; /* near to far, far to near */

    /* What is to happen; 0: nothing. */
    unsigned open_turns; /* calls of open that answer IAM_AGAIN first */
    int open_error;      /* what open answers */
    size_t most;         /* bytes that one call moves at most */
    uint64_t fail_call;  /* the n-th call of send or recv fails, and all after it */
    int fail_error;      /* with this */
    uint64_t cut_at;     /* after so many bytes from the far end recv answers cut_error */
    bool cut;            /* ... if this is set */
    int cut_error;
    bool stutter;                                                   /* every other call answers 0 */
    void (*alter)(struct memory *, unsigned char *bytes, size_t n); /* sees what recv hands out */
    uint64_t alter_at;                                              /* for its use */
    bool system_blocked; /* set by send and recv when they answer 0 */

    /* PRIVATE */
    unsigned turns;
    uint64_t calls;
    int error;
    uint8_t state;
};

void memory_init(struct memory *);

/* The far end of a struct memory, with the results of a stream: > 0, 0, IAM_EOF. */
int memory_far_send(void *memory, const void *, size_t);
int memory_far_recv(void *memory, void *, size_t);
void memory_far_close(void *memory);  /* orderly: what was sent arrives */
void memory_far_reset(void *memory);  /* what was sent is lost */
void memory_far_forget(void *memory); /* nothing is on its way any more */
/* Puts it into the hands of the rules of port.h. */
void memory_far_rules(struct memory *, struct conformance *);

#endif
