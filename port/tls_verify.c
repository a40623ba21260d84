/* Whom TLS believes, beyond what mbedTLS looks at: RFC 9525 (the name stands in the subject alternative
 * names, never in the common name) and RFC 5280 (name constraints; what an authority may vouch for). */
#include "tls_verify.h"

#include "tls_name.h"

#include <string.h>

#include <mbedtls/asn1.h>

/* Tags in DER of GeneralName, and of the two lists of NameConstraints (RFC 5280). */
enum { DNS_NAME = 0x82, DIRECTORY_NAME = 0xA4, IP_ADDRESS = 0x87 };
enum { PERMITTED = 0xA0 }; /* EXCLUDED is 0xA1 */

#define SERVER_AUTH "\x2B\x06\x01\x05\x05\x07\x03\x01" /* 1.3.6.1.5.5.7.3.1 */
#define SEQUENCE (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE)

/* The contents of a value, which may be a row of values in DER. */
typedef mbedtls_asn1_buf der;

/* Takes the next value off a row; its tag. 0: there is none, and if bytes are left the row is damaged. */
static int next(der *row, der *value)
{
    unsigned char *p = row->p;

    value->tag = 0;
    if (row->len == 0 || mbedtls_asn1_get_tag(&p, row->p + row->len, &value->len, *p) != 0)
        return 0;
    value->tag = *row->p;
    value->p = p;
    row->len -= (size_t)(p - row->p) + value->len;
    row->p = p + value->len;
    return value->tag;
}

static bool is_name_constraints(const der *oid) /* 2.5.29.30 */
{
    return oid->len == 3 && oid->p[0] == 0x55 && oid->p[1] == 0x1D && oid->p[2] == 30;
}

/* How often the certificate has name constraints, more than once where they are damaged; the lists in them. */
static int find(const mbedtls_x509_crt *crt, der *lists)
{
    der in = crt->v3_ext, list, one, part;
    int found = 0;

    if (next(&in, &list) == 0)
        return 0;
    while (next(&list, &one) != 0) {
        if (next(&one, &part) != 0 && is_name_constraints(&part)) {
            if (next(&one, &part) == MBEDTLS_ASN1_BOOLEAN) /* critical */
                (void)next(&one, &part);
            found += next(&part, lists) == SEQUENCE ? 1 : 2;
        }
    }
    return found;
}

/* ---- the name ---- */

static int lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/* Whether a name ends so. */
static bool ends_in(const der *name, const unsigned char *end, size_t n)
{
    const unsigned char *p = name->p + name->len;

    if (n > name->len)
        return false;
    while (n > 0 && lower(*--p) == lower(end[n - 1]))
        n--;
    return n == 0;
}

/* A wildcard is the whole first label, stands for one label, and not right under a top-level domain. */
static bool is_host(const der *pattern, const der *host)
{
    const unsigned char *p = pattern->p;
    size_t n = pattern->len;
    bool wild = n > 2 && p[0] == '*' && p[1] == '.';

    p += wild;
    n -= wild;
    if (!ends_in(host, p, n))
        return false;
    if (!wild || n == host->len)
        return n == host->len && !wild;
    return memchr(host->p, '.', host->len - n) == NULL && memchr(p + 1, '.', n - 1) != NULL;
}

/* ---- name constraints: RFC 5280, 4.2.1.10 ---- */

/* Whether a name lies in the subtree that base spans. */
static bool is_within(der *base, const der *name)
{
    size_t i, n = name->len;
    der whole = *name, names, bases;

    if (name->tag == DIRECTORY_NAME) { /* it begins with the same relative names */
        return next(&whole, &names) != 0 && next(base, &bases) != 0 && names.len >= bases.len &&
               memcmp(names.p, bases.p, bases.len) == 0;
    }

    if (name->tag == IP_ADDRESS) { /* address and mask */
        if (base->len != 2 * n)
            return false;
        for (i = 0; i < n && ((name->p[i] ^ base->p[i]) & base->p[n + i]) == 0; i++) {
        }
        return i == n;
    }
    i = base->len;
    return ends_in(name, base->p, i) &&
           (i == 0 || i == n || base->p[0] == '.' || name->p[n - i - 1] == '.');
}

/* Names of other kinds than three are not evaluated, and directory names as bytes only, which does not do
 * for what is excluded: where a constraint says anything about such a name, it is not permitted. */
static bool permits(const mbedtls_x509_crt *authority, const der *name)
{
    der lists, list, subtree, base;

    if (find(authority, &lists) != 1)
        return false;
    while (next(&lists, &list) != 0) {
        bool only = list.tag == PERMITTED;
        bool known = name->tag == DNS_NAME || name->tag == IP_ADDRESS ||
                     (only && name->tag == DIRECTORY_NAME);
        bool asked = false, hit = false;
        while (next(&list, &subtree) != 0) {
            if (next(&subtree, &base) == 0 || subtree.len != 0)
                return false; /* damaged; or a minimum or maximum, which nobody uses */
            if (base.tag == name->tag) {
                asked = true;
                hit = hit || is_within(&base, name);
            }
        }
        if (list.len != 0 || (asked && (!known || hit != only)))
            return false;
    }
    return lists.len == 0;
}

