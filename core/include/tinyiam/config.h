/** @file
 * tinyiam/config.h - what is fixed at compile time. Kconfig (CONFIG_TINYIAM_*) sets it; without
 * Kconfig these fallbacks hold, which equal its defaults (tests/static/kconfig.py holds them
 * together). The command line may set one, too: -DCONFIG_TINYIAM_CREDS=0. Where CONFIG_TINYIAM is
 * defined Kconfig is in charge, and a bool that it leaves out is off. */
#ifndef TINYIAM_CONFIG_H
#define TINYIAM_CONFIG_H

#ifndef CONFIG_TINYIAM
/** iam_result_name() and iam_result_text() have texts; without it they return empty strings. */
#ifndef CONFIG_TINYIAM_TEXTS
#define CONFIG_TINYIAM_TEXTS 1
#endif
/** The table of endpoints of every partition. Without it iam_config.authority and .region are needed. */
#ifndef CONFIG_TINYIAM_ENDPOINTS
#define CONFIG_TINYIAM_ENDPOINTS 1
#endif
/** Read XML a word at a time where a whole tag or text lies in the buffer: faster, 800 bytes of flash. */
#ifndef CONFIG_TINYIAM_XML_FAST
#define CONFIG_TINYIAM_XML_FAST 1
#endif
/** Audits (audit.h): a report generated, waited for and read as one operation. */
#ifndef CONFIG_TINYIAM_AUDIT
#define CONFIG_TINYIAM_AUDIT 1
#endif
/** A pace that clients share (pace.h). Without it iam_config.pace is ignored, and iam_pace_init() is not there. */
#ifndef CONFIG_TINYIAM_PACE
#define CONFIG_TINYIAM_PACE 1
#endif
/** Providers of credentials (creds.h). Static keys and those of the application are always among them; the
 * options below add the other kinds. */
#ifndef CONFIG_TINYIAM_CREDS
#define CONFIG_TINYIAM_CREDS 1
#endif
#if CONFIG_TINYIAM_CREDS
#ifndef CONFIG_TINYIAM_CREDS_IOT
#define CONFIG_TINYIAM_CREDS_IOT 1
#endif
#ifndef CONFIG_TINYIAM_CREDS_CONTAINER
#define CONFIG_TINYIAM_CREDS_CONTAINER 1
#endif
#ifndef CONFIG_TINYIAM_CREDS_IMDS
#define CONFIG_TINYIAM_CREDS_IMDS 1
#endif
/* IAM Identity Center, and the posts of a sign-in (post.h): off, as a device has nobody who logs in. */
#ifndef CONFIG_TINYIAM_CREDS_SSO
#define CONFIG_TINYIAM_CREDS_SSO 0
#endif
#if CONFIG_TINYIAM_ENDPOINTS && !defined(CONFIG_TINYIAM_CREDS_STS)
#define CONFIG_TINYIAM_CREDS_STS 1
#endif
#endif
#endif

/** Most bytes of a reply's head, that is status line and fields, and again of its trailers; more are
 * IAM_ERR_HTTP_LIMIT. It costs no memory. */
