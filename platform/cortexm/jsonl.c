#include "jsonl.h"

#include <tinyiam/tinyiam.h>

/* What JSON wants escaped; UTF-8 passes as it is. */
static void put_char(struct console *c, char ch)
{
    static const char shorts[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    char text[6] = {'\\', 'u', '0', '0'};
    for (size_t i = 0; i < sizeof shorts - 1; i += 2) {
        if (shorts[i] == ch) {
            text[1] = shorts[i + 1];
            console_put(c, text, 2);
            return;
        }
    }
    if ((unsigned char)ch < 0x20) {
        text[4] = "0123456789abcdef"[(unsigned char)ch >> 4];
        text[5] = "0123456789abcdef"[ch & 15];
        console_put(c, text, 6);
        return;
    }
    console_put(c, &ch, 1);
}

static void put_text(struct console *c, struct iam_span text)
{
    size_t from = 0;
    console_put(c, "\"", 1);
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] < 0x20 || text.p[i] == '"' || text.p[i] == '\\') {
            console_put(c, text.p + from, i - from);
            put_char(c, text.p[i]);
            from = i + 1;
        }
    }
    if (text.n > from) {
        console_put(c, text.p + from, text.n - from);
    }
    console_put(c, "\"", 1);
}

static void put_member(struct console *c, const char *name, struct iam_span text, bool *first)
{
    if (text.p == NULL) {
        return;
    }
    console_text(c, *first ? "{\"" : ",\"");
    console_text(c, name);
    console_text(c, "\":");
    put_text(c, text);
    *first = false;
}

void jsonl_entity(struct console *c, const struct iam_entity *e)
{
    char buffer[40];
    struct iam_span time = {NULL, 0};
    bool first = true;

    if (e->last_authenticated.present) {
        time.p = buffer;
        time.n = iam_time_text(&e->last_authenticated, buffer);
    }
    put_member(c, "Arn", e->arn, &first);
    put_member(c, "Name", e->name, &first);
    put_member(c, "Type", e->type_text, &first);
    put_member(c, "Id", e->id, &first);
    put_member(c, "Path", e->path, &first);
    put_member(c, "LastAuthenticated", time, &first);
    console_text(c, first ? "{}\n" : "}\n");
    console_flush(c);
}
