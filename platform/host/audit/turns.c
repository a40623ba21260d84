/* ARNs in the order of the input, each when it is whole. */
#include "turns.h"

#include <stdlib.h>
#include <string.h>

#include "text/say.h"

void turns_begin(struct turns *t, struct input *input, struct audit_out *out, uint64_t first)
{
    memset(t, 0, sizeof *t);
    t->input = input;
    t->out = out;
    t->hold.fd = -1;
    t->first = first;
    t->ring = calloc(TURNS_AHEAD, sizeof *t->ring);
    if (!t->ring)
        say_no_memory();
}

static struct turn *turn_of(const struct turns *t, uint64_t number)
{
    return &t->ring[number % TURNS_AHEAD];
}

bool turns_have_room(const struct turns *t, uint64_t number)
{
    return number - t->first < TURNS_AHEAD;
}

void turns_begin_output(struct turns *t)
{
    if (!t->begun)
        t->out->ops->begin(t->out);
    t->begun = true;
}

/* The first one; false: the input's or the rows' file has failed. */
static bool print_one(struct turns *t, struct turn *turn)
{
    struct audit_out *out = t->out;
    struct hold_reader reader;
    struct input_entry entry;
    struct audit_row row;
    if (!input_get(t->input, t->first, &entry))
        return false;
    struct audit_arn arn = turn->arn;
    arn.arn = entry.arn;
    arn.type = entry.type;
    arn.create_date = entry.create_date;
    if (arn.newest.present)
        arn.newest_namespace = iam_span_of(turn->newest_namespace);
    turns_begin_output(t);
    out->ops->arn(out, &arn);
    hold_read(&reader, &t->hold, &turn->rows);
    while (hold_next_row(&reader, &row)) {
        row.report_arn = entry.arn;
        row.report_type = entry.type;
        row.create_date = entry.create_date;
        out->ops->row(out, &row);
        t->totals.rows++;
        t->found +=
            !arn.young && (row.status_number == STATUS_UNUSED || row.status_number == STATUS_NEVER);
    }
    if (t->hold.error)
        return false;
    out->ops->arn_end(out);
    audit_add(&t->totals, &arn, turn->gone);
    return true;
}

void turns_print(struct turns *t)
{
    while (!t->wait && turn_of(t, t->first)->whole) {
        struct turn *turn = turn_of(t, t->first);
        if (!print_one(t, turn))
            return;
        hold_drop(&t->hold, &turn->rows);
        memset(turn, 0, sizeof *turn);
        t->first++;
    }
}

void turns_give(struct turns *t, uint64_t number, const struct turn *whole)
{
    struct turn *turn = turn_of(t, number);
    *turn = *whole;
    turn->whole = true;
    turns_print(t);
    if (number >= t->first)
        hold_seal(&t->hold, &turn->rows);
}

void turns_end(struct turns *t)
{
    if (!t->ring)
        return;
    for (size_t i = 0; i < TURNS_AHEAD; i++)
        if (t->ring[i].whole)
            hold_drop(&t->hold, &t->ring[i].rows);
    free(t->ring);
    hold_end(&t->hold);
    memset(t, 0, sizeof *t);
    t->hold.fd = -1;
}
