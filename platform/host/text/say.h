/* Lines for people on stderr: composed whole, written once, safe for a terminal. */
#ifndef HOST_SAY_H
#define HOST_SAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tinyiam/types.h>

/* The compiler holds arguments to their format, as it does with printf: numbers of the parameters. */
#if defined(__GNUC__)
#define SAY_FORMAT(text, first) __attribute__((format(printf, text, first)))
#else
#define SAY_FORMAT(text, first)
#endif

#define SAY_SIZE 8192
#define SAY_HINT "\x1f" /* in a format of say_error(): what follows is ours, not the AWS CLI's */

struct error_format;

struct say {
    size_t n;
    struct iam_span code, message; /* of an error of the service's: say_code() */
    size_t hint;                   /* where SAY_HINT stood; 0: nowhere */
    char text[SAY_SIZE];
};

void say_begin(struct say *, const char *first_words);
SAY_FORMAT(2, 3)
void say_add(struct say *, const char *format, ...);
/* Text from outside, as terminal.h shows it: one line, whatever it holds; of secrets "(hidden)". */
void say_text(struct say *, struct iam_span);
void say_string(struct say *, const char *);
/* A value from outside in a command that is suggested: what is pasted gives these bytes, and does nothing
 * else. */
void say_quoted(struct say *, struct iam_span);
/* "There are more: FIRST, or go on with OPTION VALUE"; without a value only what comes first. */
void say_more(struct say *, const char *first, const char *option, struct iam_span value);
/* This is an error of the service's: what it said, borrowed until say_end(), for formats that show that alone. p NULL:
 * it said no such thing. Errors of parameters and of configuration have their code in the line itself: what begins with
 * "An error occurred (CODE): ". */
void say_code(struct say *, struct iam_span code, struct iam_span message);
/* Ends the line and writes it: as a line, or in the format of errors. */
void say_end(struct say *);
/* Are errors with a code written for a program to read, so that nothing else is to stand beside one? */
bool say_is_for_programs(void);
/* Who knows the format of errors; asked when there is one to be written. NULL from it: the usual one. */
void say_format(const struct error_format *(*which)(void *), void *arg);

/* "tinyiam: [ERROR]: ...", one line; returns exit_code for `return say_error(...)`. */
SAY_FORMAT(2, 3)
int say_error(int exit_code, const char *format, ...);
/* "tinyiam: ..." */
SAY_FORMAT(1, 2)
void say_note(const char *format, ...);

/* Is somebody waiting in front of a terminal, who wants to know for what? */
void say_patience(bool wanted);
/* For whoever stands still where no line of progress is drawn: after three seconds a note, once, what for and since
 * when. */
void say_waits(uint32_t waited_ms, bool *told, const char *what);

/* Called before anything is written to stderr: takes a progress line away. */
void say_hook(void (*before)(void *), void *arg);

/* What is never shown, though a server says it back: next() gives the secret of a number from 0 on, or false behind
 * the last one. It is asked while a line is composed. NULL: there are none (any more). */
void say_hide(bool (*next)(const void *, size_t, struct iam_span *), const void *arg);
/* Says that there is no memory, and ends the process: a core file would hold keys. */
_Noreturn void say_no_memory(void);

#define SAY_ERROR "tinyiam: [ERROR]: "

enum exit_code {
    CODE_DONE = 0,
    CODE_UNKNOWN = 1,     /* an audit is done, but some ARN could not be read */
    CODE_UNUSED = 3,      /* --fail-on unused, and something is */
    CODE_INTERRUPT = 130, /* SIGINT */
    CODE_TERMINATE = 143, /* SIGTERM */
    CODE_USAGE = 252,     /* command line, or a parameter outside the service's limits */
    CODE_SETTINGS = 253,  /* no credentials, no region, or configuration that cannot be read */
    CODE_SERVICE = 254,   /* the service answered with an error */
    CODE_OTHER = 255
};

#endif
