/** @file
 * tinyiam/types.h - the vocabulary: time, results, what a report holds, what went wrong. */
#ifndef TINYIAM_TYPES_H
#define TINYIAM_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A point in time as the service wrote it. */
struct iam_time {
    int64_t us;         /**< microseconds since 1970-01-01T00:00:00Z; finer digits are cut off */
    int16_t offset_min; /**< UTC offset it was written with, in minutes; us is UTC already */
    bool present; /**< false: absent. Of a last access: never, or before the tracking period */
};

/** What a function returns: 0 it is done, > 0 keep going, < 0 it has failed. Each layer has a range of codes.
 * The first error of an operation stays until the next start. iam_result_text() says them in words. */
enum iam_result {
    IAM_OK = 0,    /**< finished */
    IAM_AGAIN = 1, /**< nothing to report yet; call again */
    IAM_ITEM = 2,  /**< an item is ready: read it before the next call */

    /* the caller: -1..-19 */
    IAM_ERR_ARGUMENT = -1, /**< a parameter is outside the service's limits; fault.what names it */
    IAM_ERR_SPACE = -2,    /**< a buffer is too small; fault.what names it, fault.need the bytes */
    IAM_ERR_STATE = -3,    /**< called out of order */
    /** no usable keys; fault.native: the provider's error, if there is one */
    IAM_ERR_CREDENTIALS = -4,
    IAM_ERR_CHECKPOINT = -5, /**< checkpoint damaged, of another version, or of another request */
    IAM_ERR_CRYPTO = -6,     /**< the crypto library failed; fault.native has its code */
    IAM_ERR_REGION = -7,     /**< no region, or one that is not a host name label */

    /* stream: -20..-39 (ports return these; fault.native keeps the port's own code) */
    IAM_EOF = -20,                  /**< orderly end of the stream */
    IAM_ERR_RESOLVE = -21,          /**< host name not resolved */
    IAM_ERR_CONNECT = -22,          /**< no address accepted the connection */
    IAM_ERR_RESET = -23,            /**< connection reset or aborted */
    IAM_ERR_IO = -24,               /**< any other failure of the transport */
    IAM_ERR_TRUNCATED = -25,        /**< stream ended in the middle of a reply */
    IAM_ERR_TIMEOUT_CONNECT = -26,  /**< not connected (TCP and TLS) in time */
    IAM_ERR_TIMEOUT_RESPONSE = -27, /**< first byte of the reply not in time */
    IAM_ERR_TIMEOUT_IDLE = -28,     /**< a pause inside a request or a reply was too long */
    /** one request and its reply took too long (a dribbling peer) */
    IAM_ERR_TIMEOUT_EXCHANGE = -29,
    IAM_ERR_TIMEOUT_OPERATION = -30, /**< deadline over everything passed */
    IAM_ERR_PROXY = -31,             /**< a proxy refused; fault.native has its HTTP status */

    /* TLS: -40..-49 */
    IAM_ERR_TLS = -40,        /**< handshake or record failure; fault.native is mbedTLS's code */
    IAM_ERR_TLS_VERIFY = -41, /**< certificate or host name refused; fault.native has the flags */
    IAM_ERR_TLS_MEMORY = -42, /**< the TLS arena is too small */
    IAM_ERR_TLS_SETUP = -43,  /**< certificate store or settings unusable */
    IAM_ERR_TLS_RECORD = -44, /**< a record is larger than the TLS library was built for */

    /* HTTP: -50..-59 */
    IAM_ERR_HTTP = -50,       /**< not HTTP/1.1 as RFC 9112 has it */
    IAM_ERR_HTTP_LIMIT = -51, /**< head, body, chunk line or 1xx replies beyond config.h's limits */
    IAM_ERR_HTTP_LENGTH = -52,   /**< missing, conflicting or unusable length of the body */
    IAM_ERR_HTTP_ENCODING = -53, /**< compressed: fault.what names the Content-Encoding */

