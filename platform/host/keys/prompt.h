/* A question on the terminal, its answer not shown. */
#ifndef HOST_PROMPT_H
#define HOST_PROMPT_H

#include <stddef.h>

enum prompt_result {
    PROMPT_ANSWERED = 0,
    PROMPT_EMPTY,    /* nothing but an end of line, or of input (Ctrl-D) */
    PROMPT_TOO_LONG, /* or with a NUL in it */
    PROMPT_NO_TERMINAL
};

/* Asks on the controlling terminal, whatever stdin is. The answer is a string without blanks around it; it is
 * empty unless PROMPT_ANSWERED. The terminal shows what is typed again before anything else happens: an end,
 * a signal, a pause (Ctrl-Z), after which the question stands there once more. > PROMPT_NO_TERMINAL: the exit
 * code for a signal that came. */
int prompt_hidden(const char *question, char *answer, size_t size);

#endif
