/* given.h - what is given on a command line: numbers, seconds, choices; and the request that they make. */
#ifndef COMMON_GIVEN_H
#define COMMON_GIVEN_H

#include <stdbool.h>

#include <tinyiam/operation.h>

/* A decimal integer with blanks around it, as Python's int() reads it. */
bool args_integer(const char *, long *);
/* A number of seconds ("2", "0.5") as milliseconds, INT_MAX at most; false: not one. */
bool args_seconds(const char *, long *ms);
/* Which of "a|b|c" it is, from 0 on; -1: none of them. */
int args_choice(const char *choices, const char *value);
static inline bool args_is_choice(const char *choices, const char *value)
{
    return args_choice(choices, value) >= 0;
}

/* The parameter of that name; NULL: the operation has none, or is NULL. */
const struct iam_param *param_of(const struct iam_operation *, const char *name);
/* What it is like, without IAM_PARAM_REQUIRED. */
static inline uint8_t param_kind(const struct iam_param *p)
{
    return p->kind & (uint8_t)~IAM_PARAM_REQUIRED;
}
/* Puts a value where the request has it: number for IAM_PARAM_COUNT and _BOOL (enum iam_choice), else text, which is
 * borrowed. */
void param_put(const struct iam_param *, void *request, const char *text, long number);

#endif
