/* What goes wrong with a reply, and which reply a request gets. */
#ifndef TINYIAM_STORM_FAULTS_H
#define TINYIAM_STORM_FAULTS_H

#include "replies.h"

static inline void cut_reply(struct world *w, uint32_t x, int end)
{
    w->reply.n = x % (uint32_t)(w->reply.n + 1);
    w->end = end;
}

static inline void put_length(struct world *w, const struct bytes *body, size_t length,
                              const char *lines)
{
    say(&w->reply, "HTTP/1.1 200 OK\r\n%sContent-Length: %zu\r\n\r\n", lines, length);
    bytes_put(&w->reply, body->p, body->n);
}

/* Replies made instead of the page; false: this fault is none of those. */
static inline bool serve_instead(struct world *w, const struct fault *f)
{
    static const char proxy[] = "<html><head><title>x</title></head><body>no</body></html>";
    struct twist none = {0};
    struct bytes body = {NULL, 0, 0};
    char text[64];
    switch (f->kind) {
    case THROTTLED:
        reply_error(w, "400 Bad Request", "", f->x & 1 ? "Throttling" : "ThrottlingException");
        break;
    case RETRY_AFTER:
        snprintf(text, sizeof text, "x-amz-retry-after: %u\r\n", (unsigned)(f->x % 20000));
        reply_error(w, "503 Service Unavailable", text,
                    f->x & 1 ? "Throttling" : "ServiceUnavailable");
        break;
    case ERROR_500:
        reply_error(w, "500 Internal Server Error", "", "InternalFailure");
        break;
    case HTML_502:
        reply_text(w, "502 Bad Gateway", "Content-Type: text/html\r\n", proxy);
        break;
    case EMPTY_503:
        reply_text(w, "503 Service Unavailable", "", "");
        break;
    case BARE_504:
        reply_text(w, "504 Gateway Timeout", "", "upstream timed out");
        break;
    case DENIED:
        reply_error(w, "403 Forbidden", "", "AccessDenied");
        break;
    case NO_ENTITY:
        reply_error(w, "404 Not Found", "", "NoSuchEntity");
        break;
    case REDIRECT:
        reply_text(w, "302 Found", "Location: /\r\n", proxy);
        break;
    case PORTAL:
        reply_text(w, "200 OK", "Content-Type: text/html\r\n", proxy);
        break;
    case DOCTYPE:
        reply_text(w, "200 OK", "", "<!DOCTYPE html><html/>");
        break;
    case JSON:
        reply_text(w, "200 OK", "Content-Type: application/json\r\n", "{\"a\": 1}");
        break;
    case EMPTY_200:
        reply_text(w, "200 OK", "", "");
        break;
    case OTHER_OPERATION:
        reply_text(
            w, "200 OK", "",
            "<GenerateServiceLastAccessedDetailsResponse><GenerateServiceLastAccessedDetailsResult>"
            "<JobId>x</JobId></GenerateServiceLastAccessedDetailsResult>"
            "</GenerateServiceLastAccessedDetailsResponse>");
        break;
    case SISTER_OPERATION:
        none.sister = true;
        put_page(w, &body, 0, &none);
        frame(w, "200 OK", "", &body);
        break;
    case ERROR_WITH_PAGE: /* what an error says is not read as a page */
        put_page(w, &body, 0, &none);
        frame(w, f->x & 1 ? "404 Not Found" : "301 Moved Permanently", "", &body);
        break;
    case ERROR_AS_200:
        reply_error(w, "200 OK", "", "InternalFailure");
        break;
    case GARBAGE:
        for (unsigned i = 0; i < 20 + f->x % 200; i++) {
            char c = (char)(128 + roll(&w->dice, 128));
            bytes_put(&w->reply, &c, 1);
        }
        w->end = IAM_EOF;
        break;
    case SILENCE:
        w->ready = UINT64_MAX;
        break;
    default:
        return false;
    }
    free(body.p);
    return true;
}

