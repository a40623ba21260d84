/* In which states the walk over a JSON document can be, and what "json" proves of the code that reads its text. Of
 * any shape, any two members: what holds of these holds of all. */
#ifndef TINYIAM_TESTS_JSON_SHAPE_H
#define TINYIAM_TESTS_JSON_SHAPE_H

#include "proof.h"

struct iam_span;
struct reader;
static struct iam_span unescape(char *, const char *), name_of(const char *);
static bool same(struct iam_span, struct iam_span), good_number(struct iam_span);
static bool string(struct reader *);
static char look(struct reader *);
#ifdef WALK /* its loops are cut; the rest has no loop that a document turns */
#define TURN any_turn(r);
#define CUT(r) ends_turn(r)
#define LEVEL any_level(r);
#define CUT_LEVEL ends_level(r);
#define STEP &&any_step(r)
static void any_turn(struct reader *), any_level(struct reader *), ends_level(struct reader *);
static bool any_step(struct reader *), ends_turn(struct reader *);
static void know(struct reader *, struct iam_span);
#endif
#include "core/wire/json.c"

/* Each member has a slot of its own: so slots can be called by whose they are. */
enum { MINE, OTHERS, THE_REST, SLOTS };
enum { MEMBERS = 32 };
static char *in;
static size_t n;
static unsigned mine; /* which member that is; if count or more: there is none */
static struct iam_span out[SLOTS];
static struct iam_span checked; /* the inside of the last string */
static struct iam_json_member members[MEMBERS];
static struct iam_json_shape shape = {NULL, members, 0};

static bool is_text(struct iam_span s, const char *end)
{
    return s.p == NULL ? s.n == 0
                       : __CPROVER_same_object(s.p, in) && s.n <= INT32_MAX &&
                             __CPROVER_POINTER_OFFSET(s.p) + s.n <= __CPROVER_POINTER_OFFSET(end);
}

static bool is_apart(struct iam_span a, struct iam_span b)
{
    size_t i = __CPROVER_POINTER_OFFSET(a.p), k = __CPROVER_POINTER_OFFSET(b.p);
    return a.n == 0 || b.n == 0 || i + a.n <= k || k + b.n <= i;
}

static bool is_seen(const struct reader *r)
{
    return mine < MEMBERS && (r->seen >> mine & 1);
}

/* Between two values: texts lie in what has been read, and a member that has one was seen. */
static bool is_sound(const struct reader *r)
{
    return INSIDE(r->p, in, r->end) && r->error <= 0 && r->depth <= DEPTH && r->member == NULL &&
           !r->is_inside && is_text(out[MINE], r->p) && is_text(out[OTHERS], r->p) &&
           is_apart(out[MINE], out[OTHERS]) && (out[MINE].p == NULL || is_seen(r));
}

static void any_document(void)
{
    n = nondet_uint(), mine = nondet_uint();
    ASSUME(n <= INT32_MAX);
    in = any_bytes(n);
    shape.inside = nondet_bool() ? "inside" : NULL;
    shape.count = (uint8_t)nondet_uint();
    ASSUME(shape.count <= MEMBERS);
    __CPROVER_havoc_object(members);
    __CPROVER_havoc_object(out);
}

/* A reader between two values; it may be the first. */
static void any_place(struct reader *r)
{
    uint32_t at = nondet_uint();
    __CPROVER_havoc_object(r);
    ASSUME(at <= n);
    r->p = in + at, r->end = in + n;
    r->shape = &shape, r->out = out, r->member = NULL;
    ASSUME(is_sound(r));
}

/* ---- what "json" proves of the code ---- */

static void is_readable(struct iam_span s)
{
    PROVE(s.n == 0 || __CPROVER_r_ok(s.p, s.n), "text that is looked at lies somewhere");
}

static bool good_number(struct iam_span s)
{
    is_readable(s);
    return s.n > 0 && nondet_bool();
}

static bool same(struct iam_span a, struct iam_span b)
{
    (void)b; /* a name of the shape */
    PROVE(a.p == checked.p && a.n == checked.n, "a string that was read before");
    return nondet_bool();
}

static struct iam_span unescape(char *p, const char *end)
{
    uint32_t less = nondet_uint();
    PROVE(p == checked.p && end == p + checked.n, "a string that was read before");
    ASSUME(less <= checked.n);
    return (struct iam_span){p, less};
}

static struct iam_span name_of(const char *name)
{
    (void)name;
    return IAM_SPAN("name");
}

static char look(struct reader *r)
{
    uint32_t blanks = nondet_uint();
    ASSUME(blanks <= (size_t)(r->end - r->p));
    r->p += blanks;
    return r->p < r->end ? *r->p : '\0';
}

static bool string(struct reader *r)
{
    uint32_t length = nondet_uint();
    PROVE(r->p < r->end && *r->p == '"', "a string begins here");
    if (length > (size_t)(r->end - r->p) || length < 2)
        return false;
    checked = (struct iam_span){r->p + 1, length - 2};
    r->p += length;
    return true;
}

bool iam_span_is(struct iam_span s, const char *text)
{
    (void)text;
    is_readable(s);
    return s.n > 0 && nondet_bool();
}

void *memchr(const void *p, int c, size_t length) /* anywhere, or nowhere */
{
    size_t i = nondet_size();
    (void)c;
    PROVE(__CPROVER_r_ok(p, length), "can be read");
    return i < length ? (char *)p + i : NULL;
}

#endif
