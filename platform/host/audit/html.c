/* An audit as a page that needs nothing else: the rows as they come, as JSON that is data to a browser, and behind
 * them the totals and the script that shows it all. Memory is flat; how the page looks and works is in page/.
 *
 *     [arn,type,created,state,services,used,unused,never        type: 1 user, 2 group, 3 role, 4 policy; 0 none
 *     ,[service,status,days,seconds,entity,region,entities]     state: 1 young, 2 unknown, 0 neither
 *     ,[null,4,code,message]                                    of an ARN that could not be read
 *     ]
 *
 * Times are seconds since 1970. What is absent is null, or missing at the end. A text is written once: a service where
 * it comes first is ["s3","Amazon S3"], an entity or a Region its text, and later the number of its kind in the order
 * of appearance. An entity that is the ARN itself is true. */
#include "html.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tinyiam/tinyiam.h>

#include "row.h"
#include "text/hash.h"
#include "text/values.h"
#include "text/words.h"

/* ---- Text, where it stands ---- */

#define NO_LETTER 0xFFFD /* what stands for bytes that are no UTF-8 */

/* The code point at the beginning of text, and its bytes; NO_LETTER of one byte where there is none. */
static size_t letter(struct iam_span text, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *p = (const unsigned char *)text.p;
    size_t n = p[0] < 0x80             ? 1
               : (p[0] & 0xE0) == 0xC0 ? 2
               : (p[0] & 0xF0) == 0xE0 ? 3
               : (p[0] & 0xF8) == 0xF0 ? 4
                                       : 0;
    uint32_t c = n == 1 ? p[0] : n ? p[0] & (0xFFu >> (n + 1)) : 0;
    bool good = n > 0 && n <= text.n;
    for (size_t i = 1; good && i < n; i++) {
        good = (p[i] & 0xC0) == 0x80;
        c = c << 6 | (p[i] & 0x3Fu);
    }
    good = good && c >= least[n] && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
    *code = good ? c : NO_LETTER;
    return good ? n : 1;
}

/* Is it one that nobody sees, or that turns or hides the text around it? Controls, line separators, interlinear
 * annotation and Unicode's Default_Ignorable_Code_Point: bidi and zero width, fillers, selectors, tags. page.js has the
 * same list. */
