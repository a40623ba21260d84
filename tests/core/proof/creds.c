/* The end of an exchange for keys: from EVERY state of a provider that invariant() allows, with any answer, status and
 * error, for the kinds of source that the plan names; and the beginning of the next exchange. The bytes of an answer are any: no proof here
 * depends on one, and what walks over them is proved by itself. */
#include "copies.h"

#include <tinyiam/creds.h>

static uint32_t gather(struct iam_creds *, struct iam_span *in[3], uint32_t at);

#define iam_creds_is_word iam_creds_is_word_code
#include "core/flow/creds.c"
#undef iam_creds_is_word

#define CLOCK_MOST (INT64_MAX >> 2)

static struct iam_creds p, base; /* main() makes them any */

static bool inside(struct iam_span s, size_t from, size_t to)
{
    return s.n == 0 ||
           (__CPROVER_same_object(s.p, p.room) && s.n <= p.room_size &&
            __CPROVER_POINTER_OFFSET(s.p) >= from && __CPROVER_POINTER_OFFSET(s.p) + s.n <= to);
}

static bool in_room(struct iam_span s)
{
    return s.n > 0 && __CPROVER_same_object(s.p, p.room);
}

static bool apart(struct iam_span a, struct iam_span b)
{
    size_t i = __CPROVER_POINTER_OFFSET(a.p), k = __CPROVER_POINTER_OFFSET(b.p);
    return !in_room(a) || !in_room(b) || i + a.n <= k || k + b.n <= i;
}

static struct iam_span any_inside(size_t from, size_t to)
{
    size_t at = nondet_uint(), n = nondet_uint();
    ASSUME(from <= at && at <= to && n <= to - at);
    return nondet_bool() ? (struct iam_span){p.room + at, n} : (struct iam_span){NULL, 0};
}

static void is_readable(struct iam_span s)
{
    PROVE(s.n == 0 || __CPROVER_r_ok(s.p, s.n), "text that is looked at lies somewhere");
}

/* ---- gather(): taken for granted; with -DGATHER=BYTES its own proof, which takes too long to be run ---- */

static bool all_inside(struct iam_span *in[3], size_t from, size_t to)
{
    for (int i = 0; i < 3; i++)
        if (in_room(*in[i]) && !inside(*in[i], from, to))
            return false;
    return apart(*in[0], *in[1]) && apart(*in[0], *in[2]) && apart(*in[1], *in[2]);
}

static uint32_t gather(struct iam_creds *q, struct iam_span *in[3], uint32_t at)
{
#ifdef GATHER
    return gather_code(q, in, at);
#endif
    uint32_t end = nondet_uint();
    PROVE(q == &p && all_inside(in, at, p.room_size),
          "texts lie behind that place, none in another");
    ASSUME(end >= at && end <= p.room_size);
    for (int i = 0; i < 3; i++) {
        size_t to = nondet_uint();
        if (!in_room(*in[i]))
            continue;
        ASSUME(to >= at && to <= end && in[i]->n <= end - to);
        in[i]->p = p.room + to;
    }
    return end;
}

/* ---- what is proved by itself, or touches nothing of an answer ---- */

/* As its header says: each text lies where it stood. */
int iam_json_read(const struct iam_json_shape *shape, char *document, size_t n,
                  struct iam_span *text, struct iam_span *what)
{
    static const int codes[] = {IAM_OK, IAM_ERR_FOREIGN, IAM_ERR_JSON, IAM_ERR_MEMBER,
                                IAM_ERR_VALUE};
    size_t begin = (size_t)(document - p.room);
    PROVE(n == 0 || __CPROVER_w_ok(document, n), "the document lies in the room");
    for (unsigned i = 0; i < shape->count; i++) {
        struct iam_span s = any_inside(begin, begin + n);
        if (shape->members[i].need == IAM_JSON_ONE)
            continue;
        for (unsigned k = 0; k < i; k++)
            ASSUME(apart(s, text[shape->members[k].slot]));
        text[shape->members[i].slot] = s;
    }
    *what = nondet_bool() ? IAM_SPAN("Token") : IAM_SPAN("");
    return codes[nondet_uint() % 5];
}

int iam_time_parse(struct iam_span s, struct iam_time *t)
{
    is_readable(s);
    t->us = (int64_t)nondet_uint64();
    t->present = true;
    return nondet_bool() ? IAM_OK : IAM_ERR_VALUE;
}

bool iam_span_within(struct iam_span s, char least, char most)
{
    (void)least, (void)most;
    is_readable(s);
    return nondet_bool();
}

bool iam_creds_is_word(struct iam_span s, const char *others)
{
    (void)others;
    is_readable(s);
    return nondet_bool();
}

bool iam_span_is(struct iam_span s, const char *text)
{
    (void)text;
    is_readable(s);
    return nondet_bool();
}

struct iam_span iam_span_trim(struct iam_span s)
{
    size_t before = nondet_size(), n = nondet_size();
    is_readable(s);
    ASSUME(before <= s.n && n <= s.n - before);
    return (struct iam_span){s.p + before, n};
}

void iam_zeroize(void *at, size_t n)
{
    PROVE(__CPROVER_w_ok(at, n), "what is wiped lies somewhere");
}

int iam_exchange_refuse(struct iam_exchange *e, int error, const char *what)
{
    e->fault.what = (struct iam_span){what, what != NULL};
    return e->fault.error = error;
}

