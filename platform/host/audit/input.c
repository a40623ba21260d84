/* The entries of an audit's input: in a temporary file, each once, found by their numbers. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tinyiam/time.h>

#include "input_parts.h"
#include "text/hash.h"
#include "text/replace.h"
#include "text/say.h"
#include "text/sink.h"
#include "text/temporary.h"
#include "text/terminal.h"
#include "text/values.h"
#include "text/words.h"

#define BUFFER 65536
/* A byte that is no UTF-8 becomes three; "..." behind what was cut. */
#define TEXT_MAX (3 * INPUT_ARN_MAX + 3)

/* What stands in front of an entry's text in the file. */
struct record {
    int64_t us;
    uint32_t n;
    int16_t offset_min;
    bool dated, bad;
};

struct input_slot {
    uint32_t entry, hash; /* entry from 1 on; 0: free */
};

/* ---- what an ARN is ---- */

static bool is_name(struct iam_span text, const char *more)
{
    for (size_t i = 0; i < text.n; i++)
        if (!(text.p[i] >= 'a' && text.p[i] <= 'z') && !(text.p[i] >= '0' && text.p[i] <= '9') &&
            !strchr(more, text.p[i]))
            return false;
    return text.n > 0;
}

/* Up to a mark, which is passed over; p NULL: it is not there. */
static struct iam_span up_to(struct iam_span *rest, char mark)
{
    const char *at = rest->n ? memchr(rest->p, mark, rest->n) : NULL;
    struct iam_span part = {NULL, 0};
    if (at) {
        part = (struct iam_span){rest->p, (size_t)(at - rest->p)};
        *rest = (struct iam_span){at + 1, rest->n - part.n - 1};
    }
    return part;
}

struct iam_span input_arn_type(struct iam_span arn)
{
    static const char *const types[][2] = {
        {"user", "USER"}, {"group", "GROUP"}, {"role", "ROLE"}, {"policy", "POLICY"}};
    const struct iam_span none = {NULL, 0};
    struct iam_span rest = arn;
    if (arn.n < 20 || arn.n > INPUT_ARN_MAX || !span_is(up_to(&rest, ':'), "arn") ||
        !is_name(up_to(&rest, ':'), "-") || !span_is(up_to(&rest, ':'), "iam") ||
        !span_is(up_to(&rest, ':'), ""))
        return none;
    struct iam_span account = up_to(&rest, ':'), type = up_to(&rest, '/');
    size_t digits = 0;
    while (digits < account.n && account.p[digits] >= '0' && account.p[digits] <= '9')
        digits++;
    /* AWS's own policies have "aws" for an account */
    if (!(digits == account.n && digits == 12) &&
        !(span_is(account, "aws") && span_is(type, "policy")))
        return none;
    for (size_t i = 0; i < rest.n; i++)
        if (rest.p[i] <= ' ' || rest.p[i] > '~')
            return none;
    if (rest.n == 0 || rest.p[rest.n - 1] == '/')
        return none;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (span_is(type, types[i][0]))
            return iam_span_of(types[i][1]);
    return none;
}

uint32_t input_hash(struct iam_span text)
{
    return hash32(HASH32, text);
}

bool input_date(struct iam_span text, struct iam_time *t)
{
    static const char form[] = "0000-00-00";
    if (text.n < sizeof form - 1)
        return false;
    for (size_t i = 0; i < sizeof form - 1; i++)
        if (form[i] == '0' ? text.p[i] < '0' || text.p[i] > '9' : text.p[i] != form[i])
            return false;
    return iam_time_parse(text, t) == IAM_OK;
}

/* ---- the file ---- */

static void begin(struct input *in)
{
    if (in->began)
        return;
    in->began = true;
    in->fd = temporary_file();
    if (in->fd < 0)
        in->error = errno;
    in->buf = malloc(BUFFER);
    in->text = malloc(TEXT_MAX);
    in->slot_n = 1024;
    in->slots = calloc(in->slot_n, sizeof *in->slots);
    if (!in->buf || !in->text || !in->slots)
        say_no_memory();
}

static bool read_at(struct input *in, uint64_t at, void *to, size_t n)
{
    uint64_t written = in->size - in->waiting;
    if (at >= written) {
        memcpy(to, in->buf + (at - written), n);
        return true;
    }
    int error = temporary_read(in->fd, at, to, n);
    if (error)
        in->error = error;
    return !error;
}

static void write_out(struct input *in, uint64_t at, const void *from, size_t n)
{
    if (!in->error)
        in->error = temporary_write(in->fd, at, from, n);
}

static void write_at(struct input *in, uint64_t at, const struct record *r)
{
    uint64_t written = in->size - in->waiting;
    if (at >= written)
        memcpy(in->buf + (at - written), r, sizeof *r);
    else
        write_out(in, at, r, sizeof *r);
}

