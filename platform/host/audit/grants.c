/* Which policies grant the services that are not used. */
#include "grants.h"

#include <string.h>

bool grants_begin(struct grants *g, struct report *r)
{
    g->report = r;
    g->count = 0;
    hold_read(&g->idle, r->hold, &r->idle);
    return r->idle.records > 0;
}

int grants_ask(struct grants *g, struct line *line, struct iam_span arn)
{
    struct iam_grants_request q = {.arn = arn, .namespaces = g->names, .scope = IAM_SCOPE_ALL};
    struct audit_row row;
    g->count = 0;
    while (g->count < GRANTS_MOST && hold_next_row(&g->idle, &row)) {
        struct iam_span name = row.service_namespace;
        unsigned i = g->count++;
        if (name.n > sizeof g->text[i])
            return IAM_ERR_ARGUMENT;
        if (name.n)
            memcpy(g->text[i], name.p, name.n);
        g->names[i] = (struct iam_span){g->text[i], name.n};
        g->about[i] = (struct audit_row){.service_namespace = g->names[i],
                                         .status_number = row.status_number,
                                         .days_ago = row.days_ago,
                                         .has_days_ago = row.has_days_ago};
        g->answered[i] = false;
    }
    g->here_n = 0;
    if (g->count == 0)
        return IAM_ITEM;
    q.namespace_count = g->count;
    return iam_start(&line->client, &iam_op_grants, &q);
}

static void put_row(struct grants *g, unsigned i)
{
    hold_row(g->report->hold, &g->report->turn.rows, &g->about[i]);
}

/* All policies of one service have come. */
static void finish_service(struct grants *g)
{
    struct hold_reader reader;
    struct audit_row row;
    unsigned i = 0;
    while (i < g->count &&
           (g->names[i].n != g->here_n || memcmp(g->names[i].p, g->here, g->here_n) != 0))
        i++;
    if (i == g->count)
        g->report->wrong = "the reply names a ServiceNamespace that was not asked about";
    else if (g->answered[i] && (g->empty[i] || g->pending.records == 0))
        g->report->wrong = "the reply says of a ServiceNamespace that policies grant it, and none";
    else if (g->pending.records == 0)
        put_row(g, i);
    hold_read(&reader, g->report->hold, &g->pending);
    while (i < g->count && hold_next_row(&reader, &row)) {
        row.service_namespace = g->names[i];
        row.status_number = g->about[i].status_number;
        row.days_ago = g->about[i].days_ago;
        row.has_days_ago = g->about[i].has_days_ago;
        hold_row(g->report->hold, &g->report->turn.rows, &row);
    }
    if (i < g->count) { /* its policies may go on on the next page */
        g->answered[i] = true;
        g->empty[i] = g->pending.records == 0;
    }
    hold_drop(g->report->hold, &g->pending);
}

void grants_item(struct grants *g, const struct iam_item *item)
{
    const struct iam_grant *grant = &item->u.grant;
    struct iam_span name = item->u.grant_service.namespace_;
    switch (item->kind) {
    case IAM_ITEM_GRANT_SERVICE:
        if (!item->u.grant_service.late)
            g->here_n = 0;
        if (name.n && name.n <= sizeof g->here) {
            memcpy(g->here, name.p, name.n);
            g->here_n = name.n;
        }
        break;
    case IAM_ITEM_GRANT:
        hold_row(g->report->hold, &g->pending,
                 &(struct audit_row){.policy_name = grant->policy_name,
                                     .policy_type = grant->policy_type_text,
                                     .policy_arn = grant->policy_arn,
                                     .entity_type = grant->entity_type_text,
                                     .entity_name = grant->entity_name});
        break;
    case IAM_ITEM_END:
        finish_service(g);
        break;
    default:
        break;
    }
}

void grants_answered(struct grants *g)
{
    for (unsigned i = 0; i < g->count; i++)
        if (!g->answered[i])
            put_row(g, i);
}

void grants_drop(struct grants *g)
{
    if (g->report)
        hold_drop(g->report->hold, &g->pending);
    g->report = NULL;
}
