/* Replies that are right, in every frame that HTTP has for them. */
#ifndef TINYIAM_STORM_REPLIES_H
#define TINYIAM_STORM_REPLIES_H

#include <stdarg.h>

#include "world.h"

static inline void say(struct bytes *b, const char *format, ...)
{
    char text[4096];
    va_list a;
    va_start(a, format);
    int n = vsnprintf(text, sizeof text, format, a);
    va_end(a);
    if (n < 0 || (size_t)n >= sizeof text)
        abort();
    bytes_put(b, text, (size_t)n);
}

static inline void date_line(struct world *w, struct bytes *b)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    int64_t s = (STORM_EPOCH + (int64_t)w->now) / 1000;
    char t[17];
    iam_time_basic(s, t);
    if (w->date) {
        say(b, "Date: %s, %.2s %s %.4s %.2s:%.2s:%.2s GMT\r\n", days[s / 86400 % 7], t + 6,
            months[(t[4] - '0') * 10 + t[5] - '0' - 1], t, t + 9, t + 11, t + 13);
    }
    if (w->aged)
        say(b, "Age: 7\r\n");
}

/* Marker of the page with this number, as UTF-8, into out; at most 640 bytes. */
static inline void marker_of(const struct world *w, unsigned page, char out[641])
{
    struct dice d = {w->report.seed ^ page * UINT64_C(0x51ED270B)};
    unsigned style = w->marker_style == 3 ? page % 3 : w->marker_style,
             n = style == 2 ? 320 : 1 + roll(&d, 60);
    size_t at = (size_t)snprintf(out, 16, "%u/", page); /* they differ */
    for (unsigned i = (unsigned)at; i < n; i++) {
        unsigned c = style == 0 ? (unsigned char)"ABCDEFabcdef0123456789+/="[roll(&d, 25)]
                                : 0x20 + roll(&d, 0xE0);
        if (c >= 0x80)
            out[at++] = (char)(0xC0 | c >> 6);
        out[at++] = (char)(c >= 0x80 ? 0x80 | (c & 63) : c);
    }
    out[at] = 0;
}

/* The page that a request asks for; -1: none that was ever given. */
static inline int page_asked(struct world *w)
{
    char value[2048], marker[641];
    size_t n = 0;
    const char *body = strstr(w->request.p, "\r\n\r\n"),
               *p = body ? strstr(body, "&Marker=") : NULL;
    if (p == NULL)
        return 0;
    for (p += 8; *p && *p != '&' && n < sizeof value - 1; p++) {
        if (*p == '%' && p[1] && p[2]) {
            char hex[3] = {p[1], p[2], 0};
            value[n++] = (char)strtol(hex, NULL, 16);
            p += 2;
        } else {
            value[n++] = *p == '+' ? ' ' : *p;
        }
    }
    value[n] = 0;
    for (unsigned page = 1; page < w->report.pages; page++) {
        marker_of(w, page, marker);
        if (strcmp(marker, value) == 0)
            return (int)page;
    }
    return -1;
}

static inline void frame(struct world *w, const char *status, const char *lines,
                         const struct bytes *body)
{
    struct bytes *b = &w->reply;
    uint32_t framing = w->framing == 4 ? roll(&w->dice, 4) : w->framing;
    bool close = !w->keep && roll(&w->dice, 2);
    say(b, "HTTP/1.%d %s\r\n", framing == 3 ? 0 : 1, status);
    say(b, "x-amzn-RequestId: 11111111-2222-3333-4444-%012u\r\n", w->replies);
    date_line(w, b);
    bytes_text(b, lines);
    if (close || framing >= 2) {
        say(b, "Connection: close\r\n");
        w->end = IAM_EOF;
    }
    if (framing == 1) {
        static const char *const extensions[] = {"", " ;a", ";a=\"b;c\""};
        say(b, "Transfer-Encoding: chunked\r\n\r\n");
        for (size_t at = 0, n; at < body->n; at += n) {
            n = 1 + roll(&w->dice, roll(&w->dice, 3) ? 2000 : 20);
            n = n < body->n - at ? n : body->n - at;
            say(b, roll(&w->dice, 2) ? "%zx%s\r\n" : "00%zX%s\r\n", n,
                extensions[roll(&w->dice, 3)]);
            bytes_put(b, body->p + at, n);
            bytes_text(b, "\r\n");
        }
        bytes_text(b, roll(&w->dice, 3) ? "0\r\n\r\n" : "0;x\r\nX-Sum: 1\r\n\r\n");
    } else {
        if (framing != 2)
            say(b, "Content-Length: %zu\r\n", body->n);
        bytes_text(b, "\r\n");
        bytes_put(b, body->p, body->n);
    }
}

static inline void reply_text(struct world *w, const char *status, const char *lines,
                              const char *text)
{
    struct bytes body = {NULL, 0, 0};
    bytes_text(&body, text);
    frame(w, status, lines, &body);
    free(body.p);
}

static inline void reply_error(struct world *w, const char *status, const char *lines,
                               const char *code)
{
    char text[512];
    snprintf(text, sizeof text,
             "<ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type><Code>%s</Code><Message>no "
             "&amp; no</Message>"
             "</Error><RequestId>r</RequestId></ErrorResponse>",
             code);
    reply_text(w, status, lines, text);
}

/* ---- pages ---- */

