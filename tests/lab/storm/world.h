/* The world of a storm: what its plan says, its virtual clock, and the state of its server. Time passes only
 * in idle(), as on a real system: until the stream has something, if it last answered "none now", else for as
 * long as was asked. */
#ifndef TINYIAM_STORM_WORLD_H
#define TINYIAM_STORM_WORLD_H

#include <tinyiam/tinyiam.h>

#include "content.h"

#define STORM_JOB "examplef-1305-c245-eba4-71fe298bcda7"
#define STORM_EPOCH INT64_C(1540410451000)

/* Where a fault acts. */
enum where {
    AT_OPEN,   /* the n-th connection */
    AT_SEND,   /* the n-th send */
    AT_REPLY,  /* the n-th reply */
    AT_CLOCK,  /* the n-th look at a clock */
    AT_CLIENT, /* how the client is set up, or what happens to it */
    AT_SERVER  /* what the server is like all along */
};

enum fault_kind {
    OPEN_RESOLVE,
    OPEN_REFUSED,
    OPEN_HANGS,
    OPEN_TLS,
    OPEN_VERIFY,
    OPEN_NEVER,
    EARLY_REPLY,
    SEND_RESET,
    SEND_EOF,
    SEND_IO,
    SEND_STUCK,
    CUT_EOF,
    CUT_RESET,
    CUT_TRUNCATED,
    CUT_IO,
    CUT_TLS,
    SILENCE,
    STALL_SHORT,
    STALL_LONG,
    DRIBBLE,
    DEAD_AFTER,
    STRAY_AFTER,
    DOUBLED,
    LATE_COPY,
    THROTTLED,
    RETRY_AFTER,
    ERROR_500,
    HTML_502,
    EMPTY_503,
    BARE_504,
    ALWAYS_500,
    ALWAYS_THROTTLED,
    ALWAYS_LATER,
    DENIED,
    NO_ENTITY,
    REDIRECT,
    GARBAGE,
    ILLEGAL_BYTE,
    SHORT_BODY,
    LENGTH_MORE,
    LENGTH_LESS,
    LENGTHS_DIFFER,
    BAD_CHUNK,
    FOLDED,
    ENCODED,
    PORTAL,
    JSON,
    EMPTY_200,
    OTHER_OPERATION,
    SISTER_OPERATION,
    ERROR_WITH_PAGE,
    ERROR_AS_200,
    DOCTYPE,
    SAME_MARKER,
    NO_MARKER,
    BAD_MARKER,
    CIRCLE,
    ENDLESS_PAGES,
    ENDLESS_EMPTY,
    NOT_DONE,
    NEVER_DONE,
    JOB_FAILED,
    FAILED_LATER,
    FAILED_WITH_LIST,
    UNDONE_WITH_LIST,
    ODD_STATUS,
    NO_STATUS,
    BAD_BOOLEAN,
    NO_BOOLEAN,
    BOOLEAN_DIGIT,
    BAD_DATE,
    BAD_ITEM,
    TWO_STATUSES,
    TWO_BOOLEANS,
    TWO_MARKERS,
    TWO_RESULTS,
    OTHER_JOB,
    ODD_2XX,
    SOME_1XX,
    ENDLESS_1XX,
    ENDLESS_HEADERS,
    ENDLESS_EXTENSION,
    ENDLESS_TRAILERS,
    CHANGED_BEFORE,
    CHANGED_BEHIND,
    SHORTER,
    LONGER,
    CLOCK_OFF,
    CLOCK_UNSET,
    CLOCK_OFF_NO_DATE,
    CLOCK_UNSET_NO_DATE,
    CLOCK_OFF_AGED,
    CLOCK_REFUSED,
    WALL_JUMPS,
    MONO_JUMPS,
    MONO_BACK,
    MONO_WRAPS,
    POWER_LOSS,
    SMALL_ITEM,
    ONE_BYTE,
    DEADLINE,
    FAULTS
};

struct fault {
    enum fault_kind kind;
    uint32_t at; /* its number, from 1 */
    uint32_t x;  /* chance's share of it */
    bool done;
};

struct world {
    struct iam_stream stream; /* first: the ops cast */
    struct iam_system system;
    struct report report;
    struct dice dice; /* how things are written and split; never what the list is */
    struct fault faults[8];
    unsigned fault_count;

