/* Result codes and times in words: for people and logs only, so not in core/. */
#include <string.h>
#include <tinyiam/parts/datetime.h>
#include <tinyiam/tinyiam.h>

#if CONFIG_TINYIAM_TEXTS

/* One row a code, whose name is its text in the source. */
#define ROWS(ROW)                                                                         \
    ROW(IAM_OK, "done")                                                                   \
    ROW(IAM_AGAIN, "not yet")                                                             \
    ROW(IAM_ITEM, "an item is ready")                                                     \
    ROW(IAM_ERR_ARGUMENT, "a parameter is outside the service's limits")                  \
    ROW(IAM_ERR_SPACE, "a buffer is too small")                                           \
    ROW(IAM_ERR_STATE, "called out of order")                                             \
    ROW(IAM_ERR_CREDENTIALS, "no usable credentials")                                     \
    ROW(IAM_ERR_CHECKPOINT, "the checkpoint is damaged or of another version")            \
    ROW(IAM_ERR_CRYPTO, "the crypto library failed")                                      \
    ROW(IAM_ERR_REGION, "no region, or not a region's name")                              \
    ROW(IAM_EOF, "the stream has ended")                                                  \
    ROW(IAM_ERR_RESOLVE, "the host name could not be resolved")                           \
    ROW(IAM_ERR_CONNECT, "no address of the host accepted the connection")                \
    ROW(IAM_ERR_RESET, "the connection was closed or reset before a reply")               \
    ROW(IAM_ERR_IO, "the transport failed")                                               \
    ROW(IAM_ERR_TRUNCATED, "the connection ended in the middle of a reply")               \
    ROW(IAM_ERR_TIMEOUT_CONNECT, "not connected in time")                                 \
    ROW(IAM_ERR_TIMEOUT_RESPONSE, "no reply in time")                                     \
    ROW(IAM_ERR_TIMEOUT_IDLE, "the peer paused too long")                                 \
    ROW(IAM_ERR_TIMEOUT_EXCHANGE, "one request and its reply took too long")              \
    ROW(IAM_ERR_TIMEOUT_OPERATION, "the deadline of the operation has passed")            \
    ROW(IAM_ERR_PROXY, "the proxy refused to connect")                                    \
    ROW(IAM_ERR_TLS, "TLS handshake or record failure")                                   \
    ROW(IAM_ERR_TLS_VERIFY, "the server's certificate was refused")                       \
    ROW(IAM_ERR_TLS_MEMORY, "TLS ran out of memory: the arena is too small")              \
    ROW(IAM_ERR_TLS_SETUP, "TLS could not be set up: CA certificates or settings")        \
    ROW(IAM_ERR_TLS_RECORD, "a TLS record is too large for mbedTLS")                      \
    ROW(IAM_ERR_TLS_VERSION, "no version of TLS in common")                               \
    ROW(IAM_ERR_HTTP, "the reply is not HTTP/1.1")                                        \
    ROW(IAM_ERR_HTTP_LIMIT, "the reply's head or body is beyond its limit")               \
    ROW(IAM_ERR_HTTP_LENGTH, "the reply's lengths conflict or are unusable")              \
    ROW(IAM_ERR_HTTP_ENCODING, "the reply is compressed by a Content-Encoding")           \
    ROW(IAM_ERR_XML, "the reply is not well-formed XML")                                  \
    ROW(IAM_ERR_XML_DOCTYPE, "a document type declaration, which is never taken")         \
    ROW(IAM_ERR_XML_ENCODING, "the reply is not in UTF-8")                                \
    ROW(IAM_ERR_XML_UTF8, "the reply holds bytes that are no UTF-8 or no XML characters") \
    ROW(IAM_ERR_XML_REFERENCE, "the reply holds an unknown or illegal reference")         \
    ROW(IAM_ERR_XML_TAG, "an end tag does not match its start tag")                       \
    ROW(IAM_ERR_XML_LIMIT, "the reply is nested beyond the limit")                        \
    ROW(IAM_ERR_XML_TRUNCATED, "the reply is empty or ends inside the document")          \
    ROW(IAM_ERR_FOREIGN, "the reply is not the service's answer to this request")         \
    ROW(IAM_ERR_VALUE, "a member's value is not of its type")                             \
    ROW(IAM_ERR_JSON, "the reply is not well-formed JSON")                                \
    ROW(IAM_ERR_MEMBER, "a member of the reply is missing, or there twice")               \
    ROW(IAM_ERR_SERVICE, "the service answered with an error")                            \
    ROW(IAM_ERR_MARKER_REPEATED,                                                          \
        "the service gave a Marker for the second time: its pages go in a circle")        \
    ROW(IAM_ERR_MARKER_MISSING, "more pages were announced, but no Marker given")         \
    ROW(IAM_ERR_MARKER_INVALID, "the service sent a Marker that no request can carry")    \
    ROW(IAM_ERR_CHANGED, "a page that was fetched again differs from what was delivered") \
    ROW(IAM_ERR_JOB_FAILED, "the job that makes the report failed")                       \
    ROW(IAM_ERR_JOB_STATUS, "the job's status is missing, unknown, or went backwards")    \
    ROW(IAM_ERR_PAGES, "more pages or items than the limit")                              \
    ROW(IAM_ERR_SESSION,                                                                  \
        "the credentials changed while a job was open: generate the report again")        \
    ROW(IAM_ERR_CLOCK, "the clock is not set, and could not be learned")                  \
    ROW(IAM_ERR_TRUNCATED_MISSING,                                                        \
        "the service gave a Marker, but did not say whether more pages follow")           \
    ROW(IAM_ERR_PAGE_REPEATED,                                                            \
        "a page begins as the page before it did: the same reply has come twice")         \
    ROW(IAM_ERR_TIMEOUT_JOB, "the report was not ready in time")

