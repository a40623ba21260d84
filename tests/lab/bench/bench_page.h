/* A page of the service, as its documentation prints one, with any number of entities. No libc. */
#ifndef TINYIAM_TESTS_BENCH_PAGE_H
#define TINYIAM_TESTS_BENCH_PAGE_H

#include <stddef.h>
#include <stdint.h>

struct bench_page {
    char *p;
    size_t n;
    size_t room;
    int indented;
    uint32_t seed;
    const char *marker; /* of the next page; NULL: this is the last */
};

static inline void bench_put(struct bench_page *b, const char *s)
{
    while (*s != '\0' && b->n < b->room)
        b->p[b->n++] = *s++;
}

static inline void bench_line(struct bench_page *b, unsigned depth)
{
    if (b->indented) {
        bench_put(b, "\n");
        while (depth-- > 0)
            bench_put(b, "  ");
    }
}

static inline uint32_t bench_random(struct bench_page *b, uint32_t below)
{
    b->seed = b->seed * 1664525u + 1013904223u;
    return (b->seed >> 8) % below;
}

/* count characters of the alphabet */
static inline void bench_word(struct bench_page *b, const char *alphabet, uint32_t size,
                              unsigned count)
{
    char c[2] = {0, 0};

    while (count-- > 0) {
        c[0] = alphabet[bench_random(b, size)];
        bench_put(b, c);
    }
}

static inline void bench_leaf(struct bench_page *b, unsigned depth, const char *open,
                              const char *value, const char *close)
{
    bench_line(b, depth);
    bench_put(b, open);
    bench_put(b, value);
    bench_put(b, close);
}

static inline void bench_date(struct bench_page *b)
{
    bench_put(b, "20");
    bench_word(b, "12", 2, 1);
    bench_word(b, "0123456789", 10, 1);
    bench_put(b, "-0");
    bench_word(b, "123456789", 9, 1);
    bench_put(b, "-1");
    bench_word(b, "0123456789", 10, 1);
    bench_put(b, "T1");
    bench_word(b, "0123456789", 10, 1);
    bench_put(b, ":10:00Z");
}

static inline void bench_entity(struct bench_page *b)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.";
    static const char id[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    int user = bench_random(b, 2) != 0;
    size_t name, arn;
    uint32_t n;

    bench_line(b, 3);
    bench_put(b, "<member>");
    bench_line(b, 4);
    bench_put(b, "<EntityInfo>");
    bench_leaf(b, 5, "<Arn>",
               user ? "arn:aws:iam::123456789012:user/" : "arn:aws:iam::123456789012:role/", "");
    name = b->n;
    n = 6 + bench_random(b, 19);
    bench_word(b, letters, sizeof(letters) - 1, n);
    arn = b->n;
    bench_put(b, "</Arn>");
    bench_leaf(b, 5, "<Id>", user ? "AIDA" : "AROA", "");
    bench_word(b, id, sizeof(id) - 1, 17);
    bench_put(b, "</Id>");
    bench_leaf(b, 5, "<Name>", "", "");
    for (; name < arn && b->n < b->room; name++)
        b->p[b->n++] = b->p[name];
    bench_put(b, "</Name>");
    bench_leaf(b, 5, "<Path>", "/", "</Path>");
    bench_leaf(b, 5, "<Type>", user ? "USER" : "ROLE", "</Type>");
    bench_line(b, 4);
    bench_put(b, "</EntityInfo>");
    if (bench_random(b, 4) != 0) {
        bench_leaf(b, 4, "<LastAuthenticated>", "", "");
        bench_date(b);
        bench_put(b, "</LastAuthenticated>");
    }
    bench_line(b, 3);
    bench_put(b, "</member>");
}

static inline void bench_page(struct bench_page *b, unsigned entities)
{
    b->n = 0;
    b->seed = b->marker ? 2 : 1; /* no page begins as the one before it */
    bench_put(b, "<GetServiceLastAccessedDetailsWithEntitiesResponse "
                 "xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">");
    bench_line(b, 1);
    bench_put(b, "<GetServiceLastAccessedDetailsWithEntitiesResult>");
    bench_leaf(b, 2, "<IsTruncated>", b->marker ? "true" : "false", "</IsTruncated>");
    if (b->marker)
        bench_leaf(b, 2, "<Marker>", b->marker, "</Marker>");
    bench_leaf(b, 2, "<JobCompletionDate>", "2018-10-24T19:47:35.241Z", "</JobCompletionDate>");
    bench_leaf(b, 2, "<JobCreationDate>", "2018-10-24T19:47:31.466Z", "</JobCreationDate>");
    bench_leaf(b, 2, "<JobStatus>", "COMPLETED", "</JobStatus>");
    bench_line(b, 2);
    bench_put(b, "<EntityDetailsList>");
    while (entities-- > 0)
        bench_entity(b);
    bench_line(b, 2);
    bench_put(b, "</EntityDetailsList>");
    bench_line(b, 1);
    bench_put(b, "</GetServiceLastAccessedDetailsWithEntitiesResult>");
    bench_line(b, 1);
    bench_put(b, "<ResponseMetadata>");
    bench_leaf(b, 2, "<RequestId>", "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE", "</RequestId>");
    bench_line(b, 1);
    bench_put(b, "</ResponseMetadata>");
    bench_line(b, 0);
    bench_put(b, "</GetServiceLastAccessedDetailsWithEntitiesResponse>");
}

#endif
