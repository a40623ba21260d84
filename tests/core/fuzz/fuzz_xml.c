/* The tokenizer against itself and against expat: the fast tier, the byte machine, and any split of
 * either report the same and refuse at the same byte; expat agrees, or differs for a reason of the list in
 * xml_expat.h. Every piece of input ends at the end of mapped memory.
 *
 *   fuzz_xml [--seconds N] [--seed N]   documents made from the schema and damaged next to tags
 *   fuzz_xml --case N                   the one that a failure printed
 *   fuzz_xml FILE...
 * With TINYIAM_LIBFUZZER defined: a libFuzzer target with a mutator of its own. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fuzz_run.h"
#include "xml_expat.h"
#include "xml_log.h"
#include "xml_make.h"

static unsigned long seen[XML_DIFFER + 1];
static unsigned long long this_case;

static void print_escaped(const char *label, const char *s, size_t n)
{
    size_t i;

    fprintf(stderr, "%s (%zu): ", label, n);
    for (i = 0; i < n; i++) {
        unsigned c = (uint8_t)s[i];
        fprintf(stderr, c >= ' ' && c < 0x7f && c != '\\' ? "%c" : "\\x%02x", c);
    }
    fputc('\n', stderr);
}

static void give_up(const char *what, const char *doc, size_t n, const struct xml_log *a,
                    const struct xml_log *b)
{
    fprintf(stderr, "fuzz_xml: %s; replay: fuzz_xml --case %llu\n", what, this_case);
    print_escaped("document", doc, n);
    fprintf(stderr, "result %d at %zu", a->result, a->offset);
    print_escaped("", a->s, a->n);
    if (b != NULL) {
        fprintf(stderr, "result %d at %zu", b->result, b->offset);
        print_escaped("", b->s, b->n);
    }
    abort();
}

/* How long the next piece is. */
static size_t piece(unsigned way, struct xml_make *random, const char *doc, size_t at, size_t n)
{
    size_t end = at;

    switch (way) {
    case 0:
        return 1;
    case 1:
        return 1 + make_random(random, 6);
    case 2:
        return 1 + make_random(random, 100);
    default: /* next to a border */
        while (end < n && (end == at || strchr("<>&;]/", doc[end]) == NULL))
            end++;
        return make_random(random, 3) == 0 ? 1 : end - at + make_random(random, 3);
    }
}

/* Cut in two at each of 48 places in a row: all of them in a short document, and over many in any. */
static void check_cuts(const char *doc, size_t n, const struct xml_log *whole,
                       struct xml_make *random)
{
    static struct xml_log log;
    struct iam_xml x;
    size_t places = n < 48 ? n : 48, at = n < 48 ? 0 : make_random(random, (uint32_t)(n - 47));

    for (; places > 0; places--, at++) {
        xml_log_begin(&log);
        iam_xml_init(&x, x_schema);
        if (!xml_log_feed(&log, &x, iam_xml_next, doc, at) ||
            (log.result == 0 && !xml_log_feed(&log, &x, iam_xml_next, doc + at, n - at)))
            give_up("an event that cannot be", doc, n, whole, &log);
        if (log.result == 0)
            log.result = iam_xml_finish(&x);
        if (!xml_log_same(whole, &log))
            give_up("a cut in two differs", doc, n, whole, &log);
    }
}

