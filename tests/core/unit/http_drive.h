/* Feeds a reply to the reader in pieces, each at the end of a page, and holds the reader to its
 * contract: every call consumes or ends, bodies lie inside the input, what is not used is left.
 * Used by unit/test_http.c and fuzz/fuzz_http.c. */
#ifndef TINYIAM_TESTS_HTTP_DRIVE_H
#define TINYIAM_TESTS_HTTP_DRIVE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tinyiam/parts/http.h>

#include "guard.h"

#define HTTP_DRIVE_CHECK(what)                                         \
    do {                                                               \
        if (!(what)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what); \
            abort();                                                   \
        }                                                              \
    } while (0)

struct http_drive {
    struct iam_http h;
    int end;        /* IAM_HTTP_MORE while it wants more; IAM_HTTP_END, or the error */
    unsigned heads; /* 0 or 1 */
    size_t used;    /* bytes of the reply consumed */
    size_t body_n;  /* bytes of body, and a hash of them */
    uint64_t body_hash;
};

static inline uint64_t http_drive_hash(uint64_t hash, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ (unsigned char)p[i]) * UINT64_C(0x100000001B3);
    return hash;
}

static inline void http_drive_start(struct http_drive *d)
{
    memset(d, 0, sizeof *d);
    memset(&d->h, 0x5A, sizeof d->h); /* init must not lean on what was there */
    iam_http_init(&d->h);
    HTTP_DRIVE_CHECK(!d->h.began && d->h.status == 0);
}

/* One piece; room is a guarded buffer of at least n bytes. Returns d->end. */
static inline int http_drive_feed(struct http_drive *d, const struct guard *room, const char *bytes,
                                  size_t n)
{
    const char *piece = (const char *)room->p + room->n - n, *p = piece, *end = piece + n;
    if (n)
        memcpy(room->p + room->n - n, bytes, n);
    if (d->end != IAM_HTTP_MORE)
        return d->end;
    for (;;) {
        const char *before = p;
        struct iam_span body = {NULL, 0};
        int r = iam_http_next(&d->h, &p, end, &body);
        HTTP_DRIVE_CHECK(p >= before && p <= end);
        d->used += (size_t)(p - before);
        if (d->used)
            HTTP_DRIVE_CHECK(d->h.began);
        if (r == IAM_HTTP_HEAD || r == IAM_HTTP_BODY)
            HTTP_DRIVE_CHECK(p > before);
        if (r == IAM_HTTP_HEAD) {
            HTTP_DRIVE_CHECK(d->heads == 0);
            HTTP_DRIVE_CHECK(d->h.status >= 200 && d->h.status <= 999);
            HTTP_DRIVE_CHECK(d->h.reason_len <= sizeof d->h.reason);
            HTTP_DRIVE_CHECK(d->h.request_id_len <= sizeof d->h.request_id);
            d->heads++;
        } else if (r == IAM_HTTP_BODY) {
            HTTP_DRIVE_CHECK(d->heads == 1);
            HTTP_DRIVE_CHECK(body.n > 0 && body.p >= before && body.p + body.n == p);
            d->body_n += body.n;
            d->body_hash = http_drive_hash(d->body_hash, body.p, body.n);
            HTTP_DRIVE_CHECK(d->h.body_seen == d->body_n);
        } else {
            HTTP_DRIVE_CHECK(r != IAM_HTTP_MORE || p == end);
            HTTP_DRIVE_CHECK(r != IAM_HTTP_END || d->heads == 1);
            HTTP_DRIVE_CHECK(r == IAM_HTTP_MORE || r == IAM_HTTP_END || r == IAM_ERR_HTTP ||
                             r == IAM_ERR_HTTP_LIMIT || r == IAM_ERR_HTTP_LENGTH ||
                             r == IAM_ERR_HTTP_ENCODING);
            d->end = r;
            break;
        }
    }
    if (d->end != IAM_HTTP_MORE) { /* it stays so, and nothing more is taken */
        const char *at = p;
        struct iam_span body;
        HTTP_DRIVE_CHECK(iam_http_next(&d->h, &p, end, &body) == d->end && p == at);
    }
    return d->end;
}

static inline int http_drive_eof(struct http_drive *d)
{
    int r = iam_http_eof(&d->h);
    HTTP_DRIVE_CHECK(r == iam_http_eof(&d->h));
    HTTP_DRIVE_CHECK(r == IAM_HTTP_END || r == IAM_EOF || r == IAM_ERR_TRUNCATED || r == d->end);
    HTTP_DRIVE_CHECK((r == IAM_EOF) == !d->h.began || d->end < 0);
    return r;
}

/* Two ways through the same bytes must end in the same place, the private parts included. */
static inline int http_drive_same(const struct http_drive *a, const struct http_drive *b)
{
    return a->end == b->end && a->heads == b->heads && a->used == b->used &&
           a->body_n == b->body_n && a->body_hash == b->body_hash &&
           memcmp(&a->h, &b->h, sizeof a->h) == 0;
}

#endif
