/* Words: a line split into them as a POSIX shell does (blanks, quotes, backslashes, and nothing else), and
 * the one that somebody may have meant; and comparing. */
#ifndef HOST_WORDS_H
#define HOST_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <tinyiam/types.h>

/* Is the text, which may be absent, this word? */
static inline bool span_is(struct iam_span text, const char *word)
{
    return text.p && text.n == strlen(word) && memcmp(text.p, word, text.n) == 0;
}

/* Is it one of these? NULL ends them. */
static inline bool span_is_any(struct iam_span text, const char *const *words)
{
    while (*words && !span_is(text, *words))
        words++;
    return *words != NULL;
}

#define WORDS_BLANKS " \t\r\n"                /* what stands between words */
enum { WORDS_QUOTE = -1, WORDS_ESCAPE = -2 }; /* an open quote; a backslash at the end */

/* The number of words (that many may be more than most: the rest is only counted), or one of the two
 * above. room takes strlen(text) + 1 bytes; the words are NUL-terminated in it. */
long words_split(const char *text, char *room, char **words, size_t most);

/* The words as a line that a shell takes apart into them again: 'it'"'"'s' as Python's shlex.join has it. To be given
 * to free(); NULL: no memory. */
char *words_join(int count, char *const *words);

/* The nearest of names that come one after the other, at most a third of its letters away. */
struct nearest {
    const char *given;
    size_t least; /* letters between it and the best one so far */
    bool found;
};
struct nearest nearest_begin(const char *given);
/* Is this one better than all before it? */
bool nearest_try(struct nearest *, const char *candidate);

#endif
