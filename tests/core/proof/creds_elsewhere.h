/* creds.c, and what it asks: what other proofs say of it, or what touches no byte of an answer. Of any byte of the room,
 * and of tx and rx, it is noted whether it was wiped. */
#ifndef TINYIAM_TESTS_CREDS_ELSEWHERE_H
#define TINYIAM_TESTS_CREDS_ELSEWHERE_H

#include "spans.h"

#include "creds_invariant.h"

static uint32_t byte;                  /* any place of the room */
static uint32_t gathered, gathered_at; /* what was gathered: its end, its beginning */
static bool byte_is_wiped, tx_is_wiped, rx_is_wiped, query_is_forgotten;

static uint32_t gather(struct iam_creds *, struct iam_span *in[3], uint32_t at);

#define iam_creds_is_word iam_creds_is_word_code
#include "core/flow/creds.c"
#undef iam_creds_is_word

void iam_zeroize(void *at, size_t n)
{
    const struct iam_exchange_config *c = &p.exchange.cfg;
    PROVE(__CPROVER_w_ok(at, n), "what is wiped lies somewhere");
    if (__CPROVER_same_object(at, p.room))
        byte_is_wiped |=
            __CPROVER_POINTER_OFFSET(at) <= byte && byte < __CPROVER_POINTER_OFFSET(at) + n;
    tx_is_wiped |= at == c->tx && n == c->tx_size;
    rx_is_wiped |= at == c->rx && n == c->rx_size;
}

/* As "gather" proves: they fill what they take. */
static uint32_t gather(struct iam_creds *q, struct iam_span *in[3], uint32_t at)
{
    uint32_t end = nondet_uint();
    PROVE(q == &p && at <= p.room_size && all_inside(in, at, p.room_size),
          "texts lie behind that place, none in another");
    ASSUME(end >= at && end <= p.room_size);
    for (int i = 0; i < 3; i++) {
        uint32_t to = nondet_uint();
        if (!in_room(*in[i]))
            continue;
        ASSUME(to >= at && to <= end && in[i]->n <= end - to);
        in[i]->p = p.room + to;
    }
    gathered_at = at, gathered = end;
    return end;
}

/* As "creds_text" proves. */
bool iam_creds_is_word(struct iam_span s, const char *others)
{
    return iam_span_within(s, others[0], others[0]) && s.n >= 1;
}

/* The end of an exchange, as "creds_source" proves it of each source. */
static inline int any_end(struct iam_creds *q, int result, struct iam_role_keys *k)
{
    int r = nondet_bool() ? IAM_AGAIN : -(int)(nondet_uint() % 128);
    struct iam_fault *f = &p.exchange.fault;
    PROVE(q == &p && result <= IAM_OK && invariant() && sound_words(p.used, p.room_size),
          "may be asked");
    PROVE(p.source->is_query || (p.begin <= p.filled && p.filled <= p.room_size), "what has come");
    struct iam_creds was = p;
    p.part = (uint8_t)nondet_uint(), p.begin = nondet_uint();
    p.text = any_inside(p.used, p.room_size), p.path = any_inside(p.used, p.room_size);
    any_three(&f->code, &f->message, &f->what, p.used, p.room_size);
    any_three(&k->access_key_id, &k->secret_access_key, &k->session_token, p.used, p.room_size);
    k->expiration.us = (int64_t)nondet_uint64(), k->expiration.present = nondet_bool();
    ASSUME(is_answer(r, k, &was));
    return r;
}

/* As "creds_document" proves. */
void iam_creds_said(struct iam_creds *q)
{
    struct iam_fault *f = &p.exchange.fault;
    PROVE(q == &p && p.begin <= p.filled && p.filled <= p.room_size, "what has come");
    struct iam_span code, message, rest;
    any_three(&code, &message, &rest, p.begin, p.filled);
    f->code = nondet_bool() ? code : f->code;
    f->message = nondet_bool() ? message : f->message;
}

/* As "creds_document" proves, of a shape that begins with the slots of keys. */
int iam_creds_document(struct iam_creds *q, const struct iam_json_shape *shape, unsigned rules,
                       struct iam_role_keys *k)
{
    struct iam_fault *f = &p.exchange.fault;
    struct iam_span words[3];
    PROVE(q == &p && p.begin <= p.filled && p.filled <= p.room_size, "what has come");
    PROVE(shape->count >= 4 && shape->count <= IAM_KEYS_SLOTS, "keys, and what may be beside them");
    for (unsigned i = 0; i < shape->count; i++)
        PROVE(shape->members[i].need == IAM_JSON_ONE || shape->members[i].slot == i,
              "in their order");
    PROVE(!(rules & IAM_KEYS_MAY_LAST) || p.kind == IAM_CREDS_APPLICATION, "a server's keys end");
    PROVE(!(rules & IAM_KEYS_IN_MS) == (p.kind != IAM_CREDS_SSO), "SSO alone counts");
    any_three(&k->access_key_id, &k->secret_access_key, &k->session_token, p.begin, p.filled);
    k->expiration.us = (int64_t)nondet_uint64(), k->expiration.present = true;
    if (rules & IAM_KEYS_MAY_LAST)
        k->expiration.present = nondet_bool();
    any_three(&words[0], &words[1], &words[2], p.begin, p.filled);
    if (nondet_bool() && k->access_key_id.n > 0 && k->secret_access_key.n > 0 &&
        (!(rules & IAM_KEYS_OF_SESSION) || k->session_token.n > 0))
        return IAM_OK;
    f->code = nondet_bool() ? words[0] : f->code;
    f->message = nondet_bool() ? words[1] : f->message;
    f->what = nondet_bool() ? words[2] : IAM_SPAN("Code");
    return f->error = -1 - (int)(nondet_uint() % 127);
}

int iam_exchange_refuse(struct iam_exchange *e, int error, const char *what)
{
    e->fault.what = (struct iam_span){what, what != NULL};
    return e->fault.error = error;
}

uint64_t iam_divide(uint64_t n, uint32_t by, uint32_t *rest)
{
    uint64_t r = nondet_uint64();
    PROVE(by == 1000 && n <= INT64_MAX, "milliseconds since 1970");
    ASSUME(r <= n >> 9);
    *rest = 0;
    return r;
}

int64_t iam_exchange_unix_ms(const struct iam_exchange *e)
{
    int64_t ms = (int64_t)nondet_uint64();
    (void)e;
    ASSUME(ms >= -CLOCK_MOST && ms <= CLOCK_MOST);
    return ms;
}

uint32_t iam_exchange_random(struct iam_exchange *e)
{
    return e->random = nondet_uint();
}

void iam_exchange_begin(struct iam_exchange *e)
{
    e->stage = IAM_STAGE_CONNECT;
}

void iam_query_forget(struct iam_query *q)
{
    PROVE(q == &p.query, "its own");
    query_is_forgotten = true;
}

#endif