/* ---- the path ---- */

/* Whether all of a list of names is permitted by what stands above. */
static bool may_vouch(const struct iam_tls *t, const mbedtls_x509_sequence *names)
{
    size_t i;

    for (; names != NULL; names = names->next) {
        for (i = 0; i < t->limits_n; i++)
            if (!permits(t->limits[i], &names->buf))
                return false;
    }
    return true;
}

static bool is_among(const mbedtls_x509_sequence *names, const der *asked)
{
    for (; names != NULL; names = names->next)
        if (names->buf.tag == asked->tag &&
            (asked->tag == DNS_NAME
                 ? is_host(&names->buf, asked)
                 : names->buf.len == asked->len && memcmp(names->buf.p, asked->p, asked->len) == 0))
            return true;
    return false;
}

/* Does it end while a session of this connection would still be good, which is a day? Where it ends on the first of a
 * month: in the last days of the month before. */
static int ends_soon(const mbedtls_x509_crt *crt)
{
    mbedtls_x509_time end = crt->valid_to;

    if (--end.day == 0) {
        end.day = 28;
        if (--end.mon == 0) {
            end.mon = 12;
            end.year--;
        }
    }
    return mbedtls_x509_time_is_past(&end);
}

uint32_t tls_verify_certificate(struct iam_tls *t, const mbedtls_x509_crt *crt, int depth)
{
    mbedtls_x509_sequence subject = {crt->subject_raw, &t->asked};
    uint32_t flags = 0;
    der lists;

    if (ends_soon(crt))
        t->brief = true;
    subject.buf.tag = DIRECTORY_NAME;
    /* What is asked for as well: a wildcard may stand for more than its letters say. A subject of 2 bytes
     * has no names in it. */
    if (!may_vouch(t, subject.buf.len > 2 ? &subject : &t->asked) ||
        !may_vouch(t, &crt->subject_alt_names))
        flags = IAM_TLS_BADCERT_CONSTRAINTS;
    if (depth == 0) {
        return is_among(&crt->subject_alt_names, &t->asked.buf)
                   ? flags
                   : flags | MBEDTLS_X509_BADCERT_CN_MISMATCH;
    }
    if (mbedtls_x509_crt_check_extended_key_usage(crt, SERVER_AUTH, sizeof SERVER_AUTH - 1) != 0)
        flags |= MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
    if (find(crt, &lists) != 0) {
        if (t->limits_n == IAM_TLS_LIMITS_MAX)
            return IAM_TLS_BADCERT_CONSTRAINTS;
        t->limits[t->limits_n++] = crt;
    }
    return flags;
}

bool tls_verify_ask(struct iam_tls *t, struct iam_span asked)
{
    char name[IAM_TLS_NAME_MAX + 1];

    memcpy(name, asked.p, asked.n);
    name[asked.n] = '\0';
    t->asked.buf.p = t->address;
    t->asked.buf.tag = IP_ADDRESS;
    t->asked.buf.len = tls_name_address(name, t->address);
    if (t->asked.buf.len != 0)
        return true;
    t->asked.buf.p = (unsigned char *)asked.p;
    t->asked.buf.tag = DNS_NAME;
    t->asked.buf.len = asked.n;
    return false;
}

uint32_t tls_verify_peer(struct iam_tls *t)
{
    const mbedtls_x509_crt *own = mbedtls_ssl_get_peer_cert(&t->ssl);
    const mbedtls_x509_crt *crt, *above = NULL;
    uint32_t flags = 0;

    t->limits_n = 0;
    if (own ==
        NULL) /* resumed, or mbedTLS keeps none: it has compared a name, and knows no address */
        return t->asked.buf.tag == IP_ADDRESS && !t->offered ? MBEDTLS_X509_BADCERT_SKIP_VERIFY : 0;
    do {
        for (crt = own; crt->next != above; crt = crt->next) {
        }
        flags |= tls_verify_certificate(t, crt, crt != own);
        above = crt;
    } while (crt != own);
    return flags;
}

int iam_tls_ca_extension(void *context, mbedtls_x509_crt const *crt, mbedtls_x509_buf const *oid,
                         int critical, const unsigned char *p, const unsigned char *end)
{
    (void)context, (void)crt, (void)critical, (void)p, (void)end;
    return is_name_constraints(oid)
               ? 0
               : MBEDTLS_ERR_X509_INVALID_EXTENSIONS + MBEDTLS_ERR_ASN1_UNEXPECTED_TAG;
}