static inline const char *action_name(const struct world *w)
{
    return w->report.services ? "GetServiceLastAccessedDetails"
                              : "GetServiceLastAccessedDetailsWithEntities";
}

/* The version of a member in this fetch, or -1: it is not there; *twice: another one comes before it. */
static inline int member_version(const struct world *w, unsigned page, unsigned place,
                                 unsigned fetch, bool *twice)
{
    *twice = false;
    if (w->circle || (int32_t)page != w->changed_page || fetch < w->version_from ||
        place < w->changed_place)
        return 0;
    if (w->changed_how == SHORTER)
        return -1;
    if (w->changed_how == LONGER) {
        *twice = place == w->changed_place;
        return 0;
    }
    return place == w->changed_place ? 1 : 0;
}

struct twist { /* what is odd about a page */
    const char *http, *status, *status_again, *truncated, *truncated_again, *marker_again, *created;
    const char *bad_member; /* in the place bad_place of the list */
    unsigned bad_place;
    bool no_marker, same_marker, bad_marker, more, with_list, two_results, sister;
};

static inline void put_member(struct world *w, struct bytes *b, unsigned page, unsigned place,
                              unsigned version)
{
    static struct thing things[MEMBER_THINGS];
    static char room[MEMBER_ROOM];
    unsigned n = member_things(&w->report, page, place, version, things, room);
    if (w->report.services)
        put_service(b, &w->dice, things, n);
    else
        put_entity(b, &w->dice, things);
    put_noise(b, &w->dice);
}

static inline void put_list(struct world *w, struct bytes *b, unsigned page, const struct twist *t)
{
    const char *name = w->report.services ? "ServicesLastAccessed" : "EntityDetailsList";
    bool twice;
    say(b, "<%s>", name);
    for (unsigned place = 0; place <= w->report.per_page; place++) {
        if (t->bad_member && place == t->bad_place)
            say(b, "<member>%s</member>", t->bad_member);
        int version = member_version(w, page, place, w->fetches[page % 64], &twice);
        if (place == w->report.per_page || version < 0)
            continue;
        if (twice)
            put_member(w, b, page, place, 2);
        put_member(w, b, page, place, (unsigned)version);
    }
    say(b, "</%s>", name);
}

static inline void put_status(struct bytes *b, const char *status, const struct twist *t)
{
    if (*status)
        say(b, "<JobStatus>%s</JobStatus>", status);
    if (t->status_again)
        say(b, "<JobStatus>%s</JobStatus>", t->status_again);
}

/* more: is there another page? */
static inline void put_place(struct world *w, struct bytes *b, unsigned page, bool more,
                             const struct twist *t)
{
    unsigned next = page + 1 < w->report.pages || !w->circle ? page + 1 : w->circle_to;
    const char *truncated = t->truncated ? t->truncated : more ? "true" : "";
    char marker[641];
    if (*truncated)
        say(b, "<IsTruncated>%s</IsTruncated>", truncated);
    if (t->truncated_again)
        say(b, "<IsTruncated>%s</IsTruncated>", t->truncated_again);
    if (more) {
        marker_of(w, t->same_marker ? page : next, marker);
        if (t->bad_marker)
            snprintf(marker, sizeof marker, "%s", "\342\202\254");
        if (!t->no_marker)
            put_leaf(b, &w->dice, "Marker", iam_span_of(marker));
    }
    if (t->marker_again)
        say(b, "<Marker>%s</Marker>", t->marker_again);
}

static inline void put_page(struct world *w, struct bytes *b, unsigned page, const struct twist *t)
{
    const char *status = t->status                       ? t->status
                         : w->polls > 0 || w->never_done ? "IN_PROGRESS"
                                                         : "COMPLETED";
    const char *action = t->sister
                             ? (w->report.services ? "GetServiceLastAccessedDetailsWithEntities"
                                                   : "GetServiceLastAccessedDetails")
                             : action_name(w);
    bool list = strcmp(status, "COMPLETED") == 0 || t->with_list,
         more = list && (page + 1 < w->report.pages || t->more);
    if (roll(&w->dice, 2))
        bytes_text(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    say(b, "<%sResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><%sResult>", action,
        action);
    if (!w->status_last)
        put_status(b, status, t);
    say(b, "<JobCreationDate>%s</JobCreationDate>",
        t->created ? t->created : "2018-10-24T19:47:31Z");
    put_place(w, b, page, more, t);
    if (list)
        put_list(w, b, page, t);
    if (w->status_last)
        put_status(b, status, t);
    if (strcmp(status, "FAILED") == 0)
        say(b, "<Error><Code>INTERNAL_ERROR</Code><Message>no report</Message></Error>");
    if (t->two_results) {
        say(b, "</%sResult><%sResult>", action, action);
        put_list(w, b, page, t);
    }
    say(b,
        "</%sResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></%sResponse>\n",
        action, action);
}

static inline void serve_page(struct world *w, unsigned page, const struct twist *t)
{
    struct bytes body = {NULL, 0, 0};
    bytes_text(&body, "");
    if (w->polls == 0)
        w->fetches[page % 64]++;
    put_page(w, &body, page, t);
    frame(w, t->http ? t->http : "200 OK", "Content-Type: text/xml\r\n", &body);
    w->polls -= w->polls > 0;
    free(body.p);
}

#endif
