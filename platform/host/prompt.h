/* A question on the terminal, its answer not shown. */
#ifndef HOST_PROMPT_H
#define HOST_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

/* Asks on the controlling terminal, whatever stdin is. false: there is none, or nothing was typed. */
bool prompt_hidden(const char *question, char *answer, size_t size);

#endif