int iam_encode_check(const struct iam_operation *o, const void *request, struct iam_fault *f)
{
    (void)o, (void)request, (void)f;
    return nondet_bool() ? IAM_OK : IAM_ERR_ARGUMENT;
}

bool iam_keys_code(struct iam_span code)
{
    is_readable(code);
    return nondet_bool();
}

uint64_t iam_divide(uint64_t n, uint32_t by, uint32_t *rest)
{
    uint64_t r = nondet_uint64();
    PROVE(by == 1000, "milliseconds");
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
    (void)q;
}

/* ---- the proof ---- */

static bool sound_clock(const struct iam_creds *q)
{
    const struct iam_exchange *e = &q->exchange;
    return e->now <= CLOCK_MOST && e->unix_ms >= -CLOCK_MOST && e->unix_ms <= CLOCK_MOST &&
           e->skew_ms >= -CLOCK_MOST && e->skew_ms <= CLOCK_MOST && q->got_unix >= -CLOCK_MOST &&
           q->got_unix <= CLOCK_MOST;
}

static bool invariant(void)
{
    bool imds = p.kind == IAM_CREDS_IMDS;
    return p.used <= p.begin && p.begin <= p.room_size && p.part <= 2 && sound_clock(&p) &&
           inside(p.keys.access_key_id, 0, p.used) && inside(p.keys.secret_access_key, 0, p.used) &&
           inside(p.keys.session_token, 0, p.used) &&
           (!imds || p.part == 0 ||
            (inside(p.text, p.used, p.begin) && inside(p.path, p.used, p.begin)));
}

static struct iam_span any_word(void) /* of a fault: in the exchange, or forever */
{
    return nondet_bool() ? (struct iam_span){p.exchange.http.reason, 3} : IAM_SPAN("Code");
}

#ifdef GATHER
int main(void)
{
    struct iam_span a, b, c, *in[3] = {&a, &b, &c};
    uint32_t at = nondet_uint();
    p.room_size = nondet_uint();
    ASSUME(p.room_size >= 1 && p.room_size <= GATHER && at <= p.room_size);
    p.room = any_bytes(p.room_size);
    a = any_inside(at, p.room_size);
    b = any_inside(at, p.room_size);
    c = nondet_bool() ? any_inside(at, p.room_size) : IAM_SPAN("Code");
    ASSUME(all_inside(in, at, p.room_size));
    uint32_t end = gather(&p, in, at);
    PROVE(end >= at && end <= p.room_size, "there is room for them");
    in[0] = &a, in[1] = &b, in[2] = &c;
    PROVE(all_inside(in, at, end), "and there they lie, none in another");
    REACHED();
    return 0;
}
#else
int main(void)
{
    struct iam_fault *f = &p.exchange.fault;
    int result = -(int)(nondet_uint() % 128);
    __CPROVER_havoc_object(&p);
    __CPROVER_havoc_object(&base);
    ASSUME(p.room_size >= 1 && p.room_size <= INT32_MAX && p.used <= p.begin &&
           p.begin <= p.room_size);
    p.room = any_bytes(p.room_size);
    p.kind = KINDS;
    p.source = source_of(p.kind);
    p.exchange.cfg.tx_size = p.exchange.cfg.rx_size = 0; /* the caller's buffers */
    p.keys.access_key_id = any_inside(0, p.used);
    p.keys.secret_access_key = any_inside(0, p.used);
    p.keys.session_token = any_inside(0, p.used);
    p.text = p.path = IAM_SPAN("");
    if (p.kind == IAM_CREDS_IMDS) {
        p.text = any_inside(p.used, p.begin);
        p.path = any_inside(p.used, p.begin);
    }
    f->code = any_word();
    f->message = any_word();
    f->what = nondet_bool() ? IAM_SPAN("") : any_word();
    base.kind = IAM_CREDS_STATIC;
    memset(&p.from, 0, sizeof p.from); /* the caller's */
    if (p.kind == IAM_CREDS_ASSUME_ROLE)
        p.from.sts.base = &base;
    if (p.source->is_query) {
        struct iam_role_keys *k = &p.query.decode.item.u.keys;
        k->access_key_id = any_inside(p.used, p.room_size);
        k->secret_access_key = any_inside(p.used, p.room_size);
        k->session_token = any_inside(p.used, p.room_size);
        ASSUME(apart(k->access_key_id, k->secret_access_key) &&
               apart(k->access_key_id, k->session_token) &&
               apart(k->secret_access_key, k->session_token));
    } else {
        ASSUME(p.document.room == p.room_size - p.begin && p.document.n <= INT32_MAX + 65536u &&
               (result != IAM_OK || p.document.n <= p.document.room));
    }
    ASSUME(invariant() && sound_clock(&base) && p.step == STEP_FETCH);

    int r = ended(&p, result);
    if (r < 0)
        failed(&p, r);
    PROVE(r <= 0 || r == IAM_AGAIN, "keys, an error, or the next exchange");
    PROVE(p.used <= p.room_size && inside(p.keys.access_key_id, 0, p.used) &&
              inside(p.keys.secret_access_key, 0, p.used) &&
              inside(p.keys.session_token, 0, p.used),
          "keys lie in the front of the room");
    PROVE(r == IAM_OK || invariant(), "what it leaves behind");
    is_readable(f->code);
    is_readable(f->message);
    is_readable(f->what);
    if (r == IAM_AGAIN && p.step == STEP_BEGIN)
        p.source->begin(&p);
    REACHED();
    return 0;
}
#endif