    /* XML: -60..-74 */
    IAM_ERR_XML = -60,           /**< not well-formed */
    IAM_ERR_XML_DOCTYPE = -61,   /**< document type or entity declaration: always refused */
    IAM_ERR_XML_ENCODING = -62,  /**< an encoding other than UTF-8 and US-ASCII */
    IAM_ERR_XML_UTF8 = -63,      /**< invalid UTF-8 or a character that XML forbids */
    IAM_ERR_XML_REFERENCE = -64, /**< unknown or illegal reference */
    IAM_ERR_XML_TAG = -65,       /**< end tag does not match */
    IAM_ERR_XML_LIMIT = -66,     /**< nested deeper than CONFIG_TINYIAM_XML_DEPTH_MAX */
    IAM_ERR_XML_TRUNCATED = -67, /**< the body ended inside the document */

    /* the reply: -75..-89 */
    /** whole, but no reply to this request: a proxy's page, other operation */
    IAM_ERR_FOREIGN = -75,
    IAM_ERR_VALUE = -76, /**< a member's text is not of its type; fault.what names it */
    IAM_ERR_JSON = -77,  /**< of a source of keys: not well-formed, cut short, or too large */
    /** A member of a report or an item is there twice; of a source of keys, missing or twice. fault.what names it. */
    IAM_ERR_MEMBER = -78,
    IAM_ERR_SERVICE = -80, /**< the service answered with an error: fault.code, fault.message */

    /* flow: -90.. */
    IAM_ERR_MARKER_REPEATED = -90, /**< a Marker that was given before: the pages go in a circle */
    IAM_ERR_MARKER_MISSING = -91,  /**< IsTruncated without Marker */
    /** not 1..320 characters of U+0020..U+00FF: cannot be sent back */
    IAM_ERR_MARKER_INVALID = -92,
    IAM_ERR_CHANGED = -93,    /**< a page fetched again differs from what was delivered */
    IAM_ERR_JOB_FAILED = -94, /**< the job FAILED: report.error_code, report.error_message */
    /** IN_PROGRESS, FAILED or no status after COMPLETED or beside items; or a status that is not known. */
    IAM_ERR_JOB_STATUS = -95,
    IAM_ERR_PAGES = -96,   /**< more pages than config.max_pages, or too many items in one */
    IAM_ERR_SESSION = -97, /**< credentials changed while a job was open: generate it again */
    IAM_ERR_CLOCK = -98,   /**< clock unset and not learnable, or refused after correction */
    IAM_ERR_TRUNCATED_MISSING = -99, /**< Marker without IsTruncated: the end cannot be told */
    /** a page begins with the item that the page before began with */
    IAM_ERR_PAGE_REPEATED = -100,
    IAM_ERR_TIMEOUT_JOB = -101 /**< IN_PROGRESS for longer than config.job_ms; fault.what: its id */
};

enum iam_entity_type { IAM_TYPE_OTHER = 0, IAM_TYPE_USER, IAM_TYPE_ROLE, IAM_TYPE_GROUP };

/** One entity of GetServiceLastAccessedDetailsWithEntities. Sizes by the service's model, in
 * characters: arn 20..2048, name 1..64, id 16..128, path 1..512. */
struct iam_entity {
    struct iam_span arn, name, id, path;
    bool info;                 /**< the reply had an EntityInfo, even if it was empty */
    struct iam_span type_text; /**< as received */
    uint8_t type;              /**< enum iam_entity_type */
    struct iam_time last_authenticated;
};

/** One service of GetServiceLastAccessedDetails. */
struct iam_service {
    struct iam_span name, namespace_, last_entity, last_region;
    bool has_actions; /**< TrackedActionsLastAccessed was there; its actions follow as items */
    bool late; /**< no new service: what the reply said of the one before, but after its actions */
    struct iam_time last_authenticated;
    int64_t total_entities;
    bool has_total;
};

/** One tracked action; belongs to the service delivered last. */
struct iam_action {
    struct iam_span name, last_entity, last_region;
    struct iam_time last_accessed;
};

/** One user, group, role or policy of the four lists; other members of the reply are passed over. */
struct iam_resource {
    struct iam_span arn, name, id, path;
    struct iam_time created;
    struct iam_time password_last_used; /**< of users */
    int64_t attachments; /**< of policies: to how many users, groups and roles each is attached */
    bool has_attachments;
};

/** The keys that STS issues; only a provider of creds.h meets such an item. */
struct iam_role_keys {
    struct iam_span access_key_id, secret_access_key, session_token;
    struct iam_time expiration;
};

