/** @file
 * tinyiam/port_tls.h - TLS on mbedTLS (2.28, 3.6; 4.x by hand: tests/EVIDENCE.md) as a stream over a stream. Chain and
 * host name are verified always: there is no switch. TLS 1.2 at least, 1.3 where the library has it.
 * A struct iam_tls is one connection, a struct iam_tls_shared what any number of them have in common.
 *
 * Refused: unknown issuer, not yet valid or expired (where mbedTLS has MBEDTLS_HAVE_TIME_DATE: it is off by default on
 * most embedded systems, dates are then not looked at), another name or address (only subject alternative names count,
 * RFC 9525), names that an authority's name constraints do not permit, signatures below SHA-256, RSA below 2048 bits,
 * curves below P-256, key usages that forbid a TLS server, of authorities too. Not a byte of the application leaves
 * before that.
 *
 * What a server can make a step cost: more than CONFIG_TINYIAM_TLS_CHAIN_MAX certificates, RSA over 4096 bits and
 * public exponents over 32 are refused. Before one of the keys is used, where mbedTLS has
 * MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK (the one way in that comes early enough; a certificate that is no CA can
 * then not be among the roots). Without it (it is off by default, and in Debian's libraries) only afterwards, and with
 * attach not at all: whoever answers can keep one call of open busy for as long as an exponent of 4096 bits takes, 57 s
 * on a Cortex-M4 at 31 MIPS.
 *
 * mbedTLS has to be built with MBEDTLS_SSL_ALPN and should be with incoming records of 16384 bytes
 * (MBEDTLS_SSL_IN_CONTENT_LEN; MBEDTLS_SSL_MAX_CONTENT_LEN in Zephyr), outgoing ones of 1024 or more
 * (MBEDTLS_SSL_OUT_CONTENT_LEN), MBEDTLS_SSL_SERVER_NAME_INDICATION, P-256, GCM or ChaCha20-Poly1305, and without
 * MBEDTLS_SSL_VARIABLE_BUFFER_LENGTH. Where it is not, a warning of the compiler says so; IAM_TLS_AS_BUILT, defined for
 * the compiler, silences these. */
#ifndef TINYIAM_PORT_TLS_H
#define TINYIAM_PORT_TLS_H

#include <tinyiam/port.h>

#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>
#if MBEDTLS_VERSION_NUMBER < 0x04000000
#include <mbedtls/ctr_drbg.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define IAM_TLS_NAME_MAX 253 /**< bytes of a host name, RFC 1035 */
#define IAM_TLS_LIMITS_MAX 4 /**< authorities with name constraints in one path */

/** Flags beside MBEDTLS_X509_BADCERT_*, in native of IAM_ERR_TLS_VERIFY. This one: a name in a certificate is not
 * permitted by the name constraints of an authority above it. */
#define IAM_TLS_BADCERT_CONSTRAINTS 0x10000000
#define IAM_TLS_BADCERT_CHAIN 0x20000000 /**< more certificates than CONFIG_TINYIAM_TLS_CHAIN_MAX */
#define IAM_TLS_BADCERT_COSTLY 0x40000000 /**< RSA over 4096 bits, or a public exponent over 32 */

/* Can roots be looked up, and the certificates that came be looked at before their keys are used? Not with
 * MBEDTLS_ECP_RESTARTABLE, which mbedTLS gives up where it looks up roots. */
#if defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK) && !defined(MBEDTLS_ECP_RESTARTABLE)
#define IAM_TLS_CAN_FIND 1
#else
#define IAM_TLS_CAN_FIND 0
#endif

/* Are there records that do not fit? */
#define IAM_TLS_SMALL_RECORDS (MBEDTLS_SSL_IN_CONTENT_LEN < 16384)

/** Memory for one session, which the caller zeroes once. Its members are PRIVATE. */
struct iam_tls_session {
    mbedtls_ssl_session session;
    uint32_t made_ms;   /* when the full handshake was that it comes from */
    uint8_t server[32]; /* whose it is: a digest of verified name and port */
    bool there;
};

/** What connections share. Everything that is pointed to must live as long as the struct iam_tls_shared, and
 * roots must not change once a connection was made: its session would still be offered. */
