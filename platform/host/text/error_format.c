/* The formats of errors, a row each. */
#define _DEFAULT_SOURCE /* strcasecmp */
#include "error_format.h"

#include <string.h>
#include <strings.h>

#include "values.h"
#include "yaml.h"

static void json_member(struct sink *s, const char *before, const char *name, struct iam_span text)
{
    sink_put(s, before, strlen(before));
    sink_put(s, name, strlen(name));
    SINK_LITERAL(s, ": ");
    json_text(s, text);
}

static void put_json(struct sink *s, struct iam_span code, struct iam_span message)
{
    json_member(s, "{\n    ", "\"Code\"", code);
    if (message.p)
        json_member(s, ",\n    ", "\"Message\"", message);
    SINK_LITERAL(s, "\n}\n");
}

static void put_yaml(struct sink *s, struct iam_span code, struct iam_span message)
{
    struct yaml y = {.sink = s};
    yaml_text(&y, "Code", code);
    if (message.p)
        yaml_text(&y, "Message", message);
}

static void put_text(struct sink *s, struct iam_span code, struct iam_span message)
{
    sink_span(s, code);
    if (message.p)
        sink_char(s, '\t');
    sink_span(s, message);
    sink_char(s, '\n');
}

static const struct error_format formats[] = {
    {.name = "enhanced"},
    {.name = "legacy", .bare = true},
    {.name = "json", .put = put_json},
    {.name = "yaml", .put = put_yaml},
    {.name = "text", .put = put_text},
    {.name = "table",
     .put = put_text,
     .note = "Errors are not drawn as a table here: this is --cli-error-format text"},
};

const struct error_format *error_format_find(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcasecmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}
