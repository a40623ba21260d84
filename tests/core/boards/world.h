/* A server and a system in memory, behind port.h: the replies are constants, time is virtual. */
#ifndef TINYIAM_TESTS_WORLD_H
#define TINYIAM_TESTS_WORLD_H

#include <stdint.h>

#include <tinyiam/port.h>

/* The answer to one request. */
struct world_reply {
    const char *head; /* NULL: status 200 and the body's length */
    const char *body;
    size_t n;   /* bytes of the body; 0: up to its NUL */
    size_t cut; /* after so many bytes of head and body the connection is reset; 0: never */
};

struct world {
    struct iam_stream stream; /* PRIVATE but for their address */
    struct iam_system system;
    const struct world_reply *replies; /* the n-th request gets the n-th */
    size_t reply_count;
    size_t piece;  /* bytes that a receive gives at most */
    size_t damage; /* this byte of the body, from 1 on, comes with a bit flipped; 0: none */
    void (*request)(const char *p, size_t n); /* a piece of what is sent; NULL, 0: it has ended */
    uint32_t mono;
    int64_t unix_ms;
    /* PRIVATE */
    size_t requests, at, head_n;
    enum { WORLD_OPEN, WORLD_ANSWERS, WORLD_TAKES, WORLD_WAITS } state;
    char head[96];
};

/* From the beginning; mono and unix_ms go on. */
void world_begin(struct world *, const struct world_reply *, size_t count);

#endif
