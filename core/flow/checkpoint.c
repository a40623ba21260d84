/* The place in a list as bytes: the same on every machine, little end first.
 *
 *   0 "IAMc"  4 version  5 the operation's number  6 scope  7 flags
 *   8 marker length (2)  10 length of the request (2)
 *   12 items handed out of this page (4)  16 their digest (8)  24 pages before this one (4)
 *   28 items handed out in all (4)  32 hash of the access key id, 0: none (4)
 *   36 the Marker kept to notice a circle (8)  44 digest of the last page's first item (8)
 *   52 the job's creation, hashed (4)
 *   56 the request (108)  164 marker (320)  484 checksum (4)
 *
 * The request of a list about a job is there in full: its parameters in their order, but for the Marker. Text is
 * one byte of length and the text (none is absent), a count two bytes. Of other lists it is 8 bytes of a digest:
 * who resumes gives it again. FINISHED is said of a COMPLETED report only. */
#include "flow.h"

#include <string.h>

enum { VERSION = 4, FINISHED = 1, COMPLETED = 2, STRUCTURE = 4 };
enum { REQUEST = 56, REQUEST_MAX = 108, MARKER = REQUEST + REQUEST_MAX, SUM = 484 };
_Static_assert(MARKER + IAM_MARKER_MAX <= SUM && SUM + 4 == sizeof(struct iam_checkpoint),
               "layout");

/* Finds damage; who can write checkpoints is trusted. */
static uint32_t sum(const uint8_t *p)
{
    return iam_fnv(IAM_FNV, p, SUM);
}

/* ---- the request ---- */

/* Its bytes; -1: too many. The text may lie where it is to go: the operation may have been resumed from this
 * very checkpoint. */
static int put_request(const struct iam_operation *o, const void *request, uint8_t *to)
{
    int at = 0;
    if (!o->of_job) {
        /* of 32 bytes, for which there is room */
        uint32_t n;
        int r = iam_encode_sha256(o, request, (struct iam_span){NULL, 0}, to, &n);
        return r < 0 ? -1 : 8;
    }
    for (uint8_t i = 0; i < o->param_count; i++) {
        const struct iam_param *p = &o->params[i];
        const char *from = (const char *)request + p->offset;
        uint8_t kind = p->kind & 0x7F;
        struct iam_span s;
        if (kind == IAM_PARAM_MARKER)
            continue;
        if (kind == IAM_PARAM_COUNT) {
            uint16_t n;
            memcpy(&n, from, sizeof n);
            iam_put_le(to + at, n, 2);
            at += 2;
            continue;
        }
        memcpy(&s, from, sizeof s);
        if (s.n + (size_t)at > REQUEST_MAX - 3) /* a count may follow */
            return -1;
        memmove(to + at + 1, s.p, s.n); /* a text that a job's list needs: not absent */
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
            uint16_t count = (uint16_t)iam_get_le(from + at, 2);
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

/* ---- the place ---- */

int iam_call_checkpoint(const struct iam_call *c, struct iam_checkpoint *to)
{
    const struct iam_operation *o = c->query.operation;
    uint8_t *b = to->bytes;
    int kept;

    if (c->exchange.stage == IAM_STAGE_IDLE || o->number == 0 || c->plan != iam_call_alone)
        return IAM_ERR_STATE;
    kept = put_request(o, &c->request, b + REQUEST);
    if (kept < 0) /* a JobId of 36 characters, but not of ASCII: no service made it */
        return IAM_ERR_STATE;
    memset(b + REQUEST + kept, 0, (size_t)(SUM - REQUEST - kept));
    memcpy(b, "IAMc", 4);
    b[4] = VERSION;
    b[5] = o->number;
    b[6] = c->scope;
    b[7] = (uint8_t)((c->finished ? FINISHED : 0) | (c->completed ? COMPLETED : 0) |
                     (c->query.structure ? STRUCTURE : 0));
    iam_put_le(b + 8, c->query.marker_n, 2);
    iam_put_le(b + 10, (uint64_t)kept, 2);
    iam_put_le(b + 12, c->page_delivered, 4);
    iam_put_le(b + 16, c->page_digest, 8);
    iam_put_le(b + 24, c->pages, 4);
    iam_put_le(b + 28, c->delivered, 4);
    iam_put_le(b + 32, c->query.session, 4);
    iam_put_le(b + 36, c->mark, 8);
    iam_put_le(b + 44, c->page_first, 8);
    iam_put_le(b + 52, c->creation, 4);
    memcpy(b + MARKER, c->marker, c->query.marker_n);
    iam_put_le(b + SUM, sum(b), 4);
    return IAM_OK;
}

static bool sound(const struct iam_call *c, const uint8_t *b)
{
    return memcmp(b, "IAMc", 4) == 0 && b[4] == VERSION && iam_get_le(b + SUM, 4) == sum(b) &&
           b[6] <= IAM_SCOPE_PAGE && iam_get_le(b + 8, 2) <= IAM_MARKER_MAX &&
           iam_get_le(b + 10, 2) <= REQUEST_MAX &&
           /* positions count structure, too */
           c->query.structure == ((b[7] & STRUCTURE) != 0);
}

static int refuse(struct iam_call *c)
{
    return iam_exchange_refuse(&c->exchange, IAM_ERR_CHECKPOINT, NULL);
}

int iam_call_resume_list(struct iam_call *c, const struct iam_operation *o, const void *request,
                         const struct iam_checkpoint *from)
{
    const uint8_t *b = from->bytes;
    int r, n = (int)iam_get_le(b + 10, 2);

    if (!sound(c, b) || b[5] != o->number)
        return refuse(c);
    r = iam_call_start(c, o, request);
    if (r < 0)
        return r;
    /* compared where the marker will be */
    if (put_request(o, &c->request, (uint8_t *)c->marker) != n ||
        memcmp(c->marker, b + REQUEST, (size_t)n) != 0) {
        c->exchange.stage = IAM_STAGE_IDLE;
        return refuse(c);
    }
    c->scope = b[6];
    c->query.marker_n = (uint16_t)iam_get_le(b + 8, 2);
    memcpy(c->marker, b + MARKER, c->query.marker_n);
    c->page_delivered = (uint32_t)iam_get_le(b + 12, 4);
    c->page_digest = iam_get_le(b + 16, 8);
    c->pages = (uint32_t)iam_get_le(b + 24, 4);
    c->delivered = (uint32_t)iam_get_le(b + 28, 4);
    if (iam_get_le(b + 32, 4) != 0)
        c->query.session = (uint32_t)iam_get_le(b + 32, 4);
    c->mark = iam_get_le(b + 36, 8);
    c->page_first = iam_get_le(b + 44, 8);
    c->creation = (uint32_t)iam_get_le(b + 52, 4);
    c->completed = (b[7] & COMPLETED) != 0;
    if (b[7] & FINISHED) {
        c->finished = true;
        c->exchange.stage = IAM_STAGE_DONE;
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
        if (!read_request(o, b + REQUEST, (size_t)iam_get_le(b + 10, 2), &c->request))
            break;
        int r = iam_call_resume_list(c, o, &c->request, from);
        return r == IAM_ERR_ARGUMENT ? refuse(c) : r;
    }
    return refuse(c);
}
