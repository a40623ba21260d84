/* The command line, by semihosting. */
#include "args.h"

#include "semihost.h"
#include "startup.h"

#include <string.h>

#define ARGS_BYTES 16384
#define ARGS_MAGIC 0x53475241u

static STARTUP_PROVISION struct {
    uint32_t magic;
    struct args args;
    char text[ARGS_BYTES];
} flash;

static int add(struct args *args, const char *word)
{
    if (args->count == ARGS_MAX)
        return -1;
    args->word[args->count++] = word;
    return 0;
}

/* Appends the words of the file behind the command line. */
static int add_file(struct args *args, const char *path, char *to, size_t room)
{
    int handle = semihost_open(path, SEMIHOST_READ);
    if (handle < 0)
        return -1;
    size_t used = 0;
    int n;
    while ((n = semihost_read(handle, to + used, room - used)) > 0)
        used += (size_t)n;
    semihost_close(handle);
    if (n < 0 || used == room)
        return -1;
    to[used] = '\0';
    for (size_t i = 0; i < used; i += strlen(to + i) + 1)
        if (add(args, to + i) != 0)
            return -1;
    return (int)used + 1;
}

static int read_line(struct args *args, char *text, size_t size)
{
    args->count = 0;
    if (semihost_cmdline(text, size) != 0)
        return -1;
    char *end = text + strlen(text) + 1;
    for (char *p = text; *p != '\0';) {
        char *word = p;
        while (*p != ' ' && *p != '\0')
            p++;
        if (*p != '\0')
            *p++ = '\0';
        if (word[0] == '@') {
            int used = add_file(args, word + 1, end, size - (size_t)(end - text));
            if (used < 0)
                return -1;
            end += used;
        } else if (word[0] != '\0' && add(args, word) != 0) {
            return -1;
        }
    }
    return 0;
}

const struct args *args_read(void)
{
    if (flash.magic != ARGS_MAGIC) {
        if (read_line(&flash.args, flash.text, sizeof flash.text) != 0)
            return NULL;
        flash.magic = ARGS_MAGIC;
    }
    return &flash.args;
}
