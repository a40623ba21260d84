/* What runs of "datetime" take for granted of one another, and the code. */
#ifndef TINYIAM_TESTS_PROOF_DATETIME_PARTS_H
#define TINYIAM_TESTS_PROOF_DATETIME_PARTS_H

#include "proof.h"

#include <stdint.h>

/* What a form's digits, names and zones can be at most; "form" proves it, "days" begins with it. */
#define ARE_DIGITS(c)                                                               \
    ((c).field[YEAR] <= 9999 && (c).field[MONTH] <= 99 && (c).field[DAY] <= 99 &&   \
     (c).field[HOUR] <= 99 && (c).field[MINUTE] <= 99 && (c).field[SECOND] <= 99 && \
     (c).micro <= 999999 && (c).offset > -1440 && (c).offset < 1440)
#ifdef DAYS
#define ANY_DIGITS ASSUME(ARE_DIGITS(c));
#else
#define ANY_DIGITS
#endif

struct civil;
static const char *take_zone(const char *, const char *, struct civil *);
static const char *take_seconds(const char *, const char *, struct civil *);
static const char *take_weekday(const char *, const char *);
static uint32_t name_at(const char *, const char *, const char *);
/* The loop over a form's spaces, of which there may be any number. */
#define SPACES CONTRACT(INSIDE(p, __CPROVER_loop_entry(p), end), end - p, p)

#include "core/base/datetime.c"

/* ---- what "form" takes for granted: proved of the code in runs of its own ---- */

static const char *somewhere(const char *p, const char *end)
{
    size_t n = nondet_size();
    ASSUME(n <= (size_t)(end - p));
    return p + n;
}

static const char *take_zone(const char *p, const char *end, struct civil *c)
{
    PROVE(INSIDE(p, p, end), "is called within the text");
#ifndef FORM
    return take_zone_code(p, end, c);
#endif
    c->offset = (int16_t)nondet_uint();
    ASSUME(c->offset > -1440 && c->offset < 1440);
    return nondet_bool() ? NULL : somewhere(p, end);
}

static const char *take_seconds(const char *p, const char *end, struct civil *c)
{
    PROVE(INSIDE(p, p, end), "is called within the text");
#ifndef FORM
    return take_seconds_code(p, end, c);
#endif
    c->field[SECOND] = nondet_uint();
    c->micro = nondet_uint();
    ASSUME(c->field[SECOND] <= 99 && c->micro <= 999999);
    return nondet_bool() ? NULL : somewhere(p, end);
}

static const char *take_weekday(const char *p, const char *end)
{
    PROVE(INSIDE(p, p, end), "is called within the text");
#ifndef FORM
    return take_weekday_code(p, end);
#endif
    return somewhere(p, end);
}

static uint32_t name_at(const char *p, const char *end, const char *names)
{
    PROVE(INSIDE(p, p, end), "is called within the text");
#ifndef FORM
    return name_at_code(p, end, names);
#endif
    uint32_t i = nondet_uint();
    ASSUME(i <= 12 && (i == 0 || end - p >= 3));
    return i;
}

/* ---- the runs ---- */

#endif
