/* The command line against the table of options and the model. */
#include "args.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "formats.h"
#include "text/words.h"

#define UNKNOWN_MAX 24

struct unknown {
    const char *word[UNKNOWN_MAX];
    size_t n;
    bool more;
};

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

/* ---- options and the model ---- */

const struct iam_param *args_param(enum option o, unsigned command)
{
    const struct option_def *d = &option_defs[o];
    const struct command_def *c = &command_defs[command];
    if (!d->param || !(d->takers & c->kind))
        return NULL;
    const struct iam_param *p = param_of(c->op, d->param);
    return p ? p : param_of(c->first, d->param);
}

bool args_belongs(enum option o, unsigned command)
{
    return option_defs[o].commands & command_defs[command].kind || args_param(o, command);
}

const char *args_word(const struct iam_param *p, const char *before)
{
    const char *next = before ? before : p->name;
    next += strlen(next) + 1;
    return *next ? next : NULL;
}

bool args_one_page(const struct args *a)
{
    return command_defs[a->command].kind == ON_LIST &&
           (args_has(a, OPT_NO_PAGINATE) || args_has(a, OPT_MARKER));
}

/* --max-items is MaxItems where the list is read by hand, else the number of all. */
static const struct iam_param *param_given(const struct args *a, enum option o)
{
    if (o == OPT_MAX_ITEMS && args_one_page(a))
        return args_param(OPT_PAGE_SIZE, a->command);
    return args_param(o, a->command);
}

/* What is put into the request where it is no text. */
static long number_of(const struct args *a, int o)
{
    if (option_defs[o].kind == KIND_FLAG)
        return IAM_CHOICE_TRUE;
    return option_defs[o].kind == KIND_NO_FLAG ? IAM_CHOICE_FALSE : a->number[o];
}

void args_request(const struct args *a, const struct iam_operation *op, union iam_request *q)
{
    memset(q, 0, sizeof *q);
    for (int o = 0; o < OPT_COUNT; o++) {
        const struct iam_param *p = a->text[o] ? param_given(a, (enum option)o) : NULL;
        if (p && (p = param_of(op, p->name)) != NULL)
            param_put(p, q, a->text[o], number_of(a, o));
    }
}

/* ---- what is not understood ---- */

static const char *command_name(size_t i)
{
    return i == COMMAND_NONE ? NULL : command_defs[i].name;
}

static unsigned nearest_for;
static const char *option_name(size_t i)
{
    const struct option_def *d = &option_defs[i];
    bool here = args_belongs((enum option)i, nearest_for) && d->kind != KIND_REFUSED;
    return here ? d->name : NULL;
}

int args_option(const char *word, size_t n)
{
    for (int i = 0; i < OPT_COUNT; i++)
        if (strlen(option_defs[i].name) == n && memcmp(option_defs[i].name, word, n) == 0)
            return i;
    return -1;
}