struct iam_tls_shared_config {
    /** Entropy (seeds the generator of all keys; mbedTLS 4 and its PSA use their own) and clock; needed. */
    struct iam_system *system;
    /** Trusted roots, parsed by mbedTLS or by iam_tls_ca_parse. Needed, unless find or attach is given. */
    mbedtls_x509_crt *ca;
#if IAM_TLS_CAN_FIND
    /** Roots by their names, for those who keep many and no memory for all: adds to *found, by iam_tls_found,
     * those that may have issued child. 0, or mbedTLS's code: the handshake fails. NULL: none but ca. */
    int (*find)(void *context, const mbedtls_x509_crt *child, mbedtls_x509_crt **found);
    void *find_context;
#else
    /** Where they cannot be, and take long to read: completes ca before a certificate is looked at, perhaps more than
     * once; never where a session is resumed. An error, and *native, end the handshake. */
    int (*complete)(void *context, int *native);
    void *complete_context;
#endif
    /** Certificates by other means: called once with the mbedtls_ssl_config, 0: attached. Made for ESP-IDF's
     * esp_crt_bundle_attach. Verification stays required, and resumed is not counted. A verify callback that
     * it installs (mbedtls_ssl_conf_verify) takes the place of ours: then we look at what the server has
     * sent after the handshake, if mbedTLS keeps it (MBEDTLS_SSL_KEEP_PEER_CERTIFICATE); if not, a host
     * that is an address is refused, and a name is compared by mbedTLS alone. NULL: none. */
    int (*attach)(void *ssl_config);
    /** A name of yours for all that is trusted ("bundle of firmware 1.4"); needed to save sessions with attach, find or
     * complete; none is restored under another name. Without it the roots in ca are compared. */
    struct iam_span trust;
    /** For servers that ask for a client certificate; the key may be an opaque one. NULL: none. */
    mbedtls_x509_crt *own_certificate;
    mbedtls_pk_context *own_key;
    /** Cipher suites in order of preference, 0 ends. NULL: ECDHE with an AEAD, CONFIG_TINYIAM_TLS_AES_FIRST says which. */
    const int *ciphersuites;
    /** Sessions for the next connections: one for each server, or for each connection that is open at once.
     * What one holds lies in mbedTLS's heap (with the server's certificate, if mbedTLS keeps it: up to
     * 5 KB). 0: none are kept, and each connection shakes hands in full. */
    struct iam_tls_session *sessions;
    size_t session_count;
};

/** Settings, certificates, random generator and sessions, for any number of connections on one thread. The
 * caller allocates; outlives its connections; must not move. */
struct iam_tls_shared {
    /* PUBLIC */
    int native; /**< mbedTLS's code behind an error of init, save or restore; 0: none */
    /* PRIVATE */
    struct iam_tls_shared_config config;
    mbedtls_ssl_config conf;
#if MBEDTLS_VERSION_NUMBER < 0x04000000
    mbedtls_ctr_drbg_context random;
#endif
    size_t next;             /* index of the session that is replaced next, if none is free */
    struct iam_tls *working; /* the connection whose handshake is running */
    bool ready;              /* init went well */
    bool only_tls12;         /* for a server whose signatures mbedTLS handles in TLS 1.2 only */
};

/** On fresh memory; config is copied. IAM_OK, IAM_ERR_TLS_SETUP or IAM_ERR_TLS_MEMORY, with the code in
 * native. iam_tls_shared_free is due in any case. */
int iam_tls_shared_init(struct iam_tls_shared *, const struct iam_tls_shared_config *config);

/** After the last of its connections: zeroises keys and sessions. */
void iam_tls_shared_free(struct iam_tls_shared *);

/** One connection. */
struct iam_tls_config {
    /** The transport; needed. Opened and closed by the TLS stream. */
    struct iam_stream *below;
    /** Needed. Initialised by then, or open fails with IAM_ERR_TLS_SETUP. */
    struct iam_tls_shared *shared;
    /** Name to ask for (SNI) and to verify, if not the host that open gets (a tunnel). p NULL: that host. */
    struct iam_span server_name;
};

/** The caller allocates; lives as long as it is used; must not move.
 *
 * Errors beyond those of the stream below (which pass through with its native code):
 *   IAM_ERR_TLS          handshake or record failure; native: mbedTLS's code
 *   IAM_ERR_TLS_VERIFY   certificate refused; native > 0: flags MBEDTLS_X509_BADCERT_*, < 0: mbedTLS's
 *                        code for a certificate that it cannot read. iam_tls_verify_text() says it in words
 *   IAM_ERR_TLS_MEMORY   mbedTLS's heap is too small, even where mbedTLS calls a certificate bad; native: its code
 *   IAM_ERR_TLS_VERSION  no version of TLS in common (a server of 1.3 alone, mbedTLS 2.28); native: mbedTLS's code
 *   IAM_ERR_TLS_RECORD   a record is larger than mbedTLS was built for (above)
 *   IAM_ERR_TLS_SETUP    unusable settings or no usable host name; native: mbedTLS's code or 0
 *   IAM_ERR_TRUNCATED    the transport ended without close_notify
 *   IAM_ERR_RESET        also: the transport ended within the handshake (native: MBEDTLS_ERR_SSL_CONN_EOF) */
struct iam_tls {
    /** PUBLIC: hand &tls.stream to whatever wants a stream. */
    struct iam_stream stream;
    /** The alert behind MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE (RFC 8446, 6), if it came in the clear. 0: not known. */
    uint8_t alert;

