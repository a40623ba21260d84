/* Columns as wide as the first rows want them, cut where the terminal is narrow. */
#include "grid.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "text/say.h"
#include "text/terminal.h"

#define GAP 2
#define LAST_MIN 14 /* of the last column: a few letters, and the hash */
#define HASH_COLUMNS 9

struct grid_kept {
    struct grid_row row; /* its text lies behind it in the same block */
    char *text;
};

/* ---- widths ---- */

/* The last column that is shown. */
static unsigned last_of(const struct grid *g)
{
    unsigned last = g->n - 1;
    while (last && !g->widths[last])
        last--;
    return last;
}

static unsigned least_of(const struct grid *g, unsigned i)
{
    unsigned least = g->columns[i].least;
    return i == last_of(g) && least < LAST_MIN ? LAST_MIN : least;
}

static unsigned total(const struct grid *g)
{
    unsigned columns = 0;
    for (unsigned i = 0; i < g->n; i++)
        columns += g->widths[i] ? g->widths[i] + GAP : 0;
    return columns - (columns ? GAP : 0);
}

/* How wide it is once everything that may be cut is. */
static unsigned total_least(const struct grid *g)
{
    unsigned columns = 0;
    for (unsigned i = 0; i < g->n; i++) {
        unsigned least = g->columns[i].soft ? g->columns[i].usual : least_of(g, i);
        columns += !g->widths[i] ? 0 : (least && least < g->widths[i] ? least : g->widths[i]) + GAP;
    }
    return columns - (columns ? GAP : 0);
}

/* The column that goes next; g->n: all that may go are gone. */
static unsigned next_to_drop(const struct grid *g, unsigned from, unsigned to)
{
    unsigned best = g->n;
    for (unsigned i = 0; i < g->n; i++) {
        unsigned drop = g->columns[i].drop;
        if (g->widths[i] && drop >= from && drop < to &&
            (best == g->n || drop < g->columns[best].drop))
            best = i;
    }
    return best;
}

/* Of those that may be cut the widest gives way, again and again; soft: of these down to what they usually take. */
static void squeeze(struct grid *g, bool soft)
{
    while (total(g) > g->width) {
        unsigned widest = g->n;
        for (unsigned i = 0; i < g->n; i++) {
            unsigned least = soft ? g->columns[i].usual : least_of(g, i);
            if (g->widths[i] && least && g->widths[i] > least && (!soft || g->columns[i].soft) &&
                (widest == g->n || g->widths[i] > g->widths[widest]))
                widest = i;
        }
        if (widest == g->n)
            return;
        g->widths[widest]--;
    }
}

static void fit(struct grid *g, const unsigned *natural)
{
    unsigned i;
    squeeze(g, true);
    while (total(g) > g->width && (i = next_to_drop(g, 1, GRID_LATE)) < g->n)
        g->widths[i] = 0;
    while (total_least(g) > g->width && (i = next_to_drop(g, GRID_LATE, UINT8_MAX + 1)) < g->n)
        g->widths[i] = 0;
    squeeze(g, false);
    for (i = 0; i < g->n; i++) /* what dropped columns have left free */
        while (g->columns[i].soft && g->widths[i] && g->widths[i] < natural[i] &&
               total(g) < g->width)
            g->widths[i]++;
}

/* few: later rows may need more than those that are known. */
static void measure(struct grid *g, bool few)
{
    unsigned natural[GRID_COLUMNS];
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
    memcpy(natural, g->widths, sizeof natural);
    if (g->width)
        fit(g, natural);
}

/* ---- a cell ---- */

/* From *at on to the first character that does not end within so many columns. */
static unsigned put_head(struct sink *sink, struct iam_span s, size_t *at, unsigned columns)
{
    struct terminal_char shown;
    unsigned used = 0;
    while (*at < s.n) {
        size_t n = terminal_char(s.p + *at, s.n - *at, &shown);
        if (used + shown.columns > columns)
            break;
        sink_put(sink, shown.p, shown.n);
        used += shown.columns;
        *at += n;
    }
    return used;
}

/* Over characters until at most so many columns are left; the marks on one that is left out go with it. */
static unsigned skip_to_tail(struct iam_span s, size_t *at, unsigned left, unsigned columns)
{
    struct terminal_char shown;
    while (*at < s.n) {
        size_t n = terminal_char(s.p + *at, s.n - *at, &shown);
        if (left <= columns && shown.columns)
            break;
        left -= shown.columns;
        *at += n;
    }
    return left;
}

