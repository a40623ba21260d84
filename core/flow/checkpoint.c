/* The place in a list as bytes: the same on every machine, little end first.
 *
 *   0 "IAMc"  4 version  5 operation  6 scope  7 flags  8 max items (2)  10 marker length (2)
 *   12 items handed out of this page (4)  16 their digest (8)  24 pages before this one (4)
 *   28 job id (36)  64 namespace length (1)  65 namespace (64)  129 marker (320)
 *   452 items handed out in all (4)  456 hash of the access key id, 0: none (4)
 *   460 the Marker kept to notice a circle (8)  468 digest of the last page's first item (8)
 *   476 the job's creation, hashed (4)  484 checksum (4)
 *
 * FINISHED is said of a COMPLETED report only. */
#include "flow.h"

#include <string.h>

enum { VERSION = 3, FINISHED = 1, COMPLETED = 2, STRUCTURE = 4 };
enum {
    JOB_ID = 28,
    NAMESPACE = 64,
    MARKER = 129,
    DELIVERED = 452,
    SESSION = 456,
    MARK = 460,
    FIRST = 468,
    CREATION = 476,
    SUM = 484
};
_Static_assert(MARKER + IAM_MARKER_MAX <= DELIVERED && SUM + 4 == sizeof(struct iam_checkpoint),
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

int iam_call_checkpoint(const struct iam_call *c, struct iam_checkpoint *to)
{
    const struct iam_operation *o = c->operation;
    const struct iam_entities_request *q = &c->request.entities;
    uint8_t *b = to->bytes;
    struct iam_span job_id, ns = {NULL, 0};
    uint16_t max_items;

    if (c->stage == IAM_STAGE_IDLE || o->scope == 0)
        return IAM_ERR_STATE;
    memcpy(&max_items, (const char *)&c->request + o->max_items, sizeof max_items);
    job_id = c->op == IAM_OP_ENTITIES ? q->job_id : c->request.services.job_id;
    if (c->op == IAM_OP_ENTITIES)
        ns = q->service_namespace;
    if (job_id.n > NAMESPACE - JOB_ID) /* 36 characters, but not of ASCII: no service made it */
        return IAM_ERR_STATE;
    /* the operation may have been resumed from this very checkpoint, and borrow its text from it */
    memmove(b + JOB_ID, job_id.p, job_id.n);
    if (ns.n > 0)
        memmove(b + NAMESPACE + 1, ns.p, ns.n);
    memset(b + NAMESPACE + 1 + ns.n, 0, SUM - NAMESPACE - 1 - ns.n);
    memcpy(b, "IAMc", 4);
    b[4] = VERSION;
    b[5] = c->op;
    b[6] = c->scope;
    b[7] = (uint8_t)((c->finished ? FINISHED : 0) | (c->completed ? COMPLETED : 0) |
                     (c->cfg.structure ? STRUCTURE : 0));
    put(b + 8, max_items, 2);
    put(b + 10, c->marker_n, 2);
    put(b + 12, c->page_delivered, 4);
    put(b + 16, c->page_digest, 8);
    put(b + 24, c->pages, 4);
    b[NAMESPACE] = (uint8_t)ns.n;
    memcpy(b + MARKER, c->marker, c->marker_n);
    put(b + DELIVERED, c->delivered, 4);
    put(b + SESSION, c->session, 4);
    put(b + MARK, c->mark, 8);
    put(b + FIRST, c->page_first, 8);
    put(b + CREATION, c->creation, 4);
    put(b + SUM, sum(b), 4);
    return IAM_OK;
}

static bool sound(const struct iam_call *c, const uint8_t *b)
{
    return memcmp(b, "IAMc", 4) == 0 && b[4] == VERSION && get(b + SUM, 4) == sum(b) &&
           (b[5] == IAM_OP_ENTITIES || b[5] == IAM_OP_SERVICES) && b[6] <= IAM_SCOPE_PAGE &&
           /* positions inside services count their structure, too */
           (b[5] == IAM_OP_ENTITIES || c->cfg.structure == ((b[7] & STRUCTURE) != 0)) &&
           get(b + 10, 2) <= IAM_MARKER_MAX && b[NAMESPACE] <= 64;
}

static int refuse(struct iam_call *c)
{
    c->fault.error = IAM_ERR_CHECKPOINT;
    c->fault.layer = IAM_LAYER_CALLER;
    return IAM_ERR_CHECKPOINT;
}

int iam_call_resume(struct iam_call *c, const struct iam_checkpoint *from)
{
    const uint8_t *b = from->bytes;
    struct iam_span job_id = {(const char *)b + JOB_ID, 36};
    uint16_t max_items = (uint16_t)get(b + 8, 2);
    int r;

    if (!sound(c, b))
        return refuse(c);
    if (b[5] == IAM_OP_ENTITIES) {
        struct iam_entities_request q = {
            .job_id = job_id,
            .service_namespace = {(const char *)b + NAMESPACE + 1, b[NAMESPACE]},
            .max_items = max_items,
            .scope = (enum iam_scope)b[6]};
        r = iam_call_entities(c, &q);
    } else {
        struct iam_services_request q = {
            .job_id = job_id, .max_items = max_items, .scope = (enum iam_scope)b[6]};
        r = iam_call_services(c, &q);
    }
    if (r < 0)
        return r == IAM_ERR_ARGUMENT ? refuse(c) : r;
    c->marker_n = (uint16_t)get(b + 10, 2);
    memcpy(c->marker, b + MARKER, c->marker_n);
    c->page_delivered = (uint32_t)get(b + 12, 4);
    c->page_digest = get(b + 16, 8);
    c->pages = (uint32_t)get(b + 24, 4);
    c->delivered = (uint32_t)get(b + DELIVERED, 4);
    if (get(b + SESSION, 4) != 0)
        c->session = (uint32_t)get(b + SESSION, 4);
    c->mark = get(b + MARK, 8);
    c->page_first = get(b + FIRST, 8);
    c->creation = (uint32_t)get(b + CREATION, 4);
    c->completed = (b[7] & COMPLETED) != 0;
    if (b[7] & FINISHED) {
        c->finished = true;
        c->stage = IAM_STAGE_DONE;
    }
    return IAM_OK;
}

static void wipe(void *p, size_t n)
{
    if (p != NULL && n > 0)
        iam_zeroize(p, n);
}

void iam_call_end(struct iam_call *c)
{
    iam_sigv4_clear(&c->sigv4);
    wipe(c->cfg.tx, c->cfg.tx_size);
    wipe(c->cfg.rx, c->cfg.rx_size);
    wipe(c->cfg.item, c->cfg.item_size);
    iam_zeroize(c, sizeof *c);
}
