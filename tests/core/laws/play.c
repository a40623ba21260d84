#include "play.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/guard.h"
#include "../unit/made_up.h"

static const struct iam_credentials credentials = {
    .access_key_id = {"AKIDEXAMPLE", 11},
    .secret_access_key = {"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 40},
    .session_token = {"FwoGZXIvYXdzEXAMPLETOKEN==", 26},
};

void play_init(struct play *p)
{
    memset(p, 0, sizeof *p);
    p->operation = "GetServiceLastAccessedDetailsWithEntities";
    p->scope = IAM_SCOPE_PAGE;
    p->tx = 1024, p->rx = 1460, p->item = 1024;
    p->chunk = SIZE_MAX;
    p->attempts = 1;
}

void play_free(struct play *p)
{
    free(p->text);
    free(p->requests);
    p->text = p->requests = NULL;
    p->length = p->requests_n = p->text_max = p->requests_max = 0;
}

static void grow(char **p, size_t *max, size_t need)
{
    if (need > *max) {
        *max = need * 2;
        *p = realloc(*p, *max);
        if (*p == NULL)
            abort();
    }
}

void play_printf(struct play *p, const char *format, ...)
{
    char line[4096];
    va_list a;
    va_start(a, format);
    int n = vsnprintf(line, sizeof line, format, a);
    va_end(a);
    if (n < 0 || (size_t)n >= sizeof line)
        abort();
    grow(&p->text, &p->text_max, p->length + (size_t)n + 1);
    memcpy(p->text + p->length, line, (size_t)n + 1);
    p->length += (size_t)n;
}

void play_escaped(struct play *p, const char *key, struct iam_span s)
{
    if (s.p == NULL)
        return;
    play_printf(p, "|%s=", key);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        play_printf(p, c > 0x20 && c < 0x7F && strchr("%|=", c) == NULL ? "%c" : "%%%02X", c);
    }
}

static void put_time(struct play *p, const char *key, const struct iam_time *t)
{
    if (t->present)
        play_printf(p, "|%s=%" PRId64 "/%d", key, t->us, t->offset_min);
}

/* By the table: what a decoder that only the row knows has put where the row says. */
static void put_leaf(struct play *p, const struct iam_xml_node *n, const void *at)
{
    const bool *flag = at;
    char name[64];
    snprintf(name, sizeof name, "%.*s", n->len, n->tag);
    switch (n->type) {
    case IAM_NODE_GROUP:
    case IAM_NODE_SUBLIST:
        if (flag[0])
            play_printf(p, "|%s=1", name);
        if (n->type == IAM_NODE_SUBLIST && flag[1])
            play_printf(p, "|late");
        break;
    case IAM_NODE_TIME:
        put_time(p, name, at);
        break;
    case IAM_NODE_INT:
        flag = (const bool *)((const int64_t *)at + 1);
        if (*flag)
            play_printf(p, "|%s=%" PRId64, name, *(const int64_t *)at);
        break;
    case IAM_NODE_BOOL:
        if (flag[1])
            play_printf(p, "|%s=%d", name, flag[0]);
        break;
    default:
        play_escaped(p, name, *(const struct iam_span *)at);
    }
}

static void put_item(struct play *p, const struct iam_decode *d)
{
    const struct iam_xml_node *n = &d->xml.schema[d->item_node];
    if (d->item_node == 0) {
        play_printf(p, "structure %d\n", (int)d->item.kind);
        return;
    }
    p->kinds |= UINT64_C(1) << d->item.kind;
    play_printf(p, "item");
    for (n++; n->kind == IAM_XML_LEAF || n->type == IAM_NODE_GROUP || n->type == IAM_NODE_SUBLIST;
         n++)
        put_leaf(p, n, (const char *)d + 4u * n->offset);
    play_printf(p, "\n");
}

static void put_report(struct play *p, const struct iam_report *r)
{
    play_printf(p, "report");
    play_escaped(p, "JobStatus", r->status_text);
    play_escaped(p, "JobType", r->job_type);
    put_time(p, "JobCreationDate", &r->job_creation);
    put_time(p, "JobCompletionDate", &r->job_completion);
    if (r->present & 1u << IAM_MEMBER_LIST)
        play_printf(p, "|List=1");
    if (r->present & 1u << IAM_MEMBER_IS_TRUNCATED)
        play_printf(p, "|IsTruncated=%d", r->is_truncated);
    play_escaped(p, "Marker", r->marker);
    if (r->present & 1u << IAM_MEMBER_ERROR)
        play_printf(p, "|Error=1");
    play_escaped(p, "Code", r->error_code);
    play_escaped(p, "Message", r->error_message);
    play_escaped(p, "JobId", r->job_id);
    play_printf(p, "\n");
}

static void put_end(struct play *p)
{
    if (p->result == IAM_OK) {
        play_printf(p, "ok\n");
    } else if (p->result == IAM_ERR_SERVICE) {
        play_printf(p, "service error|status=%d", p->fault.status);
        play_escaped(p, "code", p->fault.code);
        if (p->fault.message.n > 0)
            play_escaped(p, "message", p->fault.message);
        play_printf(p, "\n");
    } else {
        play_printf(p, "refused|%s\n", iam_result_name(p->result));
    }
}

static const struct iam_operation *const tables[] = {
    &iam_op_entities, &iam_op_services, &iam_op_generate, &iam_op_users, &iam_op_groups,
    &iam_op_roles,    &iam_op_policies, &iam_op_grants,   &made_up};

const struct iam_operation *play_operation(const char *action)
{
    size_t n = strlen(action);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        const char *root = tables[i]->schema[IAM_NODE_REPLY].tag;
        if (strncmp(root, action, n) == 0 && strcmp(root + n, "Response>") == 0)
            return tables[i];
    }
    fprintf(stderr, "no operation %s\n", action);
    abort();
}