static bool is_unseen(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {{0, 0x1F},          {0x7F, 0x9F},       {0xAD, 0xAD},      {0x34F, 0x34F},
                  {0x61C, 0x61C},     {0x115F, 0x1160},   {0x17B4, 0x17B5},  {0x180B, 0x180F},
                  {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},  {0x3164, 0x3164},
                  {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},  {0xFFF0, 0xFFFB},
                  {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

static void put_hex(struct sink *s, uint32_t code, int digits)
{
    while (digits < 6 && code >> (4 * digits))
        digits++;
    for (int i = digits - 1; i >= 0; i--)
        sink_char(s, "0123456789ABCDEF"[code >> (4 * i) & 15]);
}

static void put_utf16(struct sink *s, uint32_t unit)
{
    SINK_LITERAL(s, "\\u");
    put_hex(s, unit, 4);
}

/* In a string of JSON in a script element: neither ends before its time, whatever the text says. */
static void json_letter(struct sink *s, uint32_t c, struct iam_span bytes)
{
    if (c > 0xFFFF && is_unseen(c)) {
        put_utf16(s, 0xD800 + ((c - 0x10000) >> 10));
        put_utf16(s, 0xDC00 + ((c - 0x10000) & 0x3FF));
    } else if (is_unseen(c) || (c < 0x80 && memchr("\"\\<>&", (int)c, 5))) {
        put_utf16(s, c);
    } else if (c == NO_LETTER) {
        SINK_LITERAL(s, "\xEF\xBF\xBD");
    } else {
        sink_span(s, bytes);
    }
}

/* Between tags, and between the quotes of an attribute. */
static void html_letter(struct sink *s, uint32_t c, struct iam_span bytes)
{
    const char *name = c == '&'    ? "&amp;"
                       : c == '<'  ? "&lt;"
                       : c == '>'  ? "&gt;"
                       : c == '"'  ? "&quot;"
                       : c == '\'' ? "&#39;"
                                   : NULL;
    if (name) {
        sink_put(s, name, strlen(name));
    } else if (is_unseen(c)) {
        SINK_LITERAL(s, "\xE2\x80\xB9U+");
        put_hex(s, c, 4);
        SINK_LITERAL(s, "\xE2\x80\xBA");
    } else if (c == NO_LETTER) {
        SINK_LITERAL(s, "\xEF\xBF\xBD");
    } else {
        sink_span(s, bytes);
    }
}

static void put_text(struct sink *s, struct iam_span text,
                     void (*put_letter)(struct sink *, uint32_t, struct iam_span))
{
    while (text.n) {
        uint32_t code;
        size_t n = letter(text, &code);
        put_letter(s, code, (struct iam_span){text.p, n});
        text.p += n;
        text.n -= n;
    }
}

static void put_html(struct sink *s, struct iam_span text)
{
    put_text(s, text, html_letter);
}

static void put_string(struct sink *s, struct iam_span text)
{
    sink_char(s, '"');
    put_text(s, text, json_letter);
    sink_char(s, '"');
}

static void put_integer(struct sink *s, int64_t n)
{
    char buf[24];
    sink_span(s, integer_text(n, buf));
}

/* ---- Texts that are written once ---- */

#define WORDS 8192        /* slots; a power of two */
#define WORDS_TEXT 262144 /* bytes of them */
#define WORDS_TRIES 8     /* slots looked at: names made to collide cost no more */

struct word {
    uint32_t at, first, n; /* its bytes in text, and how many of them are the first of two */
    uint32_t number;
    bool taken;
};

/* What was written of one kind, as far as there is room: full, it is emptied, and what comes again is written again.
 * Numbers go on, as the reader counts what is written. */
struct words {
    struct word slot[WORDS];
    size_t used;
    uint32_t count;
    char text[WORDS_TEXT];
};

struct page {
    struct words services, texts;
};

/* Are the bytes of a word those of two texts, one behind the other? */
static bool is_word(const struct words *w, const struct word *word, struct iam_span a,
                    struct iam_span b)
{
    const char *text = w->text + word->at;
    return word->first == a.n && word->n == a.n + b.n && (!a.n || memcmp(text, a.p, a.n) == 0) &&
           (!b.n || memcmp(text + a.n, b.p, b.n) == 0);
}

/* true: it was written, as *number. false: it is to be written now, and counts from now on. */
static bool known(struct words *w, struct iam_span a, struct iam_span b, uint32_t *number)
{
    uint32_t hash = hash32(hash32(hash32(HASH32, a), IAM_SPAN("\0")), b);
    size_t n = a.n + b.n;
    struct word *free_slot = NULL;
    for (uint32_t i = 0; i < WORDS_TRIES && !free_slot; i++) {
        struct word *word = &w->slot[(hash + i) & (WORDS - 1)];
        *number = word->number;
        if (!word->taken)
            free_slot = word;
        else if (is_word(w, word, a, b))
            return true;
    }
    if (n > WORDS_TEXT - w->used && n <= WORDS_TEXT / 16) {
        memset(w->slot, 0, sizeof w->slot);
        w->used = 0;
        free_slot = &w->slot[hash & (WORDS - 1)];
    }
    if (free_slot && n <= WORDS_TEXT - w->used) {
        *free_slot = (struct word){(uint32_t)w->used, (uint32_t)a.n, (uint32_t)n, w->count, true};
        char *text = w->text + w->used;
        if (a.n)
            memcpy(text, a.p, a.n);
        if (b.n)
            memcpy(text + a.n, b.p, b.n);
        w->used += n;
    }
    w->count++;
    return false;
}

/* Without memory for the words each text is written wherever it comes. */
static void put_word(struct audit_out *o, struct iam_span text)
{
    struct page *page = o->own;
    uint32_t number;
    if (page && known(&page->texts, text, (struct iam_span){NULL, 0}, &number))
        put_integer(o->sink, number);
    else
        put_string(o->sink, text);
}

static void put_service(struct audit_out *o, struct iam_span ns, struct iam_span name)
{
    struct page *page = o->own;
    uint32_t number;
    if (page && known(&page->services, ns, name, &number)) {
        put_integer(o->sink, number);
        return;
    }
    sink_char(o->sink, '[');
    put_string(o->sink, ns);
    sink_char(o->sink, ',');
    put_string(o->sink, name);
    sink_char(o->sink, ']');
}

/* ---- The rows ---- */

/* Seconds since 1970, rounded down; null: absent. */
static void put_time(struct sink *s, const struct iam_time *t)
{
    if (t->present)
        put_integer(s, t->us / 1000000 - (t->us % 1000000 < 0));
    else
        SINK_LITERAL(s, "null");
}

static int type_number(struct iam_span type)
{
    static const char *const names[] = {NULL, "USER", "GROUP", "ROLE", "POLICY"};
    for (int i = 1; i < 5 && type.p; i++)
        if (span_is(type, names[i]))
            return i;
    return 0;
}

static void arn(struct audit_out *o, const struct audit_arn *a)
{
    struct sink *s = o->sink;
    const uint64_t sums[] = {a->services, a->used, a->unused, a->never};
    sink_put(s, o->any ? ",[" : "[", o->any ? 2 : 1);
    o->any = true;
    put_string(s, a->arn);
    sink_char(s, ',');
    put_integer(s, type_number(a->type));
    sink_char(s, ',');
    put_time(s, &a->create_date);
    sink_char(s, ',');
    put_integer(s, a->unknown ? 2 : a->young);
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
        sink_char(s, ',');
        put_integer(s, (int64_t)sums[i]);
    }
    sink_char(s, '\n');
}

static void put_access(struct audit_out *o, const struct audit_row *r)
{
    struct sink *s = o->sink;
    bool own = r->last_entity.p && r->last_entity.n == r->report_arn.n && r->report_arn.n &&
               memcmp(r->last_entity.p, r->report_arn.p, r->report_arn.n) == 0;
    sink_char(s, ',');
    if (r->has_days_ago)
        put_integer(s, r->days_ago);
    else
        SINK_LITERAL(s, "null");
    sink_char(s, ',');
    put_time(s, &r->last);
    sink_char(s, ',');
    if (own)
        SINK_LITERAL(s, "true");
    else if (r->last_entity.p)
        put_word(o, r->last_entity);
    else
        SINK_LITERAL(s, "null");
    sink_char(s, ',');
    if (r->last_region.p)
        put_word(o, r->last_region);
    else
        SINK_LITERAL(s, "null");
    if (r->has_total) {
        sink_char(s, ',');
        put_integer(s, r->total);
    }
}

static void row(struct audit_out *o, const struct audit_row *r)
{
    struct sink *s = o->sink;
    SINK_LITERAL(s, ",[");
    if (r->status_number == STATUS_UNKNOWN) {
        SINK_LITERAL(s, "null,4,");
        put_string(s, r->error_code);
        sink_char(s, ',');
        put_string(s, r->error_message);
    } else {
        put_service(o, r->service_namespace, r->service_name);
        sink_char(s, ',');
        put_integer(s, r->status_number);
        if (r->last.present || r->has_days_ago || r->last_entity.p || r->last_region.p ||
            (r->has_total && r->total))
            put_access(o, r);
    }
    sink_char(s, ']');
}

static void arn_end(struct audit_out *o)
{
    SINK_LITERAL(o->sink, "]\n");
}

/* ---- What stands around them, by its name in page.html ---- */

static void put_count(struct sink *s, uint64_t n)
{
    char buf[32];
    sink_span(s, count_text(n, buf));
}

static void put_plain(struct sink *s, const char *text)
{
    sink_put(s, text, strlen(text));
}

/* "37 %", below ten "4.2 %"; 100 only where it is all. */
static void put_percent(struct sink *s, uint64_t n, uint64_t of)
{
    double exact = of ? 1000.0 * (double)n / (double)of : 0;
    uint64_t tenths = (uint64_t)(exact + 0.5);
    if (n && !tenths)
        tenths = 1;
    if (n < of && tenths > 995)
        tenths = 990;
    put_integer(s, (int64_t)(tenths < 100 ? tenths / 10 : (tenths + 5) / 10));
    if (tenths < 100 && tenths % 10) {
        sink_char(s, '.');
        put_integer(s, (int64_t)(tenths % 10));
    }
    SINK_LITERAL(s, " %");
}

static void fill_title(struct audit_out *o, const struct audit_totals *t)
{
    (void)t;
    if (o->options.unused_for_s)
        SINK_LITERAL(o->sink, "Unused access");
    else
        SINK_LITERAL(o->sink, "Access by service");
    if (o->options.account) {
        SINK_LITERAL(o->sink, " in account ");
        put_html(o->sink, iam_span_of(o->options.account));
    }
}

static void about(struct sink *s, const char *kind, const char *name, struct iam_span text)
{
    SINK_LITERAL(s, "<div");
    put_plain(s, kind);
    SINK_LITERAL(s, "><dt>");
    put_plain(s, name);
    SINK_LITERAL(s, "</dt><dd>");
    if (*kind)
        SINK_LITERAL(s, "<code>");
    put_html(s, text);
    if (*kind)
        SINK_LITERAL(s, "</code>");
    SINK_LITERAL(s, "</dd></div>\n");
}

static void fill_about(struct audit_out *o, const struct audit_totals *t)
{
    const struct audit_format_options *options = &o->options;
    /* what cannot be an ARN comes before any reply, whose Date tells the time: this machine's clock then */
    int64_t now_us = options->now_us ? options->now_us : (int64_t)time(NULL) * 1000000;
    struct iam_time now = {.us = now_us, .present = true};
    char when[40], days[40];
    (void)t;
    SINK_LITERAL(o->sink, "<dl class=\"about\">\n");
    /* "2026-11-27T19:34:46.123456+00:00" to the minute */
    struct iam_span text = time_text(&now, when);
    if (text.n > 16) {
        memcpy(when + 16, " UTC", 4);
        when[10] = ' ';
        about(o->sink, "", "When", (struct iam_span){when, 20});
    }
    if (options->unused_for_s) {
        struct iam_span span = audit_threshold_text(options->unused_for_s, days);
        SINK_LITERAL(o->sink, "<div><dt>Unused</dt><dd>last used ");
        put_html(o->sink, span);
        SINK_LITERAL(o->sink, " ago or longer</dd></div>\n");
    }
    if (options->command)
        about(o->sink, " class=\"command\"", "Asked", iam_span_of(options->command));
    SINK_LITERAL(o->sink, "</dl>");
}

/* A part of the bar: from and width in hundredths of a percent. */
static void bar(struct sink *s, const char *kind, uint64_t *from, uint64_t n, uint64_t of)
{
    uint64_t end = of ? (uint64_t)(10000.0 * (double)(*from + n) / (double)of) : 0;
    uint64_t begin = of ? (uint64_t)(10000.0 * (double)*from / (double)of) : 0;
    const uint64_t values[] = {begin, end - begin};
    const char *const names[] = {"\" height=\"100%\" x=\"", "%\" width=\""};
    *from += n;
    SINK_LITERAL(s, "<rect class=\"");
    put_plain(s, kind);
    for (int i = 0; i < 2; i++) {
        put_plain(s, names[i]);
        put_integer(s, (int64_t)(values[i] / 100));
        sink_char(s, '.');
        put_integer(s, (int64_t)(values[i] / 10 % 10));
        put_integer(s, (int64_t)(values[i] % 10));
    }
    SINK_LITERAL(s, "%\"/>");
}

/* A number with its name; of > 0: and with its share. */
static void total(struct sink *s, const char *id, const char *name, uint64_t n, uint64_t of)
{
    SINK_LITERAL(s, "<div class=\"");
    put_plain(s, id);
    SINK_LITERAL(s, "\"><dt>");
    put_plain(s, name);
    SINK_LITERAL(s, "</dt><dd>");
    put_count(s, n);
    if (of) {
        SINK_LITERAL(s, "<small>");
        put_percent(s, n, of);
        SINK_LITERAL(s, "</small>");
    }
    SINK_LITERAL(s, "</dd></div>\n");
}

static void fill_totals(struct audit_out *o, const struct audit_totals *t)
{
    struct sink *s = o->sink;
    uint64_t from = 0, all = t->used + t->unused + t->never;
    char days[40], used[64] = "used", unused[64] = "";
    bool threshold = o->options.unused_for_s > 0;
    if (threshold) {
        audit_threshold_text(o->options.unused_for_s, days);
        snprintf(used, sizeof used, "used within %s", days);
        snprintf(unused, sizeof unused, "unused for %s", days);
    }
    SINK_LITERAL(s, "<div data-days=\"");
    put_integer(s, o->options.unused_for_s / 86400);
    SINK_LITERAL(s, "\"><svg class=\"share\" aria-hidden=\"true\">");
    bar(s, "used", &from, t->used, all);
    bar(s, "unused", &from, t->unused, all);
    bar(s, "never", &from, t->never, all);
    SINK_LITERAL(s, "</svg></div>\n<dl class=\"big\">\n");
    total(s, "all", t->services == 1 ? "service granted" : "services granted", t->services, 0);
    total(s, "used", used, t->used, all);
    if (threshold)
        total(s, "unused", unused, t->unused, all);
    total(s, "never", "never", t->never, all);
    SINK_LITERAL(s, "</dl>\n<dl class=\"small\">\n");
    total(s, "arns", t->arns == 1 ? "ARN" : "ARNs", t->arns, 0);
    total(s, "read", "read", t->read, 0);
    if (threshold)
        total(s, "young", "of them young", t->young, 0);
    total(s, "gone", "gone", t->gone, 0);
    total(s, "failed", "failed", t->failed, 0);
    SINK_LITERAL(s, "</dl>");
}

static void fill_young_note(struct audit_out *o, const struct audit_totals *t)
{
    char days[40];
    if (!t->young)
        return;
    SINK_LITERAL(o->sink, " <b>Young</b> ARNs were made within the last ");
    put_html(o->sink, audit_threshold_text(o->options.unused_for_s, days));
    SINK_LITERAL(o->sink, ": what they have not used yet says little.");
}

static void fill_row_count(struct audit_out *o, const struct audit_totals *t)
{
    put_count(o->sink, t->rows);
}

#define ROWS "@{rows}" /* where the stream of them stands in the page */

/* Writes the page from p to its end, or to the place of the rows. */
static void fill(struct audit_out *o, const char *p, const struct audit_totals *t)
{
    static const struct {
        const char *name;
        void (*put)(struct audit_out *, const struct audit_totals *);
    } parts[] = {{"title}", fill_title},
                 {"about}", fill_about},
                 {"totals}", fill_totals},
                 {"young note}", fill_young_note},
                 {"row count}", fill_row_count}};
    for (;;) {
        const char *mark = strstr(p, "@{");
        sink_put(o->sink, p, mark ? (size_t)(mark - p) : strlen(p));
        if (!mark || strncmp(mark, ROWS, sizeof ROWS - 1) == 0)
            return;
        p = mark + 2;
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            size_t n = strlen(parts[i].name);
            if (strncmp(p, parts[i].name, n) == 0) {
                parts[i].put(o, t);
                p += n;
                break;
            }
        }
    }
}

static void begin(struct audit_out *o)
{
    o->own = calloc(1, sizeof(struct page));
    fill(o, audit_page, NULL);
}

static void end(struct audit_out *o, const struct audit_totals *t)
{
    fill(o, strstr(audit_page, ROWS) + sizeof ROWS - 1, t);
}

static void free_page(struct audit_out *o)
{
    free(o->own);
    o->own = NULL;
}

const struct audit_out_ops audit_html = {
    .begin = begin,
    .arn = arn,
    .row = row,
    .arn_end = arn_end,
    .end = end,
    .free = free_page,
    .marks = true,
    .services = true,
};
