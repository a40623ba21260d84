#include "args.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "text/words.h"

#define PARAM_ERROR "An error occurred (ParamValidation): "
#define UNKNOWN_MAX 24

struct unknown {
    const char *word[UNKNOWN_MAX];
    size_t n;
    bool more;
};

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
    long v = 0, scale = 1000;
    bool digits = false;
    for (; *text >= '0' && *text <= '9'; text++, digits = true)
        v = v > 1000000000 ? v : v * 10 + (*text - '0');
    v = v > INT_MAX / 1000 ? INT_MAX : v * 1000;
    if (*text == '.')
        for (text++; *text >= '0' && *text <= '9'; text++, digits = true) {
            scale /= 10;
            v += scale * (*text - '0');
        }
    *ms = v > INT_MAX ? INT_MAX : v;
    return digits && *text == '\0';
}

bool args_is_choice(const char *choices, const char *value)
{
    size_t n = strlen(value);
    for (const char *p = choices; n && p; p = strchr(p, '|'), p = p ? p + 1 : NULL)
        if (strncmp(p, value, n) == 0 && (p[n] == '|' || p[n] == '\0'))
            return true;
    return false;
}

const char *args_nearest(const char *given, const char *(*name)(size_t), size_t n)
{
    struct nearest nearest = nearest_begin(given);
    const char *best = NULL;
    for (size_t i = 0; i < n; i++) {
        const char *candidate = name(i);
        if (candidate && nearest_try(&nearest, candidate))
            best = candidate;
    }
    return best;
}

static const char *command_name(size_t i)
{
    return i == COMMAND_NONE ? NULL : command_defs[i].name;
}

static enum command nearest_for;
static const char *option_name(size_t i)
{
    const struct option_def *d = &option_defs[i];
    bool here = d->commands & (1u << nearest_for) && d->kind != KIND_REFUSED;
    return here ? d->name : NULL;
}

static int find_option(const char *word, size_t n)
{
    for (int i = 0; i < OPT_COUNT; i++)
        if (strlen(option_defs[i].name) == n && memcmp(option_defs[i].name, word, n) == 0)
            return i;
    return -1;
}

static int bad_command(const char *word)
{
    const char *near = args_nearest(word, command_name, COMMAND_COUNT);
    if (strcmp(word, "iam") == 0)
        return say_error(CODE_USAGE,
                         PARAM_ERROR "argument operation: Found invalid choice 'iam'. Leave the "
                                     "word out: tinyiam get-service-last-accessed-details ...");
    if (near)
        return say_error(CODE_USAGE,
                         PARAM_ERROR "argument operation: Found invalid choice '%s'. Maybe you "
                                     "meant: %s",
                         word, near);
    return say_error(
        CODE_USAGE, PARAM_ERROR "argument operation: Found invalid choice '%s'. See tinyiam --help",
        word);
}

static void note_unknown(struct unknown *u, const char *word)
{
    if (u->n < UNKNOWN_MAX)
        u->word[u->n++] = word;
    else
        u->more = true;
}

/* An option of other commands. */
static void advise_command(struct say *s, int o, enum command command)
{
    const char *between = " ";
    if (command == COMMAND_ENTITIES && (o == OPT_ALL || o == OPT_WAIT)) {
        say_add(s, ". entities always waits, and prints every page: leave %s out",
                option_defs[o].name);
        return;
    }
    say_add(s, ". %s belongs to", option_defs[o].name);
    for (int c = 1; c < COMMAND_COUNT; c++) {
        if (option_defs[o].commands & (1u << c)) {
            say_add(s, "%s%s", between, command_defs[c].name);
            between = ", ";
        }
    }
    if (option_defs[o].commands == (1u << COMMAND_NONE))
        say_add(s, " tinyiam itself, without a command");
}

static void advise_option(struct say *s, const char *word, enum command command)
{
    size_t n = strcspn(word, "=");
    int at = find_option(word, n);
    if (at >= 0 && option_defs[at].kind == KIND_REFUSED) {
        say_add(s, ". There is no %s here: %s", option_defs[at].name, option_defs[at].help);
        return;
    }
    if (at >= 0) {
        advise_command(s, at, command);
        return;
    }
    char given[64];
    const char *near = NULL;
    if (n < sizeof given) {
        memcpy(given, word, n);
        given[n] = '\0';
        nearest_for = command;
        near = args_nearest(given, option_name, OPT_COUNT);
    }
    if (near)
        say_add(s, ". Maybe you meant: %s", near);
    else
        say_add(s, ". See tinyiam %s%s--help", command_defs[command].name, command ? " " : "");
}

