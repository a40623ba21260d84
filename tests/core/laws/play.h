/* Plays a scripted server to the engine, with every buffer against a guard page, and writes what came out
 * as text: one line an item, then the report, then how it ended. */
#ifndef TINYIAM_TESTS_PLAY_H
#define TINYIAM_TESTS_PLAY_H

#include <stdbool.h>
#include <stddef.h>

#include <tinyiam/call.h>
#include <tinyiam/tinyiam.h>

#include "transcript.h"

/* One connection's worth of reply to one request. */
struct play_reply {
    const char *p;
    size_t n;
    int end; /* after the bytes: 0 keep open, else what the stream says: IAM_EOF, IAM_ERR_RESET, ... */
};

struct play {
    /* in */
    const struct play_reply *replies;
    size_t reply_count;
    const char *operation; /* default: ...WithEntities */
    enum iam_scope scope;  /* default: IAM_SCOPE_PAGE is set by play_init() */
    size_t tx, rx, item;   /* capacities */
    size_t chunk, split;   /* bytes a receive gives; with split: that many first, then all */
    uint8_t attempts;
    bool structure;
    struct iam_span marker;
    uint32_t deadline_ms;
    /* out */
    char *text;
    size_t length;
    int result;
    struct iam_fault fault;
    struct iam_stats stats;
    char *requests; /* every byte sent */
    size_t requests_n;
    uint64_t slept; /* milliseconds of virtual time */
    uint64_t kinds; /* of items that came: bit 1 << enum iam_item_kind */
    /* PRIVATE */
    struct transcript transcript;
    size_t text_max, requests_max;
};

void play_init(struct play *);
int play_run(struct play *);
void play_free(struct play *);

#endif
