/* What a report looks like. One interface, five formats: a format gets whole entities and services, in
 * order, and the page's own members as far as they are known. */
#ifndef HOST_OUT_H
#define HOST_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include <tinyiam/tinyiam.h>

#include "args/args.h"
#include "config/settings.h"
#include "spool.h"
#include "text/sink.h"
#include "text/values.h"

/* What a checkpoint keeps of a format: enough to go on in the middle of a document. */
struct out_state {
    uint32_t v[8];
};

struct out;
struct out_ops {
    void (*entity)(struct out *, const struct iam_entity *);
    /* Complete; its actions follow, then service_end. */
    void (*service)(struct out *, const struct iam_service *);
    void (*action)(struct out *, const struct iam_action *);
    void (*service_end)(struct out *);
    /* The reply is complete. */
    void (*end)(struct out *, const struct iam_report *);
    /* Nothing arrives for a moment: show what can be shown. NULL: nothing is held back. */
    void (*pause)(struct out *);
    /* Is everything handed over so far in the sink? Only then may a checkpoint be taken. NULL: always. */
    bool (*settled)(const struct out *);
};
extern const struct out_ops out_json, out_text, out_table, out_jsonl, out_csv;

struct out {
    const struct out_ops *ops;
    struct sink *sink;
    enum command command;
    bool all; /* every page as if it were one: IsTruncated false, no Marker */
    bool csv_safe;
    bool color;     /* table */
    unsigned width; /* table: columns of the terminal, 0: it is none */

    const struct iam_report *report; /* the page's members so far */
    bool any;                        /* items, in this run or in the one that it goes on with */
    uint64_t items;                  /* in this run */
    uint64_t pages;
    uint16_t printed;       /* members already printed, bits as in iam_report.present */
    struct out_state state; /* the format's own */

    /* a service waits here until it is complete */
    struct kept service;
    struct spool actions;
    uint16_t action_keys; /* members that any of its actions has, bits of enum out_action_key */
    uint64_t action_n;
    struct spool held; /* the format's own: text, table */
};

enum out_action_key {
    KEY_ACTION_NAME = 1,
    KEY_ACTION_ENTITY = 2,
    KEY_ACTION_REGION = 4,
    KEY_ACTION_TIME = 8
};

void out_begin(struct out *, const struct args *, const struct settings *, struct sink *);
/* Every item of a client that hands out the structure as well. */
void out_item(struct out *, const struct iam_item *, const struct iam_report *);
void out_end(struct out *, const struct iam_report *);
void out_pause(struct out *);
/* May a checkpoint be taken here? Between two members of the list, with nothing held back. */
bool out_settled(const struct out *);
void out_save(const struct out *, struct out_state *);
void out_load(struct out *, const struct out_state *);
/* errno of a temporary file that failed, 0: none. */
int out_error(const struct out *);
void out_free(struct out *);

/* Members of the reply in the model's order, 0-terminated; the list among them. */
const uint8_t *out_members(enum command);
const char *out_list_name(enum command);

#endif