/* Pages in a wrong frame; false: this fault is none of those. */
static inline bool serve_misframed(struct world *w, const struct fault *f, unsigned page)
{
    struct bytes body = {NULL, 0, 0};
    struct twist none = {0};
    bool mine = true;
    if (f->kind < ILLEGAL_BYTE || (f->kind > ENCODED && f->kind < ENDLESS_1XX) ||
        f->kind > ENDLESS_TRAILERS)
        return false;
    if (w->polls == 0)
        w->fetches[page % 64]++;
    put_page(w, &body, page, &none);
    switch (f->kind) {
    case ILLEGAL_BYTE:
        body.p[f->x % body.n] = "\001\377"[f->x / 7 % 2]; /* nowhere legal, not even in a comment */
        put_length(w, &body, body.n, "");
        break;
    case SHORT_BODY:
        body.n = f->x % (uint32_t)(body.n - 1);
        put_length(w, &body, body.n, "");
        break;
    case LENGTH_MORE:
        put_length(w, &body, body.n + 1 + f->x % 100, "");
        w->end = f->x & 1 ? IAM_EOF : 0;
        break;
    case LENGTH_LESS:
        put_length(w, &body, f->x % (uint32_t)(body.n - 1), "");
        break;
    case LENGTHS_DIFFER:
        put_length(w, &body, body.n,
                   f->x & 1 ? "Content-Length: 7\r\n" : "Transfer-Encoding: chunked\r\n");
        break;
    case FOLDED:
        put_length(w, &body, body.n, "X-A: b\r\n  c\r\n");
        break;
    case ENCODED:
        put_length(w, &body, body.n, "Content-Encoding: gzip\r\n");
        break;
    case BAD_CHUNK:
        say(&w->reply, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n",
            f->x & 1 ? "5g" : "-1");
        bytes_put(&w->reply, body.p, body.n);
        break;
    default: { /* without end, as far as anyone will read */
        const char *begin = f->kind == ENDLESS_1XX       ? ""
                            : f->kind == ENDLESS_HEADERS ? "HTTP/1.1 200 OK\r\n"
                            : f->kind == ENDLESS_EXTENSION
                                ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;"
                                : "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
        const char *more = f->kind == ENDLESS_1XX         ? "HTTP/1.1 100 Continue\r\n\r\n"
                           : f->kind == ENDLESS_EXTENSION ? "aaaaaaaaaaaaaaaa"
                                                          : "X-Field: value\r\n";
        bytes_text(&w->reply, begin);
        while (w->reply.n < 70000)
            bytes_text(&w->reply, more);
        w->end = 0;
    }
    }
    w->polls -= w->polls > 0;
    free(body.p);
    return mine;
}

/* Is this a reply that the fault can show in? Else it comes later. */
static inline bool fits(const struct world *w, const struct fault *f, unsigned page)
{
    switch (f->kind) {
    case SAME_MARKER: /* it was given one */
    case OTHER_JOB:   /* there was one before */
        return w->polls == 0 && page > 0;
    case LATE_COPY: /* there is a next request, and on this connection */
        return w->polls == 0 && page + 1 < w->report.pages && w->ahead.n == 0;
    case FAILED_WITH_LIST:
    case UNDONE_WITH_LIST:
        return w->polls == 0 && w->report.per_page > 0 && w->changed_how != SHORTER;
    case NO_MARKER:
    case BAD_MARKER:
    case NO_STATUS:
    case BAD_BOOLEAN:
    case NO_BOOLEAN:
    case BOOLEAN_DIGIT:
    case BAD_ITEM:
    case TWO_STATUSES:
    case TWO_BOOLEANS:
    case TWO_MARKERS:
    case TWO_RESULTS:
        return w->polls == 0;
    default:
        return true;
    }
}

/* Where a list hangs on it: what IsTruncated, a date or a number may not be. */
static inline const char *odd_boolean(uint32_t x)
{
    static const char *const values[] = {"True",    "TRUE",   "yes",   " true ",
                                         "<!---->", "2",      "truer", "<b/>true",
                                         "tru",     "false ", "01",    "&#x30;1"};
    return values[x % (sizeof values / sizeof *values)];
}

static inline const char *odd_date(uint32_t x)
{
    static const char *const values[] = {"soon",
                                         "<!---->",
                                         "2018-13-24T19:47:31Z",
                                         "2018-02-29T00:00:00Z",
                                         "2018-10-24T24:00:00Z",
                                         "2018-10-24T19:47:31+99:00",
                                         "18446744073709551616",
                                         "2018-10-24T19:47:31Z 2019"};
    return values[x % (sizeof values / sizeof *values)];
}