#ifndef CONFIG_TINYIAM_HTTP_HEAD_MAX
#define CONFIG_TINYIAM_HTTP_HEAD_MAX 32768
#endif
/** Most interim replies (status 1xx) before the reply itself; more are IAM_ERR_HTTP_LIMIT. */
#ifndef CONFIG_TINYIAM_HTTP_INTERIM_MAX
#define CONFIG_TINYIAM_HTTP_INTERIM_MAX 16
#endif
/** Most bytes of one chunk's size line with its extensions; more are IAM_ERR_HTTP_LIMIT. */
#ifndef CONFIG_TINYIAM_HTTP_CHUNK_LINE_MAX
#define CONFIG_TINYIAM_HTTP_CHUNK_LINE_MAX 4096
#endif
/** How deep unknown XML elements may be nested; deeper is IAM_ERR_XML_LIMIT. Depth costs no memory. */
#ifndef CONFIG_TINYIAM_XML_DEPTH_MAX
#define CONFIG_TINYIAM_XML_DEPTH_MAX 16777216
#endif
/** Bytes of x-amzn-RequestId that are kept (usually 36); a longer one is cut and ends in "...". */
#ifndef CONFIG_TINYIAM_REQUEST_ID_MAX
#define CONFIG_TINYIAM_REQUEST_ID_MAX 64
#endif
/** Bytes of a reason phrase that are kept; a longer one is cut and ends in "...". */
#ifndef CONFIG_TINYIAM_REASON_MAX
#define CONFIG_TINYIAM_REASON_MAX 40
#endif
/** Most items of one page; more are IAM_ERR_PAGES, so that an endless page ends. The service sends 1,000. */
#ifndef CONFIG_TINYIAM_PAGE_ITEMS_MAX
#define CONFIG_TINYIAM_PAGE_ITEMS_MAX 1000000
#endif
/** Most bytes of one reply's body; more are IAM_ERR_HTTP_LIMIT. 0: no limit. A usual page has up to 350 KB. */
#ifndef CONFIG_TINYIAM_BODY_MAX
#define CONFIG_TINYIAM_BODY_MAX 268435456
#endif

/** Defaults of the fields of struct iam_config that have the same name; _MS are milliseconds. */
#ifndef CONFIG_TINYIAM_CONNECT_MS
#define CONFIG_TINYIAM_CONNECT_MS 30000
#endif
#ifndef CONFIG_TINYIAM_RESPONSE_MS
#define CONFIG_TINYIAM_RESPONSE_MS 30000
#endif
#ifndef CONFIG_TINYIAM_IDLE_MS
#define CONFIG_TINYIAM_IDLE_MS 30000
#endif
#ifndef CONFIG_TINYIAM_EXCHANGE_MS
#define CONFIG_TINYIAM_EXCHANGE_MS 300000
#endif
/** How long a signing key is kept for the client's next operation, after one that went well: counted while the
 * client is stepped. 0: it is forgotten at once. */
#ifndef CONFIG_TINYIAM_KEY_IDLE_MS
#define CONFIG_TINYIAM_KEY_IDLE_MS 60000
#endif
#ifndef CONFIG_TINYIAM_JOB_MS
#define CONFIG_TINYIAM_JOB_MS 3600000
#endif
#ifndef CONFIG_TINYIAM_MAX_ATTEMPTS
#define CONFIG_TINYIAM_MAX_ATTEMPTS 3
#endif
#ifndef CONFIG_TINYIAM_MAX_PAGES
#define CONFIG_TINYIAM_MAX_PAGES 100000
#endif
#ifndef CONFIG_TINYIAM_POLL_FIRST_MS
#define CONFIG_TINYIAM_POLL_FIRST_MS 1000
#endif
#ifndef CONFIG_TINYIAM_POLL_MAX_MS
#define CONFIG_TINYIAM_POLL_MAX_MS 20000
#endif

/* Sizes of public structs depend on these. The functions that initialise such a struct carry them in the
 * name that the linker sees: a program and a library that were built with different ones do not link
 * ("undefined reference to iam_client_init_reason_40_id_64"), instead of disagreeing about sizeof. */
#ifdef IAM_SHA256_PSA
#define IAM_HASH_ _psa
#else
#define IAM_HASH_
#endif
#define IAM_SIZED_NAME(name, reason, id, hash) name##_reason_##reason##_id_##id##hash
#define IAM_SIZED_VALUES(name, reason, id, hash) IAM_SIZED_NAME(name, reason, id, hash)
#define IAM_SIZED(name) \
    IAM_SIZED_VALUES(name, CONFIG_TINYIAM_REASON_MAX, CONFIG_TINYIAM_REQUEST_ID_MAX, IAM_HASH_)

#endif