/* One way of cutting it; the struct moves between the pieces. */
static void check_split(unsigned way, xml_next *next, const char *doc, size_t n,
                        const struct xml_log *whole, struct xml_make *random)
{
    static struct xml_log log;
    struct iam_xml x[2];
    size_t at, len;
    unsigned which = 0;

    xml_log_begin(&log);
    iam_xml_init(&x[0], x_schema);
    for (at = 0; at < n && log.result == 0; at += len) {
        len = piece(way, random, doc, at, n);
        len = len < n - at ? len : n - at;
        if (!xml_log_feed(&log, &x[which], next, doc + at, len))
            give_up("an event that cannot be", doc, n, whole, &log);
        x[1 - which] = x[which];
        memset(&x[which], 0xa5, sizeof(x[which]));
        which = 1 - which;
    }
    if (log.result == 0)
        log.result = iam_xml_finish(&x[which]);
    if (!xml_log_same(whole, &log)) {
        give_up(next == iam_xml_bytes ? "a split of the byte machine differs" : "a split differs",
                doc, n, whole, &log);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct xml_log whole, fast;
    struct xml_make random = {NULL, 0, 0, n, false, ""};
    const char *doc = (const char *)data;
    enum xml_reason reason;
    unsigned way;
    size_t i;

    if (n > XML_DOC_MAX)
        return 0;
    for (i = 0; i < n; i++)
        random.random = random.random * 31 + data[i];
    if (!xml_log_read(&whole, iam_xml_bytes, doc, n) || !xml_log_read(&fast, iam_xml_next, doc, n))
        give_up("an event that cannot be", doc, n, &whole, &fast);
    if (!xml_log_same(&whole, &fast))
        give_up("the fast tier differs", doc, n, &whole, &fast);
    for (way = 0; way < 4; way++)
        check_split(way, iam_xml_next, doc, n, &whole, &random);
    check_split(2, iam_xml_next, doc, n, &whole, &random);
    check_split(3, iam_xml_next, doc, n, &whole, &random);
    check_split(0, iam_xml_bytes, doc, n, &whole, &random);
    check_split(3, iam_xml_bytes, doc, n, &whole, &random);
    check_cuts(doc, n, &whole, &random);
    reason = expat_compare(doc, n, &whole, false);
    seen[reason]++;
    if (reason == XML_DIFFER)
        give_up("expat differs", doc, n, &whole, NULL);
    return 0;
}

#ifdef TINYIAM_LIBFUZZER
size_t LLVMFuzzerMutate(uint8_t *data, size_t n, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned seed)
{
    struct xml_make m = {(char *)data, n, max, seed, false, ""};

    if (make_random(&m, 20) == 0) {
        m.n = 0;
        make_document(&m);
    } else if (make_random(&m, 4) == 0) {
        return LLVMFuzzerMutate(data, n, max);
    }
    make_damage(&m);
    return m.n;
}
#else
static size_t make_case(unsigned long long number, char *p, size_t room)
{
    struct xml_make m = {p, 0, room, number * 0x9e3779b97f4a7c15u + 1, false, ""};
    unsigned damage;

    make_random(&m, 2);
    make_document(&m);
    for (damage = make_random(&m, 3) == 0 ? 0 : 1 + make_random(&m, 4); damage > 0; damage--)
        make_damage(&m);
    return m.n;
}

int main(int argc, char **argv)
{
    static char doc[XML_DOC_MAX];
    static uint8_t data[XML_DOC_MAX];
    struct fuzz_options o = {.seconds = 10, .seed = 1};
    unsigned long runs = 0;
    time_t end;
    int i, files = 0;

    for (i = 1; i < argc; i++) {
        if (fuzz_option(&o, argc, argv, &i))
            continue;
        if (strcmp(argv[i], "--case") == 0 && i + 1 < argc) {
            size_t n;
            this_case = strtoull(argv[++i], NULL, 10);
            n = make_case(this_case, doc, sizeof(doc));
            print_escaped("document", doc, n);
            return LLVMFuzzerTestOneInput((const uint8_t *)doc, n);
        } else if (fuzz_file(argv[i], data, sizeof data) != 0) {
            return 2;
        } else {
            files++;
        }
    }
    if (files != 0)
        return 0;
    this_case = (unsigned long long)o.seed << 32;
    for (end = time(NULL) + (time_t)o.seconds; time(NULL) < end;) {
        for (i = 0; i < 100; i++, runs++, this_case++) {
            size_t n = make_case(this_case, doc, sizeof(doc));
            LLVMFuzzerTestOneInput((const uint8_t *)doc, n);
        }
    }
    printf("fuzz_xml: seed %lu, %lu documents;", o.seed, runs);
    for (i = 0; i < XML_DIFFER; i++)
        printf(" %s %lu", xml_reasons[i], seen[i]);
    puts(expat_there() ? "" : " (with itself: expat is not there)");
    return 0;
}
#endif