static inline const char *odd_member(const struct world *w, uint32_t x, char text[200])
{
    static const char *const totals[] = {"12x", "<!---->", "9223372036854775808",
                                         "1.0", "0x1",     "- 1"};
    if (w->report.services && x & 1) {
        snprintf(text, 200, "<TotalAuthenticatedEntities>%s</TotalAuthenticatedEntities>",
                 totals[x / 2 % 6]);
    } else {
        snprintf(text, 200, "<LastAuthenticated>%s</LastAuthenticated>", odd_date(x / 2));
    }
    return text;
}

static inline bool serve_twisted(struct world *w, struct fault *f, unsigned page)
{
    static const char *const statuses[] = {"<!---->", "PAUSED", "completed", "COMPLETED&#9;x",
                                           "FAILED "};
    struct twist t = {.more = w->circle};
    char text[200];
    if (!fits(w, f, page)) {
        f->done = false;
        return false;
    }
    switch (f->kind) {
    case SAME_MARKER:
        t.same_marker = t.more = true;
        break;
    case NO_MARKER:
        t.no_marker = t.more = true;
        break;
    case BAD_MARKER:
        t.bad_marker = t.more = true;
        break;
    case NOT_DONE:
        t.status = "IN_PROGRESS";
        break;
    case JOB_FAILED:
    case FAILED_LATER: /* each is the other where it happens */
        f->kind = page > 0 ? FAILED_LATER : JOB_FAILED;
        t.status = "FAILED";
        w->polls = 0; /* it does not go on after that */
        break;
    case FAILED_WITH_LIST:
        t.status = "FAILED";
        t.with_list = true;
        break;
    case UNDONE_WITH_LIST:
        t.status = "IN_PROGRESS";
        t.with_list = true;
        break;
    case ODD_STATUS:
        t.status = statuses[f->x % 5];
        break;
    case NO_STATUS:
        t.status = "";
        t.with_list = true;
        break;
    case BAD_BOOLEAN:
        t.truncated = odd_boolean(f->x);
        break;
    case NO_BOOLEAN:
        t.truncated = "";
        t.more = true;
        break;
    case BOOLEAN_DIGIT:
        t.truncated = page + 1 < w->report.pages || w->circle ? "1" : "0";
        break;
    case BAD_DATE:
        t.created = odd_date(f->x);
        break;
    case BAD_ITEM:
        t.bad_member = odd_member(w, f->x, text);
        t.bad_place = f->x / 16 % (w->report.per_page + 1);
        break;
    case TWO_STATUSES:
        t.status_again = f->x & 1 ? "FAILED" : "IN_PROGRESS";
        break;
    case TWO_BOOLEANS:
        t.truncated = f->x & 1 ? "false" : "true";
        t.truncated_again = f->x & 1 ? "true" : "false";
        break;
    case TWO_MARKERS:
        t.more = true;
        t.marker_again = "another";
        break;
    case TWO_RESULTS:
        t.two_results = true;
        break;
    case OTHER_JOB:
        t.created = "2018-10-24T19:47:32Z";
        break;
    case ODD_2XX:
        t.http = f->x % 3 == 0 ? "201 Created" : f->x % 3 == 1 ? "206 Partial Content" : "299 ";
        break;
    case SOME_1XX:
        for (unsigned i = 0; i < 1 + f->x % 5; i++) {
            say(&w->reply, i & 1 ? "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                                 : "HTTP/1.1 100 Continue\r\n\r\n");
        }
        break;
    default:
        return false;
    }
    serve_page(w, page, &t);
    return true;
}

/* What happens to a reply that is right. */
static inline void spoil(struct world *w, const struct fault *f)
{
    size_t n = w->reply.n;
    switch (f->kind) {
    case CUT_EOF:
        cut_reply(w, f->x, IAM_EOF);
        break;
    case CUT_RESET:
        cut_reply(w, f->x, IAM_ERR_RESET);
        break;
    case CUT_TRUNCATED:
        cut_reply(w, f->x, IAM_ERR_TRUNCATED);
        break;
    case CUT_IO:
        cut_reply(w, f->x, IAM_ERR_IO);
        break;
    case CUT_TLS:
        cut_reply(w, f->x, IAM_ERR_TLS);
        break;
    case STALL_SHORT:
    case STALL_LONG:
        w->stall_at = f->x % n;
        w->stall_ms = f->kind == STALL_SHORT ? 100 + f->x % 29000 : 3600000;
        break;
    case DRIBBLE:
        w->dribble = true;
        break;
    case DEAD_AFTER:
        w->end = f->x & 1 ? IAM_EOF : IAM_ERR_RESET;
        break;
    case STRAY_AFTER:
        if (w->end == 0) /* behind the end of a reply that has one */
            say(&w->reply, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        break;
    case DOUBLED:
        if (w->end == 0) {
            bytes_text(&w->reply, ""); /* room for a NUL; then it may move */
            struct bytes copy = {NULL, 0, 0};
            bytes_put(&copy, w->reply.p, n);
            bytes_put(&w->reply, copy.p, n);
            free(copy.p);
        }
        break;
    default:
        break;
    }
}

/* The request's own time, by what it says; false: it says none, or it is unsigned. */
static inline bool dated_right(struct world *w)
{
    struct iam_time t;
    char text[32];
    const char *d = strstr(w->request.p, "\r\nX-Amz-Date: ");
    if (d == NULL || strlen(d) < 30)
        return false;
    d += 14;
    snprintf(text, sizeof text, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", d, d + 4, d + 6, d + 9, d + 11,
             d + 13);
    int64_t now = STORM_EPOCH + (int64_t)w->now;
    return iam_time_parse(iam_span_of(text), &t) == IAM_OK && t.us / 1000 > now - 300000 &&
           t.us / 1000 < now + 300000;
}

static inline bool serve_standing(struct world *w)
{
    if (w->always_500) {
        reply_error(w, "500 Internal Server Error", "", "InternalFailure");
    } else if (w->always_later) {
        reply_error(w, "503 Service Unavailable", "x-amz-retry-after: 4294967295\r\n", "SlowDown");
    } else if (w->always_throttled) {
        reply_error(w, "400 Bad Request", "", "Throttling");
    } else if (strncmp(w->request.p, "GET ", 4) == 0) {
        reply_text(w, "302 Found", "", "<html/>");
    } else if (!dated_right(w) || w->refuses_time) {
        reply_error(w, "403 Forbidden", "",
                    w->replies & 1 ? "SignatureDoesNotMatch" : "RequestExpired");
    } else {
        return false;
    }
    return true;
}

static inline void serve(struct world *w)
{
    struct twist none = {0};
    struct fault *mine = NULL;
    int page = page_asked(w);
    w->replies++;
    w->reply.n = w->taken = 0;
    w->end = 0;
    w->stall_ms = 0;
    w->dribble = false;
    w->ready = w->now + roll(&w->dice, w->rtt + 1);
    w->wrong += page < 0 || strstr(w->request.p, "JobId=" STORM_JOB) == NULL;
    if (strncmp(w->request.p, "GET ", 4) == 0)
        w->wrong -= page == 0;
    if (serve_standing(w))
        return;
    if (page < 0) {
        reply_error(w, "400 Bad Request", "", "ValidationError");
        return;
    }
    for (unsigned i = 0; i < w->fault_count && mine == NULL; i++) {
        struct fault *f = &w->faults[i];
        if (!f->done && f->kind >= CUT_EOF && f->kind <= ENDLESS_TRAILERS && w->replies >= f->at) {
            f->done = true;
            mine = f;
        }
    }
    if (mine == NULL || (!serve_instead(w, mine) && !serve_misframed(w, mine, (unsigned)page) &&
                         !serve_twisted(w, mine, (unsigned)page))) {
        none.more = w->circle;
        serve_page(w, (unsigned)page, &none);
        if (mine != NULL && mine->kind == LATE_COPY) {
            if (mine->done && w->end == 0) {
                bytes_put(&w->ahead, w->reply.p, w->reply.n);
                w->ahead_from = mine;
            }
            mine->done = false; /* it happens when there is a next request on this connection */
        } else if (mine != NULL) {
            spoil(w, mine);
        }
    }
}

/* The reply to a request, and in front of it what comes there although it belongs elsewhere. */
static inline void answer(struct world *w)
{
    struct bytes ahead = w->ahead;
    if (w->spoke_first) /* nobody has looked at it */
        bytes_put(&ahead, w->reply.p + w->taken, w->reply.n - w->taken);
    if (w->ahead_from != NULL)
        w->ahead_from->done = true;
    w->ahead = (struct bytes){NULL, 0, 0};
    w->ahead_from = NULL;
    w->spoke_first = false;
    serve(w);
    if (ahead.n > 0) {
        bytes_put(&ahead, w->reply.p, w->reply.n);
        bytes_text(&w->reply, "");
        w->reply.n = 0;
        bytes_put(&w->reply, ahead.p, ahead.n);
    }
    free(ahead.p);
}

#endif
