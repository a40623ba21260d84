/* Preloaded into the command: when it ends, SEARCH_FOUND, a file, gets the places in its memory (the stack apart,
 * which every call writes over) where what SEARCH_FOR, a file, holds is found. There each byte has its lowest bit
 * turned over, so that what is searched with is not found. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned char wanted[256];
static size_t wanted_n;

static void search(const char *area, const unsigned char *begin, const unsigned char *end,
                   FILE *out)
{
    for (const unsigned char *p = begin; p + wanted_n <= end; p++) {
        size_t n = 0;
        while (n < wanted_n && p[n] == (wanted[n] ^ 1))
            n++;
        if (n == wanted_n)
            fprintf(out, "%p in %s", (const void *)p, area);
    }
}

__attribute__((destructor)) static void at_end(void)
{
    const char *in = getenv("SEARCH_FOR"), *to = getenv("SEARCH_FOUND");
    FILE *f = in ? fopen(in, "r") : NULL, *maps = fopen("/proc/self/maps", "r"),
         *out = to ? fopen(to, "w") : NULL;
    char area[512], mode[8];
    if (!f || !maps || !out)
        return;
    wanted_n = fread(wanted, 1, sizeof wanted, f);
    while (fgets(area, sizeof area, maps)) {
        unsigned long long begin, end;
        if (sscanf(area, "%llx-%llx %7s", &begin, &end, mode) == 3 && strncmp(mode, "rw", 2) == 0 &&
            !strstr(area, "[stack]"))
            search(area, (const unsigned char *)(size_t)begin, (const unsigned char *)(size_t)end,
                   out);
    }
    fprintf(out, "searched\n");
    fclose(out);
}
