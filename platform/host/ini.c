#define _DEFAULT_SOURCE /* explicit_bzero */
#include "ini.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "words.h"

#define FILE_MAX (16u << 20)

/* Bytes of the white space character (Python's str.isspace) at p, 0: it is none. */
static size_t space_at(const char *text, size_t n)
{
    const unsigned char *p = (const unsigned char *)text;
    if (n == 0)
        return 0;
    if (p[0] == ' ' || (p[0] >= 9 && p[0] <= 13) || (p[0] >= 0x1C && p[0] <= 0x1F))
        return 1;
    if (n >= 2 && p[0] == 0xC2 && (p[1] == 0x85 || p[1] == 0xA0))
        return 2;
    if (n < 3)
        return 0;
    unsigned c = (unsigned)(p[0] & 0x0F) << 12 | (unsigned)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    if ((p[0] & 0xF0) != 0xE0 || (p[1] & 0xC0) != 0x80)
        return 0;
    bool space = c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
                 c == 0x202F || c == 0x205F || c == 0x3000;
    return space ? 3 : 0;
}

static struct iam_span strip(struct iam_span s)
{
    size_t k;
    while ((k = space_at(s.p, s.n)) > 0) {
        s.p += k;
        s.n -= k;
    }
    for (bool more = true; more && s.n;) {
        more = false;
        for (k = 1; k <= 3 && k <= s.n && !more; k++)
            if (space_at(s.p + s.n - k, k) == k) {
                s.n -= k;
                more = true;
            }
    }
    return s;
}

static bool valid_utf8(const char *text, size_t n)
{
    const unsigned char *p = (const unsigned char *)text;
    for (size_t i = 0; i < n;) {
        unsigned c = p[i];
        size_t k = c < 0x80                ? 1
                   : c >= 0xC2 && c < 0xE0 ? 2
                   : c >= 0xE0 && c < 0xF0 ? 3
                   : c >= 0xF0 && c < 0xF5 ? 4
                                           : 0;
        if (k == 0 || k > n - i || c == 0)
            return false;
        for (size_t j = 1; j < k; j++)
            if ((p[i + j] & 0xC0) != 0x80)
                return false;
        if ((c == 0xE0 && p[i + 1] < 0xA0) || (c == 0xED && p[i + 1] > 0x9F) ||
            (c == 0xF0 && p[i + 1] < 0x90) || (c == 0xF4 && p[i + 1] > 0x8F))
            return false;
        i += k;
    }
    return true;
}

static size_t add_section(struct ini *ini, char *name)
{
    if (ini->section_n == ini->section_room) {
        size_t room = ini->section_room ? ini->section_room * 2 : 16;
        char **more = realloc(ini->sections, room * sizeof *more);
        if (!more)
            abort();
        ini->sections = more;
        ini->section_room = room;
    }
    ini->sections[ini->section_n] = name;
    return ini->section_n++;
}

static struct ini_entry *add_entry(struct ini *ini, size_t section, char *key, char *value)
{
    if (ini->entry_n == ini->entry_room) {
        size_t room = ini->entry_room ? ini->entry_room * 2 : 64;
        struct ini_entry *more = realloc(ini->entries, room * sizeof *more);
        if (!more)
            abort();
        ini->entries = more;
        ini->entry_room = room;
    }
    ini->entries[ini->entry_n] = (struct ini_entry){section, key, 0, value};
    return &ini->entries[ini->entry_n++];
}

static bool has_entry(const struct ini *ini, size_t section, const char *key)
{
    for (size_t i = ini->entry_n; i-- > 0;) {
        if (ini->entries[i].section == section && strcmp(ini->entries[i].key, key) == 0)
            return true;
        if (section && ini->entries[i].section != section)
            break; /* only DEFAULT may be opened twice */
    }
    return false;
}

struct reader {
    struct ini *ini;
    size_t section; /* SIZE_MAX: none yet */
    long option;    /* entry that a continuation line belongs to; -1: none */
    size_t indent;  /* of the line that began it */
    size_t line;    /* that is being read */
    size_t blanks;  /* empty lines that a continuation would make part of the value */
};

/* Values only ever move towards the front of the text, so joining in place never runs into what is
 * still to be read: the line's own start is never behind where its text goes. */
