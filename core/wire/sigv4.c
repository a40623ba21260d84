#include <string.h>
#include <tinyiam/parts/sigv4.h>

#define ALGORITHM "AWS4-HMAC-SHA256"

/* HMAC is built here on the hash, in fifteen lines: mbedtls_md and psa_mac cost more code, and neither
 * can keep the two padded key blocks as midstates, which saves two compressions an HMAC. */
static void hmac_key(struct iam_sigv4 *s, uint8_t block[64])
{
    size_t i;

    for (i = 0; i < 64; i++) {
        block[i] ^= 0x36;
    }
    iam_sha256_clear(&s->inner);
    iam_sha256_start(&s->inner);
    iam_sha256_update(&s->inner, block, 64);
    for (i = 0; i < 64; i++) {
        block[i] ^= 0x36 ^ 0x5C;
    }
    iam_sha256_clear(&s->outer);
    iam_sha256_start(&s->outer);
    iam_sha256_update(&s->outer, block, 64);
    iam_zeroize(block, 64);
}

/* h began as a clone of inner and has taken the message. */
static int hmac_finish(const struct iam_sigv4 *s, struct iam_sha256 *h, uint8_t mac[32])
{
    int rc = iam_sha256_finish(h, mac);

    if (rc) {
        return rc;
    }
    iam_sha256_clone(h, &s->outer);
    iam_sha256_update(h, mac, 32);
    return iam_sha256_finish(h, mac);
}

/* The signing key is left in inner and outer only. prefix serves as scratch: one context less of stack,
 * and its one block a day is cheap. */
static int derive_key(struct iam_sigv4 *s, const struct iam_sigv4_request *r)
{
    const struct iam_span step[4] = {
        {r->date, 8}, r->region, r->service, IAM_LITERAL("aws4_request")};
    struct iam_sha256 *h = &s->prefix;
    uint8_t block[64] = {'A', 'W', 'S', '4'};
    int rc = IAM_OK;
    size_t i;

    s->key_valid = s->prefix_valid = 0;
    iam_sha256_clear(h);
    if (r->secret_key.n > sizeof block - 4) { /* HMAC hashes a key that is longer than a block */
        iam_sha256_start(h);
        iam_sha256_update(h, block, 4);
        iam_sha256_update(h, r->secret_key.p, r->secret_key.n);
        rc = iam_sha256_finish(h, block);
    } else if (r->secret_key.n) {
        memcpy(block + 4, r->secret_key.p, r->secret_key.n);
    }
    for (i = 0; i < 4 && rc == IAM_OK; i++) {
        hmac_key(s, block);
        iam_sha256_clone(h, &s->inner);
        iam_sha256_update(h, step[i].p, step[i].n);
        rc = hmac_finish(s, h, block);
    }
    if (rc) {
        iam_zeroize(block, sizeof block);
        return rc;
    }
    hmac_key(s, block);
    memcpy(s->day, r->date, sizeof s->day);
    s->key_valid = 1;
    return IAM_OK;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void put_header(struct iam_out *o, const struct iam_header *header)
{
    const char *p = header->value.p;
    size_t n = header->value.n, i = 0, word;
    const char *before = ":";

    iam_out_span(o, header->name);
    for (;;) {
        while (i < n && is_space(p[i])) {
            i++;
        }
        word = i;
        while (i < n && !is_space(p[i])) {
            i++;
        }
        if (i == word) {
            break;
        }
        iam_out_put(o, before, 1);
        iam_out_put(o, p + word, i - word);
        before = " ";
    }
    iam_out_text(o, *before == ':' ? ":\n" : "\n");
}

static void put_names(struct iam_out *o, const struct iam_sigv4_request *r)
{
    size_t i;

    for (i = 0; i < r->header_count; i++) {
        iam_out_put(o, ";", i != 0);
        iam_out_span(o, r->headers[i].name);
    }
}

static void put_scope(struct iam_out *o, const struct iam_sigv4_request *r)
{
    iam_out_put(o, r->date, 8);
    iam_out_text(o, "/");
    iam_out_span(o, r->region);
    iam_out_text(o, "/");
    iam_out_span(o, r->service);
    iam_out_text(o, "/aws4_request");
}

/* The headers whose value is the same for every request to an endpoint. */
static bool is_constant(struct iam_span name)
{
    return (name.n == 4 && memcmp(name.p, "host", 4) == 0) ||
           (name.n == 12 && memcmp(name.p, "content-type", 12) == 0);
}

static void hash_request(struct iam_sigv4 *s, const struct iam_sigv4_request *r, struct iam_sha256 *h)
{
    struct iam_out o = {.sha = &s->prefix};
    bool build = !s->prefix_valid;
    size_t i;

    if (build) {
        iam_sha256_clear(&s->prefix);
        iam_sha256_start(&s->prefix);
        iam_out_span(&o, r->method);
        iam_out_text(&o, "\n");
        iam_out_span(&o, r->path.n ? r->path : IAM_SPAN("/"));
        iam_out_text(&o, "\n");
        iam_out_span(&o, r->query);
        iam_out_text(&o, "\n");
        s->prefix_valid = 1;
    }
    for (i = 0; i < r->header_count && is_constant(r->headers[i].name); i++) {
        if (build) {
            put_header(&o, &r->headers[i]);
        }
    }
    iam_sha256_clone(h, &s->prefix);
    o.sha = h;
    for (; i < r->header_count; i++) {
        put_header(&o, &r->headers[i]);
    }
    iam_out_text(&o, "\n");
    put_names(&o, r);
    iam_out_text(&o, "\n");
    iam_out_hex(&o, r->payload_sha256, 32);
}

int iam_sigv4_sign(struct iam_sigv4 *s, const struct iam_sigv4_request *r, uint8_t signature[32])
{
    struct iam_sha256 h;
    struct iam_out o = {.sha = &h};
    int rc = IAM_OK;

    if (!s->key_valid || memcmp(s->day, r->date, sizeof s->day) != 0) {
        rc = derive_key(s, r);
    }
    if (rc) {
        s->native = s->prefix.error;
        goto failed;
    }
    hash_request(s, r, &h);
    rc = iam_sha256_finish(&h, signature);
    if (rc == IAM_OK) {
        iam_sha256_clone(&h, &s->inner);
        iam_out_text(&o, ALGORITHM "\n");
        iam_out_put(&o, r->date, 16);
        iam_out_text(&o, "\n");
        put_scope(&o, r);
        iam_out_text(&o, "\n");
        iam_out_hex(&o, signature, 32);
        rc = hmac_finish(s, &h, signature);
    }
    s->native = h.error;
failed:
    if (rc) {
        iam_sigv4_clear(s);
    }
    return rc;
}

void iam_sigv4_authorization(struct iam_out *o, const struct iam_sigv4_request *r, const uint8_t signature[32])
{
    iam_out_text(o, ALGORITHM " Credential=");
    iam_out_span(o, r->access_key);
    iam_out_text(o, "/");
    put_scope(o, r);
    iam_out_text(o, ", SignedHeaders=");
    put_names(o, r);
    iam_out_text(o, ", Signature=");
    iam_out_hex(o, signature, 32);
}

void iam_sigv4_clear(struct iam_sigv4 *s)
{
    iam_sha256_clear(&s->inner);
    iam_sha256_clear(&s->outer);
    iam_sha256_clear(&s->prefix);
    s->key_valid = s->prefix_valid = 0;
}
