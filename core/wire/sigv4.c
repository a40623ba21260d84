/* AWS Signature Version 4: the canonical request goes straight into the hash. */
#include <string.h>
#include <tinyiam/parts/compiler.h>
#include <tinyiam/parts/sigv4.h>

#define ALGORITHM "AWS4-HMAC-SHA256"

/* HMAC is built here on the hash, in a few lines: mbedtls_md and psa_mac cost more code, and
 * neither can keep the two padded key blocks as midstates, which saves two compressions an HMAC. */
static void hmac_key(struct iam_sigv4 *s, uint8_t block[64])
{
    struct iam_sha256 *h = &s->inner;
    uint8_t pad = 0x36;
    size_t i;

    for (;;) {
        for (i = 0; i < 64; i++)
            block[i] ^= pad;
        iam_sha256_clear(h);
        iam_sha256_start(h);
        iam_sha256_update(h, block, 64);
        if (h == &s->outer)
            break;
        h = &s->outer;
        pad = 0x36 ^ 0x5C;
    }
    iam_zeroize(block, 64);
}

/* Ends an HMAC: h began as a clone of inner, and has been given the message. */
static int hmac_finish(struct iam_sigv4 *s, struct iam_sha256 *h, uint8_t mac[32])
{
    int rc = iam_sha256_finish(h, mac);

    if (rc == IAM_OK) {
        iam_sha256_clone(h, &s->outer);
        iam_sha256_update(h, mac, 32);
        rc = iam_sha256_finish(h, mac);
    }
    s->native = h->error;
    return rc;
}

/* The key is left in inner and outer only. prefix serves as scratch: one context less of stack, and
 * its one block a day is cheap. */
