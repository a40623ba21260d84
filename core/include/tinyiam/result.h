/** @file
 * tinyiam/result.h - what functions return. Layer: base. Include tinyiam.h, not this. */
#ifndef TINYIAM_RESULT_H
#define TINYIAM_RESULT_H

#ifdef __cplusplus
extern "C" {
#endif

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
    /** no version of TLS is there on both sides: the server's alone, or one that is not built in here */
    IAM_ERR_TLS_VERSION = -45,

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

#ifdef __cplusplus
}
#endif
#endif
