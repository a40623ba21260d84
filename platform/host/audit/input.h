/* The ARNs of an audit: from --arn, lines, files, documents that `aws iam` prints, and from the account's own lists.
 * Their order is kept, each is there once, and memory does not grow with their text: it lies in an unlinked temporary
 * file, in memory only where each begins and a hash of it (24 bytes an ARN).
 *
 *     lines       an ARN, or several with blanks or tabs between them; behind one, its create date. CR, quotes, empty
 *                 lines and what follows a # do not count. Also what `aws iam list-* --output text` prints
 *     documents   what begins with { or [: every "Arn" of a user, group, role or policy, with its object's
 *                 "CreateDate"; or an array of ARNs. Other members stream past, policies' documents unread
 *
 * What cannot be an ARN is an entry as well: it gets an error row. */
#ifndef HOST_AUDIT_INPUT_H
#define HOST_AUDIT_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tinyiam/types.h>

#define INPUT_ARN_MAX 2048 /* bytes of an ARN; other text is cut to that, with "..." behind it */

struct input {
    int fd;                 /* the text; -1: none yet */
    bool began;             /* a zeroed struct is an empty input */
    bool used_stdin;        /* "-" can be given once */
    uint32_t shard, shards; /* I/N; shards 0: all of them. Set before anything is added */
    uint64_t n;             /* entries: those of this shard */
    uint64_t bad;           /* entries that cannot be ARNs */
    int error;              /* errno of the temporary file; 0: none */

    /* private */
    uint64_t *at; /* where each entry lies in the file */
    size_t at_room;
    struct input_slot *slots; /* by the hash of the text; a power of two of them */
    size_t slot_n, slots_used;
    unsigned char *buf; /* what is not written yet */
    uint64_t size;      /* of the file with it */
    size_t waiting;
    char *text; /* of the entry read last */
};

struct input_entry {
    struct iam_span arn;  /* or the text that cannot be one; valid until the next call */
    struct iam_span type; /* USER GROUP ROLE POLICY; p NULL: it cannot be an ARN */
    struct iam_time create_date;
};

/* "I/N", 0 <= I < N. 0, or an exit code after saying what is wrong. */
int input_shard(struct input *, const char *text);
/* The value of --arn: text as lines have it, a document, "-" (standard input), "@FILE" or "file://FILE". 0, or an exit
 * code after saying what is wrong: a file that cannot be read, that is no text, or a document that is damaged or
 * ends in the middle, by its name and the byte. */
int input_add_flag(struct input *, const char *value);
/* An entry of the account's own lists. */
void input_add(struct input *, struct iam_span arn, const struct iam_time *create_date);
/* The entry of an index below n, in any order. false: the temporary file cannot be read (error). */
bool input_get(struct input *, uint64_t index, struct input_entry *);
/* Of all entries in their order, and of the shard: what a checkpoint knows its input by. */
uint64_t input_digest(struct input *);
/* 0, or an exit code after saying that the temporary file failed. */
int input_check(const struct input *);
void input_end(struct input *);

/* The kept list beside a checkpoint, "ARN<TAB>date" a line and a last line that says how many: from `first` on, of all
 * entries. A file replaced as a whole. 0, or an exit code after saying what is wrong. */
int input_keep(struct input *, uint64_t first, const char *path);
/* Adds what it holds; a file that is not whole is refused. ENOENT is none (*found false), and 0. */
int input_read_kept(struct input *, const char *path, bool *found);

/* Type of an ARN: USER GROUP ROLE POLICY; p NULL: it cannot be one of these four. */
struct iam_span input_arn_type(struct iam_span arn);
/* 32-bit FNV-1a, which --shard counts by. */
uint32_t input_hash(struct iam_span);

/* The error of an entry that cannot be an ARN. */
#define INPUT_BAD_CODE "ValidationError"
#define INPUT_BAD_MESSAGE                                                                   \
    "not the ARN of a user, group, role or policy (arn:PARTITION:iam::ACCOUNT:role/NAME); " \
    "nothing was sent for it"

#endif
