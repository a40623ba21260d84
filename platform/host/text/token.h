/* NextToken and --starting-token of the AWS CLI: base64 of {"Marker": ..., "boto_truncate_amount": N}, the page
 * by its Marker and how many of its items have been shown. */
#ifndef HOST_TOKEN_H
#define HOST_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include <tinyiam/request.h>

#define TOKEN_MARKER_SIZE (2 * IAM_MARKER_MAX + 1) /* bytes of a Marker in UTF-8, and a NUL */
#define TOKEN_SIZE 3072                            /* a token of the longest Marker, and a NUL */

struct token {
    char marker[TOKEN_MARKER_SIZE]; /* "": the first page */
    unsigned long shown;            /* items of that page */
};

/* Writes it as Python's json.dumps and base64 do, with a NUL; its length. A place between two pages has no
 * "boto_truncate_amount". */
size_t token_encode(const struct token *, bool between_pages, char out[TOKEN_SIZE]);
/* Reads one; what is no such token is a Marker itself, as with the AWS CLI, or a Marker, "___" and a number.
 * false: it is too long. */
bool token_decode(const char *text, struct token *);

#endif