static int bad_options(const struct unknown *u, enum command command)
{
    struct say s;
    say_begin(&s, SAY_ERROR "Unknown options: ");
    for (size_t i = 0; i < u->n; i++) {
        say_add(&s, "%s", i ? ", " : "");
        say_string(&s, u->word[i]);
    }
    if (u->more)
        say_add(&s, ", ...");
    for (size_t i = 0; i < u->n; i++)
        if (u->word[i][0] == '-' && u->word[i][1] == '-')
            advise_option(&s, u->word[i], command);
    say_end(&s);
    return CODE_USAGE;
}

static int take_value(struct args *a, int o, const char *value)
{
    const struct option_def *d = &option_defs[o];
    if (a->text[o] && d->kind == KIND_TEXT && d->param) /* of settings the last one wins */
        return say_error(
            CODE_USAGE, PARAM_ERROR "argument %s: given twice, and it says what is asked: give one",
            d->name);
    a->text[o] = value;
    if (d->kind == KIND_INTEGER && !args_integer(value, &a->number[o]))
        return say_error(CODE_OTHER,
                         "invalid literal for int() with base 10: '%s' (%s takes a whole number)",
                         value, d->name);
    if (d->kind == KIND_SECONDS && !args_seconds(value, &a->number[o]))
        return say_error(CODE_OTHER,
                         "invalid literal for int() with base 10: '%s' (%s takes seconds)", value,
                         d->name);
    if (d->kind == KIND_CHOICE && !args_is_choice(d->choices, value)) {
        struct say s;
        say_begin(&s, SAY_ERROR PARAM_ERROR);
        say_add(&s, "argument %s: Found invalid choice '", d->name);
        say_string(&s, value);
        say_add(&s, "'. Valid choices: ");
        for (const char *p = d->choices; *p; p++)
            say_add(&s, "%.*s", *p == '|' ? 2 : 1, *p == '|' ? ", " : p);
        say_end(&s);
        return CODE_USAGE;
    }
    return 0;
}

/* One word that begins with "--"; moves *i over its value. */
static int take_option(struct args *a, int argc, char **argv, int *i, struct unknown *unknown)
{
    const char *word = argv[*i], *equals = strchr(word, '=');
    int o = find_option(word, equals ? (size_t)(equals - word) : strlen(word));
    bool refused = o >= 0 && option_defs[o].kind == KIND_REFUSED;
    if (o < 0 || refused) {
        note_unknown(unknown, word);
        if (refused && option_defs[o].value && !equals && *i + 1 < argc && argv[*i + 1][0] != '-')
            note_unknown(unknown, argv[++*i]);
        return 0;
    }
    const struct option_def *d = &option_defs[o];
    if (!d->value) {
        if (equals)
            return say_error(CODE_USAGE, PARAM_ERROR "argument %s: ignored explicit argument '%s'",
                             d->name, equals + 1);
        a->text[o] = "";
        return 0;
    }
    if (equals)
        return take_value(a, o, equals + 1);
    if (*i + 1 >= argc || (argv[*i + 1][0] == '-' && argv[*i + 1][1] == '-'))
        return say_error(CODE_USAGE, PARAM_ERROR "argument %s: expected one argument%s", d->name,
                         *i + 1 >= argc ? ""
                                        : " (one that begins with -- is given as OPTION=VALUE)");
    return take_value(a, o, argv[++*i]);
}

static enum command find_command(const char *word)
{
    for (int c = 1; c < COMMAND_COUNT; c++)
        if (strcmp(command_defs[c].name, word) == 0)
            return (enum command)c;
    return COMMAND_NONE;
}

static int check_present(const struct args *a)
{
    struct say s;
    bool missing = false;
    say_begin(&s, SAY_ERROR PARAM_ERROR "the following arguments are required: ");
    for (int o = 0; o < OPT_COUNT; o++) {
        if (option_defs[o].required & (1u << a->command) && !a->text[o]) {
            say_add(&s, "%s%s", missing ? ", " : "", option_defs[o].name);
            missing = true;
        }
    }
    if (missing)
        say_end(&s);
    return missing ? CODE_USAGE : 0;
}

