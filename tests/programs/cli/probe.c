/* Parts of the command for comparison with Python's own: probe COMMAND, input on stdin or as arguments.
 *   json          stdin as a JSON string
 *   ascii         the same in ASCII alone
 *   yaml          stdin, texts with a NUL behind each, as members "Key" of a list of mappings in YAML
 *   dpop FILE URL N   so many proofs by the key in the file, a line each
 *   ini FILE...    for each a line: its sections and values as JSON, null where it is broken
 *   profile FILE NAME...   for each pair a line: the section that holds this profile
 *   seconds TEXT...   for each a line: milliseconds, or "no"
 *   integer TEXT...   for each a line: the number, or "no"
 *   bypass LIST HOST...   for each pair a line: does NO_PROXY=LIST name the host? yes or no
 *   proxy                 of the environment: what calls to the hosts named as arguments go through
 *   columns          for every character from U+0000 on: its columns on a terminal, x: it is shown as an escape
 *   cell LIMIT       stdin in at most so many columns, and behind it, after a tab, how many they are
 *   words TEXT...    for each a line: its words as a JSON list, "quote" or "escape"
 *   join WORD...     one line: the words as a shell takes them
 *   chain OPTION...  one line: where a command with these options gets its credentials from */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tinyiam/port_posix.h>

#include "args/args.h"
#include "config/ini.h"
#include "keys/chain.h"
#include "keys/dpop.h"
#include "net/proxy.h"
#include "out/grid.h"
#include "out/out.h"
#include "text/json.h"
#include "text/sink.h"
#include "text/terminal.h"
#include "text/words.h"
#include "text/yaml.h"

static struct sink out;

static void text(const char *s)
{
    json_text(&out, iam_span_of(s));
}

static void put_json(void)
{
    static char in[1 << 20];
    size_t n = fread(in, 1, sizeof in, stdin);
    char *exact = malloc(n + 1); /* so that a sanitizer sees its end */
    memcpy(exact, in, n);
    json_text(&out, (struct iam_span){exact, n});
    free(exact);
}

static void put_columns(void)
{
    struct terminal_char shown;
    for (uint32_t c = 0; c < 0x110000; c++) {
        char p[4] = {(char)c};
        size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        for (size_t i = n; n > 1 && i-- > 0;)
            p[i] =
                (char)(i ? 0x80 | (c >> 6 * (n - 1 - i) & 0x3F) : 0xF00u >> n | c >> 6 * (n - 1));
        terminal_char(p, n, &shown);
        sink_char(&out, shown.p == p ? (char)('0' + shown.columns) : 'x');
    }
}

static void put_cell(unsigned limit)
{
    static char in[1 << 16];
    char number[16];
    size_t n = fread(in, 1, sizeof in, stdin);
    snprintf(number, sizeof number, "\t%u", grid_cell(&out, (struct iam_span){in, n}, limit));
    sink_put(&out, number, strlen(number));
}

static void put_yaml(void)
{
    static char in[1 << 24];
    size_t n = fread(in, 1, sizeof in - 1, stdin);
    for (char *p = in, *end = in + n; p < end; p += strlen(p) + 1) {
        struct yaml y = {.sink = &out, .indent = 2, .dash = true};
        char *exact = strdup(p);
        yaml_text(&y, "Key", iam_span_of(exact));
        free(exact);
    }
}

static void put_ascii(void)
{
    static char in[1 << 16], room[1 << 20];
    struct json j;
    size_t n = fread(in, 1, sizeof in, stdin);
    json_begin(&j, room, sizeof room);
    json_string(&j, (struct iam_span){in, n});
    sink_put(&out, j.bad ? "bad" : j.p, j.bad ? 3 : j.n);
}

static void put_proofs(const char *path, const char *url, long n)
{
    static char pem[4096], proof[DPOP_MAX];
    struct iam_posix posix;
    FILE *f = fopen(path, "r");
    size_t got = f ? fread(pem, 1, sizeof pem - 1, f) : 0;
    if (f)
        fclose(f);
    pem[got] = '\0';
    iam_posix_init(&posix);
    for (; n > 0 && dpop_make(pem, url, &posix.system, proof); n--) {
        sink_put(&out, proof, strlen(proof));
        sink_char(&out, '\n');
    }
}

static void put_section(const struct ini *ini, size_t at)
{
    bool any = false;
    sink_char(&out, '[');
    text(ini->sections[at]);
    SINK_LITERAL(&out, ", {");
    for (size_t i = 0; i < ini->entry_n; i++) {
        const struct ini_entry *e = &ini->entries[i];
        const char *value = ini_get(ini, at, e->key);
        if ((e->section != at && e->section != 0) || value != e->value)
            continue;
        if (any)
            sink_char(&out, ',');
        any = true;
        text(e->key);
        sink_char(&out, ':');
        text(value);
    }
    SINK_LITERAL(&out, "}]");
}

