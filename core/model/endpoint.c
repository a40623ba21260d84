#include <string.h>
#include <tinyiam/config.h>
#include <tinyiam/endpoint.h>

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

    if (region.n == 0 || region.n > 63 || region.p[0] == '-' || region.p[region.n - 1] == '-') {
        return false;
    }
    for (i = 0; i < region.n; i++) {
        if (!is_digit(region.p[i])) {
            if (!is_letter(region.p[i]) && region.p[i] != '-') {
                return false;
            }
            other = 1;
        }
    }
    return other;
}

#if CONFIG_TINYIAM_ENDPOINTS

#include "endpoint_data.h"

enum { PREFIX, PSEUDO, SIGNING, HOST, TEXTS = HOST + 4 };

static bool begins(struct iam_span s, const char *with, size_t n)
{
    return s.n >= n && memcmp(s.p, with, n) == 0;
}

static const char *text_at(const char *partition, unsigned n)
{
    while (n--) {
        partition += strlen(partition) + 1;
    }
    return partition;
}

/* The regular expressions of AWS's list, ^prefix\w+-\d+$: a valid region has nothing else in \w or
 * \d. */
static bool is_in(struct iam_span region, const char *partition)
{
    const char *pseudo = text_at(partition, PSEUDO);
    size_t i = strlen(partition), n = region.n, word = i;

    if (n == strlen(pseudo) && begins(region, pseudo, n)) {
        return true;
    }
    if (!begins(region, partition, i)) {
        return false;
    }
    while (i < n && region.p[i] != '-') {
        i++;
    }
    if (i == word || i == n) {
        return false;
    }
    while (++i < n) {
        if (!is_digit(region.p[i])) {
            return false;
        }
    }
    return true;
}

static struct iam_span span_of(const char *text)
{
    return (struct iam_span){text, strlen(text)};
}

int iam_endpoint_resolve(struct iam_span region, unsigned flags, struct iam_endpoint *out)
{
    const char *p = partitions;

    if (region.n == 0) {
        region = IAM_SPAN("aws-global");
    }
    if (begins(region, "fips-", 5)) {
        region.p += 5;
        region.n -= 5;
        flags |= IAM_ENDPOINT_FIPS;
    }
    if (region.n > 5 && memcmp(region.p + region.n - 5, "-fips", 5) == 0) {
        region.n -= 5;
        flags |= IAM_ENDPOINT_FIPS;
    }
    if (!iam_region_is_valid(region)) {
        return IAM_ERR_REGION;
    }
    while (*p && !is_in(region, p)) { /* the last one has no prefix */
        p = text_at(p, TEXTS);
    }
    out->signing_region = span_of(text_at(p, SIGNING));
    out->host = span_of(text_at(p, HOST + (flags & 3)));
    return IAM_OK;
}

#endif