    /* how it serves */
    uint32_t framing; /* 0 length, 1 chunked, 2 until close, 3 HTTP/1.0, 4 any */
    uint32_t rtt, chunk, polls, marker_style;
    bool status_last, keep, date, aged;
    bool always_500, always_throttled, always_later, never_open, circle, never_done, refuses_time;
    unsigned circle_to;   /* the page that the last one's Marker leads to */
    int32_t changed_page; /* -1: none */
    unsigned changed_place;
    enum fault_kind changed_how;
    unsigned version_from; /* fetches of that page after which it is the other one */
    unsigned fetches[64];

    /* time, in milliseconds */
    uint64_t now, ready, wake; /* wake: when the stream will have something; valid with waits */
    uint32_t mono_from;
    int64_t wall_off; /* of the client's clock */
    bool wall_set;
    int32_t mono_noise;
    uint32_t looks;
    bool waits;

    /* one connection */
    bool open, connecting, stuck, dribble;
    int end; /* when the reply has been taken; 0: stays open */
    struct bytes request, reply;
    struct bytes ahead;       /* comes before the next request's reply, on this connection */
    struct fault *ahead_from; /* and makes this happen */
    bool spoke_first;         /* the reply that is there was not asked for */
    size_t taken, stall_at;
    uint32_t stall_ms;

    uint32_t opens, sends, replies;
    long calls;
    uint32_t wrong; /* requests that no client should send */
};

static inline struct world *of_stream(struct iam_stream *s)
{
    return (struct world *)(void *)s;
}

static inline struct world *of_system(struct iam_system *s)
{
    return (struct world *)(void *)((char *)s - offsetof(struct world, system));
}

/* The fault of this kind that is due as number n; it is used up. */
static inline struct fault *due(struct world *w, enum fault_kind kind, uint32_t n)
{
    for (unsigned i = 0; i < w->fault_count; i++) {
        struct fault *f = &w->faults[i];
        if (f->kind == kind && !f->done && n >= f->at) {
            f->done = true;
            return f;
        }
    }
    return NULL;
}

/* ---- the clocks ---- */

static inline uint32_t world_mono(struct iam_system *s)
{
    struct world *w = of_system(s);
    struct fault *f;
    w->looks++;
    if ((f = due(w, MONO_JUMPS, w->looks)) != NULL) {
        static const uint32_t jumps[] = {3600000,    100000,     31000,
                                         0x7FFFFFFF, 0x80000001, 0xFFFFFFFF};
        w->mono_from += jumps[f->x % 6];
    }
    if (w->mono_noise > 0 && roll(&w->dice, 4) == 0)
        w->mono_from -= roll(&w->dice, (uint32_t)w->mono_noise);
    return w->mono_from + (uint32_t)w->now;
}

static inline int64_t world_unix(struct iam_system *s)
{
    struct world *w = of_system(s);
    struct fault *f;
    if ((f = due(w, WALL_JUMPS, w->looks)) != NULL) {
        static const int64_t jumps[] = {315576000000, -315576000000, 3600000,
                                        -3600000,     1000,          -60000};
        w->wall_off += jumps[f->x % 6];
    }
    return w->wall_set ? STORM_EPOCH + (int64_t)w->now + w->wall_off : -1;
}

static inline int world_entropy(struct iam_system *s, void *p, size_t n)
{
    struct world *w = of_system(s);
    for (size_t i = 0; i < n; i++)
        ((unsigned char *)p)[i] = (unsigned char)roll(&w->dice, 256);
    return roll(&w->dice, 50) ? IAM_OK : IAM_ERR_CRYPTO;
}

static inline void world_pass(struct world *w, uint32_t ms)
{
    uint64_t until = w->now + ms;
    if (w->waits && w->wake < until)
        until = w->wake > w->now ? w->wake : w->now;
    w->now = until;
    w->waits = false;
}

/* The stream has nothing, or takes nothing, before then. */
static inline int none_now(struct world *w, uint64_t until)
{
    if (!w->waits || until < w->wake)
        w->wake = until;
    w->waits = true;
    return 0;
}

static inline void world_idle(struct iam_system *s, struct iam_stream *const *streams, size_t n,
                              uint32_t ms)
{
    (void)streams, (void)n;
    world_pass(of_system(s), ms);
}

#endif