static void put_ini(const char *path)
{
    struct ini ini;
    size_t line;
    enum ini_result r = ini_load(&ini, path, &line);
    if (r == INI_OK) {
        sink_char(&out, '[');
        for (size_t i = 1; i < ini.section_n; i++) {
            if (i > 1)
                sink_char(&out, ',');
            put_section(&ini, i);
        }
        SINK_LITERAL(&out, "]\n");
    } else {
        SINK_LITERAL(&out, "null\n");
    }
    ini_end(&ini);
}

static void put_profile(const char *path, const char *name)
{
    struct ini ini;
    size_t line;
    size_t at = ini_load(&ini, path, &line) == INI_OK ? ini_profile(&ini, name) : 0;
    text(at ? ini.sections[at] : "");
    sink_char(&out, '\n');
    ini_end(&ini);
}

static void put_number(bool (*read)(const char *, long *), const char *given)
{
    char line[40];
    long value = 0;
    int n = read(given, &value) ? snprintf(line, sizeof line, "%ld\n", value)
                                : snprintf(line, sizeof line, "no\n");
    sink_put(&out, line, (size_t)n);
}

static void put_bypass(const char *list, const char *host)
{
    bool yes = proxy_is_bypassed(list, iam_span_of(host));
    sink_put(&out, yes ? "yes\n" : "no\n", yes ? 4 : 3);
}

static void put_proxy(const char *host)
{
    struct proxy p;
    char line[2500];
    int n, rc = proxy_find(&p, iam_span_of(host));
    if (rc || !p.from)
        n = snprintf(line, sizeof line, "%s\n", rc ? "error" : "none");
    else
        n = snprintf(line, sizeof line, "%s %.*s %u %s\n", p.url.plain ? "http" : "https",
                     (int)p.url.host.n, p.url.host.p, (unsigned)p.url.port,
                     p.login ? p.authorization : "-");
    sink_put(&out, line, (size_t)n);
}

static void put_words(const char *given)
{
    char *room = malloc(strlen(given) + 1), *words[64];
    long n = words_split(given, room, words, 64);
    sink_char(&out, '[');
    for (long i = 0; i < n; i++) {
        if (i)
            SINK_LITERAL(&out, ", ");
        text(words[i]);
    }
    if (n < 0)
        text(n == WORDS_QUOTE ? "quote" : "escape");
    SINK_LITERAL(&out, "]\n");
    free(room);
}

static void put_optional(const char *s)
{
    SINK_LITERAL(&out, ", ");
    if (s)
        text(s);
    else
        SINK_LITERAL(&out, "null");
}

static int put_chain(int argc, char **argv)
{
    static struct args args;
    static struct settings settings;
    struct chain c = {0};
    argv[1] = "entities";
    int rc = args_parse(&args, argc, argv);
    if (rc == 0)
        rc = settings_load(&settings, &args);
    if (rc == 0 && (rc = chain_find(&c, &settings, &args)) == 0) {
        sink_char(&out, '[');
        text(c.source.method ? c.source.method : "none");
        put_optional(c.source.id);
        put_optional(c.source.secret);
        put_optional(c.source.token);
        put_optional(c.source.command);
        put_optional(c.source.role_arn);
        put_optional(c.source.session_name);
        for (size_t i = 0; i < c.role_n; i++) {
            put_optional(c.roles[i].arn);
            put_optional(c.roles[i].session_name);
            put_optional(c.roles[i].external_id);
            put_optional(c.roles[i].mfa_serial);
        }
        SINK_LITERAL(&out, "]\n");
    }
    chain_free(&c);
    settings_end(&settings);
    sink_flush(&out);
    return rc;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    sink_open(&out, STDOUT_FILENO);
    if (strcmp(what, "json") == 0)
        put_json();
    if (strcmp(what, "yaml") == 0)
        put_yaml();
    if (strcmp(what, "ascii") == 0)
        put_ascii();
    if (strcmp(what, "columns") == 0)
        put_columns();
    if (strcmp(what, "cell") == 0)
        put_cell((unsigned)atoi(argv[2]));
    if (strcmp(what, "dpop") == 0 && argc == 5)
        put_proofs(argv[2], argv[3], atol(argv[4]));
    if (strcmp(what, "chain") == 0)
        return put_chain(argc, argv);
    if (strcmp(what, "join") == 0) {
        char *line = words_join(argc - 2, argv + 2);
        sink_put(&out, line, strlen(line));
        free(line);
    }
    for (int i = 2; i < argc; i++) {
        if (strcmp(what, "ini") == 0)
            put_ini(argv[i]);
        else if (strcmp(what, "words") == 0)
            put_words(argv[i]);
        else if (strcmp(what, "seconds") == 0)
            put_number(args_seconds, argv[i]);
        else if (strcmp(what, "integer") == 0)
            put_number(args_integer, argv[i]);
        else if (strcmp(what, "profile") == 0 && i + 1 < argc) {
            put_profile(argv[i], argv[i + 1]);
            i++;
        } else if (strcmp(what, "bypass") == 0 && i + 1 < argc) {
            put_bypass(argv[i], argv[i + 1]);
            i++;
        } else if (strcmp(what, "proxy") == 0) {
            put_proxy(argv[i]);
        }
    }
    sink_flush(&out);
    return 0;
}
