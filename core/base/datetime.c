/* Dates: what the service writes, and what HTTP and signatures want. */
#include <string.h>
#include <tinyiam/parts/compiler.h>
#include <tinyiam/parts/datetime.h>
#include <tinyiam/parts/utf8.h>

#define DAY_S 86400
#define MIN_S INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define MAX_S INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define SPAN_S (uint64_t)(MAX_S - MIN_S + 1)
#define MIN_US (MIN_S * 1000000)

/* Civil time. A form is text in which 0 to 5 stand for these fields, d for a day of one or two
 * digits, b for the month by name, y for the year in two digits, a for a weekday and its comma or
 * nothing, s for :seconds and a fraction or nothing, z for a zone or nothing; T is also t or a
 * space, a space is one or more, the rest is itself. */
enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, FIELDS };

struct civil {
    uint32_t field[FIELDS];
    uint32_t micro;
    int32_t offset; /* minutes */
};

uint64_t iam_divide(uint64_t n, uint32_t by, uint32_t *rest)
{
    uint64_t r = 0;
    int i;

    if (sizeof(size_t) > 4) { /* such a machine has the instruction */
        *rest = (uint32_t)(n % by);
        return n / by;
    }
    /* the quotient moves into n from below while n moves into r */
    for (i = 0; i < 64; i++) {
        r = r << 1 | n >> 63;
        n <<= 1;
        if (r >= by) {
            r -= by;
            n |= 1;
        }
    }
    *rest = (uint32_t)r;
    return n;
}

/* Days from 0000-03-01 to the 1st of March of a year; the leap day is a year's last day so. */
IAM_SAVES_FLASH static uint32_t days_before(uint32_t year)
{
    return 365 * year + year / 4 - year / 100 + year / 400;
}

#define EPOCH_DAY 719468 /* 1970-01-01 in that count */
#define FIRST_DAY 306    /* 0001-01-01 */

static uint32_t days_from_civil(const uint32_t field[FIELDS])
{
    uint32_t y = field[YEAR], m = field[MONTH] + 9;

    if (m > 11)
        m -= 12;
    else
        y--;
    return days_before(y) + (153 * m + 2) / 5 + field[DAY] - 1;
}

static void civil_from_days(uint32_t days, uint32_t field[FIELDS])
{
    uint32_t y = days / 365, m; /* at most seven years too many */

    while (days_before(y) > days)
        y--;
    days -= days_before(y);
    m = (5 * days + 2) / 153;
    field[DAY] = days - (153 * m + 2) / 5 + 1;
    field[MONTH] = m < 10 ? m + 3 : m - 9;
    field[YEAR] = m < 10 ? y : y + 1;
}

static unsigned digit_at(const char *p, const char *end)
{
    return p < end ? (unsigned)(*p - '0') : 10;
}

/* Exactly n digits, or NULL. */
static const char *take_digits(const char *p, const char *end, int n, uint32_t *v)
{
    uint32_t sum = 0;

    if (end - p < n)
        return NULL;
    for (; n; n--) {
        unsigned d = (unsigned)(*p++ - '0');

        if (d > 9)
            return NULL;
        sum = sum * 10 + d;
    }
    *v = sum;
    return p;
}

/* 1 + the place of the three letters at p, of any case, in names; or 0. */
static uint32_t name_at(const char *p, const char *end, const char *names)
{
    uint32_t i;

    for (i = 1; end - p >= 3 && *names; i++, names += 3)
        if ((p[0] | 0x20) == names[0] && (p[1] | 0x20) == names[1] && (p[2] | 0x20) == names[2])
            return i;
    return 0;
}

static const char *take_zone(const char *p, const char *end, struct civil *c)
{
    uint32_t hours = 0, minutes = 0;
    bool west;

    while (p < end && *p == ' ')
        p++;
    if (p == end)
        return p;
    west = *p == '-';
    if (!west && *p != '+') {
        if (name_at(p, end, "gmtutc"))
            return p + 3;
        return (*p | 0x20) == 'z' ? p + 1 : NULL;
    }
    p = take_digits(p + 1, end, 2, &hours);
    if (p && p < end)
        p = take_digits(p + (*p == ':'), end, 2, &minutes);
    if (hours > 23 || minutes > 59)
        return NULL;
    minutes += hours * 60;
    c->offset = west ? -(int32_t)minutes : (int32_t)minutes;
    return p;
}

/* . or , and digits */
static const char *take_fraction(const char *p, const char *end, uint32_t *micro)
{
    uint32_t unit = 100000, v = 0;
    const char *from = ++p;
    unsigned d;

    for (; (d = digit_at(p, end)) < 10; p++, unit /= 10)
        v += d * unit;
    *micro = v;
    return p == from ? NULL : p;
}

static const char *take_seconds(const char *p, const char *end, struct civil *c)
{
    if (p == end || *p != ':')
        return p;
    p = take_digits(p + 1, end, 2, &c->field[SECOND]);
    return p && p < end && (*p == '.' || *p == ',') ? take_fraction(p, end, &c->micro) : p;
}