static int bad_command(const char *word)
{
    const char *near = args_nearest(word, command_name, command_count);
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
static void advise_command(struct say *s, int o, unsigned command)
{
    const char *between = " ";
    if (command == COMMAND_ENTITIES && (o == OPT_ALL || o == OPT_WAIT)) {
        say_add(s, ". entities always waits, and prints every page: leave %s out",
                option_defs[o].name);
        return;
    }
    if (option_defs[o].instead) {
        say_add(s, ". There is no %s here: %s", option_defs[o].name, option_defs[o].instead);
        return;
    }
    say_add(s, ". %s belongs to", option_defs[o].name);
    for (unsigned c = 1; c < command_count; c++) {
        if (args_belongs((enum option)o, c)) {
            say_add(s, "%s%s", between, command_defs[c].name);
            between = ", ";
        }
    }
    if (option_defs[o].commands == ON_TOP)
        say_add(s, " tinyiam itself, without a command");
}

static void advise_option(struct say *s, const char *word, unsigned command)
{
    size_t n = strcspn(word, "=");
    int at = args_option(word, n);
    if (at >= 0 && option_defs[at].kind == KIND_REFUSED) {
        say_add(s, ". There is no %s here: %s", option_defs[at].name, option_defs[at].help);
        return;
    }
    if (at >= 0) {
        advise_command(s, at, command);
        return;
    }
    static const struct {
        const char *name, *instead;
    } others[] = {
        {"--quiet", "errors come by exit code and on stderr; --no-progress leaves progress out"},
        {"--silent", "errors come by exit code and on stderr; --no-progress leaves progress out"},
        {"--verbose", "--debug tells what happens"},
        {"--json", "that is the default: --output json"},
        {"--format", "--output json, text, table, jsonl or csv"},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strlen(others[i].name) == n && memcmp(others[i].name, word, n) == 0) {
            say_add(s, ". There is no %s here: %s", others[i].name, others[i].instead);
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

static int bad_options(const struct unknown *u, unsigned command)
{
    struct say s;
    say_begin(&s, SAY_ERROR "Unknown options: ");
    for (size_t i = 0; i < u->n; i++) {
        say_add(&s, "%s", i ? ", " : "");
        say_string(&s, u->word[i]);
    }
    if (u->more)
        say_add(&s, ", ...");
    for (size_t i = 0; i < u->n; i++) {
        const char *word = u->word[i];
        if (word[0] == '-' && word[1] == '-')
            advise_option(&s, word, command);
        else if (strncmp(word, "arn:", 4) == 0 && args_belongs(OPT_ARN, command))
            say_add(&s, ". An ARN is given as --arn ARN");
        else if (word[0] == '-' && word[1] != '\0')
            say_add(&s, ". Options begin with two dashes");
    }
    say_end(&s);
    return CODE_USAGE;
}

static int take_value(struct args *a, int o, const char *value)
{
    const struct option_def *d = &option_defs[o];
    a->text[o] = value;
    a->given[o]++;
    if (d->kind == KIND_INTEGER && !args_integer(value, &a->number[o]))
        return say_error(CODE_OTHER,
                         "invalid literal for int() with base 10: '%s' (%s takes a whole number)",
                         value, d->name);
    if (d->kind == KIND_SECONDS && !args_seconds(value, &a->number[o]))
        return say_error(CODE_OTHER,
                         "invalid literal for int() with base 10: '%s' (%s takes seconds)", value,
                         d->name);
    return 0;
}

static void say_choices(struct say *s, const char *choices)
{
    for (const char *p = choices; p && *p; p++)
        say_add(s, "%.*s", *p == '|' ? 2 : 1, *p == '|' ? ", " : p);
}

void args_say_formats(struct say *s, unsigned command)
{
    const char *between = "";
    for (unsigned i = 0; i < format_count; i++)
        if (format_is_of(&formats[i], command)) {
            say_add(s, "%s%s", between, formats[i].name);
            between = ", ";
        }
}

static bool is_choice(const struct option_def *d, const char *value, unsigned command)
{
    if (d->kind == KIND_FORMAT)
        return format_find(value, command) != NULL;
    return d->kind != KIND_CHOICE || args_is_choice(d->choices, value);
}

/* What is asked can be said once, but in an audit; of settings the last one wins. And is it one of the choices? */
static int check_given(const struct args *a, int o)
{
    const struct option_def *d = &option_defs[o];
    bool audit = command_defs[a->command].kind == ON_AUDIT;
    if (a->given[o] > 1 && d->kind == KIND_TEXT && d->param && !audit)
        return say_error(
            CODE_USAGE, PARAM_ERROR "argument %s: given twice, and it says what is asked: give one",
            d->name);
    if (!a->text[o] || is_choice(d, a->text[o], a->command))
        return 0;
    struct say s;
    say_begin(&s, SAY_ERROR PARAM_ERROR);
    say_add(&s, "argument %s: Found invalid choice '", d->name);
    say_string(&s, a->text[o]);
    say_add(&s, "'. Valid choices: ");
    if (d->kind == KIND_FORMAT)
        args_say_formats(&s, a->command);
    else
        say_choices(&s, d->choices);
    say_end(&s);
    return CODE_USAGE;
}

/* One word that begins with "--"; moves *i over its value. */
static int take_option(struct args *a, int argc, char **argv, int *i, struct unknown *unknown)
{
    const char *word = argv[*i], *equals = strchr(word, '=');
    int o = args_option(word, equals ? (size_t)(equals - word) : strlen(word));
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

const char *args_each(const struct args *a, enum option o, int *at)
{
    for (int i = *at + 1; i < a->argc; i++) {
        const char *word = a->argv[i], *equals = strchr(word, '=');
        int found = word[0] == '-' && word[1] == '-'
                        ? args_option(word, equals ? (size_t)(equals - word) : strlen(word))
                        : -1;
        if (found < 0 || !option_defs[found].value)
            continue;
        const char *value = equals ? equals + 1 : a->argv[++i];
        *at = i;
        if (found == (int)o)
            return value;
    }
    return NULL;
}

unsigned args_command(const char *word)
{
    for (unsigned c = 1; c < command_count; c++)
        if (strcmp(command_defs[c].name, word) == 0)
            return c;
    return COMMAND_NONE;
}

static int check_present(const struct args *a)
{
    struct say s;
    bool missing = false;
    say_begin(&s, SAY_ERROR PARAM_ERROR "the following arguments are required: ");
    for (int o = 0; o < OPT_COUNT; o++) {
        const struct iam_param *p = args_param((enum option)o, a->command);
        if (p && p->kind & IAM_PARAM_REQUIRED && !a->text[o]) {
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
        if (a->text[o] && !args_belongs((enum option)o, a->command)) {
            note_unknown(unknown, option_defs[o].name);
            if (option_defs[o].instead)
                note_unknown(unknown, a->text[o]);
        }
    if (unknown->n)
        return bad_options(unknown, a->command);
    int rc = 0;
    for (int o = 0; o < OPT_COUNT && rc == 0; o++)
        rc = check_given(a, o);
    if (rc == 0)
        rc = check_present(a);
    if (rc)
        return rc;
    if (a->command == COMMAND_CONFIGURE && !a->list)
        return say_error(CODE_USAGE,
                         PARAM_ERROR "the following arguments are required: subcommand. Here it is "
                                     "tinyiam configure list; aws configure changes the files");
    if (args_has(a, OPT_ONLY_ATTACHED) && args_has(a, OPT_NO_ONLY_ATTACHED))
        return say_error(CODE_USAGE, PARAM_ERROR "argument --no-only-attached: not allowed with "
                                                 "argument --only-attached");
    if (args_has(a, OPT_CLI_AUTO_PROMPT) && args_has(a, OPT_NO_CLI_AUTO_PROMPT))
        return say_error(CODE_USAGE,
                         PARAM_ERROR "Both --cli-auto-prompt and --no-cli-auto-prompt cannot be "
                                     "specified at the same time.");
    if (args_one_page(a) && (args_has(a, OPT_PAGE_SIZE) || args_has(a, OPT_STARTING_TOKEN)))
        return say_error(CODE_USAGE,
                         PARAM_ERROR
                         "Cannot specify --no-paginate along with pagination arguments: %s%s%s",
                         args_has(a, OPT_STARTING_TOKEN) ? "--starting-token" : "",
                         args_has(a, OPT_STARTING_TOKEN) && args_has(a, OPT_PAGE_SIZE) ? ", " : "",
                         args_has(a, OPT_PAGE_SIZE) ? "--page-size" : "");
    if (args_has(a, OPT_CHECKPOINT) && args_one_page(a))
        return say_error(CODE_USAGE, PARAM_ERROR "argument --checkpoint: does not go with one page "
                                                 "(--no-paginate, --marker)");
    if (args_has(a, OPT_CHECKPOINT) && command_defs[a->command].kind != ON_LIST &&
        command_defs[a->command].kind != ON_AUDIT && !args_has(a, OPT_ALL))
        return say_error(CODE_USAGE, PARAM_ERROR "argument --checkpoint: goes with --all only");
    if (args_has(a, OPT_CHECKPOINT) && !*a->text[OPT_CHECKPOINT])
        return say_error(CODE_USAGE,
                         PARAM_ERROR "argument --checkpoint: the name of the file is empty");
    return 0;
}

int args_parse(struct args *a, int argc, char **argv)
{
    struct unknown unknown = {.n = 0};
    bool service = false;
    memset(a, 0, sizeof *a);
    a->argc = argc;
    a->argv = argv;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (strcmp(word, "-h") == 0 || (strcmp(word, "help") == 0 && unknown.n == 0)) {
            a->text[OPT_HELP] = "";
        } else if (word[0] == '-' && word[1] == '-' && word[2]) {
            int rc = take_option(a, argc, argv, &i, &unknown);
            if (rc)
                return rc;
        } else if (a->command == COMMAND_NONE && !service && strcmp(word, "iam") == 0) {
            service = true; /* as it stands in front of the AWS CLI's commands */
        } else if (a->command == COMMAND_NONE && word[0] != '-' && unknown.n == 0) {
            a->command = args_command(word);
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

static bool in_set(const char *text, uint8_t kind)
{
    const unsigned char *p = (const unsigned char *)text;
    for (; *p; p++) {
        bool word = (*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') ||
                    (*p >= 'a' && *p <= 'z') || *p == '_' || *p == '-';
        if (kind == IAM_PARAM_WORD && !word)
            return false;
        if (kind == IAM_PARAM_MARKER &&
            (*p < 0x20 || *p > 0xC3)) /* U+0100 and above begin with C4 */
            return false;
    }
    return true;
}

static bool is_word(const struct iam_param *p, const char *text)
{
    for (const char *w = args_word(p, NULL); w; w = args_word(p, w))
        if (strcmp(w, text) == 0)
            return true;
    return false;
}

static void say_limit(struct say *s, const char *param, const char *kind, long have, long min,
                      long max)
{
    bool low = have < min;
    say_add(s, "\nInvalid %s for parameter %s, value: %ld, valid %s %s: %ld", kind, param, have,
            low ? "min" : "max", kind, low ? min : max);
}

/* Adds what is wrong with one parameter to the message; false: nothing is. */
static bool check_one(struct say *s, const struct iam_param *p, const char *text, long number)
{
    uint8_t kind = param_kind(p);
    long have = kind == IAM_PARAM_COUNT ? number : (long)args_characters(text);
    if (kind == IAM_PARAM_BOOL)
        return false;
    if (kind == IAM_PARAM_ENUM) {
        if (is_word(p, text))
            return false;
        say_add(s, "\nInvalid value for parameter %s, value: ", p->name);
        say_string(s, text);
        say_add(s, ", valid values: ");
        for (const char *w = args_word(p, NULL), *next; w; w = next) {
            next = args_word(p, w);
            say_add(s, "%s%s", w, next ? ", " : "");
        }
        return true;
    }
    if (have < p->min || have > p->max) {
        say_limit(s, p->name, kind == IAM_PARAM_COUNT ? "value" : "length", have, p->min, p->max);
        return true;
    }
    if (!in_set(text, kind)) {
        say_add(s, "\nInvalid value for parameter %s, value: ", p->name);
        say_string(s, text);
        say_add(s, ", valid characters: %s",
                kind == IAM_PARAM_MARKER ? "U+0020 to U+00FF" : "A-Z a-z 0-9 _ -");
        return true;
    }
    return false;
}

/* An audit's parameters of other operations than the one that it is named for. */
static bool check_audit(struct say *s, const struct args *a)
{
    const struct iam_param *p = param_of(&iam_op_entities, "ServiceNamespace");
    bool wrong = false;
    int at = 0;
    for (const char *v; (v = args_each(a, OPT_SERVICE_NAMESPACE, &at)) != NULL;)
        wrong |= check_one(s, p, v, 0);
    p = param_of(&iam_op_users, "PathPrefix");
    if (args_has(a, OPT_PATH_PREFIX))
        wrong |= check_one(s, p, a->text[OPT_PATH_PREFIX], 0);
    return wrong;
}

int args_check(const struct args *a)
{
    struct say s;
    bool wrong = false;
    say_begin(&s, SAY_ERROR PARAM_ERROR "Parameter validation failed:");
    if (command_defs[a->command].kind == ON_AUDIT)
        wrong = check_audit(&s, a);
    for (int o = 0; o < OPT_COUNT; o++) {
        const struct iam_param *p = a->text[o] ? param_given(a, (enum option)o) : NULL;
        if (p)
            wrong |= check_one(&s, p, a->text[o], a->number[o]);
    }
    if (args_has(a, OPT_MAX_ITEMS) && a->number[OPT_MAX_ITEMS] < 0 &&
        !param_given(a, OPT_MAX_ITEMS)) {
        say_limit(&s, "MaxItems", "value", a->number[OPT_MAX_ITEMS], 0, 0);
        wrong = true;
    }
    if (wrong)
        say_end(&s);
    return wrong ? CODE_USAGE : 0;
}
