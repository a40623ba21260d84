/* One object of JSON as it is written: "," between its members, the first one opens it. */
#ifndef HOST_OBJECT_H
#define HOST_OBJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "args/commands.h"
#include "text/sink.h"

struct object {
    struct sink *sink;
    const char *line; /* "\n" and the members' indentation, 4 spaces a step; "": all on one line */
    size_t line_n;
    bool any; /* a member */
};

#define OBJECT(sink, line)                      \
    {                                           \
        (sink), (line), sizeof(line) - 1, false \
    }

void object_key(struct object *, const char *name);
/* A member; nothing where it is absent. */
void object_text(struct object *, const char *name, struct iam_span);
void object_field(struct object *, const struct field *, const void *of);
void object_fields(struct object *, const struct fields *, const void *of);
/* The closing brace stands one step further left; an object without members is {}. */
void object_close(struct object *);

#endif
