#include "transcript.h"

#include <string.h>
#include <tinyiam/tinyiam.h>

#include "../unit/made_up.h"

void transcript_text(struct transcript *t, const char *text)
{
    t->put(t, text, strlen(text));
}

void transcript_number(struct transcript *t, int64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? 0u - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (value < 0)
        t->put(t, "-", 1);
    t->put(t, digits + at, sizeof digits - at);
}

void transcript_escaped(struct transcript *t, struct iam_span s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        char code[3] = {'%', "0123456789ABCDEF"[c >> 4], "0123456789ABCDEF"[c & 15]};
        if (c > 0x20 && c < 0x7F && c != '%' && c != '|' && c != '=')
            t->put(t, s.p + i, 1);
        else
            t->put(t, code, sizeof code);
    }
}

static void put_key(struct transcript *t, struct iam_span key)
{
    t->put(t, "|", 1);
    t->put(t, key.p, key.n);
    t->put(t, "=", 1);
}

static void put_number(struct transcript *t, struct iam_span key, int64_t value)
{
    put_key(t, key);
    transcript_number(t, value);
}

static void put_span(struct transcript *t, struct iam_span key, struct iam_span value)
{
    if (value.p != NULL) {
        put_key(t, key);
        transcript_escaped(t, value);
    }
}

static void put_time(struct transcript *t, struct iam_span key, const struct iam_time *time)
{
    if (time->present) {
        put_number(t, key, time->us);
        transcript_text(t, "/");
        transcript_number(t, time->offset_min);
    }
}

/* By the table: what a decoder that only the row knows has put where the row says. */
static void put_leaf(struct transcript *t, const struct iam_xml_node *n, const void *at)
{
    const bool *flag = at;
    struct iam_span name = {n->tag, n->len};
    switch (n->type) {
    case IAM_NODE_GROUP:
    case IAM_NODE_SUBLIST:
        if (flag[0])
            put_number(t, name, 1);
        if (n->type == IAM_NODE_SUBLIST && flag[1])
            transcript_text(t, "|late");
        break;
    case IAM_NODE_TIME:
        put_time(t, name, at);
        break;
    case IAM_NODE_INT:
        flag = (const bool *)((const int64_t *)at + 1);
        if (*flag)
            put_number(t, name, *(const int64_t *)at);
        break;
    case IAM_NODE_BOOL:
        if (flag[1])
            put_number(t, name, flag[0]);
        break;
    default:
        put_span(t, name, *(const struct iam_span *)at);
    }
}

void transcript_item(struct transcript *t, const struct iam_decode *d)
{
    const struct iam_xml_node *n = &d->xml.schema[d->item_node];
    if (d->item_node == 0) {
        transcript_text(t, "structure ");
        transcript_number(t, d->item.kind);
    } else {
        transcript_text(t, "item");
        for (n++;
             n->kind == IAM_XML_LEAF || n->type == IAM_NODE_GROUP || n->type == IAM_NODE_SUBLIST;
             n++)
            put_leaf(t, n, (const char *)d + 4u * n->offset);
    }
    transcript_text(t, "\n");
}

void transcript_report(struct transcript *t, const struct iam_report *r)
{
    transcript_text(t, "report");
    put_span(t, IAM_SPAN("JobStatus"), r->status_text);
    put_span(t, IAM_SPAN("JobType"), r->job_type);
    put_time(t, IAM_SPAN("JobCreationDate"), &r->job_creation);
    put_time(t, IAM_SPAN("JobCompletionDate"), &r->job_completion);
    if (r->present & 1u << IAM_MEMBER_LIST)
        put_number(t, IAM_SPAN("List"), 1);
    if (r->present & 1u << IAM_MEMBER_IS_TRUNCATED)
        put_number(t, IAM_SPAN("IsTruncated"), r->is_truncated);
    put_span(t, IAM_SPAN("Marker"), r->marker);
    if (r->present & 1u << IAM_MEMBER_ERROR)
        put_number(t, IAM_SPAN("Error"), 1);
    put_span(t, IAM_SPAN("Code"), r->error_code);
    put_span(t, IAM_SPAN("Message"), r->error_message);
    put_span(t, IAM_SPAN("JobId"), r->job_id);
    transcript_text(t, "\n");
}

void transcript_end(struct transcript *t, int result, const struct iam_fault *fault)
{
    struct iam_span none = {NULL, 0};
    if (result == IAM_OK) {
        transcript_text(t, "ok");
    } else if (result == IAM_ERR_SERVICE) {
        transcript_text(t, "service error");
        put_number(t, IAM_SPAN("status"), fault->status);
        put_span(t, IAM_SPAN("code"), fault->code);
        put_span(t, IAM_SPAN("message"), fault->message.n > 0 ? fault->message : none);
    } else {
        transcript_text(t, "refused|");
        transcript_text(t, iam_result_name(result));
    }
    transcript_text(t, "\n");
}

static const struct iam_operation *const tables[] = {
    &iam_op_entities, &iam_op_services, &iam_op_generate, &iam_op_users, &iam_op_groups,
    &iam_op_roles,    &iam_op_policies, &iam_op_grants,   &made_up};

const struct iam_operation *transcript_operation(const char *action)
{
    size_t n = strlen(action);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        const char *root = tables[i]->schema[IAM_NODE_REPLY].tag;
        if (strncmp(root, action, n) == 0 && strcmp(root + n, "Response>") == 0)
            return tables[i];
    }
    return NULL;
}

uint64_t transcript_kinds(void)
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

void transcript_request(const struct iam_operation *o, enum iam_scope scope, struct iam_span marker,
                        union iam_request *q)
{
    static const struct iam_span job = IAM_LITERAL("examplef-1305-c245-eba4-71fe298bcda7"),
                                 alice = IAM_LITERAL("arn:aws:iam::123456789012:user/alice"),
                                 words[] = {IAM_LITERAL("iam"), IAM_LITERAL("s3")};
    memset(q, 0, sizeof *q);
    if (o->scope != 0) {
        memcpy((char *)q + o->scope, &scope, sizeof scope);
        memcpy((char *)q + o->marker, &marker, sizeof marker);
    }
    if (o->of_job)
        q->services.job_id = q->entities.job_id = job;
    if (o == &iam_op_entities)
        q->entities.service_namespace = words[0];
    if (o == &iam_op_grants) {
        q->grants.namespaces = words;
        q->grants.namespace_count = 2;
        q->grants.arn = alice;
    }
    if (o == &iam_op_generate)
        q->generate.arn = alice;
}