enum iam_item_kind {
    IAM_ITEM_NONE = 0,
    IAM_ITEM_ENTITY,
    IAM_ITEM_SERVICE,
    IAM_ITEM_ACTION,
    IAM_ITEM_RESOURCE,
    IAM_ITEM_KEYS, /**< keys of STS: a client never hands it out */
    /* only with iam_config.structure, for those who render the reply itself: */
    IAM_ITEM_LIST,        /**< the page's list has begun */
    IAM_ITEM_SUBLIST_END, /**< TrackedActionsLastAccessed has ended */
    IAM_ITEM_END,         /**< the service's member has ended */
    IAM_ITEM_PAGE_END     /**< the page is complete: iam_client_report() is that page's */
};

/** What is ready. Text lies in the caller's item buffer and is valid until the next step. */
struct iam_item {
    enum iam_item_kind kind;
    union {
        struct iam_entity entity;
        struct iam_service service;
        struct iam_action action;
        struct iam_resource resource;
        struct iam_role_keys keys;
    } u;
};

enum iam_job_status {
    IAM_JOB_OTHER = 0, /**< absent, or none of these: iam_report.status_text */
    IAM_JOB_IN_PROGRESS,
    IAM_JOB_COMPLETED,
    IAM_JOB_FAILED
};

/** Members of a reply, as bits of iam_report.present and as numbers in iam_report.order. */
enum iam_member {
    IAM_MEMBER_JOB_STATUS = 1,
    IAM_MEMBER_JOB_TYPE,
    IAM_MEMBER_JOB_CREATION_DATE,
    IAM_MEMBER_JOB_COMPLETION_DATE,
    IAM_MEMBER_LIST, /**< EntityDetailsList, ServicesLastAccessed, Users, ... */
    IAM_MEMBER_IS_TRUNCATED,
    IAM_MEMBER_MARKER,
    IAM_MEMBER_ERROR,
    IAM_MEMBER_JOB_ID,
    IAM_MEMBER_COUNT_
};

/** The page's members so far; complete at IAM_OK (and IAM_ITEM_PAGE_END). Text lies in the caller's
 * item buffer, valid until the next page is asked for. */
struct iam_report {
    bool is_truncated, has_truncated;
    uint16_t present;                     /**< bit (1u << enum iam_member) */
    uint8_t order[IAM_MEMBER_COUNT_ - 1]; /**< members in order of arrival, 0-terminated if fewer */
    struct iam_time job_creation, job_completion;
    struct iam_span status_text; /**< as received */
    uint8_t status;              /**< enum iam_job_status */
    struct iam_span job_type;    /**< as received */
    uint8_t granularity; /**< of the job_type. 1: SERVICE_LEVEL, 2: ACTION_LEVEL, 0: neither */
    struct iam_span marker;
    struct iam_span error_code, error_message; /**< of a FAILED job */
    struct iam_span job_id;                    /**< GenerateServiceLastAccessedDetails */
};

enum iam_layer {
    IAM_LAYER_NONE = 0,
    IAM_LAYER_CALLER,
    IAM_LAYER_STREAM,
    IAM_LAYER_TLS,
    IAM_LAYER_HTTP,
    IAM_LAYER_XML,
    IAM_LAYER_REPLY,
    IAM_LAYER_SERVICE,
    IAM_LAYER_FLOW
};

/** What went wrong. Text is valid until the next start. */
struct iam_fault {
    int error;            /**< enum iam_result, < 0; 0: nothing went wrong */
    enum iam_layer layer; /**< whose error it is: follows from the range of the code */
    int native;           /**< the port's or library's own code, unaltered; 0: none */
    int status;           /**< HTTP status of the last reply, 0: none came */
    unsigned attempts;    /**< requests made for the page or poll that failed */
    size_t need; /**< IAM_ERR_SPACE: bytes the buffer must have; IAM_ERR_ARGUMENT: the limit */
    size_t got;  /**< IAM_ERR_ARGUMENT: length or value given; with need 0: a forbidden character */
    struct iam_span what; /**< name of the parameter, member or buffer; or empty */
    struct iam_span code; /**< the service's error code; HTTP status as text where it gave none */
    struct iam_span message; /**< the service's message, or the reason phrase */
    struct iam_span request_id;
    struct iam_span began; /**< first bytes of a reply that was not understood */
    uint32_t delivered;    /**< items handed out in this operation before it failed */
    int64_t skew_ms;       /**< server's clock minus ours, by its Date header; 0: unknown */
};

#ifdef __cplusplus
}
#endif
#endif
