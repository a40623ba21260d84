/* Buffered bytes to one file descriptor: what stdout is to this program. The first error sticks. */
#ifndef HOST_SINK_H
#define HOST_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <tinyiam/types.h>

#include "pager.h"

#define SINK_SIZE 65536

struct sink {
    int fd;
    int error;      /* errno of the write that failed; 0: none */
    size_t n;       /* bytes waiting in buf */
    uint64_t taken; /* bytes put so far, waiting ones included */
    uint64_t given; /* of these, to the kernel */
    bool regular;   /* a regular file: what was written can be taken back */
    bool terminal;
    bool whole_lines;       /* into a pipe, what is killed tears no line; costs more writes */
    uint64_t base;          /* regular: file offset of the first byte put */
    bool (*stop)(void);     /* is the run to end? Then nobody waits for a reader; or NULL */
    void (*before)(void *); /* called before a write that goes to a terminal; or NULL */
    void *before_arg;
    /* of a terminal: what fits the screen waits in buf; zeroed: there is none */
    struct pager pager;
    char buf[SINK_SIZE];
};

void sink_open(struct sink *, int fd);
/* Everything put so far has been given to the kernel, or error is set; but what may want a pager waits. */
bool sink_flush(struct sink *);
/* Does all of it wait, because it fits the screen so far? */
bool sink_waits(const struct sink *);
/* Whatever waits does not go out any more; a pager has what it got, and is waited for. */
void sink_end(struct sink *);
/* Does anybody read? A pager that has ended is an error of the output, EPIPE, also where nothing is written. */
bool sink_is_read(struct sink *);
/* What waits goes out. If there is a pager it has all that there is, and this waits for its end. */
bool sink_leave(struct sink *);
/* Has the reader had enough, and ended his pager? Whatever is wrong with the output then is no error. */
bool sink_was_left(const struct sink *);
/* Flushes, closes, and says whether all went well: some file systems report a full disk only now. */
bool sink_close(struct sink *);
void sink_put_slow(struct sink *, const char *, size_t);
/* Room for n bytes, at most half of SINK_SIZE, behind what waits; then how many of them were written there. */
char *sink_room(struct sink *, size_t n);
static inline void sink_wrote(struct sink *s, size_t n)
{
    s->n += n;
    s->taken += n;
}

static inline void sink_put(struct sink *s, const char *p, size_t n)
{
    if (n > SINK_SIZE - s->n) {
        sink_put_slow(s, p, n);
        return;
    }
    memcpy(s->buf + s->n, p, n);
    s->n += n;
    s->taken += n;
}

static inline void sink_span(struct sink *s, struct iam_span text)
{
    if (text.n)
        sink_put(s, text.p, text.n);
}

static inline void sink_char(struct sink *s, char c)
{
    sink_put(s, &c, 1);
}

static inline void sink_spaces(struct sink *s, unsigned n)
{
    for (; n; n--)
        sink_char(s, ' ');
}

#define SINK_LITERAL(s, literal) sink_put((s), (literal), sizeof(literal) - 1)

#endif
