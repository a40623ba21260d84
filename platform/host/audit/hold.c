/* Rows that wait, packed into blocks of a temporary file. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "hold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text/say.h"
#include "text/temporary.h"

/* A block: the number of the next one, then bytes of records, which may go on in the next. A record: its length,
 * its bytes. */
enum { HEAD = sizeof(uint32_t), ROOM = HOLD_BLOCK };

static uint64_t place_of(uint32_t block)
{
    return (uint64_t)(block - 1) * HOLD_BLOCK;
}

static void write_at(struct hold *h, uint32_t block, const void *from, size_t n)
{
    if (h->fd < 0 && !h->error && (h->fd = temporary_file()) < 0)
        h->error = errno;
    if (!h->error)
        h->error = temporary_write(h->fd, place_of(block), from, n);
}

static void read_at(struct hold *h, uint32_t block, void *to, size_t n)
{
    if (!h->error)
        h->error = temporary_read(h->fd, place_of(block), to, n);
}

/* A block that nobody uses: one that was given back, or a new one at the end. */
static uint32_t take(struct hold *h)
{
    uint32_t block = h->free;
    if (!block)
        return ++h->blocks;
    read_at(h, block, &h->free, sizeof h->free);
    return block;
}

/* The block in memory goes to its place in the file; next: 0: it is the last. */
static void write_block(struct hold *h, struct held *r, uint32_t next)
{
    if (!r->last)
        r->first = r->last = take(h);
    memcpy(r->block, &next, HEAD);
    write_at(h, r->last, r->block, r->used);
}

static void append(struct hold *h, struct held *r, const void *from, size_t n)
{
    const unsigned char *p = from;
    if (!r->block) {
        r->block = malloc(HOLD_BLOCK);
        if (!r->block)
            say_no_memory();
        r->used = HEAD;
    }
    while (n && !h->error) {
        size_t part = ROOM - r->used < n ? ROOM - r->used : n;
        memcpy(r->block + r->used, p, part);
        r->used += (uint32_t)part;
        p += part;
        n -= part;
        if (n) { /* a full block waits for what comes behind it */
            if (!r->last)
                r->first = r->last = take(h);
            uint32_t next = take(h);
            write_block(h, r, next);
            r->last = next;
            r->used = HEAD;
        }
    }
}

void hold_bytes(struct hold *h, struct held *r, const void *p, size_t n)
{
    uint32_t size = (uint32_t)n;
    append(h, r, &size, sizeof size);
    append(h, r, p, n);
    r->records++;
}

void hold_seal(struct hold *h, struct held *r)
{
    if (!r->block)
        return;
    write_block(h, r, 0);
    explicit_bzero(r->block, HOLD_BLOCK); /* a server may have put anything into a row */
    free(r->block);
    r->block = NULL;
}

void hold_drop(struct hold *h, struct held *r)
{
    if (r->block)
        explicit_bzero(r->block, HOLD_BLOCK);
    free(r->block);
    if (r->last) { /* the whole chain goes in front of those that are free */
        write_at(h, r->last, &h->free, sizeof h->free);
        h->free = r->first;
    }
    memset(r, 0, sizeof *r);
}

static void give_back(struct hold_room *room)
{
    if (room->bytes)
        explicit_bzero(room->bytes, room->size);
    free(room->bytes);
    room->bytes = NULL;
}

void hold_end(struct hold *h)
{
    give_back(&h->packed);
    give_back(&h->unpacked);
    if (h->fd >= 0)
        close(h->fd);
    *h = (struct hold){.fd = -1};
}

static unsigned char *room_for(struct hold_room *room, size_t n)
{
    if (n > room->size || !room->bytes) {
        give_back(room);
        room->size = n < HOLD_BLOCK ? HOLD_BLOCK : n;
        room->bytes = malloc(room->size);
        if (!room->bytes)
            say_no_memory();
    }
    return room->bytes;
}

/* ---- reading ---- */

static void load(struct hold_reader *r, uint32_t number)
{
    const struct held *from = r->from;
    r->number = number;
    r->at = HEAD;
    r->next = 0;
    if (number == from->last && from->block)
        return; /* it is in memory */
    /* of the last block only what was written is there */
    read_at(r->hold, number, r->bytes, number == from->last ? from->used : ROOM);
    memcpy(&r->next, r->bytes, HEAD);
}

