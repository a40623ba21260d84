/* What the reports of the storm hold: any item follows from (seed, page, place, version) alone, so that the
 * list a client must end up with is known without asking the server. */
#ifndef TINYIAM_STORM_CONTENT_H
#define TINYIAM_STORM_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tinyiam/parts/datetime.h>
#include <tinyiam/tinyiam.h>

/* splitmix64 */
struct dice {
    uint64_t state;
};

static inline uint64_t roll64(struct dice *d)
{
    uint64_t z = d->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* 0 .. below - 1 */
static inline uint32_t roll(struct dice *d, uint32_t below)
{
    return below ? (uint32_t)((roll64(d) >> 32) * below >> 32) : 0;
}

/* ---- text that grows ---- */

struct bytes {
    char *p;
    size_t n, max;
};

static inline void bytes_put(struct bytes *b, const void *p, size_t n)
{
    if (b->n + n + 1 > b->max) {
        b->max = (b->n + n + 1) * 2;
        b->p = realloc(b->p, b->max);
        if (b->p == NULL)
            abort();
    }
    if (n > 0)
        memcpy(b->p + b->n, p, n);
    b->n += n;
    b->p[b->n] = 0;
}

static inline void bytes_text(struct bytes *b, const char *s)
{
    bytes_put(b, s, strlen(s));
}

/* ---- items ---- */

enum { TEXTS = 5, TEXT_MAX = 1200 };

struct thing {
    enum iam_item_kind kind;
    struct iam_span text[TEXTS]; /* p == NULL: absent */
    int64_t us;                  /* LastAuthenticated or LastAccessedTime; valid with has_time */
    bool has_time, has_total, has_actions, info;
    int64_t total;
    uint32_t type; /* 0..3; 3: a type that nobody knows */
};

struct report {
    uint64_t seed;
    bool services;
    unsigned pages, per_page;
    bool rich; /* long and odd text */
};

static inline struct iam_span draw_text(struct dice *d, const struct report *r, char *room,
                                        size_t *used)
{
    static const char *const pieces[] = {"a",
                                         "b",
                                         "user/",
                                         "x1",
                                         "-",
                                         "Z",
                                         "&",
                                         "<",
                                         ">",
                                         "\"",
                                         "'",
                                         " ",
                                         "\303\251",
                                         "\342\202\254",
                                         "\360\237\230\200",
                                         "]]>",
                                         "arn:aws:iam::",
                                         "="};
    uint32_t kind = roll(d, 10);
    size_t n = 0, want = kind == 0 ? 0 : kind < 8 || !r->rich ? roll(d, 40) : roll(d, TEXT_MAX - 8);
    char *p = room + *used;
    if (roll(d, 12) == 0)
        return (struct iam_span){NULL, 0};
    while (n < want) {
        const char *s = pieces[roll(d, r->rich ? sizeof pieces / sizeof *pieces : 6)];
        memcpy(p + n, s, strlen(s));
        n += strlen(s);
    }
    *used += n;
    return (struct iam_span){p, n};
}

static inline void draw_thing(struct dice *d, const struct report *r, struct thing *t,
                              enum iam_item_kind kind, char *room)
{
    size_t used = 0;
    memset(t, 0, sizeof *t);
    t->kind = kind;
    t->info = kind == IAM_ITEM_ENTITY;
    for (int i = 0; i < (kind == IAM_ITEM_ACTION ? 3 : 4); i++)
        t->text[i] = draw_text(d, r, room, &used);
    t->has_time = roll(d, 4) != 0;
    t->us = (int64_t)roll(d, UINT32_MAX) * 1000000 + roll(d, 1000) * 1000;
    t->has_total = kind == IAM_ITEM_SERVICE && roll(d, 2) != 0;
    t->total = roll(d, 100000);
    t->type = roll(d, 4);
}

/* The things of one member of a page: an entity; or a service and its actions. Returns how many. */
static inline unsigned member_things(const struct report *r, unsigned page, unsigned place,
                                     unsigned version, struct thing *out, char *room)
{
    struct dice d = {r->seed ^ (uint64_t)(page + 1) << 40 ^ (uint64_t)(place + 1) << 20 ^
                     (uint64_t)version * 977};
    unsigned n = 1;
    (void)roll64(&d);
    if (!r->services) {
        draw_thing(&d, r, out, IAM_ITEM_ENTITY, room);
        return 1;
    }
    draw_thing(&d, r, out, IAM_ITEM_SERVICE, room);
    out->has_actions = roll(&d, 3) != 0;
    for (unsigned k = out->has_actions ? roll(&d, 4) : 0; k > 0; k--, n++)
        draw_thing(&d, r, &out[n], IAM_ITEM_ACTION, room + n * TEXTS * TEXT_MAX);
    return n;
}

enum { MEMBER_THINGS = 4, MEMBER_ROOM = MEMBER_THINGS * TEXTS * TEXT_MAX };

/* ---- what it is known by ---- */

static inline uint64_t mark_text(uint64_t h, struct iam_span s)
{
    h = (h ^ (s.p == NULL ? 0xFFFF : s.n + 1)) * UINT64_C(1099511628211);
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * UINT64_C(1099511628211);
    return h;
}

static inline uint64_t mark_number(uint64_t h, bool has, int64_t v)
{
    h = (h ^ has) * UINT64_C(1099511628211);
    return has ? (h ^ (uint64_t)v) * UINT64_C(1099511628211) : h;
}

static const char *const type_texts[] = {"USER", "ROLE", "GROUP", "ROBOT"};

static inline uint64_t thing_mark(const struct thing *t)
{
    uint64_t h = UINT64_C(14695981039346656037) ^ (uint64_t)t->kind;
    for (int i = 0; i < TEXTS - 1; i++)
        h = mark_text(h, t->text[i]);
    h = mark_number(h, t->has_time, t->us);
    if (t->kind == IAM_ITEM_ENTITY) {
        h = mark_number(h, true, t->type);
    } else if (t->kind == IAM_ITEM_SERVICE) {
        h = mark_number(h, t->has_total, t->total);
        h = mark_number(h, t->has_actions, 0);
    }
    return h;
}

/* The same of what the client gave. */
static inline uint64_t item_mark(const struct iam_item *item)
{
    struct thing t;
    memset(&t, 0, sizeof t);
    t.kind = item->kind;
    const struct iam_time *when = NULL;
    if (item->kind == IAM_ITEM_ENTITY) {
        const struct iam_entity *e = &item->u.entity;
        t.text[0] = e->arn, t.text[1] = e->name, t.text[2] = e->id, t.text[3] = e->path;
        when = &e->last_authenticated;
        while (t.type < 4 && (e->type_text.n != strlen(type_texts[t.type]) ||
                              memcmp(e->type_text.p, type_texts[t.type], e->type_text.n) != 0))
            t.type++;
        t.type += e->type == (t.type < 3 ? t.type + 1 : IAM_TYPE_OTHER) ? 0 : 100;
    } else if (item->kind == IAM_ITEM_SERVICE) {
        const struct iam_service *s = &item->u.service;
        t.text[0] = s->name, t.text[1] = s->namespace_, t.text[2] = s->last_entity,
        t.text[3] = s->last_region;
        when = &s->last_authenticated;
        t.has_total = s->has_total;
        t.total = s->total_entities;
        t.has_actions = s->has_actions;
    } else {
        const struct iam_action *a = &item->u.action;
        t.text[0] = a->name, t.text[1] = a->last_entity, t.text[2] = a->last_region;
        when = &a->last_accessed;
    }
    t.has_time = when->present;
    t.us = when->us;
    return thing_mark(&t);
}

/* ---- as XML, a little different each time ---- */

static inline void put_escaped(struct bytes *b, struct dice *d, struct iam_span s)
{
    char text[16];
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '<' || c == '&' || c == '>') {
            bytes_text(b, roll(d, 2) ? c == '<'   ? "&lt;"
                                       : c == '&' ? "&amp;"
                                                  : "&gt;"
                          : c == '<' ? "&#60;"
                          : c == '&' ? "&#x26;"
                                     : "&#x3e;");
        } else if (c > ' ' && c < 127 && roll(d, 200) == 0) {
            snprintf(text, sizeof text, "&#x%02X;", (unsigned char)c);
            bytes_text(b, text);
        } else if (c > ' ' && c < 127 && c != ']' && roll(d, 300) == 0) {
            snprintf(text, sizeof text, "<![CDATA[%c]]>", c);
            bytes_text(b, text);
        } else {
            bytes_put(b, &c, 1);
        }
    }
}

