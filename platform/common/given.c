/* Values of a command line. */
#include "given.h"

#include <limits.h>
#include <string.h>

static bool blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool args_integer(const char *text, long *value)
{
    while (blank(*text))
        text++;
    bool minus = *text == '-';
    if (*text == '-' || *text == '+')
        text++;
    if (*text < '0' || *text > '9')
        return false;
    long v = 0;
    for (; *text >= '0' && *text <= '9'; text++)
        v = v > (LONG_MAX - 9) / 10 ? LONG_MAX : v * 10 + (*text - '0');
    while (blank(*text))
        text++;
    *value = minus ? -v : v;
    return *text == '\0';
}

bool args_seconds(const char *text, long *ms)
{
    uint32_t v = 0, unit = 1000;
    bool digits = false, point = false;
    for (; *text != '\0'; text++) {
        uint32_t digit = (uint32_t)*text - '0';
        if (*text == '.' && !point) {
            point = true;
        } else if (digit > 9) {
            return false;
        } else if (digits = true, point) {
            unit /= 10;
            v += unit * digit;
        } else {
            v = v > UINT32_MAX / 10 - 1000 ? UINT32_MAX - 999 : v * 10 + digit * 1000;
        }
    }
    *ms = v > INT_MAX ? INT_MAX : (long)v;
    return digits;
}

int args_choice(const char *choices, const char *value)
{
    size_t n = strlen(value);
    int i = 0;
    for (const char *p = choices; n && p; p = strchr(p, '|'), p = p ? p + 1 : NULL, i++)
        if (strncmp(p, value, n) == 0 && (p[n] == '|' || p[n] == '\0'))
            return i;
    return -1;
}

const struct iam_param *param_of(const struct iam_operation *op, const char *name)
{
    for (unsigned i = 0; op && i < op->param_count; i++)
        if (strcmp(op->params[i].name, name) == 0)
            return &op->params[i];
    return NULL;
}

void param_put(const struct iam_param *p, void *request, const char *text, long number)
{
    void *at = (char *)request + p->offset;
    if (param_kind(p) == IAM_PARAM_COUNT)
        *(uint16_t *)at = (uint16_t)number;
    else if (param_kind(p) == IAM_PARAM_BOOL)
        *(uint8_t *)at = (uint8_t)number;
    else
        *(struct iam_span *)at = iam_span_of(text);
}
