/* Completion: what may stand at the cursor, by the tables of commands and options. */
#define _DEFAULT_SOURCE /* strdup */
#include "complete.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args/formats.h"
#include "text/terminal.h"

/* What is asked: the words before the cursor, and the one at it. */
struct ask {
    struct settings *settings;
    char **words; /* the command's own name first */
    int n;        /* the one at the cursor included */
    bool bash;
    char quote;         /* bash: the quote that is open at the cursor; 0: none */
    const char *behind; /* bash: the end of the line, which is replaced */

    /* what the words before the cursor say */
    unsigned command;
    bool list, service;    /* "configure list", a leading "iam" */
    int option;            /* whose value is at the cursor; -1: none's */
    bool given[OPT_COUNT]; /* options that are there already */

    /* the word at the cursor: what stands before the value, and the value as far as it is there */
    const char *word, *value;
};

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Text as bash takes it for itself behind what stands there, in this kind of quotes. Within double ones a ! is a word of
 * the history, which no backslash prevents: it stands between two pairs of them. */
static void put_quoted(const char *p, size_t n, char quote)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];
        bool plain = c >= 0x80 || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
                     strchr("_-+./:=@%,", c);
        bool escape = quote == '"' ? strchr("\"\\$`", c) != NULL : !quote && !plain;
        if (quote == '\'' && c == '\'')
            fputs("'\\''", stdout);
        else if (quote == '"' && c == '!')
            fputs("\"\\!\"", stdout);
        else
            printf("%s%c", escape ? "\\" : "", c);
    }
}

/* The text behind a word: the path of a file, for example. */
static void put_shown(const char *p, size_t n)
{
    struct terminal_char shown;
    for (size_t i = 0; i < n;) {
        i += terminal_char(p + i, n - i, &shown);
        fwrite(shown.p, 1, shown.n, stdout);
    }
}

/* Something that the value may become. A name that a terminal must not be shown as it is is offered to nobody: it is a
 * line of the answer, and the shell shows it. */
static void offer(const struct ask *q, const char *p, size_t n, const char *text, size_t text_n)
{
    size_t have = strlen(q->value);
    if (!terminal_is_plain((struct iam_span){p, n}))
        return;
    if (!q->bash) {
        printf("%.*s%.*s\t", (int)(q->value - q->word), q->word, (int)n, p);
        put_shown(text, text_n);
        putchar('\n');
    } else if (n >= have && memcmp(p, q->value, have) == 0) {
        fputs(q->behind, stdout);
        put_quoted(p + have, n - have, q->quote);
        putchar('\n');
    }
}

static void offer_word(const struct ask *q, const char *word, const char *text)
{
    offer(q, word, strlen(word), text, strlen(text));
}

static void offer_files(const struct ask *q)
{
    printf("\tfiles\t%.*s\n%s\n", (int)(q->value - q->word), q->word, q->value);
}

/* "a|b|c" */
static void offer_choices(const struct ask *q, const char *choices)
{
    for (size_t n; choices && *choices; choices += n + (choices[n] == '|')) {
        n = strcspn(choices, "|");
        offer(q, choices, n, "", 0);
    }
}

/* Lines of a word, a tab and a text; others are comments. */
static void offer_lines(const struct ask *q, const char *lines)
{
    for (size_t n; *lines; lines += n + (lines[n] == '\n')) {
        n = strcspn(lines, "\n");
        size_t word = strcspn(lines, "\t\n");
        if (*lines != '#' && word < n)
            offer(q, lines, word, lines + word + 1, n - word - 1);
    }
}

static void offer_profiles(const struct ask *q)
{
    struct settings *s = q->settings;
    if (settings_files(s))
        return;
    for (size_t i = 1; i < s->config.section_n; i++)
        if (s->config.profiles[i])
            offer_word(q, s->config.profiles[i], s->config_path);
    for (size_t i = 1; i < s->shared.section_n; i++)
        if (!ini_profile(&s->config, s->shared.sections[i]))
            offer_word(q, s->shared.sections[i], s->shared_path);
}

/* An audit takes them from files, too. */
static void offer_arns(struct ask *q)
{
    static const char *const before[] = {"@", "file://"};
    for (size_t i = 0; i < 2 && command_defs[q->command].kind == ON_AUDIT; i++)
        if (begins(q->value, before[i])) {
            q->value += strlen(before[i]);
            offer_files(q);
            return;
        }
}

/* The parameter that an option stands for, in this command or in whichever. */
static const struct iam_param *param_for(const struct ask *q, int o)
{
    const struct iam_param *p = args_param((enum option)o, q->command);
    for (unsigned c = 0; c < command_count && !p && q->command == COMMAND_NONE; c++)
        p = args_param((enum option)o, c);
    return p;
}

