#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "out.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct out_ops *const formats[] = {
    [OUT_JSON] = &out_json,   [OUT_TEXT] = &out_text, [OUT_TABLE] = &out_table,
    [OUT_JSONL] = &out_jsonl, [OUT_CSV] = &out_csv,
};

const uint8_t *out_members(enum command command)
{
    static const uint8_t entities[] = {IAM_MEMBER_JOB_STATUS,
                                       IAM_MEMBER_JOB_CREATION_DATE,
                                       IAM_MEMBER_JOB_COMPLETION_DATE,
                                       IAM_MEMBER_LIST,
                                       IAM_MEMBER_IS_TRUNCATED,
                                       IAM_MEMBER_MARKER,
                                       IAM_MEMBER_ERROR,
                                       0};
    static const uint8_t services[] = {IAM_MEMBER_JOB_STATUS,
                                       IAM_MEMBER_JOB_TYPE,
                                       IAM_MEMBER_JOB_CREATION_DATE,
                                       IAM_MEMBER_LIST,
                                       IAM_MEMBER_JOB_COMPLETION_DATE,
                                       IAM_MEMBER_IS_TRUNCATED,
                                       IAM_MEMBER_MARKER,
                                       IAM_MEMBER_ERROR,
                                       0};
    static const uint8_t generate[] = {IAM_MEMBER_JOB_ID, 0};
    return command == COMMAND_GENERATE        ? generate
           : command == COMMAND_PAGE_SERVICES ? services
                                              : entities;
}

const char *out_list_name(enum command command)
{
    return command == COMMAND_PAGE_SERVICES ? "ServicesLastAccessed" : "EntityDetailsList";
}

static bool want_color(const struct args *a, const struct sink *sink)
{
    const char *when = a->text[OPT_COLOR];
    if (when && strcmp(when, "auto") != 0)
        return strcmp(when, "on") == 0;
    const char *terminal = settings_env("TERM");
    return sink->terminal && !settings_env("NO_COLOR") && terminal && strcmp(terminal, "dumb") != 0;
}

static unsigned terminal_width(const struct sink *sink)
{
    struct winsize size;
    const char *columns = settings_env("COLUMNS");
    long n = 0;
    if (!sink->terminal)
        return 0;
    if (ioctl(sink->fd, TIOCGWINSZ, &size) == 0 && size.ws_col)
        return size.ws_col;
    return columns && args_integer(columns, &n) && n > 0 && n < 10000 ? (unsigned)n : 80;
}

void out_begin(struct out *o, const struct args *a, const struct settings *s, struct sink *sink)
{
    memset(o, 0, sizeof *o);
    o->ops = formats[s->output];
    o->sink = sink;
    o->command = a->command;
    o->all = args_has(a, OPT_ALL) || a->command == COMMAND_ENTITIES;
    o->csv_safe = args_has(a, OPT_CSV_SAFE);
    o->color = want_color(a, sink);
    o->width = terminal_width(sink);
}

/* What came after its actions joins what came before them. */
static void merge_service(struct out *o, const struct iam_service *late)
{
    struct iam_item item = o->service.item;
    struct iam_service *s = &item.u.service;
    s->name = late->name.p ? late->name : s->name;
    s->namespace_ = late->namespace_.p ? late->namespace_ : s->namespace_;
    s->last_entity = late->last_entity.p ? late->last_entity : s->last_entity;
    s->last_region = late->last_region.p ? late->last_region : s->last_region;
    if (late->last_authenticated.present)
        s->last_authenticated = late->last_authenticated;
    if (late->has_total) {
        s->has_total = true;
        s->total_entities = late->total_entities;
    }
    s->has_actions |= late->has_actions;
    kept_set(&o->service, &item);
}

static uint16_t keys_of(const struct iam_action *a)
{
    return (uint16_t)((a->name.p ? KEY_ACTION_NAME : 0) |
                      (a->last_entity.p ? KEY_ACTION_ENTITY : 0) |
                      (a->last_region.p ? KEY_ACTION_REGION : 0) |
                      (a->last_accessed.present ? KEY_ACTION_TIME : 0));
}

static void finish_service(struct out *o)
{
    struct iam_item action;
    uint32_t number;
    o->ops->service(o, &o->service.item.u.service);
    spool_rewind(&o->actions);
    while (spool_next(&o->actions, &action, &number))
        o->ops->action(o, &action.u.action);
    o->ops->service_end(o);
    spool_clear(&o->actions);
    o->action_keys = 0;
    o->action_n = 0;
    o->service.item.kind = IAM_ITEM_NONE;
    o->items++;
    o->any = true;
}

void out_item(struct out *o, const struct iam_item *item, const struct iam_report *report)
{
    o->report = report;
    switch (item->kind) {
    case IAM_ITEM_ENTITY:
        o->ops->entity(o, &item->u.entity);
        o->items++;
        o->any = true;
        break;
    case IAM_ITEM_SERVICE:
        if (item->u.service.late)
            merge_service(o, &item->u.service);
        else
            kept_set(&o->service, item);
        break;
    case IAM_ITEM_ACTION:
        o->action_keys |= keys_of(&item->u.action);
        o->action_n++;
        spool_add(&o->actions, item, 0);
        break;
    case IAM_ITEM_PAGE_END:
        o->pages += o->command != COMMAND_GENERATE;
        break;
    case IAM_ITEM_END:
        finish_service(o);
        break;
    default:
        break;
    }
}

void out_end(struct out *o, const struct iam_report *report)
{
    o->report = report;
    o->ops->end(o, report);
}

void out_pause(struct out *o)
{
    if (o->ops->pause)
        o->ops->pause(o);
}

bool out_settled(const struct out *o)
{
    return o->service.item.kind == IAM_ITEM_NONE && (!o->ops->settled || o->ops->settled(o));
}

void out_save(const struct out *o, struct out_state *state)
{
    *state = o->state;
    state->v[6] = o->printed;
    state->v[7] = o->any;
}

void out_load(struct out *o, const struct out_state *state)
{
    o->state = *state;
    o->printed = (uint16_t)state->v[6];
    o->any = state->v[7];
}

int out_error(const struct out *o)
{
    return o->actions.error ? o->actions.error : o->held.error;
}

void out_free(struct out *o)
{
    kept_end(&o->service);
    spool_end(&o->actions);
    spool_end(&o->held);
}
