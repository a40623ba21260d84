/* args.h - the command line by semihosting. What a product has in flash (credentials, certificates) is
 * given here on the command line, so it lies in provisioned memory and not in the budget of RAM. */
#ifndef CORTEXM_ARGS_H
#define CORTEXM_ARGS_H

#define ARGS_MAX 64

/* Words of the command line; a word "@FILE" stands for the NUL-terminated words in FILE (which may be a
 * pipe, so that secrets need not be on anyone's command line). The first word is the program's name. */
struct args {
    int count;
    const char *word[ARGS_MAX];
};

/* NULL: too long, too many words, or FILE cannot be read. What was read once survives a reset of the CPU,
 * as flash does. */
const struct args *args_read(void);

#endif
