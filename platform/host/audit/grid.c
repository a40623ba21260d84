/* Columns as wide as the first rows want them, cut where the terminal is narrow. */
#include "grid.h"

#include <stdio.h>
#include <stdlib.h>

#include "out/out.h"
#include "text/terminal.h"

#define GAP 2
#define LAST_MIN 14 /* of the last column: a few letters, and the hash */
#define HASH_COLUMNS 9

struct grid_kept {
    struct grid_row row; /* its text lies behind it in the same block */
    char *text;
};

/* ---- widths ---- */

static unsigned least_of(const struct grid *g, unsigned i)
{
    return i + 1 == g->n ? LAST_MIN : g->columns[i].least;
}

static unsigned total(const struct grid *g)
{
    unsigned columns = 0;
    for (unsigned i = 0; i < g->n; i++)
        columns += g->widths[i] ? g->widths[i] + (i + 1 < g->n ? GAP : 0) : 0;
    return columns;
}

/* The column that goes next; g->n: all that may go are gone. */
static unsigned next_to_drop(const struct grid *g)
{
    unsigned best = g->n;
    for (unsigned i = 0; i < g->n; i++)
        if (g->widths[i] && g->columns[i].drop &&
            (best == g->n || g->columns[i].drop < g->columns[best].drop))
            best = i;
    return best;
}

/* Of the cells that rows are told apart by the widest gives way, again and again. */
static void squeeze(struct grid *g)
{
    while (total(g) > g->width) {
        unsigned widest = g->n;
        for (unsigned i = 0; i < g->n; i++)
            if (g->widths[i] && least_of(g, i) && g->widths[i] > least_of(g, i) &&
                (widest == g->n || g->widths[i] > g->widths[widest]))
                widest = i;
        if (widest == g->n)
            return;
        g->widths[widest]--;
    }
}

/* few: later rows may need more than those that are known. */
static void measure(struct grid *g, bool few)
{
    for (unsigned i = 0; i < g->n; i++) {
        unsigned title = (unsigned)strlen(g->columns[i].title),
                 usual = few ? g->columns[i].usual : 0;
        g->widths[i] = g->left_out >> i & 1 ? 0 : title > usual ? title : usual;
    }
    for (unsigned k = 0; k < g->kept_n; k++)
        for (unsigned i = g->kept[k].row.across.p ? g->n - 1 : 0; i < g->n; i++) {
            unsigned columns = terminal_columns(g->kept[k].row.cell[i]);
            if (g->widths[i] && columns > g->widths[i])
                g->widths[i] = columns;
        }
    if (!g->width)
        return;
    for (unsigned i; total(g) > g->width && (i = next_to_drop(g)) < g->n;)
        g->widths[i] = 0;
    squeeze(g);
}

/* ---- rows ---- */

/* A cell of the columns before the last; how many columns it took, its gap included. */
static unsigned put_before(struct grid *g, unsigned i, struct iam_span text)
{
    unsigned limit = g->width && g->columns[i].least ? g->widths[i] : 0;
    unsigned n = terminal_columns(text), used;
    if (g->columns[i].number && n < g->widths[i])
        sink_spaces(g->sink, g->widths[i] - n);
    used = table_cell(g->sink, text, limit);
    if (g->columns[i].number && n < g->widths[i])
        used = g->widths[i];
    unsigned pad = used < g->widths[i] ? g->widths[i] - used : 0;
    sink_spaces(g->sink, pad + GAP);
    return used + pad + GAP;
}

static unsigned put_across(struct grid *g, const struct grid_row *row)
{
    unsigned room = total(g) - g->widths[g->n - 1] - GAP;
    bool fits = !g->width || terminal_columns(row->across) <= room;
    struct iam_span text = fits || !row->across_short.n ? row->across : row->across_short;
    unsigned used = table_cell(g->sink, text, g->width ? room : 0);
    unsigned pad = used < room ? room - used : 0;
    sink_spaces(g->sink, pad + GAP);
    return used + pad + GAP;
}

/* Is a cell by which rows are told apart cut in this one? */
static bool is_cut(const struct grid *g, const struct grid_row *row)
{
    for (unsigned i = 0; g->width && !row->across.p && i + 1 < g->n; i++)
        if (g->columns[i].least && g->widths[i] && terminal_columns(row->cell[i]) > g->widths[i])
            return true;
    return false;
}

static void put(struct grid *g, const struct grid_row *row, bool titles)
{
    unsigned used = 0, last = g->n - 1;
    bool cut = !titles && is_cut(g, row);
    if (row->color && g->color)
        sink_put(g->sink, row->color, strlen(row->color));
    if (row->across.p)
        used = put_across(g, row);
    for (unsigned i = 0; !row->across.p && i < last; i++)
        if (g->widths[i])
            used += put_before(g, i, row->cell[i]);
    unsigned room = g->width > used + LAST_MIN ? g->width - used : LAST_MIN;
    cut |= g->width && terminal_columns(row->cell[last]) > room;
    if (cut && !titles) {
        char hash[HASH_COLUMNS + 1];
        snprintf(hash, sizeof hash, "~%08x", (unsigned)row->hash);
        table_cell(g->sink, row->cell[last], room - HASH_COLUMNS);
        sink_put(g->sink, hash, HASH_COLUMNS);
        g->was_cut = true;
    } else {
        table_cell(g->sink, row->cell[last], g->width ? room : 0);
    }
    if (row->color && g->color)
        SINK_LITERAL(g->sink, "\x1b[0m");
    sink_char(g->sink, '\n');
}

/* ---- the first ones ---- */

static struct iam_span copy(struct iam_span from, char **to)
{
    if (!from.p)
        return from;
    struct iam_span text = {*to, from.n};
    memcpy(*to, from.p, from.n);
    *to += from.n;
    return text;
}

static void keep(struct grid *g, const struct grid_row *row)
{
    size_t n = row->across.n + row->across_short.n + 1;
    for (unsigned i = 0; i < g->n; i++)
        n += row->cell[i].n;
    if (!g->kept && (g->kept = calloc(GRID_FIRST_ROWS, sizeof *g->kept)) == NULL)
        say_no_memory();
    struct grid_kept *kept = &g->kept[g->kept_n++];
    char *to = malloc(n);
    if (!to)
        say_no_memory();
    *kept = (struct grid_kept){*row, to};
    kept->row.across = copy(row->across, &to);
    kept->row.across_short = copy(row->across_short, &to);
    for (unsigned i = 0; i < g->n; i++)
        kept->row.cell[i] = copy(row->cell[i], &to);
}

static void drop_kept(struct grid *g)
{
    for (unsigned i = 0; i < g->kept_n; i++)
        free(g->kept[i].text);
    g->kept_n = 0;
}

void grid_show(struct grid *g, bool all)
{
    if (!g->kept_n)
        return;
    if (!g->shown) {
        struct grid_row titles = {.color = "\x1b[1m"};
        for (unsigned i = 0; i < g->n; i++)
            titles.cell[i] = iam_span_of(g->columns[i].title);
        measure(g, !all);
        put(g, &titles, true);
        g->shown = true;
    }
    for (unsigned i = 0; i < g->kept_n; i++)
        put(g, &g->kept[i].row, false);
    drop_kept(g);
}

void grid_put(struct grid *g, const struct grid_row *row)
{
    if (g->shown) {
        put(g, row, false);
        return;
    }
    keep(g, row);
    if (g->kept_n == GRID_FIRST_ROWS)
        grid_show(g, false);
}

void grid_end(struct grid *g)
{
    drop_kept(g);
    free(g->kept);
    g->kept = NULL;
}
