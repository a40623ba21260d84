/* What an audit reads and prints, alone: probe COMMAND ...
 *   arns [-s I/N] [-k KEPT] [-r KEPT] VALUE...   each as --arn; then for each entry a line: number,
 *                      type, date (or -) and ARN, and on stderr the digest. -k: keeps the list;
 *                      -r: reads a kept one before
 *   print ROWS FORMAT OPTION...   rows on stdin, as below; OPTION: unused=SECONDS width=N now=US
 *                      color safe header pause
 *   status NOW THEN THRESHOLD   microseconds, seconds: the status, the days, and whether an ARN of then is young
 *   threshold TEXT...    for each a line: seconds, or "no"
 *   last UNUSED NUMBER*9   the last line; arns read gone failed young services used unused never
 *   wanted GIVEN... -- NAMESPACE=NAME...   what is said of namespaces that are in no report
 * A line of rows: words NAME=VALUE, VALUE in hex. "arn" begins an ARN, "row" a row of it, each ends with its line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/input.h"
#include "audit/namespaces.h"
#include "audit/row.h"
#include "text/values.h"

static struct sink out;

static long long number(const char *text)
{
    return strtoll(text, NULL, 10);
}

/* ---- arns ---- */

static void put_entries(struct input *in)
{
    struct input_entry e;
    char date[40];
    for (uint64_t i = 0; i < in->n && input_get(in, i, &e); i++) {
        struct iam_span day =
            e.create_date.present ? time_text(&e.create_date, date) : IAM_SPAN("-");
        printf("%llu\t%.*s\t%.*s\t%.*s\n", (unsigned long long)i, (int)(e.type.p ? e.type.n : 1),
               e.type.p ? e.type.p : "-", (int)day.n, day.p, (int)e.arn.n, e.arn.p);
    }
    fprintf(stderr, "digest %016llx\n", (unsigned long long)input_digest(in));
}

static int put_arns(int argc, char **argv)
{
    struct input in = {0};
    const char *keep = NULL;
    int code = 0;
    for (int i = 0; i < argc && !code; i++) {
        bool found;
        if (strcmp(argv[i], "-s") == 0)
            code = input_shard(&in, argv[++i]);
        else if (strcmp(argv[i], "-k") == 0)
            keep = argv[++i];
        else if (strcmp(argv[i], "-r") == 0)
            code = input_read_kept(&in, argv[++i], &found);
        else
            code = input_add_flag(&in, argv[i]);
    }
    if (!code)
        put_entries(&in);
    if (!code && keep)
        code = input_keep(&in, 0, keep);
    if (!code)
        code = input_check(&in);
    input_end(&in);
    return code;
}

/* ---- print ---- */

#define MOST 32

struct line {
    char name[MOST][40], *value[MOST];
    size_t length[MOST], n;
};

static void read_line(struct line *l, char *text)
{
    l->n = 0;
    for (char *word = strtok(text, " \n"); word && l->n < MOST; word = strtok(NULL, " \n")) {
        char *value = strchr(word, '=');
        size_t n = strlen(value + 1) / 2;
        l->value[l->n] = malloc(n + 1); /* so that a sanitizer sees its end */
        for (size_t i = 0; i < n; i++) {
            char two[3] = {value[1 + 2 * i], value[2 + 2 * i], 0};
            l->value[l->n][i] = (char)strtoul(two, NULL, 16);
        }
        l->value[l->n][n] = '\0';
        l->length[l->n] = n;
        snprintf(l->name[l->n++], sizeof l->name[0], "%.*s", (int)(value - word), word);
    }
}

static struct iam_span of(const struct line *l, const char *name)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->name[i], name) == 0)
            return (struct iam_span){l->value[i], l->length[i]};
    return (struct iam_span){NULL, 0};
}

static struct iam_time time_of(const struct line *l, const char *name)
{
    struct iam_time t = {.present = of(l, name).p != NULL};
    if (t.present)
        t.us = number(of(l, name).p);
    return t;
}

static void put_arn(struct audit_out *o, const struct line *l)
{
    struct audit_arn arn = {.arn = of(l, "Arn"),
                            .type = of(l, "Type"),
                            .create_date = time_of(l, "CreateDate"),
                            .young = of(l, "young").p,
                            .unknown = of(l, "unknown").p,
                            .newest = time_of(l, "newest"),
                            .newest_namespace = of(l, "namespace")};
    uint64_t *const counts[] = {&arn.services, &arn.used, &arn.unused, &arn.never};
    static const char *const names[] = {"services", "used", "unused", "never"};
    for (int i = 0; i < 4; i++)
        *counts[i] = of(l, names[i]).p ? (uint64_t)number(of(l, names[i]).p) : 0;
    arn.newest_days = audit_days(o->options.now_us, arn.newest.us);
    o->ops->arn(o, &arn);
}

