/* What a report looks like. One interface for every format: a format gets whole entities and services, in
 * order, and the page's own members as far as they are known. */
#ifndef HOST_OUT_H
#define HOST_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include <tinyiam/tinyiam.h>

#include "args/args.h"
#include "config/settings.h"
#include "spool.h"
#include "text/say.h"
#include "text/sink.h"
#include "text/values.h"

/* What a checkpoint keeps of a format: enough to go on in the middle of a document. */
struct out_state {
    uint32_t v[8];
};

struct out;
struct out_ops {
    /* Complete; the members of the list inside it follow, then item_end. */
    void (*item)(struct out *, const struct iam_item *);
    void (*sub)(struct out *, const struct iam_item *);
    void (*item_end)(struct out *);
    /* A page of several has ended (OUT_MERGED, OUT_EACH). NULL: does not matter. */
    void (*page_end)(struct out *);
    /* The reply is complete. */
    void (*end)(struct out *, const struct iam_report *);
    /* Nothing arrives for a moment: show what can be shown. NULL: nothing is held back. */
    void (*pause)(struct out *);
    /* Is everything handed over so far in the sink? Only then may a checkpoint be taken. NULL: always. */
    bool (*settled)(const struct out *);
    bool status;    /* shows what a report without a list is: its status, its error */
    bool list_only; /* shows the list alone: what is around it is said on stderr */
    bool pages;     /* where the pages of a list end can be seen in it */
    bool each;      /* several pages are shown each for itself: OUT_EACH */
};
extern const struct out_ops out_json, out_text, out_table, out_jsonl, out_csv, out_yaml,
    out_yaml_stream, out_off;

/* What is shown of how the list came. */
enum out_pages {
    OUT_PAGE = 0, /* one page, with IsTruncated and Marker */
    OUT_WHOLE,    /* every page as if it were one: IsTruncated false, no Marker */
    OUT_MERGED, /* as the AWS CLI's paginator: the list alone, and NextToken where it was cut short */
    OUT_EACH    /* every page as the service has it */
};

struct out {
    const struct out_ops *ops;
    struct sink *sink;
    const struct command_def *def;
    const struct reply *reply;
    enum out_pages how;
    bool csv_safe;
    bool color;     /* table */
    unsigned width; /* table: columns of the terminal, 0: it is none */
    /* of a list that was cut short: where to go on, known at the end; n == 0: all is shown */
    struct iam_span next_token;

    const struct iam_report *report; /* the page's members so far */
    bool any;                        /* items, in this run or in the one that it goes on with */
    uint64_t items;                  /* in this run */
    uint64_t pages;
    /* nothing has come since a page's end, not even the next one's list: a place kept here is that end */
    bool at_page_end;
    uint16_t printed;       /* members already printed, bits as in iam_report.present */
    struct out_state state; /* the format's own */

    /* an item with a list inside waits here until it is complete */
    struct kept kept;
    struct spool subs;
    uint16_t sub_keys; /* members that any of that list has: 1 << index of the field */
    struct spool held; /* the format's own */
    void *own;         /* likewise: table; NULL, or to be given to own_free() */
    void (*own_free)(void *);
};

void out_begin(struct out *, const struct args *, const struct settings *, struct sink *);
/* Every item of a client that hands out the structure as well. */
void out_item(struct out *, const struct iam_item *, const struct iam_report *);
void out_end(struct out *, const struct iam_report *);
/* What was asked for is not all of the list: how to go on, in words. false: it is. */
bool out_more(const struct out *, const struct iam_report *, struct say *);
void out_pause(struct out *);
/* May a checkpoint be taken here? Between two members of the list, with nothing held back. */
bool out_settled(const struct out *);
void out_save(const struct out *, struct out_state *);
void out_load(struct out *, const struct out_state *);
/* errno of a temporary file that failed, 0: none. */
int out_error(const struct out *);
void out_free(struct out *);

/* A field's value as text; p NULL: it is absent. */
struct iam_span out_value(const struct field *, const void *of, char buf[40]);
/* The field of these bits whose name comes first by the alphabet; takes it away from them. */
const struct field *out_next_field(const struct fields *, uint32_t *bits);
/* The page's members that are shown: bits as in iam_report.present. */
uint16_t out_members(const struct out *, const struct iam_report *);
const char *out_member_name(const struct out *, unsigned member);
/* Its value as text; of the list and of Error: p NULL. */
struct iam_span out_member(const struct out *, const struct iam_report *, unsigned member,
                           char buf[40]);
/* Is the list inside this item there? */
bool out_has_list(const struct out *, const struct iam_item *);
/* The index of the field in a column of CSV, or of the table; -1: none. */
int out_csv_column(const struct fields *, unsigned column);
int out_table_column(const struct fields *, unsigned column);

/* ---- what formats share with those of an audit ---- */

/* Is colour wanted? Columns of the terminal; 0: it is none. */
bool out_color(const struct args *, const struct sink *);
unsigned out_width(const struct sink *);
/* What is longer than the screen goes to the user's pager, where there are a screen and a user. Before anything is put. */
void out_pager(const struct args *, const struct settings *, struct sink *);

/* A cell of RFC 4180, quoted where it must be; safe: a formula is text. */
void csv_cell(struct sink *, struct iam_span, bool safe);
/* "2018-10-24 19:47:31"; "-": absent. */
struct iam_span table_date(const struct iam_time *, char buf[40]);

#endif
