/* How the files of flow hang together. Private to flow.
 *
 *   exchange.c   one request and its reply, as far as it goes without I/O
 *   attempt.c    what is done when one fails: again, later, or not at all; clock and deadlines
 *   query.c, document.c   the two protocols: how a request is written and its reply read
 *   call.c       a list over exchanges, list.c: whether it is whole; checkpoint.c: its place
 *   audit.c      lists over a call: a plan, which call.c asks at each item and at each end
 *   creds.c      keys over exchanges, by the rows of source_*.c */
#ifndef TINYIAM_FLOW_FLOW_H
#define TINYIAM_FLOW_FLOW_H

#include <tinyiam/creds.h>
#include <tinyiam/parts/bytes.h>
#include <tinyiam/parts/json.h>

#include "../model/shape.h"

/* if (IAM_ON(CONFIG_TINYIAM_X)): is the option on? What is off needs not be linked. */
#define IAM_ON(option) IAM_ON_VALUE(option)
#define IAM_ON_VALUE(value) IAM_ON_PAIR(IAM_ON_##value)
#define IAM_ON_PAIR(...) IAM_ON_SECOND(__VA_ARGS__ 1, 0, 0)
#define IAM_ON_SECOND(first, second, ...) second
#define IAM_ON_1 0,

/* ---- exchange ---- */

enum iam_stage {
    IAM_STAGE_IDLE = 0, /* nothing started */
    IAM_STAGE_PAUSE,    /* until resume_at */
    IAM_STAGE_CONNECT,
    IAM_STAGE_SEND,
    IAM_STAGE_RECEIVE,
    IAM_STAGE_REPLIED, /* the reply is complete: the owner's turn */
    IAM_STAGE_PAGED,   /* of a list: a page is complete: tell, then go on or end */
    IAM_STAGE_DONE,
    IAM_STAGE_FAILED
};

/* How a request is written and its reply is read. Each function gets the exchange that the protocol's own struct
 * begins with. */
struct iam_protocol {
    /* Before the first byte: signs. IAM_OK, or an error, which is final. */
    int (*prepare)(struct iam_exchange *);
    /* A part of the request, counted from 0: the sink keeps the piece that is due. false: it is the last. */
    bool (*write)(const struct iam_exchange *, struct iam_out *, unsigned part);
    /* The reply's head is there, in exchange.http; with status 0: there is no reply, forget the last one. */
    void (*head)(struct iam_exchange *);
    /* Bytes of the body, not none, *p moved behind what was taken: IAM_AGAIN, IAM_ITEM, or an error. */
    int (*read)(struct iam_exchange *, const char **p, const char *end);
    /* The exchange has ended: IAM_OK, the reply is complete, or the error that ended it. Says what it
     * amounts to (IAM_ERR_SERVICE, ...; IAM_AGAIN: it was not the request yet, go on), and notes it in
     * exchange.fault. */
    int (*finish)(struct iam_exchange *, int error);
};
extern const struct iam_protocol iam_protocol_query, iam_protocol_document;

/* Is its configuration usable? Settles host and port. IAM_OK, or IAM_ERR_ARGUMENT with fault.what. */
int iam_exchange_check(struct iam_exchange *);
struct iam_span iam_exchange_authority(const struct iam_exchange *);
/* cfg is filled in, everything else zero. */
void iam_exchange_init(struct iam_exchange *, const struct iam_protocol *, uint32_t seed);
/* The milliseconds gone since the last time. */
uint32_t iam_exchange_time(struct iam_exchange *, uint32_t mono_ms, int64_t unix_ms);
/* Something begins: what was under way is dropped, the deadline starts with the next time given. */
void iam_exchange_begin(struct iam_exchange *);
/* The next request of it: CONNECT, with all attempts. */
void iam_exchange_again(struct iam_exchange *);
/* One stage as far as it goes; *more: go round again, there is something to do without I/O. IAM_AGAIN,
 * IAM_ITEM, or the error that it failed with. */
int iam_exchange_turn(struct iam_exchange *, bool *more);
/* Its request's first line, after the method and the path, and the fields that every request has. */
void iam_exchange_put_head(const struct iam_exchange *, struct iam_out *);
void iam_exchange_put_field(struct iam_out *, const char *name, struct iam_span value);
/* The status stands for a code that the service did not give: three digits. */
void iam_exchange_status_code(struct iam_exchange *, char text[3]);
void iam_exchange_wait_over(struct iam_exchange *);
/* Before the next request the keys are looked at. */
static inline void iam_exchange_check_keys(struct iam_exchange *e)
{
    if (IAM_ON(CONFIG_TINYIAM_CREDS))
        e->need_keys = e->keyed;
}
static inline bool iam_exchange_needs_keys(const struct iam_exchange *e)
{
    return IAM_ON(CONFIG_TINYIAM_CREDS) && e->need_keys;
}

/* ---- attempt ---- */

