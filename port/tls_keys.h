/* What a server can make a step cost, looked at before one of its keys is used; and records that are larger
 * than mbedTLS was built for. Private to port/. */
#ifndef TINYIAM_PORT_TLS_KEYS_H
#define TINYIAM_PORT_TLS_KEYS_H

#include <tinyiam/port_tls.h>

/* mbedTLS says by this code that it had not enough memory. */
bool tls_keys_starved(int code);

/* What is wrong with the certificates that a server sent (its own, and by ->next the others): flags
 * IAM_TLS_BADCERT_*, or 0. Nothing is computed with their keys. */
uint32_t tls_keys_judge(const mbedtls_x509_crt *sent);

/* Makes mbedTLS trust the roots of the configuration, and where it can be (IAM_TLS_CAN_FIND) the sent
 * certificates be judged first. */
void tls_keys_trust(struct iam_tls_shared *);

#if IAM_TLS_CAN_FIND

static inline bool tls_keys_can_find(const struct iam_tls_shared_config *c)
{
    return c->find != NULL;
}
/* The roots that may have issued it, and the end of them. */
mbedtls_x509_crt *tls_keys_roots(struct iam_tls *, const mbedtls_x509_crt *);
void tls_keys_roots_end(mbedtls_x509_crt *);
static inline bool tls_keys_late(const mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
    (void)crt, (void)depth, (void)flags;
    return true;
}

#else

static inline bool tls_keys_can_find(const struct iam_tls_shared_config *c)
{
    (void)c;
    return false;
}
static inline mbedtls_x509_crt *tls_keys_roots(struct iam_tls *t, const mbedtls_x509_crt *crt)
{
    (void)crt;
    return t->shared->config.ca;
}
static inline void tls_keys_roots_end(mbedtls_x509_crt *roots)
{
    (void)roots;
}
/* After the signatures have been checked: better late than never. false: nothing of what was sent from here
 * on is to be computed with again. */
static inline bool tls_keys_late(const mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
    uint32_t found = tls_keys_judge(crt);
    if (depth == 0) /* the others are in its list; that of a root holds roots */
        *flags |= found;
    return (found & IAM_TLS_BADCERT_COSTLY) == 0;
}

#endif

#if IAM_TLS_SMALL_RECORDS
void tls_keys_begin(struct iam_tls *);
/* Bytes on their way to mbedTLS: follows the heads of records. */
void tls_keys_watch(struct iam_tls *, const unsigned char *p, size_t n);
/* Has it failed, by this code, for the size of the last record? */
bool tls_keys_too_large(const struct iam_tls *, int code);
#else
static inline void tls_keys_begin(struct iam_tls *t)
{
    (void)t;
}
static inline void tls_keys_watch(struct iam_tls *t, const unsigned char *p, size_t n)
{
    (void)t, (void)p, (void)n;
}
static inline bool tls_keys_too_large(const struct iam_tls *t, int code)
{
    (void)t, (void)code;
    return false;
}
#endif

#endif
