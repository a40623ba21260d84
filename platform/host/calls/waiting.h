/* What a client waits for, and since when: for people who wait with it. */
#ifndef HOST_WAITING_H
#define HOST_WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "caller.h"

enum wait_kind {
    WAIT_NONE,    /* it has nothing to do */
    WAIT_KEYS,    /* whoever gives them has not yet */
    WAIT_CONNECT, /* TCP, TLS, a proxy */
    WAIT_REPLY,
    WAIT_REPORT, /* IN_PROGRESS: between two looks at it as well */
    WAIT_AGAIN,  /* an attempt has failed, the next one is due or under way */
    WAIT_RATE    /* the service has asked for fewer requests */
};

/* A zeroed one has not looked yet. */
struct waiting {
    enum wait_kind kind;
    uint32_t since_ms;  /* by caller_now_ms() */
    time_t since;       /* the same by the clock on the wall */
    bool report;        /* it was IN_PROGRESS, and nothing of it has come since */
    uint32_t report_ms; /* when that was first seen */
    uint64_t got;       /* items and pages so far */
    uint32_t polls;     /* where one of these moves nothing is waited for */
    uint32_t retries;   /* before what is waited for */
    unsigned attempt;   /* WAIT_AGAIN: its number, from 2 on */
    const void *action; /* the operation under way */
};

/* Looks, as often as one likes. began_ms: when there was nothing to wait for yet. */
void waiting_look(struct waiting *, const struct iam_client *, uint32_t began_ms, uint32_t now_ms);
/* For so long. */
uint32_t waiting_ms(const struct waiting *, uint32_t now_ms);
/* So long that it is named beside what has come; where something went wrong at once. */
bool waiting_long(const struct waiting *, uint32_t now_ms);
/* "waiting for the reply of iam.amazonaws.com since 23:05:12 (4 s)". The length, as snprintf() returns it. */
int waiting_text(const struct waiting *, struct caller *, const struct iam_client *,
                 uint32_t now_ms, char *text, size_t size);

#endif
