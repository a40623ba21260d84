/* What the readers of an audit's input share: text that is gathered byte by byte, and where it goes. Of input*.c. */
#ifndef HOST_AUDIT_INPUT_PARTS_H
#define HOST_AUDIT_INPUT_PARTS_H

#include "input.h"

/* A word as it comes. What is longer than an ARN can be is only counted. */
struct word {
    size_t n; /* all of it */
    char p[INPUT_ARN_MAX];
};
static inline void word_add(struct word *w, char c)
{
    if (w->n < sizeof w->p)
        w->p[w->n] = c;
    w->n++;
}
static inline struct iam_span word_text(const struct word *w)
{
    return (struct iam_span){w->p, w->n < sizeof w->p ? w->n : sizeof w->p};
}

/* Adds an ARN, or text that cannot be one; cut: that is not all of it. The number of the entry, from 1 on: the one
 * that is there already where it comes again, 0 where it is another shard's. */
uint64_t input_put(struct input *, struct iam_span text, bool cut, const struct iam_time *created);
/* The create date of an entry (0: of none), where it has none yet. */
void input_set_date(struct input *, uint64_t entry, const struct iam_time *created);
/* "2018-10-24", a time behind it or not, as the AWS CLI and others write a date; false: it is none. */
bool input_date(struct iam_span text, struct iam_time *);

/* A document of JSON, byte by byte: whatever its size, what is kept of it is this struct. The core's reader takes a
 * document whole, with a fixed number of tokens: it is made for credentials, and a list of roles may have a
 * gigabyte. */
#define JSON_DEPTH 128
struct json_level {
    bool object;    /* or an array */
    bool bare;      /* an array in nothing but arrays: its texts are ARNs */
    bool passed;    /* of a policy's document: what it names are not the account's */
    uint8_t key;    /* enum json_key: whose value comes */
    uint64_t entry; /* the one that is this object's, or was last in this array; 0: none */
    struct iam_time created;
};
struct input_json {
    struct input *input;
    uint8_t state; /* enum json_state */
    unsigned depth;
    struct json_level level[JSON_DEPTH];
    bool is_key;
    struct word text;    /* of the string or number */
    const char *literal; /* what is left of true, false, null */
    uint8_t number;      /* enum json_number */
    uint32_t code, high; /* of an escape; of a pair's first half */
    uint8_t digits, utf8_left;
    uint8_t utf8_least, utf8_most; /* of the next byte */
    uint64_t found;                /* ARNs, or what stands in their place */
    bool known;                    /* it has a list of users, groups, roles or policies */
    bool goes_on;                  /* it says itself that there is more of the list */
};
void input_json_begin(struct input_json *, struct input *);
/* NULL, or what is wrong with this byte. */
const char *input_json_byte(struct input_json *, unsigned char);
/* NULL, or what is wrong with ending here. */
const char *input_json_end(struct input_json *);

#endif
