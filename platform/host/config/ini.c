/* The shared files of AWS, read as botocore reads them. */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "ini.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text/hash.h"
#include "text/say.h"
#include "text/words.h"

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
        if (k == 0 || k > n - i)
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

/* ---- the three indexes ---- */

static size_t hash(size_t seed, const char *name)
{
    uint64_t h = hash64(HASH64 ^ (seed * 0x9E3779B97F4A7C15u), iam_span_of(name));
    return (size_t)(h ^ h >> 32);
}

/* What the index has at a place: its section, where one belongs to it, and its name. */
typedef const char *name_of(const struct ini *, size_t at, size_t *section);

static const char *entry_name(const struct ini *ini, size_t at, size_t *section)
{
    *section = ini->entries[at].section;
    return ini->entries[at].key;
}

static const char *section_name(const struct ini *ini, size_t at, size_t *section)
{
    *section = 0;
    return ini->sections[at];
}

static const char *profile_name(const struct ini *ini, size_t at, size_t *section)
{
    *section = 0;
    return ini->profiles[at];
}

/* Where it is, or where it belongs; NULL: nothing is there at all. */
static size_t *slot_of(const struct ini *ini, const struct ini_index *x, name_of *name,
                       size_t section, const char *wanted)
{
    for (size_t i = hash(section, wanted), its; x->room; i++) {
        size_t *slot = &x->slots[i & (x->room - 1)];
        if (*slot == 0)
            return slot;
        const char *found = name(ini, *slot - 1, &its);
        if (its == section && strcmp(found, wanted) == 0)
            return slot;
    }
    return NULL;
}

static size_t find(const struct ini *ini, const struct ini_index *x, name_of *name, size_t section,
                   const char *wanted)
{
    const size_t *slot = slot_of(ini, x, name, section, wanted);
    return slot ? *slot : 0;
}

/* Half of the room stays free. The last one of a name counts. */
static void add_to(const struct ini *ini, struct ini_index *x, name_of *name, size_t at)
{
    size_t section;
    if (x->n * 2 >= x->room) {
        struct ini_index more = {NULL, x->room ? x->room * 2 : 64, x->n};
        more.slots = calloc(more.room, sizeof *more.slots);
        if (!more.slots)
            say_no_memory();
        for (size_t i = 0; i < x->room; i++)
            if (x->slots[i]) {
                const char *old = name(ini, x->slots[i] - 1, &section);
                *slot_of(ini, &more, name, section, old) = x->slots[i];
            }
        free(x->slots);
        *x = more;
    }
    const char *wanted = name(ini, at, &section);
    size_t *slot = slot_of(ini, x, name, section, wanted);
    x->n += *slot == 0;
    *slot = at + 1;
}

/* ---- what there is ---- */

static void *grown(void *p, size_t n, size_t size)
{
    void *more = realloc(p, n * size);
    if (!more)
        say_no_memory();
    return more;
}

/* The second word of "KIND NAME", split like a shell's line; NULL: it is something else. room: 1024 bytes */
static char *typed(const char *section, const char *kind, char *room)
{
    char *words[2];
    return strncmp(section, kind, strlen(kind)) == 0 && strlen(section) < 1024 &&
                   words_split(section, room, words, 2) == 2
               ? words[1]
               : NULL;
}

/* Which one the section of a config file holds, malloc'ed, or NULL. */
static char *profile_of(const char *section)
{
    char room[1024];
    const char *name = typed(section, "profile", room);
    if (!name && strcmp(section, "default") == 0)
        name = section;
    char *copy = name ? strdup(name) : NULL;
    if (name && !copy)
        say_no_memory();
    return copy;
}

static size_t add_section(struct ini *ini, char *name)
{
    size_t at = ini->section_n++;
    if (at == ini->section_room) {
        ini->section_room = at ? at * 2 : 16;
        ini->sections = grown(ini->sections, ini->section_room, sizeof *ini->sections);
        ini->profiles = grown(ini->profiles, ini->section_room, sizeof *ini->profiles);
    }
    ini->sections[at] = name;
    ini->profiles[at] = name ? profile_of(name) : NULL;
    if (name)
        add_to(ini, &ini->by_section, section_name, at);
    if (ini->profiles[at])
        add_to(ini, &ini->by_profile, profile_name, at);
    return at;
}

static void add_entry(struct ini *ini, const struct ini_entry *entry)
{
    size_t at = ini->entry_n++;
    if (at == ini->entry_room) {
        ini->entry_room = at ? at * 2 : 64;
        ini->entries = grown(ini->entries, ini->entry_room, sizeof *ini->entries);
    }
    ini->entries[at] = *entry;
    add_to(ini, &ini->by_key, entry_name, at);
}

struct reader {
    struct ini *ini;
    size_t section; /* SIZE_MAX: none yet */
    long option;    /* entry that a continuation line belongs to; -1: none */
    size_t indent;  /* of the line that began it */
    size_t line;    /* that is being read */
    size_t blanks;  /* empty lines that a continuation would make part of the value */
    char *end;      /* of the option's value so far */
};

/* Values only ever move towards the front of the text, so joining in place never runs into what is
 * still to be read: the line's own start is never behind where its text goes. */
static void continue_value(struct reader *r, struct iam_span line)
{
    for (; r->blanks; r->blanks--)
        *r->end++ = '\n';
    *r->end++ = '\n';
    memmove(r->end, line.p, line.n);
    r->end += line.n;
    *r->end = '\0';
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
    if (find(r->ini, &r->ini->by_key, entry_name, r->section, k))
        return false;
    add_entry(r->ini, &(struct ini_entry){r->section, k, r->line, v});
    r->option = (long)r->ini->entry_n - 1;
    r->end = v + value.n;
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
    /* Python takes a NUL for a character like another: it ends nothing, and is good in no value either */
    for (char *nul = text; (nul = memchr(nul, '\0', n - (size_t)(nul - text))) != NULL;)
        *nul = '\x01';
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
    for (size_t i = 0; i < ini->section_n; i++)
        free(ini->profiles[i]);
    free(ini->text);
    free(ini->sections);
    free(ini->profiles);
    free(ini->entries);
    free(ini->by_section.slots);
    free(ini->by_profile.slots);
    free(ini->by_key.slots);
    memset(ini, 0, sizeof *ini);
}

size_t ini_section(const struct ini *ini, const char *name)
{
    size_t found = find(ini, &ini->by_section, section_name, 0, name);
    return found ? found - 1 : 0;
}

size_t ini_profile(const struct ini *ini, const char *name)
{
    size_t found = find(ini, &ini->by_profile, profile_name, 0, name);
    return found ? found - 1 : 0;
}

size_t ini_typed_section(const struct ini *ini, const char *kind, const char *name)
{
    char room[1024];
    for (size_t i = ini->section_n; i-- > 1;) { /* the last one counts */
        const char *its = typed(ini->sections[i], kind, room);
        if (its && strcmp(its, name) == 0)
            return i;
    }
    return 0;
}

static const struct ini_entry *find_entry(const struct ini *ini, size_t section, const char *key)
{
    size_t found = section ? find(ini, &ini->by_key, entry_name, section, key) : 0;
    if (section && !found)
        found = find(ini, &ini->by_key, entry_name, 0, key);
    return found ? &ini->entries[found - 1] : NULL;
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
