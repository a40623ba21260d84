/* A line split into words as a POSIX shell does: blanks, quotes, backslashes, and nothing else. */
#ifndef HOST_WORDS_H
#define HOST_WORDS_H

#include <stddef.h>

enum { WORDS_QUOTE = -1, WORDS_ESCAPE = -2 }; /* an open quote; a backslash at the end */

/* The number of words (that many may be more than most: the rest is only counted), or one of the two
 * above. room takes strlen(text) + 1 bytes; the words are NUL-terminated in it. */
long words_split(const char *text, char *room, char **words, size_t most);

#endif
