/* Lines for people on standard error. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "error_format.h"
#include "terminal.h"

#define HIDDEN_LEAST 8 /* a secret that is shorter is none */
#define HIDDEN_RUN 16  /* so much of one in a row is not shown either */
#define WAITS_MS 3000

static void (*hook)(void *);
static void *hook_arg;
static bool (*secret)(const void *, size_t, struct iam_span *);
static const void *secret_arg;
static const struct error_format *(*which_format)(void *);
static void *format_arg;

void say_hook(void (*before)(void *), void *arg)
{
    hook = before;
    hook_arg = arg;
}

void say_format(const struct error_format *(*which)(void *), void *arg)
{
    which_format = which;
    format_arg = arg;
}

void say_hide(bool (*next)(const void *, size_t, struct iam_span *), const void *arg)
{
    secret = next;
    secret_arg = arg;
}

static unsigned char small(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* How many bytes at the beginning of the text are of a secret: all of it, or a long run; 0: none. The names of
 * codings come in small letters, so that letters of either case are the same. */
static size_t secret_at(struct iam_span text)
{
    struct iam_span s;
    size_t most = 0;
    for (size_t i = 0; secret && secret(secret_arg, i, &s); i++) {
        size_t least = s.n < HIDDEN_RUN ? s.n : HIDDEN_RUN;
        for (size_t at = 0; s.n >= HIDDEN_LEAST && at + least <= s.n && least <= text.n; at++) {
            size_t n = 0;
            while (n < text.n && at + n < s.n && small(text.p[n]) == small(s.p[at + n]))
                n++;
            most = n >= least && n > most ? n : most;
        }
    }
    return most;
}

void say_begin(struct say *s, const char *first_words)
{
    s->n = s->hint = 0;
    s->code = s->message = (struct iam_span){NULL, 0};
    say_add(s, "%s", first_words);
}

static void add_list(struct say *s, const char *format, va_list list)
{
    size_t room = sizeof s->text - 1 - s->n; /* one byte is kept for the line's end */
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): every caller has begun it */
    int n = vsnprintf(s->text + s->n, room, format, list);
    if (n > 0)
        s->n += (size_t)n < room ? (size_t)n : room - 1;
}

void say_add(struct say *s, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    add_list(s, format, list);
    va_end(list);
}

void say_text(struct say *s, struct iam_span text)
{
    struct terminal_char shown;
    for (size_t i = 0; i < text.n;) {
        size_t hidden = secret_at((struct iam_span){text.p + i, text.n - i});
        if (hidden) {
            say_add(s, "(hidden)");
            i += hidden;
            continue;
        }
        i += terminal_char(text.p + i, text.n - i, &shown);
        if (sizeof s->text - 1 - s->n < shown.n)
            return;
        memcpy(s->text + s->n, shown.p, shown.n);
        s->n += shown.n;
    }
}

void say_quoted(struct say *s, struct iam_span text)
{
    char quoted[4 * 320 * 2 + 4]; /* the longest that is suggested: a Marker */
    bool fits = terminal_quote(text, quoted, sizeof quoted);
    for (size_t i = 0; fits && i < text.n; i++)
        fits = secret_at((struct iam_span){text.p + i, text.n - i}) == 0;
    say_add(s, "%s", fits ? quoted : "...");
}

void say_more(struct say *s, const char *first, const char *option, struct iam_span value)
{
    say_add(s, "There are more: %s", first);
    if (value.n == 0)
        return;
    say_add(s, "%sgo on with %s%s", *first ? ", or " : "", option, value.p[0] == '-' ? "=" : " ");
    say_quoted(s, value);
}

void say_string(struct say *s, const char *text)
{
    say_text(s, iam_span_of(text));
}

static void put_lines(const char *text, size_t size)
{
    if (hook)
        hook(hook_arg);
    for (size_t at = 0; at < size;) {
        ssize_t n = write(STDERR_FILENO, text + at, size - at);
        if (n <= 0 && errno != EINTR)
            return;
        at += n > 0 ? (size_t)n : 0;
    }
}

/* ---- errors with a code ---- */

void say_code(struct say *s, struct iam_span code, struct iam_span message)
{
    s->code = code;
    s->message = message;
}