void hold_read(struct hold_reader *r, struct hold *h, const struct held *from)
{
    r->hold = h;
    r->from = from;
    r->left = from->records;
    if (r->left)
        load(r, from->first);
}

static void get(struct hold_reader *r, void *to, size_t n)
{
    unsigned char *p = to;
    while (n && !r->hold->error) {
        bool last = r->number == r->from->last;
        const unsigned char *bytes = last && r->from->block ? r->from->block : r->bytes;
        uint32_t end = last ? r->from->used : ROOM;
        size_t part = end - r->at < n ? end - r->at : n;
        memcpy(p, bytes + r->at, part);
        r->at += (uint32_t)part;
        p += part;
        n -= part;
        if (n && last)
            r->hold->error = EIO;
        else if (n)
            load(r, r->next);
    }
}

bool hold_next(struct hold_reader *r, const unsigned char **p, size_t *n)
{
    uint32_t size = 0;
    if (r->left == 0 || r->hold->error)
        return false;
    r->left--;
    get(r, &size, sizeof size);
    size = r->hold->error ? 0 : size;
    unsigned char *to = room_for(&r->hold->unpacked, size);
    get(r, to, size);
    *p = to;
    *n = size;
    return !r->hold->error;
}

/* ---- rows ---- */

/* What is no text. */
struct fixed {
    struct iam_time last;
    int64_t days_ago, total;
    uint32_t present; /* of the texts: 1 << index */
    uint8_t status;
    bool has_days_ago, has_total;
};

#define AT(member) offsetof(struct audit_row, member)
static const uint16_t texts[] = {AT(service_namespace),
                                 AT(service_name),
                                 AT(last_entity),
                                 AT(last_region),
                                 AT(arn),
                                 AT(name),
                                 AT(type),
                                 AT(id),
                                 AT(path),
                                 AT(action_name),
                                 AT(policy_name),
                                 AT(policy_type),
                                 AT(policy_arn),
                                 AT(entity_type),
                                 AT(entity_name),
                                 AT(error_code),
                                 AT(error_message)};
#define COUNT (sizeof texts / sizeof *texts)

static const struct iam_span *text_of(const struct audit_row *row, size_t i)
{
    return (const struct iam_span *)((const char *)row + texts[i]);
}

void hold_row(struct hold *h, struct held *r, const struct audit_row *row)
{
    struct fixed fixed;
    size_t n = sizeof fixed;
    memset(&fixed, 0, sizeof fixed);
    fixed.last = row->last;
    fixed.days_ago = row->days_ago;
    fixed.has_days_ago = row->has_days_ago;
    fixed.total = row->total;
    fixed.has_total = row->has_total;
    fixed.status = row->status_number;
    for (size_t i = 0; i < COUNT; i++)
        if (text_of(row, i)->p) {
            fixed.present |= 1u << i;
            n += sizeof(uint32_t) + text_of(row, i)->n;
        }
    unsigned char *p = room_for(&h->packed, n), *at = p + sizeof fixed;
    memcpy(p, &fixed, sizeof fixed);
    for (size_t i = 0; i < COUNT; i++)
        if (fixed.present & 1u << i) {
            const struct iam_span *text = text_of(row, i);
            uint32_t size = (uint32_t)text->n;
            memcpy(at, &size, sizeof size);
            memcpy(at + sizeof size, text->p, size);
            at += sizeof size + size;
        }
    hold_bytes(h, r, p, n);
}

bool hold_next_row(struct hold_reader *r, struct audit_row *row)
{
    const unsigned char *p;
    struct fixed fixed;
    size_t n;
    if (!hold_next(r, &p, &n))
        return false;
    memset(row, 0, sizeof *row);
    memcpy(&fixed, p, sizeof fixed);
    p += sizeof fixed;
    row->last = fixed.last;
    row->days_ago = fixed.days_ago;
    row->has_days_ago = fixed.has_days_ago;
    row->total = fixed.total;
    row->has_total = fixed.has_total;
    row->status_number = fixed.status;
    row->status = audit_status_text((enum audit_status)fixed.status);
    for (size_t i = 0; i < COUNT; i++)
        if (fixed.present & 1u << i) {
            uint32_t size;
            memcpy(&size, p, sizeof size);
            *(struct iam_span *)((char *)row + texts[i]) =
                (struct iam_span){(const char *)p + sizeof size, size};
            p += sizeof size + size;
        }
    return true;
}