IAM_SAVES_STACK static int derive_key(struct iam_sigv4 *s, const struct iam_sigv4_request *r)
{
    static const struct iam_span end = IAM_LITERAL("aws4_request");
    const struct iam_span day = {r->date, sizeof s->day};
    const struct iam_span *const step[4] = {&day, &r->region, &r->service, &end};
    struct iam_sha256 *h = &s->prefix;
    uint8_t block[64] = {'A', 'W', 'S', '4'};
    int rc = IAM_OK;
    unsigned i;

    if (s->key_valid && memcmp(s->day, r->date, sizeof s->day) == 0)
        return IAM_OK;
    iam_sigv4_clear(s);
    if (r->secret_key.n >
        sizeof block - 4) { /* a key longer than a block is hashed first (RFC 2104) */
        iam_sha256_start(h);
        iam_sha256_update(h, block, 4);
        iam_sha256_update(h, r->secret_key.p, r->secret_key.n);
        rc = iam_sha256_finish(h, block);
        s->native = h->error;
    } else if (r->secret_key.n) {
        memcpy(block + 4, r->secret_key.p, r->secret_key.n);
    }
    for (i = 0; i < 4 && rc == IAM_OK; i++) {
        hmac_key(s, block);
        iam_sha256_clone(h, &s->inner);
        iam_sha256_update(h, step[i]->p, step[i]->n);
        rc = hmac_finish(s, h, block);
    }
    hmac_key(s, block);
    if (rc) {
        iam_sigv4_clear(s);
        return rc;
    }
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
    const char *p = header->value.p, *before = ":", *word;
    const char *end = header->value.n ? p + header->value.n : p;

    iam_out_span(o, header->name);
    while (p < end) {
        if (is_space(*p)) {
            p++;
            continue;
        }
        word = p;
        while (p < end && ((uint8_t)*p > ' ' || !is_space(*p)))
            p++;
        iam_out_put(o, before, 1);
        iam_out_put(o, word, (size_t)(p - word));
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
    IAM_OUT(o, "/");
    iam_out_span(o, r->region);
    IAM_OUT(o, "/");
    iam_out_span(o, r->service);
    IAM_OUT(o, "/aws4_request");
}

/* The headers whose value is the same for every request to an endpoint. */
static bool is_constant(struct iam_span name)
{
    return (name.n == 4 && memcmp(name.p, "host", 4) == 0) ||
           (name.n == 12 && memcmp(name.p, "content-type", 12) == 0);
}

/* Moves p behind the next segment that is neither empty nor ".": its length, or PARENT for "..", or 0 at
 * the path's end. */
#define PARENT SIZE_MAX
static size_t next_segment(const char **p, const char *end)
{
    const char *from = *p;
    size_t n;

    for (;; ++*p) {
        if (*p < end && **p != '/')
            continue;
        n = (size_t)(*p - from);
        if (n == 2 && from[0] == '.' && from[1] == '.')
            return PARENT;
        if (n > 1 || (n == 1 && *from != '.'))
            return n;
        if (*p == end)
            return 0;
        from = *p + 1;
    }
}

/* Writes the path of the canonical request: the path as it is sent, each segment URI-encoded once more, without
 * empty segments and ".", and without ".." and the segment before it. Only S3 signs in another way. */
static void put_path(struct iam_out *o, struct iam_span path)
{
    const char *p = path.p, *end = path.p + path.n, *q;
    size_t before = o->total, lasting = 0, depth, n, m;

    while ((n = next_segment(&p, end)) != 0) {
        /* count the segments from this one on that no ".." behind them removes */
        if (n != PARENT && lasting == 0) {
            lasting = SIZE_MAX;
            depth = 1;
            for (q = p; depth && (m = next_segment(&q, end)) != 0;)
                if (m != PARENT)
                    depth++;
                else if (--depth < lasting)
                    lasting = depth;
            if (lasting == 0)
                p = q;
        }
        if (lasting) { /* else a later ".." removes it, or it is a ".." with nothing before it */
            lasting--;
            IAM_OUT(o, "/");
            iam_out_escaped(o, (struct iam_span){p - n, n}, 0x100);
        }
    }
    iam_out_text(o, o->total == before || end[-1] == '/' ? "/\n" : "\n");
}

/* The constant beginning, unless it is there. */
static void put_prefix(struct iam_sigv4 *s, const struct iam_sigv4_request *r)
{
    const struct iam_header *header = r->headers, *end = header + r->header_count;
    struct iam_out o = {.sha = &s->prefix};

    if (s->prefix_valid)
        return;
    iam_sha256_clear(o.sha);
    iam_sha256_start(o.sha);
    iam_out_span(&o, r->method);
    IAM_OUT(&o, "\n");
    put_path(&o, r->path.n ? r->path : IAM_SPAN("/"));
    iam_out_span(&o, r->query);
    IAM_OUT(&o, "\n");
    while (header < end && is_constant(header->name))
        put_header(&o, header++);
    s->prefix_valid = (uint8_t)(header - r->headers + 1);
}

int iam_sigv4_key(struct iam_sigv4 *s, const struct iam_sigv4_request *r)
{
    int rc = derive_key(s, r);

    if (rc == IAM_OK)
        put_prefix(s, r);
    return rc;
}

int iam_sigv4_sign_with_key(struct iam_sigv4 *s, const struct iam_sigv4_request *r,
                            uint8_t signature[32])
{
    struct iam_sha256 h;
    struct iam_out o = {.sha = &h};
    size_t i;
    int rc;

    iam_sha256_clone(&h, &s->prefix);
    for (i = s->prefix_valid - 1u; i < r->header_count; i++)
        put_header(&o, &r->headers[i]);
    IAM_OUT(&o, "\n");
    put_names(&o, r);
    IAM_OUT(&o, "\n");
    iam_out_hex(&o, r->payload_sha256, 32);
    rc = iam_sha256_finish(&h, signature);
    s->native = h.error;
    if (rc == IAM_OK) {
        iam_sha256_clone(&h, &s->inner);
        IAM_OUT(&o, ALGORITHM);
        IAM_OUT(&o, "\n");
        iam_out_put(&o, r->date, 16);
        IAM_OUT(&o, "\n");
        put_scope(&o, r);
        IAM_OUT(&o, "\n");
        iam_out_hex(&o, signature, 32);
        rc = hmac_finish(s, &h, signature);
    }
    if (rc)
        iam_sigv4_clear(s);
    return rc;
}

int iam_sigv4_sign(struct iam_sigv4 *s, const struct iam_sigv4_request *r, uint8_t signature[32])
{
    int rc = iam_sigv4_key(s, r);

    return rc ? rc : iam_sigv4_sign_with_key(s, r, signature);
}

void iam_sigv4_authorization(struct iam_out *o, const struct iam_sigv4_request *r,
                             const uint8_t signature[32])
{
    IAM_OUT(o, ALGORITHM);
    IAM_OUT(o, " Credential=");
    iam_out_span(o, r->access_key);
    IAM_OUT(o, "/");
    put_scope(o, r);
    IAM_OUT(o, ", SignedHeaders=");
    put_names(o, r);
    IAM_OUT(o, ", Signature=");
    iam_out_hex(o, signature, 32);
}

void iam_sigv4_clear(struct iam_sigv4 *s)
{
    iam_sha256_clear(&s->inner);
    iam_sha256_clear(&s->outer);
    iam_sha256_clear(&s->prefix);
    s->key_valid = s->prefix_valid = 0;
}