uint64_t play_kinds(void)
{
    uint64_t kinds = 0;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        const struct iam_xml_node *n = tables[i]->schema + IAM_NODE_REPLY;
        for (; n->type != IAM_NODE_REQUEST_ID; n++) /* metadata stand last */
            if (n->type == IAM_NODE_ITEM || n->type == IAM_NODE_SUBITEM)
                kinds |= UINT64_C(1) << n->member;
    }
    return kinds;
}

static int start(struct play *p, struct iam_call *c)
{
    static const struct iam_span job = {"examplef-1305-c245-eba4-71fe298bcda7", 36};
    const struct iam_operation *o = play_operation(p->operation);
    union iam_request q;
    memset(&q, 0, sizeof q);
    if (o->scope != 0) {
        memcpy((char *)&q + o->scope, &p->scope, sizeof p->scope);
        memcpy((char *)&q + o->marker, &p->marker, sizeof p->marker);
    }
    if (o->of_job)
        q.services.job_id = q.entities.job_id = job;
    if (o == &iam_op_entities)
        q.entities.service_namespace = (struct iam_span){"iam", 3};
    if (o == &iam_op_grants) {
        static const struct iam_span words[] = {{"iam", 3}, {"s3", 2}};
        q.grants.namespaces = words;
        q.grants.namespace_count = 2;
        q.grants.arn = (struct iam_span){"arn:aws:iam::123456789012:user/alice", 36};
    }
    if (o == &iam_op_generate)
        q.generate.arn = (struct iam_span){"arn:aws:iam::123456789012:user/alice", 36};
    return iam_call_start(c, o, &q);
}

/* One want of the engine; false: it wants nothing. */
static bool serve(struct play *p, struct iam_call *c, size_t *at, uint32_t *request)
{
    unsigned wants = iam_call_wants(c);
    size_t n;
    if (wants & IAM_WANT_CLOSE) {
        iam_call_closed(c, IAM_OK, 0);
    } else if (wants & IAM_WANT_OPEN) {
        iam_call_opened(c);
    } else if (wants & IAM_WANT_SEND) {
        const void *b = iam_call_send_buf(c, &n);
        grow(&p->requests, &p->requests_max, p->requests_n + n);
        memcpy(p->requests + p->requests_n, b, n);
        p->requests_n += n;
        iam_call_send_ack(c, n);
    } else if (wants & IAM_WANT_RECV) {
        uint32_t k = c->stats.requests;
        if (k != *request)
            *request = k, *at = 0;
        if (k > p->reply_count) {
            iam_call_closed(c, IAM_ERR_RESET, 104);
            return true;
        }
        const struct play_reply *r = &p->replies[k - 1];
        char *b = iam_call_recv_buf(c, &n);
        size_t left = r->n - *at;
        if (left == 0) {
            if (r->end == 0)
                return false;
            iam_call_closed(c, r->end, 104);
            return true;
        }
        n = n < left ? n : left;
        n = n < p->chunk ? n : p->chunk;
        if (p->split > *at && n > p->split - *at)
            n = p->split - *at;
        memcpy(b, r->p + *at, n);
        *at += n;
        iam_call_recv_ack(c, n);
    } else {
        return false;
    }
    return true;
}

/* n bytes that end at an unmapped page; mapped once, for it is done millions of times. */
static void *guarded(struct guard *g, size_t n)
{
    if (n > g->n) {
        if (g->p != NULL)
            guard_free(g);
        *g = guard_alloc(n > 65536 ? n : 65536);
    }
    return g->p + g->n - n;
}

int play_run(struct play *p)
{
    static struct guard guards[3];
    void *tx = guarded(&guards[0], p->tx), *rx = guarded(&guards[1], p->rx);
    void *item = guarded(&guards[2], p->item);
    struct iam_call *c = calloc(1, sizeof *c);
    struct iam_config cfg = {.tx = tx,
                             .tx_size = p->tx,
                             .rx = rx,
                             .rx_size = p->rx,
                             .item = item,
                             .item_size = p->item,
                             .credentials = &credentials,
                             .max_attempts = p->attempts,
                             .structure = p->structure,
                             .deadline_ms = p->deadline_ms};
    size_t at = 0;
    uint32_t request = 0, mono = 0xFFFFFF00u; /* wraps on the way */
    int64_t unix_ms = 1540410451000;

    p->length = p->requests_n = 0;
    p->slept = 0;
    p->kinds = 0;
    p->result = iam_call_init(c, &cfg, 12345);
    if (p->result == IAM_OK)
        p->result = start(p, c);
    for (long turns = 0; p->result == IAM_OK || p->result == IAM_AGAIN || p->result == IAM_ITEM;
         turns++) {
        if (turns > 20000000)
            abort(); /* hangs */
        iam_call_time(c, mono, unix_ms);
        p->result = iam_call_next(c);
        if (p->result == IAM_ITEM)
            put_item(p, &c->query.decode);
        if (p->result == IAM_OK)
            break;
        if (p->result == IAM_AGAIN && !serve(p, c, &at, &request)) {
            uint32_t ms = iam_call_idle_ms(c);
            mono += ms;
            unix_ms += ms;
            p->slept += ms;
        }
    }
    if (p->result == IAM_OK)
        put_report(p, &c->query.decode.report);
    p->fault = c->exchange.fault;
    p->stats = c->stats;
    put_end(p);
    p->fault.code = p->fault.message = p->fault.request_id = p->fault.began =
        (struct iam_span){NULL, 0};
    iam_call_end(c);
    free(c);
    return p->result;
}
