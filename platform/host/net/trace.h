/* --debug: a stream that holds a stream and tells what passes: heads of requests and replies, line by line.
 *
 * Never a secret, a token or a signature, whoever speaks. Shown is what is known to be harmless: the method and
 * the path of a request, a reply's status, and fields whose names are on a list, with their values or without.
 * What is no line of an HTTP head ends the telling until the other side speaks: a source that answers with its
 * document alone, or with an error of its own kind. */
#ifndef HOST_TRACE_H
#define HOST_TRACE_H

#include <stdbool.h>

#include <tinyiam/pace.h>
#include <tinyiam/port.h>

#include "text/say.h"

enum trace_part { TRACE_FIRST_LINE, TRACE_FIELDS, TRACE_BODY, TRACE_OTHER };

struct trace_side {
    char line[400]; /* a longer one is cut */
    size_t n;
    bool cut;
    enum trace_part part;
    unsigned others;          /* fields that are on no list */
    unsigned long long bytes; /* of the body, or after the last line that was one of a head */
};

enum trace_login {
    TRACE_SIGNED, /* Authorization is the library's own: seen up to the signature */
    TRACE_BEARER  /* it is somebody's token */
};

struct trace {
    struct iam_stream stream;
    struct iam_stream *below;
    struct trace_side out, in;
    enum trace_login login;
    bool opening, replied;
};

struct iam_stream *trace_stream(struct trace *, struct iam_stream *below, enum trace_login);
/* Tells when a pace lets a request wait, and what it makes of one that was throttled. Returns it. */
struct iam_pace *trace_pace(struct iam_pace *);
/* "tinyiam: debug: ..." */
SAY_FORMAT(1, 2)
void trace_say(const char *format, ...);

#endif