static void put_row(struct audit_out *o, const struct line *l)
{
    struct audit_row row;
    const struct fields *fields = audit_fields(o->options.rows);
    memset(&row, 0, sizeof row);
    for (unsigned i = 0; i < fields->count; i++) {
        const struct field *f = &fields->field[i];
        char *at = (char *)&row + f->at;
        struct iam_span value = of(l, f->name);
        if (!value.p)
            continue;
        if (f->type == FIELD_TEXT) {
            memcpy(at, &value, sizeof value);
        } else if (f->type == FIELD_TIME) {
            struct iam_time t = time_of(l, f->name);
            memcpy(at, &t, sizeof t);
        } else {
            int64_t v = number(value.p);
            memcpy(at, &v, sizeof v);
            at[sizeof v] = true;
        }
    }
    if (!row.error_code.p && !row.status.p)
        audit_judge(&row, o->options.now_us, o->options.unused_for_s);
    if (o->ops->marks || audit_is_shown(&row, o->options.unused_for_s))
        o->ops->row(o, &row);
}

static int print(int argc, char **argv)
{
    static const struct {
        const char *name;
        const struct audit_out_ops *ops;
    } formats[] = {{"jsonl", &audit_jsonl}, {"csv", &audit_csv},   {"json", &audit_json},
                   {"text", &audit_text},   {"yaml", &audit_yaml}, {"table", &audit_table}};
    static char text[1 << 16];
    struct audit_totals totals = {0};
    struct audit_out o = {.sink = &out, .options = {.rows = audit_rows_of(argv[0])}};
    bool in_arn = false, pause_ = false;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(argv[1], formats[i].name) == 0)
            o.ops = formats[i].ops;
    for (int i = 2; i < argc; i++) {
        sscanf(argv[i], "unused=%ld", &o.options.unused_for_s);
        sscanf(argv[i], "width=%u", &o.options.width);
        sscanf(argv[i], "now=%ld", &o.options.now_us);
        o.options.color |= strcmp(argv[i], "color") == 0;
        o.options.csv_safe |= strcmp(argv[i], "safe") == 0;
        o.options.header |= strcmp(argv[i], "header") == 0;
        pause_ |= strcmp(argv[i], "pause") == 0;
    }
    o.ops->begin(&o);
    while (fgets(text, sizeof text, stdin)) {
        struct line l;
        read_line(&l, text + 4);
        if (strncmp(text, "arn ", 4) == 0) {
            if (in_arn)
                o.ops->arn_end(&o);
            put_arn(&o, &l);
            in_arn = true;
        } else {
            put_row(&o, &l);
        }
        if (pause_ && o.ops->pause)
            o.ops->pause(&o);
        for (size_t i = 0; i < l.n; i++)
            free(l.value[i]);
    }
    if (in_arn)
        o.ops->arn_end(&o);
    o.ops->end(&o, &totals);
    if (o.ops->free)
        o.ops->free(&o);
    sink_flush(&out);
    return o.error;
}

/* ---- numbers ---- */

static int put_status(char **argv)
{
    int64_t now = number(argv[0]), threshold = number(argv[2]);
    struct iam_time then = {.us = number(argv[1]), .present = true};
    struct audit_row row = {.last = then};
    audit_judge(&row, now, threshold);
    printf("%.*s %lld %d\n", (int)row.status.n, row.status.p, (long long)row.days_ago,
           audit_is_young(now, &then, threshold));
    return 0;
}

static int put_last(char **argv)
{
    uint64_t n[9];
    struct audit_format_options options = {.unused_for_s = number(argv[0])};
    struct say s;
    for (int i = 0; i < 9; i++)
        n[i] = (uint64_t)number(argv[1 + i]);
    struct audit_totals t = {n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], 0};
    say_begin(&s, "");
    audit_last_line(&s, &t, &options);
    printf("%.*s\n", (int)s.n, s.text);
    return 0;
}

static int put_wanted(int argc, char **argv)
{
    struct namespaces all;
    const char *names[16];
    size_t n = 0;
    int i = 0;
    for (; i < argc && strcmp(argv[i], "--") != 0; i++)
        names[n++] = argv[i];
    namespaces_begin(&all, names, n);
    for (int again = 0; again < 2; again++)
        for (int k = i + 1; k < argc; k++) {
            char *name = strchr(argv[k], '=');
            struct iam_service s = {.namespace_ = {argv[k], (size_t)(name - argv[k])},
                                    .name = iam_span_of(name + 1)};
            namespaces_look(&all, &s);
        }
    printf("%zu\n", namespaces_say(&all));
    namespaces_end(&all);
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    int code = 2;
    sink_open(&out, STDOUT_FILENO);
    if (strcmp(what, "arns") == 0)
        code = put_arns(argc - 2, argv + 2);
    else if (strcmp(what, "print") == 0 && argc > 3)
        code = print(argc - 2, argv + 2);
    else if (strcmp(what, "status") == 0 && argc == 5)
        code = put_status(argv + 2);
    else if (strcmp(what, "last") == 0 && argc == 12)
        code = put_last(argv + 2);
    else if (strcmp(what, "wanted") == 0)
        code = put_wanted(argc - 2, argv + 2);
    else if (strcmp(what, "threshold") == 0)
        for (int i = 2; i < argc; i++) {
            int64_t seconds;
            code = audit_threshold(argv[i], &seconds);
            printf(code ? "no\n" : "%lld\n", (long long)seconds);
        }
    fflush(stdout);
    return code;
}