static const char *take_weekday(const char *p, const char *end)
{
    if (name_at(p, end, "sunmontuewedthufrisat") == 0)
        return p;
    while (p < end && (unsigned)((*p | 0x20) - 'a') < 26)
        p++;
    p += p < end && *p == ',';
    while (p < end && *p == ' ')
        p++;
    return p;
}

static bool read_form(const char *p, const char *end, const char *form, struct civil *c)
{
    memset(c, 0, sizeof *c);
    for (; p && *form; form++) {
        unsigned i = (unsigned)(*form - '0');

        if (i < FIELDS) {
            p = take_digits(p, end, i == YEAR ? 4 : 2, &c->field[i]);
        } else if (*form == 'd') {
            p = take_digits(p, end, end - p > 1 && digit_at(p + 1, end) < 10 ? 2 : 1,
                            &c->field[DAY]);
        } else if (*form == 's') {
            p = take_seconds(p, end, c);
        } else if (*form == 'z') {
            p = take_zone(p, end, c);
        } else if (*form == 'a') {
            p = take_weekday(p, end);
        } else if (*form == 'b') {
            c->field[MONTH] = name_at(p, end, "janfebmaraprmayjunjulaugsepoctnovdec");
            p = c->field[MONTH] ? p + 3 : NULL;
        } else if (*form == 'y') {
            p = take_digits(p, end, 2, &c->field[YEAR]);
            c->field[YEAR] += c->field[YEAR] < 70 ? 2000 : 1900;
        } else if (p < end && (*p == *form || (*form == 'T' && (*p == 't' || *p == ' ')))) {
            p++;
            while (*form == ' ' && p < end && *p == ' ')
                p++;
        } else {
            return false;
        }
    }
    return p == end;
}

enum { FORMS = 6, HTTP_FORMS = 2 }; /* those of RFC 9110 come last */

static int read_date(struct iam_span text, unsigned i, struct iam_time *t)
{
    static const char forms[FORMS][14] = {"0-1-2T3:4sz",  "0-1-2",        "ad b 0 3:4sz",
                                          "ad b y 3:4sz", "ad-b-y 3:4sz", "ab d 3:4s 0"};
    uint32_t days, again[FIELDS];
    struct civil c;
    uint32_t last_second = i ? 60 : 59;
    int32_t second;

    while (!read_form(text.p, text.p + text.n, forms[i], &c))
        if (++i == FORMS)
            return IAM_ERR_VALUE;
    if (c.field[YEAR] == 0)
        return IAM_ERR_VALUE;
    /* a date that does not exist comes back as another one */
    days = days_from_civil(c.field);
    civil_from_days(days, again);
    if (memcmp(again, c.field, 3 * sizeof again[0]) != 0 || c.field[HOUR] > 23 ||
        c.field[MINUTE] > 59 || c.field[SECOND] > last_second)
        return IAM_ERR_VALUE;
    second =
        (int32_t)((c.field[HOUR] * 60 + c.field[MINUTE]) * 60 + c.field[SECOND]) - c.offset * 60;
    t->us = (((int64_t)days - EPOCH_DAY) * DAY_S + second) * 1000000 + c.micro;
    t->offset_min = (int16_t)c.offset;
    return IAM_OK;
}

static bool read_epoch(const char *p, const char *end, struct iam_time *t)
{
    bool negative = *p == '-';
    uint32_t micro = 0;
    int64_t s = 0;
    unsigned d;

    p += negative || *p == '+';
    if (p == end)
        return false;
    for (; (d = digit_at(p, end)) < 10 && s <= MAX_S; p++)
        s = s * 10 + d;
    if (p < end && *p == '.')
        p = take_fraction(p, end, &micro);
    s = s * 1000000 + micro;
    t->us = negative ? -s : s;
    t->offset_min = 0;
    return p == end && (uint64_t)(t->us - MIN_US) < SPAN_S * 1000000;
}

int iam_time_parse(struct iam_span s, struct iam_time *t)
{
    s = iam_span_trim(s);
    if (s.n == 0 || (read_date(s, 0, t) < 0 && !read_epoch(s.p, s.p + s.n, t)))
        return IAM_ERR_VALUE;
    t->present = true;
    t->length = (uint8_t)s.n;
    t->last = s.p[s.n - 1];
    return IAM_OK;
}

int iam_time_parse_http(struct iam_span s, struct iam_time *t)
{
    return read_date(s, HTTP_FORMS, t);
}

void iam_time_basic(int64_t unix_seconds, char out[17])
{
    uint64_t u = (uint64_t)unix_seconds - (uint64_t)MIN_S;
    uint32_t field[FIELDS], rest;
    const char *form;

    if (u >= SPAN_S)
        u = SPAN_S - 1;
    civil_from_days((uint32_t)iam_divide(u, DAY_S, &rest) + FIRST_DAY, field);
    field[HOUR] = rest / 3600;
    field[MINUTE] = rest / 60 % 60;
    field[SECOND] = rest % 60;
    for (form = "012T345Z"; (*out = *form) != '\0'; form++) {
        unsigned i = (unsigned)(*form - '0'), width = i == YEAR ? 4 : 2, k = width;

        if (i >= FIELDS) {
            out++;
            continue;
        }
        for (; k--; field[i] /= 10)
            out[k] = (char)('0' + field[i] % 10);
        out += width;
    }
}