/* The exchange failed: again, later (IAM_AGAIN), or not at all (the error). */
int iam_exchange_trouble(struct iam_exchange *, int error, int native);
int iam_exchange_fail(struct iam_exchange *, int error, int native);
/* An error that no exchange has brought about; what: a constant, or NULL. Returns the error. */
int iam_exchange_refuse(struct iam_exchange *, int error, const char *what);
void iam_exchange_pause(struct iam_exchange *, uint32_t ms);
/* A reply has come whole (and is not about the clock): the pace hears of it. true: it is no attempt that counts. */
#if CONFIG_TINYIAM_PACE
bool iam_exchange_tell(struct iam_exchange *);
#else
static inline bool iam_exchange_tell(struct iam_exchange *e)
{
    (void)e;
    return false;
}
#endif
/* The operation's deadline is over (now >= operation_by): has it failed by that, or had it ended before? */
bool iam_exchange_late(struct iam_exchange *);
/* How long the present wait may last, and what it is called when it lasted. */
uint32_t iam_exchange_limit(const struct iam_exchange *, int *error);
uint32_t iam_exchange_left(const struct iam_exchange *);
/* Milliseconds since 1970 by our clock as corrected so far. */
int64_t iam_exchange_unix_ms(const struct iam_exchange *);
/* Our clock is the server's from now on. */
void iam_exchange_learn(struct iam_exchange *);
/* xorshift32: spreads retries of a fleet; nothing secret depends on it. */
uint32_t iam_exchange_random(struct iam_exchange *);
/* Up to the largest number, not around it. */
void iam_add_ms(uint32_t *, uint32_t more);
static inline uint32_t iam_setting(uint32_t value, uint32_t fallback)
{
    return value != 0 ? value : fallback;
}

/* By its members: GCC copies a whole span through two registers. */
static inline void iam_no_text(struct iam_span *s)
{
    s->p = NULL;
    s->n = 0;
}

/* A member of struct iam_stats, where somebody counts: more of it, or the most of it. The first three are 64 bits
 * wide. */
#define IAM_STAT(member) offsetof(struct iam_stats, member)
void iam_exchange_count(struct iam_exchange *, size_t stat, uint32_t more);
void iam_exchange_peak(struct iam_exchange *, size_t stat, uint32_t n);

/* ---- query, document ---- */

/* exchange.need_keys: are the provider's keys there? While a job is open as long as they are valid, else they
 * have to be fresh. IAM_AGAIN, or IAM_ERR_CREDENTIALS: it has failed. */
#if CONFIG_TINYIAM_CREDS
int iam_query_keys(struct iam_query *);
#else
static inline int iam_query_keys(struct iam_query *q) /* nobody has any: it is never asked */
{
    (void)q;
    return IAM_AGAIN;
}
#endif
/* Nothing of the credentials outlives an operation that failed, a change of them, or its owner. */
void iam_query_forget(struct iam_query *);
/* An operation has ended well: nothing outlives it but the signing key, which the next one finds. */
void iam_query_rest(struct iam_query *);

/* ---- call ---- */

/* Is the job's status a reason to wait? */
static inline bool iam_call_waits(const struct iam_call *c)
{
    return c->query.operation->of_job && c->scope != IAM_SCOPE_PAGE;
}
/* See iam_call.plan. */
int iam_call_alone(struct iam_call *, int event);
/* Fails what is under way between two replies. Returns the error. */
int iam_call_fail(struct iam_call *, int error);
/* list.c. May the reply at hand be believed, at each item and at its end? IAM_OK, or what is wrong. */
int iam_list_believe(struct iam_call *);
/* After a page. IAM_AGAIN: call.marker is the next one's; IAM_OK: it was the last; or why neither is known. */
int iam_list_follow(struct iam_call *);

/* ---- keys ---- */

/* What a kind of provider is. init checks parameters and completes the exchange's configuration; begin begins
 * the exchange that is due; end hears how it went: IAM_OK: *keys are there; IAM_AGAIN: the next one is due; or an
 * error. */
struct iam_source {
    int (*init)(struct iam_creds *, struct iam_exchange_config *);
    int (*begin)(struct iam_creds *);
    int (*end)(struct iam_creds *, int result, struct iam_role_keys *);
    bool is_query, mutual; /* mutual: by TLS with a certificate of one's own */
    uint8_t asks;          /* enum iam_asks */
};
/* Does the application have to say something first? */
enum iam_asks { IAM_ASKS_NOTHING = 0, IAM_ASKS_ALWAYS, IAM_ASKS_IF_GIVEN /* config.ask */ };
extern const struct iam_source iam_source_iot, iam_source_container, iam_source_imds,
    iam_source_assume_role, iam_source_web_identity, iam_source_sso;

/* The members of a document of keys by their slots. A shape begins with the first four, in this order. */
enum {
    IAM_KEYS_ID,
    IAM_KEYS_SECRET,
    IAM_KEYS_TOKEN,
    IAM_KEYS_EXPIRATION,
    IAM_KEYS_CODE, /* not "Success": there are no keys, and MESSAGE says why */
    IAM_KEYS_MESSAGE,
    IAM_KEYS_SLOTS
};
enum iam_keys_rule {
    IAM_KEYS_OF_SESSION = 1, /* there has to be a session token */
    IAM_KEYS_MAY_LAST = 2,   /* there need not be an expiration */
    IAM_KEYS_IN_MS = 4       /* expiration is a number: milliseconds since 1970 */
};
/* creds_json.c: reads the document at creds.begin, by bits of enum iam_keys_rule. IAM_OK, or the error, noted. */
int iam_creds_document(struct iam_creds *, const struct iam_json_shape *, unsigned rules,
                       struct iam_role_keys *);
/* The code and the message of an error, where the document is one of the usual ones. */
void iam_creds_said(struct iam_creds *);
/* Begins to fetch the document that creds.document says. */
int iam_creds_fetch(struct iam_creds *, const char *method);

/* Notes an error that is not the exchange's, and returns it. */
int iam_creds_wrong(struct iam_creds *, int error, const char *what);
/* Keys that may be used: not empty, nothing in them that a header cannot hold. names: of id, secret and
 * token for the fault. IAM_OK or IAM_ERR_VALUE. */
int iam_creds_check(struct iam_creds *, const struct iam_role_keys *, const char *const names[3],
                    bool needs_token);
/* Of these characters only, from 1 to 128? */
bool iam_creds_is_word(struct iam_span, const char *others);

#endif