/* A record stands whole in the file, or whole in the buffer. */
static void append(struct input *in, const struct record *r, struct iam_span text)
{
    if (in->waiting + sizeof *r + text.n > BUFFER) {
        write_out(in, in->size - in->waiting, in->buf, in->waiting);
        in->waiting = 0;
    }
    memcpy(in->buf + in->waiting, r, sizeof *r);
    memcpy(in->buf + in->waiting + sizeof *r, text.p, text.n);
    in->waiting += sizeof *r + text.n;
    in->size += sizeof *r + text.n;
}

/* ---- each once ---- */

static void grow(struct input *in)
{
    size_t n = in->slot_n * 2;
    struct input_slot *slots = calloc(n, sizeof *slots);
    if (!slots)
        say_no_memory();
    for (size_t i = 0; i < in->slot_n; i++) {
        size_t at = in->slots[i].hash & (n - 1);
        if (!in->slots[i].entry)
            continue;
        while (slots[at].entry)
            at = (at + 1) & (n - 1);
        slots[at] = in->slots[i];
    }
    free(in->slots);
    in->slots = slots;
    in->slot_n = n;
}

static bool is_entry(struct input *in, uint32_t entry, struct iam_span text)
{
    struct record r;
    return read_at(in, in->at[entry - 1], &r, sizeof r) && r.n == text.n &&
           read_at(in, in->at[entry - 1] + sizeof r, in->text, r.n) &&
           memcmp(in->text, text.p, text.n) == 0;
}

/* The slot that holds this text, or that is free for it. */
static struct input_slot *slot_of(struct input *in, struct iam_span text, uint32_t hash)
{
    size_t at = hash & (in->slot_n - 1);
    while (in->slots[at].entry &&
           !(in->slots[at].hash == hash && is_entry(in, in->slots[at].entry, text)))
        at = (at + 1) & (in->slot_n - 1);
    return &in->slots[at];
}

/* Text that cannot be an ARN as it can be shown: UTF-8, on one line, and with a mark where it was cut. */
static struct iam_span shown(struct iam_span text, bool cut, char out[TEXT_MAX])
{
    size_t n = 0;
    uint32_t c;
    for (size_t i = 0; i < text.n;) {
        size_t k = terminal_utf8(text.p + i, text.n - i, &c);
        if (k == 0 && cut && text.n - i < 4) /* of a character that the cut went through */
            break;
        const char *as = k == 0 ? "\xEF\xBF\xBD" : c < ' ' ? " " : text.p + i;
        size_t length = k ? k : 3;
        memcpy(out + n, as, length);
        n += length;
        i += k ? k : 1;
    }
    if (cut) {
        memcpy(out + n, "...", 3);
        n += 3;
    }
    return (struct iam_span){out, n};
}

uint64_t input_put(struct input *in, struct iam_span text, bool cut, const struct iam_time *created)
{
    char room[TEXT_MAX];
    struct record r = {.bad = cut || !input_arn_type(text).p};
    begin(in);
    if (r.bad)
        text = shown(text, cut, room);
    uint32_t hash = input_hash(text);
    if (in->shards && hash % in->shards != in->shard)
        return 0;
    struct input_slot *slot = slot_of(in, text, hash);
    if (slot->entry && !cut) {
        if (created)
            input_set_date(in, slot->entry, created);
        return slot->entry;
    }
    if (in->n == UINT32_MAX || in->error)
        return 0;
    if (in->n == in->at_room) {
        in->at_room = in->at_room ? in->at_room * 2 : 1024;
        in->at = realloc(in->at, in->at_room * sizeof *in->at);
        if (!in->at)
            say_no_memory();
    }
    r.n = (uint32_t)text.n;
    if (created && created->present) {
        r.dated = true;
        r.us = created->us;
        r.offset_min = created->offset_min;
    }
    in->at[in->n++] = in->size;
    in->bad += r.bad;
    append(in, &r, text);
    if (!cut) { /* two that begin alike may differ where they were cut */
        *slot = (struct input_slot){(uint32_t)in->n, hash};
        if (++in->slots_used * 2 > in->slot_n)
            grow(in);
    }
    return in->n;
}

void input_set_date(struct input *in, uint64_t entry, const struct iam_time *created)
{
    struct record r;
    if (!entry || !created->present || !read_at(in, in->at[entry - 1], &r, sizeof r) || r.dated)
        return;
    r.dated = true;
    r.us = created->us;
    r.offset_min = created->offset_min;
    write_at(in, in->at[entry - 1], &r);
}

void input_add(struct input *in, struct iam_span arn, const struct iam_time *create_date)
{
    bool cut = arn.n > INPUT_ARN_MAX;
    input_put(in, cut ? (struct iam_span){arn.p, INPUT_ARN_MAX} : arn, cut, create_date);
}

/* ---- what comes out ---- */

bool input_get(struct input *in, uint64_t index, struct input_entry *e)
{
    struct record r;
    if (in->error || index >= in->n || !read_at(in, in->at[index], &r, sizeof r) ||
        r.n > TEXT_MAX || !read_at(in, in->at[index] + sizeof r, in->text, r.n))
        return false;
    *e = (struct input_entry){
        .arn = {in->text, r.n},
        .create_date = {.us = r.us, .offset_min = r.offset_min, .present = r.dated}};
    if (!r.bad)
        e->type = input_arn_type(e->arn);
    return true;
}

