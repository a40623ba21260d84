/* Lines and documents of an audit's input: from the command line, standard input and files. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/settings.h"
#include "input_parts.h"
#include "text/say.h"
#include "text/words.h"

#define CHUNK 65536

/* What a line is: ours; or one of what the AWS CLI prints with --output text, of which the first word says which
 * member of the reply it is ("ROLES", a tab, the columns by their names: Arn, ..., CreateDate, ...). */
enum line_kind { LINE_OWN, LINE_LIST, LINE_PASSED };

struct lines {
    struct input *input;
    enum line_kind kind;
    bool begun;     /* a word of this line has been seen */
    bool comment;   /* up to its end */
    bool goes_on;   /* it says itself that there is more of the list */
    bool aws_text;  /* a line of LINE_LIST has been seen */
    uint64_t entry; /* of the ARN before; 0: none in this line */
    bool has_arn;   /* in this line, of whatever shard */
    bool dated;
    char day[11];   /* "2018-10-24", whose time may come next; "": none */
    uint64_t words; /* that were not empty */
    struct word word;
};

enum { AT_START, IN_LINES, IN_JSON };

struct reader {
    const char *name; /* for people */
    bool is_value;    /* of the option itself */
    int where;
    uint64_t at, line; /* bytes and lines before this one */
    unsigned mark;     /* bytes of a byte order mark */
    struct lines lines;
    struct input_json json;
};

/* ---- lines ---- */

/* One mark at the end (or the beginning) of a word that people put around it. */
static size_t quote_at(struct iam_span text, bool end)
{
    static const char *const quotes[] = {
        "\"", "'", "`", "\xE2\x80\x9C", "\xE2\x80\x9D", "\xE2\x80\x98", "\xE2\x80\x99"};
    for (size_t i = 0; i < sizeof quotes / sizeof *quotes; i++) {
        size_t n = strlen(quotes[i]);
        if (text.n >= n && memcmp(end ? text.p + text.n - n : text.p, quotes[i], n) == 0)
            return n;
    }
    return 0;
}

/* Without its quotes, and without the comma that stands behind them in a list of JSON. */
static struct iam_span bare(struct iam_span text)
{
    size_t n;
    if (text.n > 1 && text.p[text.n - 1] == ',' &&
        quote_at((struct iam_span){text.p, text.n - 1}, true))
        text.n--;
    while ((n = quote_at(text, true)) != 0)
        text.n -= n;
    while ((n = quote_at(text, false)) != 0)
        text = (struct iam_span){text.p + n, text.n - n};
    return text;
}

/* The name of a member as the AWS CLI's text has it: "STATEMENT", "AWS:SOURCEACCOUNT". */
static bool is_upper_case(struct iam_span text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] >= 'a' && text.p[i] <= 'z')
            return false;
    return text.p[0] >= 'A' && text.p[0] <= 'Z';
}

/* The first word of a line, with a tab behind it: does it say what the line is? */
static bool take_title(struct lines *l, struct iam_span word)
{
    static const char *const lists[] = {
        "USERS",          "GROUPS",          "ROLES",          "POLICIES",
        "USERDETAILLIST", "GROUPDETAILLIST", "ROLEDETAILLIST", NULL};
    static const char *const token[] = {"NEXTTOKEN", NULL};
    if (span_is_any(word, lists))
        l->kind = LINE_LIST;
    else if (l->aws_text && is_upper_case(word))
        l->kind = LINE_PASSED;
    l->goes_on |= l->kind == LINE_PASSED && span_is_any(word, token);
    l->aws_text |= l->kind == LINE_LIST;
    return l->kind != LINE_OWN;
}

/* A date without a time is midnight, where no time comes behind it. */
static void settle_day(struct lines *l)
{
    struct iam_time created;
    if (l->day[0] && input_date(iam_span_of(l->day), &created))
        input_set_date(l->input, l->entry, &created);
    l->day[0] = '\0';
}

