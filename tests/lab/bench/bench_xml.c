/* One measurement of bench_xml.py: reads a page so and so many times; valgrind counts.
 *
 *   bench_xml PARSER LAYOUT ENTITIES PIECE TIMES
 *
 * PARSER fast, byte, expat, libxml2; LAYOUT minified, indented. Prints what was read as one JSON line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_page.h"
#include "bench_peers.h"
#include "bench_read.h"

static struct bench_sum read_with(const char *parser, const char *s, size_t n, size_t piece)
{
    struct bench_sum none = {IAM_ERR_ARGUMENT, 0, 0};

    if (strcmp(parser, "fast") == 0)
        return bench_read(iam_xml_next, s, n, piece);
    if (strcmp(parser, "byte") == 0)
        return bench_read(iam_xml_bytes, s, n, piece);
    return bench_peer(parser, s, n, piece, none);
}

int main(int argc, char **argv)
{
    struct bench_page b = {NULL, 0, 0, 0, 0, NULL};
    struct bench_sum sum = {0, 0, 0};
    unsigned entities;
    long times;

    if (argc != 6) {
        fprintf(stderr, "usage: %s PARSER LAYOUT ENTITIES PIECE TIMES\n", argv[0]);
        return 2;
    }
    entities = (unsigned)atoi(argv[3]);
    b.room = 4096 + 1024 * (size_t)entities;
    b.p = malloc(b.room);
    b.indented = strcmp(argv[2], "indented") == 0;
    bench_page(&b, entities);
    for (times = atol(argv[5]); times > 0; times--)
        sum = read_with(argv[1], b.p, b.n, (size_t)atol(argv[4]));
    printf("{\"bytes\": %zu, \"events\": %u, \"text\": %u, \"result\": %d}\n", b.n, sum.events,
           sum.text, sum.result);
    free(b.p);
    return sum.result == 0 ? 0 : 1;
}
