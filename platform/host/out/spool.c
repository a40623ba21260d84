/* Items that wait, in memory and then in a temporary file. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "spool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args/commands.h"
#include "text/say.h"
#include "text/temporary.h"

/* Packing: a cursor that only counts while p is NULL. */
struct pen {
    unsigned char *p;
    size_t n;
};

static void put(struct pen *w, const void *from, size_t n)
{
    if (w->p && n)
        memcpy(w->p + w->n, from, n);
    w->n += n;
}

static void put_span(struct pen *w, struct iam_span s)
{
    uint32_t n = s.p ? (uint32_t)s.n + 1 : 0;
    put(w, &n, sizeof n);
    if (s.p)
        put(w, s.p, s.n);
}

static void get(const unsigned char **p, void *to, size_t n)
{
    memcpy(to, *p, n);
    *p += n;
}

static struct iam_span get_span(const unsigned char **p)
{
    uint32_t n;
    get(p, &n, sizeof n);
    if (n == 0)
        return (struct iam_span){NULL, 0};
    struct iam_span s = {(const char *)*p, n - 1};
    *p += n - 1;
    return s;
}

/* The spans of an item, so that packing and unpacking cannot disagree. */
static size_t spans_of(struct iam_item *item, struct iam_span *out[6])
{
    const struct fields *fields = fields_of(item->kind);
    size_t n = 0;
    for (unsigned i = 0; fields && i < fields->count && n < 6; i++)
        if (fields->field[i].type == FIELD_TEXT)
            out[n++] = (struct iam_span *)((char *)item + fields->field[i].at);
    return n;
}

/* The struct itself, then the bytes of its spans. */
static void pack(struct pen *w, const struct iam_item *item)
{
    struct iam_item copy = *item;
    struct iam_span *spans[6];
    size_t n = spans_of(&copy, spans);
    put(w, item, sizeof *item);
    for (size_t i = 0; i < n; i++)
        put_span(w, *spans[i]);
}

static void unpack(const unsigned char *p, struct iam_item *item)
{
    struct iam_span *spans[6];
    get(&p, item, sizeof *item);
    size_t n = spans_of(item, spans);
    for (size_t i = 0; i < n; i++)
        *spans[i] = get_span(&p);
}

/* A server may have put anything into an item, a token that it was sent, too. */
static void drop(unsigned char *bytes, size_t n)
{
    if (bytes)
        explicit_bzero(bytes, n);
    free(bytes);
}

static void make_room(unsigned char **bytes, size_t *room, size_t n)
{
    if (n <= *room)
        return;
    drop(*bytes, *room);
    *bytes = malloc(n);
    if (!*bytes)
        say_no_memory();
    *room = n;
}

static FILE *temporary(void)
{
    int fd = temporary_file();
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w+");
    if (!f && fd >= 0)
        close(fd);
    return f;
}

static void write_record(struct spool *s, const unsigned char *p, size_t n)
{
    uint32_t size = (uint32_t)n;
    if (!s->file && s->used + sizeof size + n > SPOOL_MEMORY) {
        s->file = temporary();
        if (!s->file || fwrite(s->memory, 1, s->used, s->file) != s->used) {
            s->error = errno ? errno : EIO;
            return;
        }
    }
    if (s->file) {
        if (fwrite(&size, 1, sizeof size, s->file) != sizeof size || fwrite(p, 1, n, s->file) != n)
            s->error = errno ? errno : EIO;
        return;
    }
    memcpy(s->memory + s->used, &size, sizeof size);
    memcpy(s->memory + s->used + sizeof size, p, n);
    s->used += sizeof size + n;
}

void spool_add(struct spool *s, const struct iam_item *item, uint32_t number)
{
    struct pen w = {NULL, 0};
    if (s->error)
        return;
    if (!s->memory && (s->memory = malloc(SPOOL_MEMORY)) == NULL)
        say_no_memory();
    pack(&w, item);
    make_room(&s->record, &s->record_room, w.n + sizeof number);
    memcpy(s->record, &number, sizeof number);
    w = (struct pen){s->record + sizeof number, 0};
    pack(&w, item);
    write_record(s, s->record, w.n + sizeof number);
    s->records++;
}

void spool_rewind(struct spool *s)
{
    s->at = 0;
    s->left = s->records;
    if (s->file && fseek(s->file, 0, SEEK_SET) != 0 && !s->error)
        s->error = errno;
}

bool spool_next(struct spool *s, struct iam_item *item, uint32_t *number)
{
    uint32_t size;
    if (s->error || s->left == 0)
        return false;
    s->left--;
    const unsigned char *p;
    if (s->file) {
        if (fread(&size, 1, sizeof size, s->file) != sizeof size) {
            s->error = EIO;
            return false;
        }
        make_room(&s->record, &s->record_room, size);
        if (fread(s->record, 1, size, s->file) != size) {
            s->error = EIO;
            return false;
        }
        p = s->record;
    } else {
        memcpy(&size, s->memory + s->at, sizeof size);
        p = s->memory + s->at + sizeof size;
        s->at += sizeof size + size;
    }
    get(&p, number, sizeof *number);
    unpack(p, item);
    return true;
}

void spool_clear(struct spool *s)
{
    if (s->file)
        fclose(s->file);
    s->file = NULL;
    s->used = s->at = 0;
    s->records = s->left = 0;
}

void spool_end(struct spool *s)
{
    spool_clear(s);
    drop(s->memory, SPOOL_MEMORY);
    drop(s->record, s->record_room);
    memset(s, 0, sizeof *s);
}

void kept_set(struct kept *k, const struct iam_item *item)
{
    struct pen w = {NULL, 0};
    pack(&w, item);
    unsigned char *bytes = malloc(w.n);
    if (!bytes)
        say_no_memory();
    w = (struct pen){bytes, 0};
    pack(&w, item);
    unpack(bytes, &k->item);
    drop(k->bytes, k->n); /* only now: the item may be a merge with what was kept */
    k->bytes = bytes;
    k->n = w.n;
}

void kept_merge(struct kept *k, const struct iam_item *late)
{
    static const size_t sizes[] = {[FIELD_TEXT] = sizeof(struct iam_span),
                                   [FIELD_TIME] = sizeof(struct iam_time),
                                   [FIELD_INTEGER] = sizeof(int64_t) + sizeof(bool)};
    const struct fields *fields = fields_of(k->item.kind);
    struct iam_item item = k->item;
    for (unsigned i = 0; fields && i < fields->count; i++) {
        const struct field *f = &fields->field[i];
        if (field_present(f, late))
            memcpy((char *)&item + f->at, field_at(f, late), sizes[f->type]);
    }
    kept_set(k, &item);
}

void kept_end(struct kept *k)
{
    drop(k->bytes, k->n);
    memset(k, 0, sizeof *k);
}