/* "ARN", or "ARN<TAB>date", and "\n". */
static struct iam_span line_of(const struct input_entry *e, char out[TEXT_MAX + 48])
{
    char date[40];
    size_t n = e->arn.n;
    memcpy(out, e->arn.p, n);
    if (e->create_date.present) {
        struct iam_span text = time_text(&e->create_date, date);
        out[n++] = '\t';
        memcpy(out + n, text.p, text.n);
        n += text.n;
    }
    out[n++] = '\n';
    return (struct iam_span){out, n};
}

uint64_t input_digest(struct input *in)
{
    char line[TEXT_MAX + 48];
    struct input_entry e;
    uint64_t hash = HASH64;
    for (uint64_t i = 0; i < in->n && input_get(in, i, &e); i++)
        hash = hash64(hash, line_of(&e, line));
    return hash;
}

int input_check(const struct input *in)
{
    if (!in->error)
        return CODE_DONE;
    return say_error(CODE_OTHER, "The list of ARNs cannot be kept in a temporary file: %s",
                     strerror(in->error));
}

void input_end(struct input *in)
{
    if (in->began && in->fd >= 0)
        close(in->fd);
    free(in->at);
    free(in->slots);
    free(in->buf);
    free(in->text);
    memset(in, 0, sizeof *in);
}

int input_shard(struct input *in, const char *text)
{
    unsigned long long part[2] = {0, 0};
    const char *p = text;
    bool good = true;
    for (int i = 0; i < 2 && good; i++) {
        size_t digits = strspn(p, "0123456789");
        good = digits > 0 && digits < 10;
        part[i] = good ? strtoull(p, NULL, 10) : 0;
        good = good && p[digits] == (i == 0 ? '/' : '\0');
        p += digits + 1;
    }
    if (!good || part[0] >= part[1])
        return say_error(CODE_USAGE,
                         "argument --shard: '%s' is not I/N with 0 <= I < N: 0/8 to 7/8 are eight "
                         "parts of a list",
                         text);
    in->shard = (uint32_t)part[0];
    in->shards = (uint32_t)part[1];
    return CODE_DONE;
}

/* ---- the kept list ---- */

#define KEPT_END "# the end of a list of "

struct keeping {
    struct input *in;
    uint64_t first;
};

static int write_kept(int fd, void *arg)
{
    struct keeping *k = arg;
    char line[TEXT_MAX + 48];
    struct input_entry e;
    struct sink *sink = malloc(sizeof *sink);
    if (!sink)
        say_no_memory();
    sink_open(sink, fd);
    for (uint64_t i = k->first; i < k->in->n && input_get(k->in, i, &e); i++)
        sink_span(sink, line_of(&e, line));
    int n =
        snprintf(line, sizeof line, KEPT_END "%llu\n", (unsigned long long)(k->in->n - k->first));
    sink_put(sink, line, (size_t)n);
    sink_flush(sink);
    int error = sink->error ? sink->error : k->in->error;
    free(sink);
    return error;
}

int input_keep(struct input *in, uint64_t first, const char *path)
{
    struct keeping k = {in, first};
    int error = replace_file_by(path, REPLACE_PRIVATE, write_kept, &k);
    if (error)
        return say_error(CODE_OTHER, "The list of ARNs cannot be kept in %s: %s", path,
                         strerror(error));
    return CODE_DONE;
}

/* A line without its end; false: it is none of a kept list. */
static bool take_kept(struct input *in, char *line, size_t n)
{
    struct iam_time created = {.present = false};
    char *tab = memchr(line, '\t', n);
    struct iam_span arn = {line, tab ? (size_t)(tab - line) : n};
    if (tab && !input_date((struct iam_span){tab + 1, n - arn.n - 1}, &created))
        return false;
    if (arn.n)
        input_add(in, arn, &created);
    return arn.n > 0;
}

int input_read_kept(struct input *in, const char *path, bool *found)
{
    char line[TEXT_MAX + 64];
    unsigned long long lines = 0, said = 0;
    FILE *f = fopen(path, "re");
    bool good = true, ended = false;
    *found = f != NULL;
    if (!f && errno == ENOENT)
        return CODE_DONE;
    if (!f)
        return say_error(CODE_OTHER, "The kept list %s cannot be read: %s", path, strerror(errno));
    while (good && fgets(line, sizeof line, f)) {
        size_t n = strlen(line);
        good = !ended && n > 0 && line[n - 1] == '\n';
        ended = good && strncmp(line, KEPT_END, strlen(KEPT_END)) == 0;
        if (ended)
            said = strtoull(line + strlen(KEPT_END), NULL, 10);
        if (good && !ended) {
            good = take_kept(in, line, n - 1);
            lines++;
        }
    }
    bool failed = ferror(f) != 0;
    fclose(f);
    if (failed || !good || !ended || said != lines)
        return say_error(
            CODE_OTHER,
            "The kept list %s is damaged (line %llu): remove it and the checkpoint, and "
            "begin anew",
            path, lines + !ended);
    return CODE_DONE;
}