/* "19:47:31", of the day before it. */
static bool take_time(struct lines *l, struct iam_span word)
{
    struct iam_time created;
    char both[64];
    if (!l->day[0] || word.n < 5 || word.n > 40 || word.p[2] != ':')
        return false;
    int n = snprintf(both, sizeof both, "%sT%.*s", l->day, (int)word.n, word.p);
    if (!input_date((struct iam_span){both, (size_t)n}, &created))
        return false;
    input_set_date(l->input, l->entry, &created);
    l->day[0] = '\0';
    return true;
}

/* Is it the date of the ARN before it in this line, or its time? */
static bool take_date(struct lines *l, struct iam_span word)
{
    struct iam_time created;
    if (!l->has_arn)
        return false;
    if (take_time(l, word))
        return true;
    settle_day(l);
    if (l->dated || !input_date(word, &created))
        return false;
    l->dated = true;
    if (word.n == 10) {
        memcpy(l->day, word.p, 10);
        l->day[10] = '\0';
    } else {
        input_set_date(l->input, l->entry, &created);
    }
    return true;
}

/* What a page of text begins with: IsTruncated, and behind it a Marker where it goes on. */
static bool take_truncated(struct lines *l, struct iam_span word)
{
    static const char *const truncated[] = {"True", NULL}, *const whole[] = {"False", NULL};
    if (l->words > 1 || !(span_is_any(word, truncated) || span_is_any(word, whole)))
        return false;
    l->goes_on = *word.p == 'T';
    l->kind = LINE_PASSED;
    return true;
}

static void take_word(struct lines *l, char behind)
{
    bool cut = l->word.n > sizeof l->word.p, first = !l->begun;
    struct iam_span word = bare(word_text(&l->word));
    l->begun = true;
    l->words += word.n != 0;
    if (word.n == 0 || l->kind == LINE_PASSED || (first && take_truncated(l, word)) ||
        (first && behind == '\t' && take_title(l, word)))
        return;
    if (l->kind == LINE_LIST && (l->has_arn || !input_arn_type(word).p)) {
        if (!l->dated)
            take_date(l, word);
        return;
    }
    if (l->kind == LINE_OWN && take_date(l, word))
        return;
    l->entry = input_put(l->input, word, cut, NULL);
    l->has_arn = true;
    l->dated = false;
}

static void lines_byte(struct lines *l, char c)
{
    bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
    if (blank && l->word.n) {
        take_word(l, c);
        l->word.n = 0;
    } else if (!blank && !l->comment) {
        l->comment = c == '#' && l->word.n == 0;
        if (!l->comment)
            word_add(&l->word, c);
    }
    if (c == '\n') {
        settle_day(l);
        l->begun = l->comment = l->has_arn = l->dated = false;
        l->kind = LINE_OWN;
        l->entry = 0;
    }
}

/* ---- one source ---- */

static const unsigned char byte_order[] = {0xEF, 0xBB, 0xBF};

/* What looked like the beginning of a byte order mark was none. */
static void no_mark(struct reader *r)
{
    for (unsigned i = 0; i < r->mark && i < sizeof byte_order; i++)
        lines_byte(&r->lines, (char)byte_order[i]);
    r->where = IN_LINES;
}

static void reader_begin(struct reader *r, struct input *in, const char *name)
{
    memset(r, 0, sizeof *r);
    r->name = name;
    r->lines.input = in;
    input_json_begin(&r->json, in);
}

/* Where the first byte that is no blank decides; a byte order mark before it does not count. */
static void at_start(struct reader *r, unsigned char c)
{
    if (r->at == r->mark && r->mark < sizeof byte_order && c == byte_order[r->mark]) {
        r->mark++;
        return;
    }
    if (r->mark == 1 || r->mark == 2)
        no_mark(r);
    else if (c == '{' || c == '[')
        r->where = IN_JSON;
    else if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
        r->where = IN_LINES;
}

static int damaged(const struct reader *r, const char *wrong)
{
    return say_error(
        CODE_USAGE, "argument --arn: the document in %s is damaged: %s, at byte %llu (line %llu)",
        r->name, wrong, (unsigned long long)r->at + 1, (unsigned long long)r->line + 1);
}

