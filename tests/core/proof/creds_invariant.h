/* In which states a provider of keys can be, and where its texts lie: in the room that the caller gave, or anywhere else.
 * Shared by the harnesses of creds.c and of what it asks. */
#ifndef TINYIAM_TESTS_CREDS_INVARIANT_H
#define TINYIAM_TESTS_CREDS_INVARIANT_H

#include "proof.h"

#include <tinyiam/creds.h>

#define CLOCK_MOST (INT64_MAX >> 2)

static struct iam_creds p, base; /* main() makes them any */

static bool in_room(struct iam_span s)
{
    return s.n > 0 && __CPROVER_same_object(s.p, p.room);
}

static bool inside(struct iam_span s, size_t from, size_t to)
{
    return s.n == 0 || (in_room(s) && s.n <= p.room_size && __CPROVER_POINTER_OFFSET(s.p) >= from &&
                        __CPROVER_POINTER_OFFSET(s.p) + s.n <= to);
}

static bool apart(struct iam_span a, struct iam_span b)
{
    size_t i = __CPROVER_POINTER_OFFSET(a.p), k = __CPROVER_POINTER_OFFSET(b.p);
    return !in_room(a) || !in_room(b) || i + a.n <= k || k + b.n <= i;
}

/* Those of three that lie in the room lie there, none in another. */
static bool all_inside(struct iam_span *in[3], size_t from, size_t to)
{
    for (int i = 0; i < 3; i++)
        if (in_room(*in[i]) && !inside(*in[i], from, to))
            return false;
    return apart(*in[0], *in[1]) && apart(*in[0], *in[2]) && apart(*in[1], *in[2]);
}

static struct iam_span any_inside(uint32_t from, uint32_t to)
{
    uint32_t at = nondet_uint(), n = nondet_uint();
    ASSUME(from <= at && at <= to && n <= to - at);
    return nondet_bool() ? (struct iam_span){p.room + at, n} : (struct iam_span){NULL, 0};
}

/* Likewise, any three. */
static void any_three(struct iam_span *a, struct iam_span *b, struct iam_span *c, uint32_t from,
                      uint32_t to)
{
    *a = any_inside(from, to), *b = any_inside(from, to), *c = any_inside(from, to);
    ASSUME(apart(*a, *b) && apart(*a, *c) && apart(*b, *c));
}

static void any_room(void)
{
    p.room_size = nondet_uint();
    ASSUME(p.room_size >= 1 && p.room_size <= INT32_MAX);
    p.room = any_bytes(p.room_size);
}

/* The words of a fault lie behind the keys in use, or in the exchange, or are constants. */
static bool has_words(uint32_t from, uint32_t to)
{
    const struct iam_fault *f = &p.exchange.fault;
    const struct iam_span words[3] = {f->code, f->message, f->what};
    for (int i = 0; i < 3; i++)
        if (words[i].n > 0 && (in_room(words[i]) ? !inside(words[i], from, to)
                                                 : !__CPROVER_r_ok(words[i].p, words[i].n)))
            return false;
    return true;
}

static bool sound_words(uint32_t from, uint32_t to)
{
    const struct iam_fault *f = &p.exchange.fault;
    return has_words(from, to) && apart(f->code, f->message) && apart(f->code, f->what) &&
           apart(f->message, f->what);
}

static bool sound_clock(const struct iam_creds *q)
{
    const struct iam_exchange *e = &q->exchange;
    return e->now <= CLOCK_MOST && e->unix_ms >= -CLOCK_MOST && e->unix_ms <= CLOCK_MOST &&
           e->skew_ms >= -CLOCK_MOST && e->skew_ms <= CLOCK_MOST && q->got_at <= e->now &&
           q->got_unix >= -CLOCK_MOST && q->got_unix <= CLOCK_MOST;
}

/* While a fetch is under way: keys in use in the front of the room, then what IMDS has said so far, then what comes. */
static bool invariant(void)
{
    struct iam_span *keys[3] = {&p.keys.access_key_id, &p.keys.secret_access_key,
                                &p.keys.session_token};
    for (int i = 0; i < 3; i++)
        if (!inside(*keys[i], 0, p.used))
            return false;
    return p.used <= p.begin && p.begin <= p.room_size && p.part <= 2 && sound_clock(&p) &&
           (p.kind != IAM_CREDS_IMDS || p.part == 0 ||
            (inside(p.text, p.used, p.begin) && inside(p.path, p.used, p.begin)));
}

static bool same(struct iam_span a, struct iam_span b)
{
    return a.p == b.p && a.n == b.n;
}

/* The keys in use are those that there were. */
static bool has_kept(const struct iam_creds *was)
{
    return p.used == was->used && same(p.keys.access_key_id, was->keys.access_key_id) &&
           same(p.keys.secret_access_key, was->keys.secret_access_key) &&
           same(p.keys.session_token, was->keys.session_token);
}

/* What a source may answer at the end of an exchange, which began with "was": "creds_source" proves it of each, "creds"
 * takes it for granted. */
static bool is_answer(int r, const struct iam_role_keys *k, const struct iam_creds *was)
{
    struct iam_role_keys keys = *k;
    struct iam_span *in[3] = {&keys.access_key_id, &keys.secret_access_key, &keys.session_token};
    if (!has_kept(was) || !invariant() || !sound_words(p.used, p.room_size))
        return false;
    bool may_lack = p.kind == IAM_CREDS_IMDS || p.kind == IAM_CREDS_CONTAINER;
    if (r == IAM_OK) /* keys, which end some day */
        return k->access_key_id.n > 0 && k->secret_access_key.n > 0 && k->expiration.present &&
               in_room(k->access_key_id) && in_room(k->secret_access_key) &&
               (in_room(k->session_token) || (may_lack && k->session_token.n == 0)) &&
               all_inside(in, p.used, p.room_size);
    return r < 0 || (r == IAM_AGAIN && p.part > was->part);
}

/* A provider in the middle of a fetch. */
static void any_provider(enum iam_creds_kind kind)
{
    __CPROVER_havoc_object(&p);
    any_room();
    p.kind = (uint8_t)kind;
    ASSUME(p.exchange.cfg.tx_size <= INT32_MAX && p.exchange.cfg.rx_size <= INT32_MAX);
    p.exchange.cfg.tx = any_bytes(p.exchange.cfg.tx_size);
    p.exchange.cfg.rx = any_bytes(p.exchange.cfg.rx_size);
    ASSUME(p.used <= p.begin && p.begin <= p.room_size);
    p.keys.access_key_id = any_inside(0, p.used);
    p.keys.secret_access_key = any_inside(0, p.used);
    p.keys.session_token = any_inside(0, p.used);
    p.text = any_inside(p.used, p.begin); /* the application's are elsewhere: nobody reads these */
    p.path = any_inside(p.used, p.begin);
    p.exchange.fault.code = p.exchange.fault.message = p.exchange.fault.what = IAM_SPAN("");
    ASSUME(invariant());
}

#endif
