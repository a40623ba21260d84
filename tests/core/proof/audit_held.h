/* What an item of an audit never does, and a name that the window holds. For audit_items.c. */
#ifndef TINYIAM_TESTS_PROOF_AUDIT_HELD_H
#define TINYIAM_TESTS_PROOF_AUDIT_HELD_H

#include "audit_window.h"

static void started(const struct iam_operation *o, const void *request)
{
    (void)o, (void)request;
    PROVE(false, "an item begins nothing");
}

int iam_list_follow(struct iam_call *of)
{
    (void)of;
    PROVE(false, "an item ends no page");
    return IAM_OK;
}

uint64_t iam_mix_text(uint64_t h, const char *p, size_t n)
{
    (void)p, (void)n;
    return h;
}

static bool is_held(struct iam_span name, int64_t total, size_t at)
{
    uint64_t least = total < UINT32_MAX ? (uint64_t)total : UINT32_MAX;
    return LENGTH(at) == name.n && name.n <= NAMESPACE_MAX &&
           iam_get_le(&LENGTH(at + 1), 4) == least &&
           (some >= name.n || LENGTH(at + HEAD + some) == (uint8_t)name.p[some]);
}

#endif
