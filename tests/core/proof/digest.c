/* The digest of an item, by which it is known again: of each list, whatever was read of it. */
#include "proof.h"

#include "core/model/decode.c"

static struct iam_decode d;

static void any_item(const struct iam_operation *o, uint8_t node) /* 0: structure */
{
    __CPROVER_havoc_object(&d);
    d.xml.schema = o->schema;
    d.item_node = node;
    iam_item_digest(nondet_uint64(), &d);
}

int main(void)
{
    const struct iam_operation *const lists[] = {&iam_op_entities, &iam_op_services, &iam_op_grants,
                                                 &iam_op_users,    &iam_op_groups,   &iam_op_roles,
                                                 &iam_op_policies};
    for (unsigned i = 0; i < sizeof lists / sizeof *lists; i++) {
        const struct iam_xml_node *schema = lists[i]->schema;
        size_t nodes = __CPROVER_OBJECT_SIZE(schema) / sizeof *schema;
        any_item(lists[i], 0);
        for (uint8_t n = 0; n < nodes; n++)
            if (schema[n].type == IAM_NODE_ITEM || schema[n].type == IAM_NODE_SUBITEM)
                any_item(lists[i], n);
    }
    REACHED();
    return 0;
}
