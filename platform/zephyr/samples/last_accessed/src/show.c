/* A line of the report on the console. */
#include "show.h"

#include <zephyr/sys/printk.h>

void show_access(struct iam_span service, struct iam_span who, const struct iam_time *last)
{
    char when[40];
    int n = last->present ? (int)iam_time_text(last, when) : 0;

    printk("%.*s%s%.*s %.*s\n", (int)service.n, service.n != 0 ? service.p : "",
           service.n != 0 ? ": " : "", (int)who.n, who.n != 0 ? who.p : "", n != 0 ? n : 5,
           n != 0 ? when : "never");
}