unsigned grid_cell(struct sink *sink, struct iam_span s, unsigned limit)
{
    unsigned n = terminal_columns(s), tail = limit ? (limit - 1) / 2 : 0;
    size_t at = 0;
    if (!limit || n <= limit)
        return put_head(sink, s, &at, n);
    unsigned used = put_head(sink, s, &at, limit - 1 - tail);
    unsigned left = skip_to_tail(s, &at, n - used, tail);
    SINK_LITERAL(sink, "\xE2\x80\xA6");
    return used + 1 + put_head(sink, s, &at, left);
}

/* ---- rows ---- */

/* How many columns each cell of a row may take. One that is not to be cut takes what it needs from the last. */
static void limit_cells(const struct grid *g, const struct grid_row *row, unsigned *limits)
{
    unsigned last = last_of(g), before = total(g) - g->widths[last];
    for (unsigned i = 0; i < g->n; i++)
        limits[i] = g->width ? g->widths[i] : UINT_MAX;
    if (!g->width)
        return;
    limits[last] = g->width > before + 1 ? g->width - before : 1;
    for (unsigned i = 0; i < last && !row->across.p; i++) {
        unsigned n = g->widths[i] && !g->columns[i].least ? terminal_columns(row->cell[i]) : 0;
        for (; n > limits[i] && limits[last] > LAST_MIN; limits[last]--)
            limits[i]++;
    }
}

/* Is a cell by which it is told apart cut? */
static bool is_cut(const struct grid *g, const struct grid_row *row, const unsigned *limits)
{
    unsigned last = last_of(g);
    for (unsigned i = row->across.p ? last : 0; i <= last; i++) {
        const struct grid_column *c = &g->columns[i];
        bool tells = ((c->least || i == last) && !c->soft) || row->tells >> i & 1;
        if (tells && g->widths[i] && terminal_columns(row->cell[i]) > limits[i])
            return true;
    }
    return false;
}

/* Blanks are due before the next cell that has something. */
struct pen {
    struct grid *g;
    unsigned due;
};

static void put_cell(struct pen *p, struct iam_span text, unsigned columns, unsigned limit,
                     bool right)
{
    unsigned n = terminal_columns(text), used = 0;
    unsigned before = right && n < columns ? columns - n : 0;
    if (text.n) {
        sink_spaces(p->g->sink, p->due + before);
        used = before + grid_cell(p->g->sink, text, limit == UINT_MAX ? 0 : limit);
        p->due = 0;
    }
    p->due += (used < columns ? columns - used : 0) + GAP;
}

static void put_across(struct pen *p, const struct grid_row *row)
{
    const struct grid *g = p->g;
    unsigned last = last_of(g), rest = g->widths[last] + GAP;
    unsigned room = total(g) > rest ? total(g) - rest : 1;
    bool fits = !g->width || terminal_columns(row->across) <= room;
    put_cell(p, fits || !row->across_short.n ? row->across : row->across_short, room,
             g->width ? room : UINT_MAX, false);
}

