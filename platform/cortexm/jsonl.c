#include "jsonl.h"

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

/* The object that is being written: has it a member? */
static bool any;

static void put_key(const char *name)
{
    put(any ? ",\"" : "{\"");
    put(name);
    put("\":");
    any = true;
}

static void put_member(const char *name, struct iam_span text)
{
    if (text.p != NULL) {
        put_key(name);
        put_text(text);
    }
}

static void put_time(const char *name, const struct iam_time *time)
{
    char buffer[40];
    if (time->present)
        put_member(name, (struct iam_span){buffer, iam_time_text(time, buffer)});
}

static void end_object(const char *end)
{
    if (!any)
        put("{");
    put(end);
    any = false;
}

void jsonl_entity(const struct iam_entity *e)
{
    put_member("Arn", e->arn);
    put_member("Name", e->name);
    put_member("Type", e->type_text);
    put_member("Id", e->id);
    put_member("Path", e->path);
    put_time("LastAuthenticated", &e->last_authenticated);
    end_object("}\n");
    console_flush(&console_out);
}

void jsonl_job_id(struct iam_span id)
{
    if (id.p != NULL) {
        put_member("JobId", id);
        end_object("}\n");
        console_flush(&console_out);
    }
}

/* The service that is being written: has its list of actions been begun, and how many are in it? */
static bool listed, open_list;
static uint32_t actions;

static void close_list(void)
{
    if (open_list) {
        put("]");
        open_list = false;
        any = true; /* of the service */
    }
}

void jsonl_service(const struct iam_service *s)
{
    close_list();
    put_member("ServiceName", s->name);
    put_time("LastAuthenticated", &s->last_authenticated);
    put_member("ServiceNamespace", s->namespace_);
    put_member("LastAuthenticatedEntity", s->last_entity);
    put_member("LastAuthenticatedRegion", s->last_region);
    if (s->has_total) {
        put_key("TotalAuthenticatedEntities");
        console_number(&console_out, s->total_entities);
    }
    if (s->has_actions && !listed) {
        put_key("TrackedActionsLastAccessed");
        put("[");
        listed = open_list = true;
        actions = 0;
    }
}

void jsonl_action(const struct iam_action *a)
{
    any = false;
    if (actions++ > 0)
        put(",");
    put_member("ActionName", a->name);
    put_member("LastAccessedEntity", a->last_entity);
    put_time("LastAccessedTime", &a->last_accessed);
    put_member("LastAccessedRegion", a->last_region);
    end_object("}");
}

void jsonl_service_end(void)
{
    close_list();
    end_object("}\n");
    listed = false;
    console_flush(&console_out);
}