static inline void put_leaf(struct bytes *b, struct dice *d, const char *name, struct iam_span s)
{
    if (s.p == NULL)
        return;
    bytes_text(b, "<");
    bytes_text(b, name);
    if (s.n == 0 && roll(d, 2)) {
        bytes_text(b, "/>");
        return;
    }
    bytes_text(b, roll(d, 100) ? ">" : " a=\"1\" >");
    put_escaped(b, d, s);
    bytes_text(b, "</");
    bytes_text(b, name);
    bytes_text(b, roll(d, 100) ? ">" : " >");
}

static inline void put_time(struct bytes *b, const char *name, const struct thing *t)
{
    char basic[17], text[128];
    if (t->has_time) {
        iam_time_basic(t->us / 1000000, basic);
        snprintf(text, sizeof text, "<%s>%.4s-%.2s-%.2sT%.2s:%.2s:%.2s.%03dZ</%s>", name, basic,
                 basic + 4, basic + 6, basic + 9, basic + 11, basic + 13,
                 (int)(t->us / 1000 % 1000), name);
        bytes_text(b, text);
    }
}

static inline void put_noise(struct bytes *b, struct dice *d)
{
    static const char *const noise[] = {"\n  ", "<!-- c -->",
                                        "<Unknown a='1'><member><Arn>no</Arn></member></Unknown>",
                                        "<?p i?>", "\r\n\t"};
    if (roll(d, 12) == 0)
        bytes_text(b, noise[roll(d, 5)]);
}

