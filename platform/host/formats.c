/* The table of formats. */
#include "args/formats.h"

#include <string.h>

#include "args/commands.h"
#include "audit/row.h"
#include "out/out.h"

const struct format formats[] = {
    {"json", &out_json, &audit_json},
    {"text", &out_text, &audit_text},
    {"table", &out_table, &audit_table},
    {"jsonl", &out_jsonl, &audit_jsonl},
    {"csv", &out_csv, &audit_csv},
    {"yaml", &out_yaml, &audit_yaml},
    {"html", NULL, &audit_html},
    {"yaml-stream", &out_yaml_stream, &audit_yaml}, /* an audit is a list, row by row, anyhow */
    {"off", &out_off, &audit_off},
};
const unsigned format_count = sizeof formats / sizeof *formats;

bool format_is_of(const struct format *f, unsigned command)
{
    return command_defs[command].kind == ON_AUDIT ? f->audit_ops != NULL : f->ops != NULL;
}

const struct format *format_find(const char *name, unsigned command)
{
    for (unsigned i = 0; i < format_count; i++)
        if (strcmp(formats[i].name, name) == 0 && format_is_of(&formats[i], command))
            return &formats[i];
    return NULL;
}
