/* YAML as the AWS CLI prints it: block style, and texts as libyaml writes them, to the byte. */
#ifndef HOST_YAML_H
#define HOST_YAML_H

#include <stdbool.h>

#include "sink.h"

/* A mapping whose members come one after the other. A zeroed one, with its sink, stands at the left edge. */
struct yaml {
    struct sink *sink;
    unsigned indent; /* columns before its keys */
    bool dash;       /* the next key is the first of a list's member: "- " stands before it */
    /* what readers of YAML 1.1 take for a truth (yes, on) or a number (1:30) is in quotes as well; the AWS CLI
     * prints those as they are */
    bool old_readers;
};

/* "key:" alone: its mapping or list follows in the lines below. */
void yaml_open(struct yaml *, const char *key);
/* A number, a truth, [] or {}: as it stands. */
void yaml_word(struct yaml *, const char *key, struct iam_span);
/* A text, folded behind column 80. */
void yaml_text(struct yaml *, const char *key, struct iam_span);

#endif
