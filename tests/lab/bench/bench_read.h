/* The trivial consumer of the tokenizer that the benchmarks measure: counts, and looks at no text. */
#ifndef TINYIAM_TESTS_BENCH_READ_H
#define TINYIAM_TESTS_BENCH_READ_H

#include "wire/xml_scan.h"
#include "xml_schema.h"

typedef int bench_next(struct iam_xml *, const char **, const char *, struct iam_span *);

struct bench_sum {
    int result;
    uint32_t events;
    uint32_t text; /* bytes */
};

/* noinline: the measured instructions are those of this function and what it calls. */
__attribute__((noinline)) static struct bench_sum bench_read(bench_next *next, const char *s,
                                                             size_t n, size_t piece)
{
    struct bench_sum sum = {0, 0, 0};
    struct iam_xml x;
    struct iam_span text = {s, 0};
    const char *p = s, *end = s, *last = s + n;
    int r = IAM_XML_MORE;

    iam_xml_init(&x, x_schema);
    while (p < last && r >= 0) {
        end = (size_t)(last - end) < piece ? last : end + piece;
        do {
            r = next(&x, &p, end, &text);
            if (r >= IAM_XML_OPEN)
                sum.events++;
            if (r == IAM_XML_TEXT || r == IAM_XML_VALUE)
                sum.text += (uint32_t)text.n;
        } while (p < end && r > 0);
    }
    sum.result = iam_xml_finish(&x);
    return sum;
}

#endif