static void put(struct grid *g, const struct grid_row *row, bool titles)
{
    unsigned limits[GRID_COLUMNS] = {0}, last = last_of(g);
    struct pen pen = {g, 0};
    limit_cells(g, row, limits);
    bool cut = !titles && is_cut(g, row, limits);
    if (row->color && g->color)
        sink_put(g->sink, row->color, strlen(row->color));
    if (row->across.p)
        put_across(&pen, row);
    for (unsigned i = 0; !row->across.p && i < last; i++)
        if (g->widths[i])
            put_cell(&pen, row->cell[i], limits[i] < g->widths[i] ? limits[i] : g->widths[i],
                     limits[i], g->columns[i].number);
    if (cut) {
        char hash[HASH_COLUMNS + 1];
        unsigned room = limits[last] > HASH_COLUMNS ? limits[last] - HASH_COLUMNS : 1;
        snprintf(hash, sizeof hash, "~%08x", (unsigned)row->hash);
        put_cell(&pen, row->cell[last], 0, room, false);
        sink_spaces(g->sink, row->cell[last].n ? 0 : pen.due - GAP);
        sink_put(g->sink, hash, HASH_COLUMNS);
        g->was_cut = true;
    } else {
        put_cell(&pen, row->cell[last], g->columns[last].number ? g->widths[last] : 0, limits[last],
                 g->columns[last].number);
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
    g->kept_bytes += n;
}

static void drop_kept(struct grid *g)
{
    for (unsigned i = 0; i < g->kept_n; i++)
        free(g->kept[i].text);
    g->kept_n = 0;
    g->kept_bytes = 0;
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
    if (g->kept_n == GRID_FIRST_ROWS || g->kept_bytes > GRID_FIRST_BYTES)
        grid_show(g, false);
}

void grid_foot(struct grid *g)
{
    if (g->was_cut)
        SINK_LITERAL(g->sink, "~ and 8 digits: cut, but told apart\n");
}

/* 16 bits a column; the last one's highest says that a row was cut. All 0: nothing is shown yet. */
void grid_save(const struct grid *g, uint32_t state[GRID_COLUMNS / 2])
{
    memset(state, 0, sizeof *state * (GRID_COLUMNS / 2));
    for (unsigned i = 0; g->shown && i < GRID_COLUMNS; i++) {
        unsigned width = g->widths[i] > 0x7FFF ? 0x7FFF : g->widths[i];
        state[i / 2] |= (uint32_t)width << (16 * (i % 2));
    }
    if (g->was_cut)
        state[GRID_COLUMNS / 2 - 1] |= 0x80000000u;
}

void grid_load(struct grid *g, const uint32_t state[GRID_COLUMNS / 2])
{
    for (unsigned i = 0; i < GRID_COLUMNS; i++) {
        g->widths[i] = state[i / 2] >> (16 * (i % 2)) & 0x7FFF;
        g->shown |= g->widths[i] != 0;
    }
    g->was_cut = state[GRID_COLUMNS / 2 - 1] >> 31;
}

void grid_end(struct grid *g)
{
    drop_kept(g);
    free(g->kept);
    g->kept = NULL;
}

/* ---- ARNs on a terminal ---- */

static bool begins(struct iam_span text, const char *with, size_t n)
{
    return n && text.n > n && memcmp(text.p, with, n) == 0;
}

/* Where the account stands in an ARN: from after the fourth colon to behind the fifth. false: it is none, or odd. */
static bool find_account(struct iam_span arn, size_t *from, size_t *to)
{
    size_t colons = 0, n = 0;
    if (!begins(arn, "arn:", 4))
        return false;
    for (; n < arn.n && colons < 5; n++) {
        if (arn.p[n] <= ' ' || arn.p[n] >= 0x7F)
            return false;
        colons += arn.p[n] == ':';
        if (arn.p[n] == ':' && colons == 4)
            *from = n + 1;
    }
    *to = n;
    return colons == 5;
}

static bool is_number(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] < '0' || p[i] > '9')
            return false;
    return n == 12;
}

struct iam_span grid_arn(struct grid_account *a, struct iam_span arn)
{
    size_t from = 0, to = 0;
    if (!find_account(arn, &from, &to) || to >= sizeof a->text)
        return arn;
    bool own = is_number(arn.p + from, to - from - 1);
    bool of_aws = to - from == 4 && memcmp(arn.p + from, "aws:", 4) == 0;
    if (!a->partition_n && (own || of_aws)) {
        memcpy(a->text, arn.p, from);
        a->partition_n = from;
    }
    if (from != a->partition_n || memcmp(arn.p, a->text, from) != 0)
        return arn;
    if (!a->n && own) {
        memcpy(a->text, arn.p, to);
        a->n = to;
    }
    if (of_aws)
        a->has_aws = true;
    size_t n = of_aws ? from : begins(arn, a->text, a->n) ? a->n : 0;
    return (struct iam_span){arn.p + n, arn.n - n};
}

void grid_account_foot(const struct grid_account *a, struct sink *sink)
{
    if (a->n) {
        SINK_LITERAL(sink, "ARNs begin with:\n");
        sink_put(sink, a->text, a->n);
        sink_char(sink, '\n');
    }
    if (a->has_aws) {
        SINK_LITERAL(sink, "Those of aws: begin with:\n");
        sink_put(sink, a->text, a->partition_n);
        sink_char(sink, '\n');
    }
}