#define CODE(code, text) code,
#define NAME(code, text) #code "\0"
#define TEXT(code, text) text "\0"

/* In the order of the rows, one behind the other, without pointers to them, which would take 448 bytes. Searched
 * from the beginning: only people wait for it. What stands last is of any other code. */
static const int8_t codes[] = {ROWS(CODE)};
static const char names[] = ROWS(NAME) "IAM_ERR_UNKNOWN";
static const char texts[] = ROWS(TEXT) "unknown result";

static const char *look_up(const char *list, int code)
{
    for (size_t i = 0; i < sizeof codes && codes[i] != code; i++)
        list += strlen(list) + 1;
    return list;
}

const char *iam_result_name(int result)
{
    return look_up(names, result);
}

const char *iam_result_text(int result)
{
    return look_up(texts, result);
}

#else

const char *iam_result_name(int result)
{
    (void)result;
    return "";
}

const char *iam_result_text(int result)
{
    (void)result;
    return "";
}

#endif

static char *put_number(char *p, uint32_t v, unsigned width)
{
    unsigned i;

    for (i = width; i--; v /= 10)
        p[i] = (char)('0' + v % 10);
    return p + width;
}

size_t iam_time_text(const struct iam_time *t, char out[40])
{
    static const uint8_t runs[] = {4, 2, 5, 2, 2}; /* 2018 10 24T19 47 31 */
    static const char between[] = "--::";
    /* counted from a day before the year 1: in UTC the first day's beginning may lie there */
    const int64_t origin = -INT64_C(62135596800) - 86400;
    uint32_t micro, offset = (uint32_t)(t->offset_min < 0 ? -t->offset_min : t->offset_min);
    int64_t s =
        (int64_t)iam_divide((uint64_t)t->us - (uint64_t)(origin * 1000000), 1000000, &micro) +
        origin;
    char basic[17], *p = out;
    const char *from = basic;

    iam_time_basic(s + t->offset_min * 60, basic);
    for (size_t i = 0; i < sizeof runs; i++) {
        memcpy(p, from, runs[i]);
        p += runs[i];
        from += runs[i];
        *p++ = between[i];
    }
    p--; /* the last one is the text's end */
    if (micro) {
        *p++ = '.';
        p = put_number(p, micro, 6);
    }
    *p++ = t->offset_min < 0 ? '-' : '+';
    p = put_number(p, offset / 60, 2);
    *p++ = ':';
    return (size_t)(put_number(p, offset % 60, 2) - out);
}
