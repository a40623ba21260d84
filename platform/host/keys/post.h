/* A JSON document to a service by POST, unsigned: how the token of a login is refreshed. */
#ifndef HOST_POST_H
#define HOST_POST_H

#include <tinyiam/post.h>

#include "net/net.h"

/* What a login's files and services are reached with. */
struct login_way {
    const struct settings *settings;
    struct net_base *base;
    bool debug;
    bool (*stop)(void); /* asked while one waits; true: give up */
};

#define POST_REPLY_MAX 65536u

struct post {
    struct iam_post exchange; /* its fault is valid until post_end() */
    struct net_shared shared;
    struct net net;
    struct net_way way;
    char authority[320];
    char tx[4096], rx[16384], reply[POST_REPLY_MAX]; /* the answer's first bytes; a secret */
    size_t n;                                        /* of the answer, at most POST_REPLY_MAX */
    bool has_net, began;
};

#define POST_GRACE_MS 2000u /* for a refresh token: its successor stands in the answer */

struct post_call {
    struct endpoint endpoint; /* a setting's, or ... */
    struct iam_span host;     /* ... the service's own */
    const char *path;
    struct iam_span body;
    const char *field, *value;  /* one more header field, "DPoP: ", or NULL */
    const char *method;         /* NULL: POST */
    bool plain, straight;       /* http; no proxy */
    uint32_t wait_ms, attempts; /* 0: as the settings have it */
    uint32_t grace_ms; /* for the answer, after stop(): where it cannot be asked for twice */
};

/* malloc'ed; post_end() is due in any case. */
struct post *post_new(void);
/* To the end. IAM_OK, or the error that is in exchange.document.exchange.fault; IAM_AGAIN: it was stopped, or the
 * way there could not be made, which has been said. *code: the exit code for IAM_AGAIN. */
int post_run(struct post *, const struct login_way *, const struct post_call *, int *code);
/* Explains the error that post_run() gave on stderr. from: where the keys come from. Gives the exit code. */
int post_explain(const struct post *, const struct login_way *, const struct post_call *,
                 const char *action, const char *from);
void post_end(struct post *);

#endif