    /* PRIVATE */
    struct iam_tls_config config;
    struct iam_tls_shared *shared;
    mbedtls_ssl_context ssl;
    uint8_t address[16]; /* what is asked for, if it is an address */
    /* what is asked for, as a GeneralName of RFC 5280: the address, or the caller's text while it connects */
    mbedtls_x509_sequence asked;
    /* while a path is verified: its authorities that have name constraints */
    const mbedtls_x509_crt *limits[IAM_TLS_LIMITS_MAX];
    uint8_t limits_n;
    uint8_t server[32]; /* digest of name and port: whose the session is */
    uint32_t budget;    /* bytes that the present call may still take from the stream below */
    uint32_t made_ms;   /* when the full handshake was that a session of this one comes from */
    size_t held;        /* bytes of records that mbedTLS could not send yet */
    size_t unsent;      /* bytes of the application in them that send has not reported as taken */
    int error;          /* sticks until close */
    int below_error;    /* error of the stream below; 0: none */
    uint8_t state;
    uint8_t tried; /* certificates of the chain whose issuers were looked up among the roots */
    bool offered;  /* the running handshake may resume */
    bool keep;     /* this connection's session may be used again */
    bool saw_certificate; /* the verify callback ran for the server's certificate */
    bool brief;           /* one of the path ends within a day: no session is kept */
    bool starved;         /* a signature could not be checked for want of memory */
    bool blocked;         /* the stream below has answered 0 bytes */
    bool ended;           /* close_notify came */
#if IAM_TLS_SMALL_RECORDS
    uint8_t record[5];    /* head of the record that is coming in */
    uint8_t record_n;     /* bytes of it */
    bool too_large;       /* it does not fit */
    uint32_t record_rest; /* bytes of the record behind it that are still to come */
#endif
};

/** On fresh memory; config is copied. Opens nothing, cannot fail but for want of what is needed:
 * IAM_ERR_TLS_SETUP. */
int iam_tls_init(struct iam_tls *, const struct iam_tls_config *config);

/** Closes, keeps the session, zeroises keys. The struct is then as good as fresh memory. */
void iam_tls_free(struct iam_tls *);

/** A session over a deep sleep, in memory that the caller keeps: the next handshake is a short one. host: what
 * open gets, or server_name. The bytes are a secret like a password for this one server, good for a day;
 * resumption is not less secure for them, as long as they are kept like the keys.
 * save: IAM_OK, *n bytes are written; IAM_ERR_STATE: there is no session for it (close the connection first; none is
 * kept where a certificate of the path ends within a day);
 * IAM_ERR_SPACE: *n is the size needed (150 bytes to 5 KB); IAM_ERR_TLS_SETUP: no trust, which is needed.
 * restore: IAM_OK; IAM_ERR_VALUE: damaged, too old, or made for another host, port, set of roots, client
 * certificate, cipher suites, version of mbedTLS: none is kept, and the handshake will be a full one;
 * IAM_ERR_STATE: no room for sessions. Both: IAM_ERR_TLS_MEMORY, IAM_ERR_CRYPTO. */
int iam_tls_session_save(struct iam_tls_shared *, struct iam_span host, uint16_t port, void *bytes,
                         size_t size, size_t *n);
int iam_tls_session_restore(struct iam_tls_shared *, struct iam_span host, uint16_t port,
                            const void *bytes, size_t n);

/** While a connection is open: a copy of its session for one more connection to the same server, that is about to be
 * opened. Of TLS 1.2; with 1.3 sessions come as the server sends them, and nothing is done here. */
void iam_tls_session_share(struct iam_tls *);

/** Why a certificate was refused: native of IAM_ERR_TLS_VERIFY in plain words, several joined by "; ".
 * Returns the bytes without the NUL; text holds what fits, always with a NUL if size > 0. */
size_t iam_tls_verify_text(int native, char *text, size_t size);

#if IAM_TLS_CAN_FIND
/** For iam_tls_shared_config.find: adds the root in der[n] to the list if it may have issued child. der is not copied,
 * and must live as long as the handshake. What cannot be read is passed over. 0, or mbedTLS's code: no memory. */
int iam_tls_found(mbedtls_x509_crt **found, const mbedtls_x509_crt *child, const void *der,
                  size_t n);
#endif

/** Adds roots to a list that mbedtls_x509_crt_init began: PEM (one or more; n counts its terminating NUL, which must be
 * there) or DER (one). Certificates in a PEM list that mbedTLS cannot read are passed over as long as one is read.
 * IAM_OK, IAM_ERR_TLS_SETUP, IAM_ERR_TLS_MEMORY; *native: mbedTLS's code. */
int iam_tls_ca_parse(mbedtls_x509_crt *ca, const void *certificates, size_t n, int *native);

/** The same from a file (port/tls_ca_file.c; needs MBEDTLS_FS_IO). */
int iam_tls_ca_file(mbedtls_x509_crt *ca, const char *path, int *native);

/** For applications that parse roots themselves: given to mbedtls_x509_crt_parse_der_with_ext_cb, context
 * NULL, it takes critical name constraints, which mbedTLS alone refuses and this stream evaluates. For
 * roots of a struct iam_tls only. */
int iam_tls_ca_extension(void *context, mbedtls_x509_crt const *, mbedtls_x509_buf const *oid,
                         int critical, const unsigned char *p, const unsigned char *end);

#ifdef __cplusplus
}
#endif
#endif
