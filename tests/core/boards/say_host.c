#include "say.h"

#include <stdio.h>

void say(const char *text, size_t n)
{
    (void)fwrite(text, 1, n, stdout);
}

void say_end(void)
{
    (void)fflush(stdout);
}