static void offer_values(struct ask *q)
{
    const struct option_def *d = &option_defs[q->option];
    const struct iam_param *p = param_for(q, q->option);
    if (d->kind == KIND_REFUSED || !d->value)
        return;
    if (strcmp(d->value, "FILE") == 0)
        offer_files(q);
    else if (d->values == VALUES_ARN)
        offer_arns(q);
    else if (d->values == VALUES_PROFILE)
        offer_profiles(q);
    else if (d->values == VALUES_REGION)
        offer_lines(q, complete_regions);
    else if (d->values == VALUES_SERVICE)
        offer_lines(q, complete_services);
    if (d->kind == KIND_TEXT && d->choices && strrchr(q->value, ','))
        q->value = strrchr(q->value, ',') + 1;
    offer_choices(q, d->choices);
    for (unsigned i = 0; i < format_count && (int)d->kind == KIND_FORMAT; i++)
        if (format_is_of(&formats[i], q->command))
            offer_word(q, formats[i].name, "");
    for (const char *w = p && param_kind(p) == IAM_PARAM_ENUM ? args_word(p, NULL) : NULL; w;
         w = args_word(p, w))
        offer_word(q, w, "");
}

/* Before there is a command, those that every command has. */
static bool is_option_here(const struct ask *q, int o)
{
    bool every = (option_defs[o].commands & ON_EVERY) == ON_EVERY;
    return help_lists(o, q->command) ||
           (q->command == COMMAND_NONE && every && option_defs[o].kind != KIND_REFUSED);
}

/* An option that is there already does not come again, but for what an audit takes several of. */
static void offer_options(const struct ask *q)
{
    bool audit = command_defs[q->command].kind == ON_AUDIT;
    for (int o = 0; o < OPT_COUNT; o++) {
        const struct option_def *d = &option_defs[o];
        bool again = audit && d->kind == KIND_TEXT && d->param;
        if (is_option_here(q, o) && (!q->given[o] || again))
            offer_word(q, d->name, help_of(o, q->command));
    }
}

static void offer_commands(const struct ask *q)
{
    for (unsigned c = 1; c < command_count; c++)
        offer_word(q, command_defs[c].name, command_defs[c].help);
}

/* What the words before the cursor say, as args_parse() takes them. */
static void read_words(struct ask *q)
{
    q->option = -1;
    for (int i = 1; i < q->n - 1; i++) {
        const char *word = q->words[i], *equals = strchr(word, '=');
        int o = args_option(word, equals ? (size_t)(equals - word) : strlen(word));
        if (o >= 0) {
            q->given[o] = true;
            if (option_defs[o].value && !equals && ++i == q->n - 1)
                q->option = o;
        } else if (q->command == COMMAND_NONE && !q->service && strcmp(word, "iam") == 0) {
            q->service = true;
        } else if (q->command == COMMAND_NONE) {
            q->command = args_command(word);
        } else if (q->command == COMMAND_CONFIGURE && strcmp(word, "list") == 0) {
            q->list = true;
        }
    }
}

static void answer(struct ask *q)
{
    read_words(q);
    q->word = q->value = q->words[q->n - 1];
    const char *equals = begins(q->word, "--") ? strchr(q->word, '=') : NULL;
    if (q->option < 0 && equals) {
        q->option = args_option(q->word, (size_t)(equals - q->word));
        q->value = equals + 1;
    }
    bool name = *q->word == '-'; /* of an option */
    if (q->option >= 0)
        offer_values(q);
    else if (!name && q->command == COMMAND_NONE)
        offer_commands(q);
    else if (!name && q->command == COMMAND_CONFIGURE && !q->list)
        offer_word(q, "list", command_defs[COMMAND_CONFIGURE].help);
    else if (!equals)
        offer_options(q);
}

/* Cuts a line of bash's into its words, in place: backslashes and quotes are taken away. The last word ends at the end
 * of the line, and may be empty. Gives their number; *quote: what is open there. */
static int cut_words(char *line, char **words, char *quote)
{
    int n = 0;
    char *out = line;
    bool in_word = false;
    *quote = 0;
    for (const char *p = line; *p; p++) {
        bool blank = !*quote && strchr(" \t\n", *p);
        if (!blank && !in_word)
            words[n++] = out;
        else if (blank && in_word)
            *out++ = '\0';
        in_word = !blank;
        if (blank)
            continue;
        bool escape = *p == '\\' && p[1] && *quote != '\'';
        if (escape && (!*quote || strchr("\"\\$`", p[1])))
            *out++ = *++p;
        else if (*quote ? *p == *quote : *p == '"' || *p == '\'')
            *quote = *quote ? 0 : *p;
        else
            *out++ = *p;
    }
    if (!in_word)
        words[n++] = out;
    *out = '\0';
    return n;
}

int complete_line(struct settings *settings, int n, char **words)
{
    struct ask q = {.settings = settings, .words = words + 1, .n = n - 1};
    char *line = NULL;
    q.bash = n == 3 && strcmp(words[0], "bash") == 0;
    if (q.bash) {
        line = strdup(words[1]);
        q.words = line ? calloc(strlen(line) + 1, sizeof *q.words) : NULL;
        q.behind = words[2];
        q.n = q.words ? cut_words(line, q.words, &q.quote) : 0;
    }
    if (q.n >= 2)
        answer(&q);
    settings_end(settings);
    if (q.bash)
        free(q.words);
    free(line);
    return q.n >= 2 ? 0 : CODE_USAGE;
}

void complete_script(const char *shell)
{
    fputs(strcmp(shell, "bash") == 0   ? complete_bash
          : strcmp(shell, "fish") == 0 ? complete_fish
                                       : complete_zsh,
          stdout);
}
