/* The shared configuration files: INI as the AWS CLI reads it (Python's RawConfigParser, strict). */
#ifndef HOST_INI_H
#define HOST_INI_H

#include <stdbool.h>
#include <stddef.h>

#include <tinyiam/types.h>

struct ini_entry {
    size_t section; /* index into sections */
    char *key;      /* lower case */
    size_t line;    /* that it begins in */
    char *value;    /* lines joined with '\n'; begins with '\n': a nested block */
};

/* Finds by name in constant time: a file may have as many keys, sections and profiles as it likes. */
struct ini_index {
    size_t *slots; /* index + 1 of what is there, 0: free */
    size_t room, n;
};

struct ini {
    char *text; /* the file, cut up in place */
    size_t text_n;
    char **sections; /* [0] is DEFAULT, to which every section falls back; its name is NULL */
    char **profiles; /* which profile each holds, malloc'ed; NULL: none */
    size_t section_n, section_room;
    struct ini_entry *entries;
    size_t entry_n, entry_room;
    struct ini_index by_section, by_profile, by_key;
};

enum ini_result { INI_OK = 0, INI_ABSENT, INI_UNREADABLE, INI_BROKEN };

/* INI_ABSENT leaves an empty set; *line: where a broken file breaks (0: as a whole). */
enum ini_result ini_load(struct ini *, const char *path, size_t *line);
/* The same from memory: n bytes and a NUL, malloc'ed, owned from now on, cut up in place. */
enum ini_result ini_parse(struct ini *, char *text, size_t n, size_t *line);
/* Zeroises and frees. */
void ini_end(struct ini *);

/* Index of a section, 0: there is none. */
size_t ini_section(const struct ini *, const char *name);
/* Index of the section that holds a profile of the config file, 0: there is none. */
size_t ini_profile(const struct ini *, const char *name);
/* Index of [KIND NAME], 0: there is none. */
size_t ini_typed_section(const struct ini *, const char *kind, const char *name);
/* Value of a key, DEFAULT's where the section has none; NULL: neither has. */
const char *ini_get(const struct ini *, size_t section, const char *key);
/* The line of the file that the value begins in; 0: there is none. */
size_t ini_line(const struct ini *, size_t section, const char *key);
/* A key of a nested block: p == NULL if there is none. */
struct iam_span ini_nested(const char *block, const char *key);

#endif
