#include "say.h"

#include "console.h"
#include "startup.h"

void say(const char *text, size_t n)
{
    if (console_out.handle == 0 && console_err.handle == 0)
        console_open();
    console_put(&console_out, text, n);
}

void say_end(void)
{
    console_flush(&console_out);
    console_text(&console_err, "stack ");
    console_number(&console_err, (int64_t)startup_stack_peak());
    console_text(&console_err, " of ");
    console_number(&console_err, (int64_t)startup_stack_size());
    console_text(&console_err, "\n");
    console_flush(&console_err);
}
