/* The formats of output, a row each. The table stands in formats.c in front of the rooms, since it names what prints
 * each: a format is added by its file in out/ or audit/ and its row there; --output, the settings that name one, help,
 * completion and errors follow. */
#ifndef HOST_FORMATS_H
#define HOST_FORMATS_H

#include <stdbool.h>

struct out_ops;
struct audit_out_ops;

struct format {
    const char *name;
    const struct out_ops *ops; /* of the commands that call one operation; NULL: not for them */
    const struct audit_out_ops *audit_ops; /* of an audit; NULL: not for it */
};
/* The first one is the usual one. A row's number is part of checkpoints, so that a new one comes last. */
extern const struct format formats[];
extern const unsigned format_count;

/* Does the command print it? */
bool format_is_of(const struct format *, unsigned command);
/* The format of that name that the command prints; NULL: there is none. */
const struct format *format_find(const char *name, unsigned command);

#endif
