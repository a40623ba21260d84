/* Whoever calls IAM: where, as whom, over which connections. One client, or several on one thread that share
 * certificates, TLS sessions and keys. */
#ifndef HOST_CALLER_H
#define HOST_CALLER_H

#include <tinyiam/pace.h>
#include <tinyiam/tinyiam.h>

#include "args/args.h"
#include "config/settings.h"
#include "keys/keys.h"
#include "net/errors.h"
#include "net/net.h"
#include "sessions.h"

/* A client with its connection. The same few buffers for one item and for a million. */
struct line {
    bool open;
    char action[64]; /* caller_action()'s */
    struct net net;
    struct iam_client client;
    unsigned char tx[4096], rx[16384]; /* a request, but for a long token; a record of TLS */
    unsigned char item[65536];
    unsigned char batch[33280]; /* of an audit: names of a page of services, which has 1,000 */
};

/* A pace that says what it sees. */
struct caller_pace {
    struct iam_pace pace; /* in front */
    struct iam_pace_ops ops;
    const struct iam_pace_ops *law;
    unsigned long throttled; /* replies that asked for fewer requests */
};

struct caller {
    const struct args *args;
    struct settings *settings;
    struct iam_endpoint endpoint; /* by region */
    struct iam_span authority, path;
    struct net_base base;
    struct net_shared net;
    struct sessions sessions;
    struct keys keys;
    struct line *lines;
    unsigned count; /* of lines, open or not */
    struct caller_pace pace;
    bool paced;
    uint32_t began_ms;
};

/* Finds out where and as whom; asks nobody yet. lines: zeroed memory for that many clients. 0, or an exit code after
 * saying what is wrong; caller_close is due in any case. */
int caller_open(struct caller *, const struct args *, struct settings *, struct line *lines,
                unsigned count);
/* Before lines are opened: all of them share a pace, instead of the retry mode's. max_rate: as for iam_pace_init(). */
void caller_set_pace(struct caller *, enum iam_pace_law, uint32_t max_rate);
/* One of the lines gets its client. 0, or an exit code after saying what is wrong. */
int caller_open_line(struct caller *, struct line *);
/* Closes, zeroises. */
void caller_close(struct caller *);

uint32_t caller_now_ms(const struct caller *);
/* What --deadline says has passed. */
bool caller_late(const struct caller *);
/* The name of the operation under way, or that was last; "" before the first. */
const char *caller_action(struct line *);
/* Says what went wrong; returns the exit code. */
int caller_explain(struct caller *, struct line *, const struct iam_fault *);

#endif
