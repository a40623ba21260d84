/* --debug: a stream that holds a stream and tells what passes. Heads of requests and replies, line by
 * line; never a secret, a token or a signature. */
#ifndef HOST_TRACE_H
#define HOST_TRACE_H

#include <stdbool.h>

#include <tinyiam/port.h>

struct trace_side {
    char line[300]; /* a longer one is cut */
    size_t n;
    bool cut, body; /* body: the head has ended */
    unsigned long long body_bytes;
};

struct trace {
    struct iam_stream stream;
    struct iam_stream *below;
    struct trace_side out, in;
    bool opening, replied;
};

struct iam_stream *trace_stream(struct trace *, struct iam_stream *below);
/* "tinyiam: debug: ..." */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
void trace_say(const char *format, ...);

#endif
