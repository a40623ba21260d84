/* The account's own lists, as ARNs of the audit. */
#include "account.h"

#include <string.h>

#include "common/given.h"
#include "denied.h"
#include "text/stop.h"

#define TICK_MS 100
#define SERVICE_LINKED "/aws-service-role/"

static const struct {
    const char *name;
    enum account_kind kind;
    const struct iam_operation *op;
} lists[] = {{"user", ACCOUNT_USER, &iam_op_users},
             {"group", ACCOUNT_GROUP, &iam_op_groups},
             {"role", ACCOUNT_ROLE, &iam_op_roles},
             {"policy", ACCOUNT_POLICY, &iam_op_policies}};
#define LISTS (sizeof lists / sizeof *lists)

unsigned account_kinds(const char *text)
{
    unsigned kinds = 0;
    for (;; text++) {
        size_t n = strcspn(text, ","), i = 0;
        while (i < LISTS && (strlen(lists[i].name) != n || memcmp(lists[i].name, text, n) != 0))
            i++;
        if (i == LISTS)
            return 0;
        kinds |= lists[i].kind;
        text += n;
        if (*text == '\0')
            return kinds;
    }
}

static int start(const struct account *a, struct line *line, size_t i)
{
    uint16_t most = param_of(lists[i].op, "MaxItems")->max;
    union iam_request q;
    memset(&q, 0, sizeof q);
    if (lists[i].kind == ACCOUNT_POLICY) {
        q.policies = (struct iam_policies_request){
            .policy_scope = a->aws_managed ? IAM_SPAN("All") : IAM_SPAN("Local"),
            .path_prefix = a->path_prefix,
            .only_attached = a->attached ? IAM_CHOICE_TRUE : IAM_CHOICE_ABSENT,
            .max_items = most};
    } else {
        q.list = (struct iam_list_request){.path_prefix = a->path_prefix, .max_items = most};
    }
    return iam_start(&line->client, lists[i].op, &q);
}

/* false: somebody is in the list who cannot be asked about. */
static bool take(const struct account *a, const struct iam_item *item, enum account_kind kind,
                 struct input *input)
{
    const struct iam_resource *r = &item->u.resource;
    size_t n = sizeof SERVICE_LINKED - 1;
    if (item->kind != IAM_ITEM_RESOURCE)
        return true;
    if (!r->arn.n)
        return false;
    if (kind == ACCOUNT_ROLE && a->no_service_linked && r->path.n >= n &&
        memcmp(r->path.p, SERVICE_LINKED, n) == 0)
        return true;
    input_add(input, r->arn, &r->created);
    return true;
}

static int list(const struct account *a, struct caller *c, struct line *line, size_t i,
                struct input *input)
{
    int r = start(a, line, i);
    while (r == IAM_OK || r > 0) {
        r = iam_run(&line->client, TICK_MS);
        if (r == IAM_ITEM && !take(a, iam_client_item(&line->client), lists[i].kind, input))
            return say_error(CODE_OTHER,
                             "A %s in the reply to %s has no Arn: the account's list would not be "
                             "complete",
                             lists[i].name, caller_action(line));
        if (r == IAM_AGAIN) {
            keys_keep(&c->keys);
            a->tick(a->tick_arg);
        }
        if (stop_asked())
            return stop_code();
        if (input->error)
            return input_check(input);
        if (r == IAM_OK && !(iam_client_report(&line->client)->present & 1u << IAM_MEMBER_LIST))
            return say_error(CODE_OTHER, "A reply to %s has no list: nobody knows who is in it",
                             caller_action(line));
        if (r == IAM_OK)
            return 0;
    }
    if (c->keys.code)
        return c->keys.code;
    int code = caller_explain(c, line, iam_client_fault(&line->client));
    uint32_t told = 0;
    denied_note(&told, line);
    return code;
}

int account_list(const struct account *a, struct caller *c, struct line *line, struct input *input)
{
    int code = 0;
    for (size_t i = 0; i < LISTS && code == 0; i++)
        if (a->kinds & lists[i].kind)
            code = list(a, c, line, i, input);
    return code;
}
