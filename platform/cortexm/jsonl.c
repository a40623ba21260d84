/* Items as lines of JSON. */
#include "jsonl.h"

#include "common/fields.h"
#include "console.h"

#include <tinyiam/tinyiam.h>

/* What JSON wants escaped; UTF-8 passes as it is. */
static void put_char(char ch)
{
    static const char shorts[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    char text[6] = {'\\', 'u', '0', '0'};
    for (size_t i = 0; i < sizeof shorts - 1; i += 2) {
        if (shorts[i] == ch) {
            text[1] = shorts[i + 1];
            console_put(&console_out, text, 2);
            return;
        }
    }
    text[4] = "0123456789abcdef"[(unsigned char)ch >> 4];
    text[5] = "0123456789abcdef"[ch & 15];
    console_put(&console_out, text, 6);
}

static void put(const char *text)
{
    console_text(&console_out, text);
}

static void put_text(struct iam_span text)
{
    size_t from = 0;
    put("\"");
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] < 0x20 || text.p[i] == '"' || text.p[i] == '\\') {
            console_put(&console_out, text.p + from, i - from);
            put_char(text.p[i]);
            from = i + 1;
        }
    }
    if (text.n > from)
        console_put(&console_out, text.p + from, text.n - from);
    put("\"");
}

/* The line that is being written. */
static struct {
    bool any;               /* the object at hand has a member */
    bool listed, open_list; /* the list inside the item has been begun; and not ended */
    bool more;              /* it has a member */
} line;

static void put_key(const char *name)
{
    put(line.any ? ",\"" : "{\"");
    put(name);
    put("\":");
    line.any = true;
}

static void put_fields(const struct fields *fields, const void *of)
{
    const struct field *f = fields->field;
    for (size_t i = 0; i < fields->count; i++, f++) {
        char buffer[40];
        const void *at = field_at(f, of);
        struct iam_span text;
        if (!field_present(f, of))
            continue;
        put_key(f->name);
        if (f->type == FIELD_INTEGER) {
            console_number(&console_out, *(const int64_t *)at);
            continue;
        }
        text = *(const struct iam_span *)at;
        if (f->type == FIELD_TIME)
            text = (struct iam_span){buffer, iam_time_text(at, buffer)};
        put_text(text);
    }
}

static void end_object(const char *end)
{
    if (!line.any)
        put("{");
    put(end);
    line.any = false;
}

static void end_line(void)
{
    end_object("}\n");
    console_flush(&console_out);
}

void jsonl_job_id(struct iam_span id)
{
    if (id.p != NULL) {
        put_key("JobId");
        put_text(id);
        end_line();
    }
}

static void close_list(void)
{
    if (line.open_list) {
        put("]");
        line.open_list = false;
        line.any = true; /* of the item */
    }
}

void jsonl_row(const struct fields *fields, const void *of)
{
    put_fields(fields, of);
    end_line();
}

bool jsonl_item(const struct iam_item *item)
{
    const struct fields *fields = &fields_service;
    switch (item->kind) {
    case IAM_ITEM_SERVICE:
        close_list();
        put_fields(fields, item);
        if (*((const bool *)item + fields->sub_at) && !line.listed) {
            put_key(fields->sub_list);
            put("[");
            line.listed = line.open_list = true;
            line.more = false;
        }
        return false;
    case IAM_ITEM_ACTION:
        line.any = false;
        if (line.more)
            put(",");
        line.more = true;
        put_fields(fields->sub, item);
        end_object("}");
        return false;
    case IAM_ITEM_ENTITY:
        put_fields(&fields_entity, item);
        /* fall through */
    case IAM_ITEM_END:
        close_list();
        line.listed = false;
        end_line();
        return true;
    default:
        return false;
    }
}
