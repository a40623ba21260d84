/* Text from outside on its way to a terminal, or to be pasted into a shell. The one place that decides what
 * people may see: nothing that moves the cursor, turns the direction of writing, breaks a line, or is there
 * without being seen. */
#ifndef HOST_TERMINAL_H
#define HOST_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tinyiam/types.h>

/* The character of UTF-8 at p, n > 0 bytes, and its length; 0: there is none. */
size_t terminal_utf8(const char *p, size_t n, uint32_t *c);

/* One character as it is shown: itself, or its bytes as escapes (\n, \xe2\x80\xae) where it must not be. */
struct terminal_char {
    const char *p; /* into the text, or the escape below */
    size_t n;
    unsigned columns;
    char escape[17];
};

/* The character at p, n > 0 bytes: how many bytes of the text it is. */
size_t terminal_char(const char *p, size_t n, struct terminal_char *shown);
/* Columns of a text as it is shown. */
unsigned terminal_columns(struct iam_span);
/* Is every character of it shown as itself? */
bool terminal_is_plain(struct iam_span);
/* A word of a shell that stands for exactly these bytes: '...', or $'...' where some cannot be shown. At
 * most size - 1 characters and a NUL; false: it has no room, or holds a NUL byte. */
bool terminal_quote(struct iam_span, char *out, size_t size);

#endif