static void continue_value(struct reader *r, struct iam_span line)
{
    char *value = r->ini->entries[r->option].value, *end = value + strlen(value);
    for (; r->blanks; r->blanks--)
        *end++ = '\n';
    *end++ = '\n';
    memmove(end, line.p, line.n);
    end[line.n] = '\0';
}

static bool section_line(struct reader *r, struct iam_span line, bool *broken)
{
    if (line.n < 3 || line.p[0] != '[')
        return false;
    size_t close = line.n - 1;
    while (close > 1 && line.p[close] != ']')
        close--;
    if (close < 2 || line.p[close] != ']')
        return false;
    char *name = (char *)line.p + 1;
    name[close - 1] = '\0';
    r->option = -1;
    if (strcmp(name, "DEFAULT") == 0) {
        r->section = 0;
        return true;
    }
    *broken = ini_section(r->ini, name) != 0;
    r->section = add_section(r->ini, name);
    return true;
}

static bool option_line(struct reader *r, struct iam_span line)
{
    size_t at = 0;
    while (at < line.n && line.p[at] != '=' && line.p[at] != ':')
        at++;
    if (at == line.n)
        return false;
    struct iam_span key = strip((struct iam_span){line.p, at});
    struct iam_span value = strip((struct iam_span){line.p + at + 1, line.n - at - 1});
    if (key.n == 0)
        return false;
    char *k = (char *)key.p, *v = (char *)line.p + at + 1;
    for (size_t i = 0; i < key.n; i++)
        if (k[i] >= 'A' && k[i] <= 'Z')
            k[i] = (char)(k[i] + 32);
    memmove(v, value.p ? value.p : v, value.n);
    v[value.n] = '\0';
    k[key.n] = '\0';
    if (has_entry(r->ini, r->section, k))
        return false;
    add_entry(r->ini, r->section, k, v)->line = r->line;
    r->option = (long)r->ini->entry_n - 1;
    return true;
}

/* One line without its end; false: the file is broken here. */
static bool read_line(struct reader *r, struct iam_span raw)
{
    struct iam_span line = strip(raw);
    if (line.n && (line.p[0] == '#' || line.p[0] == ';'))
        return true;
    if (line.n == 0) {
        r->blanks += r->option >= 0;
        return true;
    }
    size_t indent = 0;
    for (size_t at = 0, k; (k = space_at(raw.p + at, raw.n - at)) > 0; at += k)
        indent++;
    if (r->option >= 0 && indent > r->indent) {
        continue_value(r, line);
        return true;
    }
    bool broken = false;
    r->indent = indent;
    r->blanks = 0;
    if (section_line(r, line, &broken))
        return !broken;
    return r->section != (size_t)-1 && option_line(r, line);
}

/* Every line of a nested block is KEY = VALUE. */
static bool nested_is_whole(const char *block)
{
    while (*block) {
        size_t n = strcspn(block, "\n");
        struct iam_span line = strip((struct iam_span){block, n});
        if (line.n && !memchr(line.p, '=', line.n))
            return false;
        block += n + (block[n] == '\n');
    }
    return true;
}

enum ini_result ini_parse(struct ini *ini, char *text, size_t n, size_t *line)
{
    struct reader r = {.ini = ini, .section = (size_t)-1, .option = -1};
    memset(ini, 0, sizeof *ini);
    ini->text = text;
    ini->text_n = n;
    add_section(ini, NULL); /* DEFAULT: never found by name */
    *line = 0;
    if (!valid_utf8(text, n))
        return INI_BROKEN;
    size_t at = n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (at < n) {
        size_t end = at;
        while (end < n && text[end] != '\n' && text[end] != '\r')
            end++;
        size_t next = end + 1 + (end + 1 < n && text[end] == '\r' && text[end + 1] == '\n');
        r.line = ++*line;
        if (!read_line(&r, (struct iam_span){text + at, end - at}))
            return INI_BROKEN;
        at = next;
    }
    *line = 0;
    for (size_t i = 0; i < ini->entry_n && ini->section_n > 1; i++)
        if (ini->entries[i].value[0] == '\n' && !nested_is_whole(ini->entries[i].value))
            return INI_BROKEN;
    return INI_OK;
}

