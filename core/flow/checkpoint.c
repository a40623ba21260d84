/* The place in a list as bytes: the same on every machine, little end first.
 *
 *   0 "IAMc"  4 version  5 the operation's number  6 scope  7 flags
 *   8 marker length (2)  10 length of the kept request (2)
 *   12 items handed out of this page (4)  16 their digest (8)  24 pages before this one (4)
 *   28 items handed out in all (4)  32 hash of the access key id, 0: none (4)
 *   36 digest of the request without its Marker (8)
 *   44 the kept request (104)  148 marker (320)  484 checksum (4)
 *
 * The request of a list about a job is kept: its parameters in their order, but for the Marker. Text is one
 * byte of length and the text (none is absent), a count two bytes. */
#include "flow.h"

#include <string.h>

enum { VERSION = 3, FINISHED = 1, COMPLETED = 2, STRUCTURE = 4 };
enum { REQUEST = 44, REQUEST_MAX = 104, MARKER = REQUEST + REQUEST_MAX, SUM = 484 };
_Static_assert(MARKER + IAM_MARKER_MAX <= SUM && SUM + 4 == sizeof(struct iam_checkpoint),
               "layout");

static void put(uint8_t *p, uint64_t v, int n)
{
    for (int i = 0; i < n; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

static uint64_t get(const uint8_t *p, int n)
{
    uint64_t v = 0;
    while (n-- > 0)
        v = v << 8 | p[n];
    return v;
}

/* FNV-1a: finds damage; who can write checkpoints is trusted. */
static uint32_t sum(const uint8_t *p)
{
    uint32_t h = 2166136261u;
    for (int i = 0; i < SUM; i++)
        h = (h ^ p[i]) * 16777619u;
    return h;
}

/* ---- the request ---- */

/* Bytes that its parameters take; -1: too many. The text may lie where it is to go: the operation may have
 * been resumed from this very checkpoint. */
static int keep_request(const struct iam_call *c, uint8_t *to)
{
    const struct iam_operation *o = c->operation;
    int at = 0;
    for (uint8_t i = 0; i < o->param_count; i++) {
        const struct iam_param *p = &o->params[i];
        const char *from = (const char *)&c->request + p->offset;
        struct iam_span s;
        if ((p->kind & 0x7F) == IAM_PARAM_MARKER)
            continue;
        if ((p->kind & 0x7F) == IAM_PARAM_COUNT) {
            uint16_t n;
            memcpy(&n, from, sizeof n);
            put(to + at, n, 2);
            at += 2;
            continue;
        }
        memcpy(&s, from, sizeof s);
        if (s.n > (size_t)(REQUEST_MAX - 3 - at)) /* a count may follow */
            return -1;
        if (s.n > 0)
            memmove(to + at + 1, s.p, s.n);
        to[at] = (uint8_t)s.n;
        at += 1 + (int)s.n;
    }
    return at;
}

/* Back into a request struct that is zero. */
static bool read_request(const struct iam_operation *o, const uint8_t *from, size_t n,
                         void *request)
{
    size_t at = 0;
    for (uint8_t i = 0; i < o->param_count; i++) {
        const struct iam_param *p = &o->params[i];
        char *to = (char *)request + p->offset;
        if ((p->kind & 0x7F) == IAM_PARAM_MARKER)
            continue;
        if ((p->kind & 0x7F) == IAM_PARAM_COUNT) {
            uint16_t count = (uint16_t)get(from + at, 2);
            memcpy(to, &count, sizeof count);
            at += 2;
        } else {
            struct iam_span s = {(const char *)from + at + 1, from[at]};
            memcpy(to, &s, sizeof s);
            at += 1 + s.n;
        }
        if (at > n)
            return false;
    }
    return at == n;
}

/* Tells requests apart; their Markers do not count. */
static uint64_t digest(const struct iam_operation *o, const void *request, uint8_t sha[32])
{
    if (iam_encode_sha256(o, request, (struct iam_span){NULL, 0}, sha) < 0)
        return 0; /* no two requests are the same then */
    return get(sha, 8);
}

/* ---- the place ---- */

int iam_call_checkpoint(const struct iam_call *c, struct iam_checkpoint *to)
{
    const struct iam_operation *o = c->operation;
    uint8_t *b = to->bytes;
    uint8_t sha[32];
    int kept = 0;

    if (c->stage == IAM_STAGE_IDLE || o->number == 0)
        return IAM_ERR_STATE;
    if (o->of_job)
        kept = keep_request(c, b + REQUEST);
    if (kept < 0) /* 36 characters, but not of ASCII: no service made it */
        return IAM_ERR_STATE;
    memset(b + REQUEST + kept, 0, (size_t)(SUM - REQUEST - kept));
    memcpy(b, "IAMc", 4);
    b[4] = VERSION;
    b[5] = o->number;
    b[6] = c->scope;
    b[7] = (uint8_t)((c->finished ? FINISHED : 0) | (c->completed ? COMPLETED : 0) |
                     (c->cfg.structure ? STRUCTURE : 0));
    put(b + 8, c->marker_n, 2);
    put(b + 10, (uint64_t)kept, 2);
    put(b + 12, c->page_delivered, 4);
    put(b + 16, c->page_digest, 8);
    put(b + 24, c->pages, 4);
    put(b + 28, c->delivered, 4);
    put(b + 32, c->session, 4);
    put(b + 36, digest(o, &c->request, sha), 8);
    memcpy(b + MARKER, c->marker, c->marker_n);
    put(b + SUM, sum(b), 4);
    return IAM_OK;
}

static bool sound(const struct iam_call *c, const uint8_t *b)
{
    return memcmp(b, "IAMc", 4) == 0 && b[4] == VERSION && get(b + SUM, 4) == sum(b) &&
           b[6] <= IAM_SCOPE_PAGE && get(b + 8, 2) <= IAM_MARKER_MAX &&
           get(b + 10, 2) <= REQUEST_MAX &&
           /* positions count structure, too */
           c->cfg.structure == ((b[7] & STRUCTURE) != 0);
}

static int refuse(struct iam_call *c)
{
    c->fault.error = IAM_ERR_CHECKPOINT;
    c->fault.layer = IAM_LAYER_CALLER;
    return IAM_ERR_CHECKPOINT;
}

int iam_call_resume_list(struct iam_call *c, const struct iam_operation *o, const void *request,
                         const struct iam_checkpoint *from)
{
    const uint8_t *b = from->bytes;
    uint64_t same = get(b + 36, 8);
    int r;

    if (!sound(c, b) || b[5] != o->number)
        return refuse(c);
    r = iam_call_start(c, o, request);
    if (r < 0)
        return r;
    if (same == 0 || digest(o, &c->request, c->signature) != same) {
        c->stage = IAM_STAGE_IDLE;
        return refuse(c);
    }
    c->scope = b[6];
    c->marker_n = (uint16_t)get(b + 8, 2);
    memcpy(c->marker, b + MARKER, c->marker_n);
    c->page_delivered = (uint32_t)get(b + 12, 4);
    c->page_digest = get(b + 16, 8);
    c->pages = (uint32_t)get(b + 24, 4);
    c->delivered = (uint32_t)get(b + 28, 4);
    if (get(b + 32, 4) != 0)
        c->session = (uint32_t)get(b + 32, 4);
    c->completed = (b[7] & COMPLETED) != 0;
    if (b[7] & FINISHED) {
        c->finished = true;
        c->stage = IAM_STAGE_DONE;
    }
    return IAM_OK;
}

int iam_call_resume(struct iam_call *c, const struct iam_checkpoint *from)
{
    const uint8_t *b = from->bytes;
    for (uint8_t i = 0; i < iam_job_list_count; i++) {
        const struct iam_operation *o = iam_job_lists[i];
        if (o->number != b[5])
            continue;
        if (!sound(c, b))
            break;
        memset(&c->request, 0, sizeof c->request); /* where it is kept: no copy on the stack */
        if (!read_request(o, b + REQUEST, (size_t)get(b + 10, 2), &c->request))
            break;
        int r = iam_call_resume_list(c, o, &c->request, from);
        return r == IAM_ERR_ARGUMENT ? refuse(c) : r;
    }
    return refuse(c);
}

void iam_call_end(struct iam_call *c)
{
    iam_sigv4_clear(&c->sigv4);
    if (c->cfg.tx != NULL && c->cfg.tx_size > 0)
        iam_zeroize(c->cfg.tx, c->cfg.tx_size);
    iam_zeroize(c, sizeof *c);
}