static int reader_feed(struct reader *r, const char *p, size_t n)
{
    for (; n; p++, n--, r->at++) {
        const char *wrong = NULL;
        if (r->where == AT_START)
            at_start(r, (unsigned char)*p);
        if (*p == '\0')
            return say_error(CODE_USAGE,
                             "argument --arn: %s is no text: byte %llu is a NUL (is it UTF-16, as "
                             "PowerShell's > writes it? UTF-8 is needed)",
                             r->name, (unsigned long long)r->at + 1);
        if (r->where == IN_LINES)
            lines_byte(&r->lines, *p);
        else if (r->where == IN_JSON)
            wrong = input_json_byte(&r->json, (unsigned char)*p);
        if (wrong)
            return damaged(r, wrong);
        r->line += *p == '\n';
    }
    return CODE_DONE;
}

static int reader_end(struct reader *r)
{
    const char *wrong = NULL;
    if (r->where == AT_START && r->mark < sizeof byte_order)
        no_mark(r);
    if (r->where == IN_JSON)
        wrong = input_json_end(&r->json);
    else
        lines_byte(&r->lines, '\n');
    if (wrong)
        return damaged(r, wrong);
    /* A list of nothing is "[]". Where there is nothing at all, whoever should have written it has failed. */
    if (r->where != IN_JSON && !r->lines.words)
        return say_error(CODE_USAGE, "argument --arn: %s %s", r->name,
                         r->is_value ? "is empty"
                                     : "is empty: did what should have written it fail?");
    if (r->where == IN_JSON && !r->json.found && !r->json.known)
        return say_error(CODE_USAGE,
                         "argument --arn: the document in %s has no ARN of a user, group, role or "
                         "policy, and no list of them",
                         r->name);
    if (r->json.goes_on || r->lines.goes_on)
        say_note("%s holds a part of a list that goes on: only what is in it is audited", r->name);
    return CODE_DONE;
}

static int read_all(struct reader *r, int fd)
{
    char *chunk = malloc(CHUNK);
    int code = CODE_DONE;
    if (!chunk)
        say_no_memory();
    while (!code) {
        ssize_t n = read(fd, chunk, CHUNK);
        if (n == 0)
            code = reader_end(r);
        if (n == 0)
            break;
        if (n < 0 && errno != EINTR)
            code = say_error(r->at ? CODE_OTHER : CODE_USAGE,
                             "argument --arn: %s cannot be read: %s", r->name, strerror(errno));
        if (n > 0)
            code = reader_feed(r, chunk, (size_t)n);
    }
    free(chunk);
    return code;
}

static int read_file(struct reader *r, const char *given)
{
    char path[PATH_MAX];
    if (!settings_path(given, path, sizeof path))
        return say_error(CODE_USAGE, "argument --arn: the path of %s is too long", r->name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return say_error(CODE_USAGE, "argument --arn: %s cannot be read: %s", r->name,
                         strerror(errno));
    int code = read_all(r, fd);
    close(fd);
    return code;
}

/* A file's name, given without what says that it is one. */
static bool is_bare_name(const char *value)
{
    struct stat st;
    return strncmp(value, "arn:", 4) != 0 && stat(value, &st) == 0 && !S_ISDIR(st.st_mode);
}

int input_add_flag(struct input *in, const char *value)
{
    const char *file = *value == '@'                       ? value + 1
                       : strncmp(value, "file://", 7) == 0 ? value + 7
                                                           : NULL;
    struct reader *r;
    int code;
    if (!file && strcmp(value, "-") != 0 && is_bare_name(value))
        return say_error(CODE_USAGE,
                         "An error occurred (ParamValidation): argument --arn: '%s' is no ARN, but "
                         "there is a file of that name: --arn @%s reads it",
                         value, value);
    if ((r = malloc(sizeof *r)) == NULL)
        say_no_memory();
    reader_begin(r, in, file ? file : "standard input");
    if (strcmp(value, "-") == 0 && in->used_stdin) {
        code = say_error(CODE_USAGE, "argument --arn: - is standard input, which can be read once");
    } else if (strcmp(value, "-") == 0) {
        in->used_stdin = true;
        code = read_all(r, STDIN_FILENO);
    } else if (file) {
        code = read_file(r, file);
    } else {
        r->name = "its value";
        r->is_value = true;
        code = reader_feed(r, value, strlen(value));
        code = code ? code : reader_end(r);
    }
    free(r);
    return code ? code : input_check(in);
}