static int check_together(const struct args *a, struct unknown *unknown)
{
    for (int o = 0; o < OPT_COUNT; o++)
        if (a->text[o] && !(option_defs[o].commands & (1u << a->command)))
            note_unknown(unknown, option_defs[o].name);
    if (unknown->n)
        return bad_options(unknown, a->command);
    int rc = check_present(a);
    if (rc)
        return rc;
    if (a->command == COMMAND_CONFIGURE && !a->list)
        return say_error(CODE_USAGE,
                         PARAM_ERROR "the following arguments are required: subcommand. Here it is "
                                     "tinyiam configure list; aws configure changes the files");
    if (args_has(a, OPT_CHECKPOINT) && !args_has(a, OPT_ALL))
        return say_error(CODE_USAGE, PARAM_ERROR "argument --checkpoint: goes with --all only");
    if (args_has(a, OPT_CHECKPOINT) && !*a->text[OPT_CHECKPOINT])
        return say_error(CODE_USAGE,
                         PARAM_ERROR "argument --checkpoint: the name of the file is empty");
    return 0;
}

int args_parse(struct args *a, int argc, char **argv)
{
    struct unknown unknown = {.n = 0};
    memset(a, 0, sizeof *a);
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (strcmp(word, "-h") == 0 || (strcmp(word, "help") == 0 && unknown.n == 0)) {
            a->text[OPT_HELP] = "";
        } else if (word[0] == '-' && word[1] == '-' && word[2]) {
            int rc = take_option(a, argc, argv, &i, &unknown);
            if (rc)
                return rc;
        } else if (a->command == COMMAND_NONE && word[0] != '-' && unknown.n == 0) {
            a->command = find_command(word);
            if (a->command == COMMAND_NONE)
                return bad_command(word);
        } else if (a->command == COMMAND_CONFIGURE && !a->list && strcmp(word, "list") == 0) {
            a->list = true;
        } else {
            note_unknown(&unknown, word);
        }
    }
    if (args_has(a, OPT_HELP) || args_has(a, OPT_VERSION))
        return 0;
    if (a->command == COMMAND_NONE && unknown.n == 0 && !args_has(a, OPT_COMPLETION))
        return say_error(CODE_USAGE,
                         PARAM_ERROR "the following arguments are required: command. See "
                                     "tinyiam --help");
    return check_together(a, &unknown);
}

size_t args_characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static bool in_set(const char *text, enum char_set set)
{
    const unsigned char *p = (const unsigned char *)text;
    for (; *p; p++) {
        bool word = (*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') ||
                    (*p >= 'a' && *p <= 'z') || *p == '_' || *p == '-';
        if (set == CHARS_NAMESPACE && !word)
            return false;
        if (set == CHARS_MARKER && (*p < 0x20 || *p > 0xC3)) /* U+0100 and above begin with C4 */
            return false;
    }
    return true;
}

/* Adds what is wrong with one parameter to the message; false: nothing is. */
static bool check_one(struct say *s, const struct option_def *d, const char *text, long number)
{
    long have = d->kind == KIND_INTEGER ? number : (long)args_characters(text);
    const char *kind = d->kind == KIND_INTEGER ? "value" : "length";
    if ((d->min || d->max) && (have < d->min || have > d->max)) {
        bool low = have < d->min;
        say_add(s, "\nInvalid %s for parameter %s, value: %ld, valid %s %s: %d", kind, d->param,
                have, low ? "min" : "max", kind, low ? d->min : d->max);
        return true;
    }
    if (d->choices && !args_is_choice(d->choices, text)) {
        say_add(s, "\nInvalid value for parameter %s, value: ", d->param);
        say_string(s, text);
        say_add(s, ", valid values: ");
        for (const char *p = d->choices; *p; p++)
            say_add(s, "%.*s", *p == '|' ? 2 : 1, *p == '|' ? ", " : p);
        return true;
    }
    if (!in_set(text, d->chars)) {
        say_add(s, "\nInvalid value for parameter %s, value: ", d->param);
        say_string(s, text);
        say_add(s, ", valid characters: %s",
                d->chars == CHARS_MARKER ? "U+0020 to U+00FF" : "A-Z a-z 0-9 _ -");
        return true;
    }
    return false;
}

int args_check(const struct args *a)
{
    struct say s;
    bool wrong = false;
    say_begin(&s, SAY_ERROR PARAM_ERROR "Parameter validation failed:");
    for (int o = 0; o < OPT_COUNT; o++)
        if (a->text[o] && option_defs[o].param)
            wrong |= check_one(&s, &option_defs[o], a->text[o], a->number[o]);
    if (wrong)
        say_end(&s);
    return wrong ? CODE_USAGE : 0;
}