static inline void put_entity(struct bytes *b, struct dice *d, const struct thing *t)
{
    bool late = roll(d, 2) != 0;
    bytes_text(b, "<member>");
    if (!late)
        put_time(b, "LastAuthenticated", t);
    bytes_text(b, "<EntityInfo>");
    put_leaf(b, d, "Arn", t->text[0]);
    put_noise(b, d);
    put_leaf(b, d, "Name", t->text[1]);
    put_leaf(b, d, "Type", iam_span_of(type_texts[t->type]));
    put_leaf(b, d, "Id", t->text[2]);
    put_leaf(b, d, "Path", t->text[3]);
    bytes_text(b, "</EntityInfo>");
    put_noise(b, d);
    if (late)
        put_time(b, "LastAuthenticated", t);
    bytes_text(b, "</member>");
}

static inline void put_service(struct bytes *b, struct dice *d, const struct thing *t, unsigned n)
{
    char total[64];
    bytes_text(b, "<member>");
    put_leaf(b, d, "ServiceName", t->text[0]);
    put_time(b, "LastAuthenticated", t);
    put_leaf(b, d, "ServiceNamespace", t->text[1]);
    put_noise(b, d);
    put_leaf(b, d, "LastAuthenticatedEntity", t->text[2]);
    put_leaf(b, d, "LastAuthenticatedRegion", t->text[3]);
    if (t->has_total) {
        snprintf(total, sizeof total, "<TotalAuthenticatedEntities>%d</TotalAuthenticatedEntities>",
                 (int)t->total);
        bytes_text(b, total);
    }
    if (t->has_actions) {
        bytes_text(b, "<TrackedActionsLastAccessed>");
        for (unsigned i = 1; i < n; i++) {
            bytes_text(b, "<member>");
            put_leaf(b, d, "ActionName", t[i].text[0]);
            put_leaf(b, d, "LastAccessedEntity", t[i].text[1]);
            put_time(b, "LastAccessedTime", &t[i]);
            put_leaf(b, d, "LastAccessedRegion", t[i].text[2]);
            bytes_text(b, "</member>");
        }
        bytes_text(b, "</TrackedActionsLastAccessed>");
    }
    bytes_text(b, "</member>");
}

#endif
