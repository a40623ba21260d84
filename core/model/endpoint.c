/* The endpoint of a region: host name, and the region that is signed for. */
#include <string.h>
#include <tinyiam/config.h>
#include <tinyiam/endpoint.h>

#include "shape.h"

static unsigned is_digit(char c)
{
    return (unsigned)(c - '0') < 10;
}

static unsigned is_letter(char c)
{
    return (unsigned)((c | 0x20) - 'a') < 26;
}

bool iam_region_is_valid(struct iam_span region)
{
    unsigned other = 0;
    size_t i;

    if (region.n == 0 || region.n > 63 || region.p[0] == '-' || region.p[region.n - 1] == '-')
        return false;
    for (i = 0; i < region.n; i++) {
        if (!is_digit(region.p[i])) {
            if (!is_letter(region.p[i]) && region.p[i] != '-')
                return false;
            other = 1;
        }
    }
    return other;
}

#if CONFIG_TINYIAM_ENDPOINTS

#include "endpoint_data.h"

enum { SIGNING, PSEUDO, HOST, TEXTS = HOST + 4 };

static const char *text_at(const char *texts, unsigned n)
{
    while (n--)
        texts += strlen(texts) + 1;
    return texts;
}

/* Does it begin with that? Then it goes on behind it. */
static bool take(struct iam_span *s, const char *text, size_t n)
{
    if (s->n < n || memcmp(s->p, text, n) != 0)
        return false;
    s->p += n;
    s->n -= n;
    return true;
}

/* The regular expressions of AWS's list, ^prefix\w+-\d+$: a valid region has nothing else in \w or
 * \d. */
static bool is_in(struct iam_span region, const char *partition)
{
    const char *pseudo = text_at(partition, PSEUDO);
    struct iam_span s = region;
    size_t word = 0;

    if (take(&s, "aws-", 4) && take(&s, pseudo, strlen(pseudo)) && take(&s, "-global", 7))
        return s.n == 0;
    s = region;
    if (!take(&s, partition + 1, (size_t)(*partition - '0')))
        return false;
    while (word < s.n && s.p[word] != '-')
        word++;
    if (word == 0 || word == s.n)
        return false;
    while (++word < s.n)
        if (!is_digit(s.p[word]))
            return false;
    return true;
}

static void put_host(char *to, const char *form, const char *signing)
{
    memcpy(to, "iam", 3);
    for (to += 3; *form; form++) {
        const char *word = form;
        size_t n = 1;

        if (*form < ' ') {
            word = *form == 1 ? signing : text_at(words, (unsigned)*form - 2);
            n = strlen(word);
        }
        memcpy(to, word, n);
        to += n;
    }
    *to = '\0';
}

/* Region and flags without the old spellings; *partition counts them in the order of the table. The
 * partition's texts, or NULL. */
static const char *find(struct iam_span *at, unsigned *flags, unsigned *partition)
{
    struct iam_span region = *at;
    const char *p = partitions;

    *partition = 0;
    if (region.n == 0)
        region = IAM_SPAN("aws-global");
    if (take(&region, "fips-", 5))
        *flags |= IAM_ENDPOINT_FIPS;
    if (region.n > 5 && memcmp(region.p + region.n - 5, "-fips", 5) == 0) {
        region.n -= 5;
        *flags |= IAM_ENDPOINT_FIPS;
    }
    *at = region;
    if (!iam_region_is_valid(region))
        return NULL;
    while (*p != '0' && !is_in(region, p)) { /* the last one has no prefix */
        p = text_at(p, TEXTS);
        ++*partition;
    }
    return p;
}

int iam_endpoint_partition(struct iam_span *region, unsigned *flags)
{
    unsigned partition;
    return find(region, flags, &partition) != NULL ? (int)partition : IAM_ERR_REGION;
}

int iam_endpoint_resolve(struct iam_span region, unsigned flags, struct iam_endpoint *out)
{
    unsigned partition;
    const char *p = find(&region, &flags, &partition);

    if (p == NULL)
        return IAM_ERR_REGION;
    put_host(out->host, text_at(p, HOST + (flags & 3)), p + 1);
    out->signing_region = (struct iam_span){p + 1, strlen(p + 1)};
    return IAM_OK;
}

#endif
