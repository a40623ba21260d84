/* In which states the reader of HTTP can be, and what it calls. For http.c. */
#ifndef TINYIAM_TESTS_PROOF_HTTP_INVARIANT_H
#define TINYIAM_TESTS_PROOF_HTTP_INVARIANT_H

#include "core/wire/http_read.c"
#include "proof.h"

/* Not proved: it reads its text and writes *t. */
int iam_time_parse_http(struct iam_span s, struct iam_time *t)
{
    PROVE(s.n == 0 || __CPROVER_r_ok(s.p, s.n), "the date's text can be read");
    __CPROVER_havoc_object(t);
    return nondet_bool() ? IAM_OK : IAM_ERR_VALUE;
}

static bool invariant(struct iam_http *h)
{
    unsigned cap;
    bool chunked = h->flags & CHUNKED;
    if (h->state > ST_DONE || h->field > F_CHUNK_ESCAPED || h->error > 0 ||
        h->interim > CONFIG_TINYIAM_HTTP_INTERIM_MAX || h->reason_len > CONFIG_TINYIAM_REASON_MAX ||
        h->request_id_len > CONFIG_TINYIAM_REQUEST_ID_MAX)
        return false;
    if (h->error < 0)
        return true; /* nothing more is read */
    if (h->body_seen > BODY_MAX)
        return false;
    if (!chunked && (h->state == ST_DATA_END || h->state == ST_CHUNK_DATA ||
                     (h->state == ST_VALUE && h->field >= F_CHUNK) ||
                     (h->state <= ST_VALUE && h->body_seen != 0)))
        return false;
    switch (h->state) {
    case ST_STATUS:
        return h->value_len <= 12 && h->field == F_OTHER && h->body_seen == 0;
    case ST_NAME:
        return h->value_len <= (h->field == F_OTHER ? IAM_HTTP_VALUE_MAX + 1 : 0);
    case ST_VALUE:
        buffer(h, &cap);
        return h->value_len <= cap + 1;
    case ST_LENGTH:
    case ST_CHUNK_DATA:
        return h->left > 0 && h->left <= BODY_MAX - h->body_seen && h->value_len == 0;
    case ST_CLOSE:
        return h->left <= BODY_MAX - h->body_seen && h->value_len == 0;
    default:
        return h->value_len == 0;
    }
}

#endif