/* An error of parameters or of configuration: "An error occurred (CODE): MESSAGE". */
static bool find_code(const struct say *s, struct iam_span *code, struct iam_span *message)
{
    static const char first[] = SAY_ERROR "An error occurred (";
    size_t n = sizeof first - 1;
    const char *p = s->text + n, *end = s->text + (s->hint ? s->hint : s->n);
    if (s->n < n || memcmp(s->text, first, n) != 0)
        return false;
    const char *close = memchr(p, ')', (size_t)(end - p));
    if (!close || end - close < 3 || memcmp(close, "): ", 3) != 0)
        return false;
    *code = (struct iam_span){p, (size_t)(close - p)};
    *message = (struct iam_span){close + 3, (size_t)(end - close - 3)};
    return true;
}

/* What the service said: without secrets, and without what a terminal would obey, but for the ends of lines and
 * tabs. What does not fit is left out. */
static struct iam_span harmless(struct iam_span text, char *room, size_t size)
{
    struct terminal_char shown;
    size_t n = 0;
    if (!text.p)
        return text;
    for (size_t i = 0; i < text.n;) {
        size_t hidden = secret_at((struct iam_span){text.p + i, text.n - i});
        size_t k = hidden ? hidden : terminal_char(text.p + i, text.n - i, &shown);
        struct iam_span put = hidden ? IAM_SPAN("(hidden)") : (struct iam_span){shown.p, shown.n};
        if (!hidden && (text.p[i] == '\n' || text.p[i] == '\t'))
            put = (struct iam_span){text.p + i, 1};
        if (put.n > size - n)
            break;
        memcpy(room + n, put.p, put.n);
        n += put.n;
        i += k;
    }
    return (struct iam_span){room, n};
}

static void put_error(const struct error_format *f, struct iam_span code, struct iam_span message)
{
    static struct sink errors;
    char codes[256], words[SAY_SIZE];
    sink_open(&errors, STDERR_FILENO);
    f->put(&errors, harmless(code, codes, sizeof codes), harmless(message, words, sizeof words));
    put_lines(errors.buf, errors.n); /* it is longer than any error */
    if (f->note)
        say_note("%s", f->note);
}

static const struct error_format *format_of_errors(void)
{
    return which_format ? which_format(format_arg) : NULL;
}

bool say_is_for_programs(void)
{
    const struct error_format *f = format_of_errors();
    return f && f->put;
}

void say_end(struct say *s)
{
    struct iam_span code = s->code, message = s->message;
    bool ours = !code.p && find_code(s, &code, &message);
    const struct error_format *f = code.p ? format_of_errors() : NULL;
    if (f && f->put) {
        put_error(f, code, message);
        return;
    }
    if (f && f->bare && ours) {
        size_t n = s->n;
        s->n = sizeof SAY_ERROR - 1;
        n -= (size_t)(message.p - s->text);
        memmove(s->text + s->n, message.p, n);
        s->n += n;
    }
    s->text[s->n++] = '\n';
    put_lines(s->text, s->n);
}

/* Whatever the arguments hold (a name, a path, a value of the user's), it stays one line. */
static void say_line(const char *first_words, const char *format, va_list list)
{
    struct say plain = {0}, s;
    add_list(&plain, format, list);
    const char *hint = memchr(plain.text, SAY_HINT[0], plain.n);
    size_t n = hint ? (size_t)(hint - plain.text) : plain.n;
    say_begin(&s, first_words);
    say_text(&s, (struct iam_span){plain.text, n});
    if (hint) {
        s.hint = s.n;
        say_text(&s, (struct iam_span){hint + 1, plain.n - n - 1});
    }
    say_end(&s);
}

int say_error(int exit_code, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    say_line(SAY_ERROR, format, list);
    va_end(list);
    return exit_code;
}

void say_note(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    say_line("tinyiam: ", format, list);
    va_end(list);
}

static bool patience;

void say_patience(bool wanted)
{
    patience = wanted;
}

void say_waits(uint32_t waited_ms, bool *told, const char *what)
{
    struct tm tm;
    char clock[16] = "";
    time_t since = time(NULL) - (time_t)(waited_ms / 1000);
    if (!patience || *told || waited_ms < WAITS_MS)
        return;
    *told = true;
    if (localtime_r(&since, &tm))
        (void)strftime(clock, sizeof clock, "%H:%M:%S", &tm);
    say_note("Waiting for %s since %s", what, clock);
}

void say_no_memory(void)
{
    static const char text[] =
        SAY_ERROR "There is not enough memory (ulimit -v, or a container's limit)\n";
    if (hook)
        hook(hook_arg);
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        _exit(CODE_OTHER); /* nobody to tell */
    _exit(CODE_OTHER);
}
