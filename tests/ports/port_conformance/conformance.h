/* The rules of tinyiam/port.h as a test that any port must pass: a stream with the far end of it in the
 * test's hands, and a system. No test framework, no libc beyond memcpy: fit for a board. */
#ifndef PORT_CONFORMANCE_H
#define PORT_CONFORMANCE_H

#include <tinyiam/port.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is under test, and the hands at the far end. NULL: that cannot be done there, and rules about it
 * are not tried. */
struct conformance {
    struct iam_stream *stream;
    struct iam_system *system;
    struct iam_span host; /* where the far end listens */
    uint16_t port;
    uint16_t dead_port;      /* nobody listens: IAM_ERR_CONNECT; 0: not tried */
    struct iam_span no_host; /* a name that does not exist: IAM_ERR_RESOLVE; p NULL: not tried */
    int cut_result;          /* what recv says when the far end stops without a farewell */
    void *context;
    /* Lets the far end work: accept, shake hands. Called again and again. */
    void (*turn)(void *context);
    /* Bytes moved (> 0), 0: none now, < 0: the connection is over. */
    int (*send)(void *context, const void *, size_t);
    int (*recv)(void *context, void *, size_t);
    void (*end)(void *context);   /* an orderly end (TLS: with close_notify) */
    void (*cut)(void *context);   /* an end without a farewell */
    void (*reset)(void *context); /* IAM_ERR_RESET */
    void (*forget)(
        void *context); /* drops the connection if there is one, and listens for the next */
    bool system_waits;  /* system.idle waits for this very stream */
};

/* The rule that was broken, in words, or NULL: none. */
const char *conformance_stream(const struct conformance *);
const char *conformance_system(struct iam_system *);

#ifdef __cplusplus
}
#endif
#endif