enum ini_result ini_load(struct ini *ini, const char *path, size_t *line)
{
    struct stat st;
    memset(ini, 0, sizeof *ini);
    *line = 0;
    if (stat(path, &st) != 0)
        return errno == ENOENT || errno == ENOTDIR ? INI_ABSENT : INI_UNREADABLE;
    if (!S_ISREG(st.st_mode))
        return INI_ABSENT;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || st.st_size > FILE_MAX) {
        if (fd >= 0)
            close(fd);
        return INI_UNREADABLE;
    }
    size_t room = (size_t)st.st_size, n = 0;
    char *text = malloc(room + 1);
    ssize_t got = text ? 1 : -1;
    while (got > 0 && n < room)
        if ((got = read(fd, text + n, room - n)) > 0)
            n += (size_t)got;
    close(fd);
    if (got < 0) {
        free(text);
        return INI_UNREADABLE;
    }
    text[n] = '\0';
    return ini_parse(ini, text, n, line);
}

void ini_end(struct ini *ini)
{
    if (ini->text)
        explicit_bzero(ini->text, ini->text_n);
    free(ini->text);
    free(ini->sections);
    free(ini->entries);
    memset(ini, 0, sizeof *ini);
}

size_t ini_section(const struct ini *ini, const char *name)
{
    for (size_t i = 1; i < ini->section_n; i++)
        if (strcmp(ini->sections[i], name) == 0)
            return i;
    return 0;
}

/* Is it "KIND NAME", split like a shell's line? */
static bool is_typed(const char *section, const char *name)
{
    char room[1024], *words[2];
    return strlen(section) < sizeof room && words_split(section, room, words, 2) == 2 &&
           strcmp(words[1], name) == 0;
}

static size_t find_typed(const struct ini *ini, const char *kind, const char *name,
                         bool plain_default)
{
    size_t found = 0;
    for (size_t i = 1; i < ini->section_n; i++) {
        const char *s = ini->sections[i];
        if (strncmp(s, kind, strlen(kind)) == 0) {
            if (is_typed(s, name))
                found = i; /* the last one counts */
        } else if (plain_default && strcmp(s, "default") == 0 && strcmp(name, "default") == 0) {
            found = i;
        }
    }
    return found;
}

size_t ini_profile(const struct ini *ini, const char *name)
{
    return find_typed(ini, "profile", name, true);
}

size_t ini_typed_section(const struct ini *ini, const char *kind, const char *name)
{
    return find_typed(ini, kind, name, false);
}

static const struct ini_entry *find_entry(const struct ini *ini, size_t section, const char *key)
{
    const struct ini_entry *fallback = NULL;
    if (section == 0)
        return NULL;
    for (size_t i = 0; i < ini->entry_n; i++) {
        if (strcmp(ini->entries[i].key, key) != 0)
            continue;
        if (ini->entries[i].section == section)
            return &ini->entries[i];
        if (ini->entries[i].section == 0)
            fallback = &ini->entries[i];
    }
    return fallback;
}

const char *ini_get(const struct ini *ini, size_t section, const char *key)
{
    const struct ini_entry *e = find_entry(ini, section, key);
    return e ? e->value : NULL;
}

size_t ini_line(const struct ini *ini, size_t section, const char *key)
{
    const struct ini_entry *e = find_entry(ini, section, key);
    return e ? e->line : 0;
}

struct iam_span ini_nested(const char *block, const char *key)
{
    struct iam_span found = {NULL, 0};
    size_t key_n = strlen(key);
    while (*block) {
        size_t n = strcspn(block, "\n");
        struct iam_span line = strip((struct iam_span){block, n});
        const char *equals = line.n ? memchr(line.p, '=', line.n) : NULL;
        if (equals) {
            struct iam_span name = strip((struct iam_span){line.p, (size_t)(equals - line.p)});
            if (name.n == key_n && memcmp(name.p, key, key_n) == 0)
                found =
                    strip((struct iam_span){equals + 1, line.n - (size_t)(equals + 1 - line.p)});
        }
        block += n + (block[n] == '\n');
    }
    if (found.n == 0 && found.p)
        found.p = "";
    return found;
}
