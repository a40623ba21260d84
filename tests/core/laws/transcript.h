/* What is asked for, and what came, as text: one line an item, then the report, then how it ended. For play.c, and for
 * the boards of tests/core/boards, which have no heap and no printf. */
#ifndef TINYIAM_TESTS_TRANSCRIPT_H
#define TINYIAM_TESTS_TRANSCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include <tinyiam/call.h>

/* A reply body of tests/vectors/cases and what botocore makes of it: gen_cases.py. */
struct reply_case {
    const char *id, *operation;
    size_t head; /* bytes of the HTTP head */
    const char *reply;
    size_t n;
    const char *transcript; /* "refused\n": in an error that is not the service's */
};

/* The table of that name, or NULL; and the kinds of items that any table has, as bits. */
const struct iam_operation *transcript_operation(const char *action);
uint64_t transcript_kinds(void);
/* A request of it that the service's model allows. */
void transcript_request(const struct iam_operation *, enum iam_scope, struct iam_span marker,
                        union iam_request *);

/* Where it is written to. */
struct transcript {
    void (*put)(struct transcript *, const char *, size_t);
};
void transcript_text(struct transcript *, const char *);
void transcript_number(struct transcript *, int64_t);
/* What is not printable ASCII, and % | =, as %XX. */
void transcript_escaped(struct transcript *, struct iam_span);
void transcript_item(struct transcript *, const struct iam_decode *);
void transcript_report(struct transcript *, const struct iam_report *);
void transcript_end(struct transcript *, int result, const struct iam_fault *);

#endif
