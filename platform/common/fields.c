/* What is shown of a report's items. */
#include "fields_row.h"

static const struct field entity[] = {
    {NAME("Arn", "ARN"), FIELD_TEXT, AT(entity.arn), 1, 5},
    {NAME("Name", "NAME"), FIELD_TEXT, AT(entity.name), 2, 4},
    {NAME("Type", "TYPE"), FIELD_TEXT, AT(entity.type_text), 3, 3},
    {NAME("Id", ""), FIELD_TEXT, AT(entity.id), 4, 0},
    {NAME("Path", ""), FIELD_TEXT, AT(entity.path), 5, 0},
    {NAME("LastAuthenticated", "LAST ACCESS (UTC)"), FIELD_TIME, AT(entity.last_authenticated), 6,
     1},
};
const struct fields fields_entity = {
    FIELDS(IAM_ITEM_ENTITY, entity),
    .grouped = 5,
    .group = "EntityInfo",
    .group_at = AT(entity.info),
};

/* Columns of the table: those of its service. */
static const struct field action[] = {
    {NAME("ActionName", ""), FIELD_TEXT, AT(action.name), 1, 4},
    {NAME("LastAccessedEntity", ""), FIELD_TEXT, AT(action.last_entity), 3, 7},
    {NAME("LastAccessedTime", ""), FIELD_TIME, AT(action.last_accessed), 2, 1},
    {NAME("LastAccessedRegion", ""), FIELD_TEXT, AT(action.last_region), 4, 6},
};
static const struct fields fields_action = {FIELDS(IAM_ITEM_ACTION, action)};

static const struct field service[] = {
    {NAME("ServiceName", "SERVICE"), FIELD_TEXT, AT(service.name), 1, 4},
    {NAME("LastAuthenticated", "LAST ACCESS (UTC)"), FIELD_TIME, AT(service.last_authenticated), 3,
     1},
    {NAME("ServiceNamespace", "NAMESPACE"), FIELD_TEXT, AT(service.namespace_), 2, 3},
    {NAME("LastAuthenticatedEntity", "LAST ENTITY"), FIELD_TEXT, AT(service.last_entity), 4, 7},
    {NAME("LastAuthenticatedRegion", "REGION"), FIELD_TEXT, AT(service.last_region), 5, 6},
    {NAME("TotalAuthenticatedEntities", "ENTITIES"), FIELD_INTEGER, AT(service.total_entities), 6,
     5},
};
const struct fields fields_service = {
    FIELDS(IAM_ITEM_SERVICE, service),
    .sub = &fields_action,
    .sub_list = "TrackedActionsLastAccessed",
    .sub_at = AT(service.has_actions),
};

bool field_present(const struct field *f, const void *of)
{
    const void *at = field_at(f, of);
    if (f->type == FIELD_TEXT)
        return ((const struct iam_span *)at)->p != NULL;
    if (f->type == FIELD_TIME)
        return ((const struct iam_time *)at)->present;
    return *((const bool *)at + sizeof(int64_t));
}
IS_BEHIND(service.total_entities, int64_t, service.has_total);
