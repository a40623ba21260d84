/* Result codes and times in words: for people and logs only, so not in core/. */
#include <string.h>
#include <tinyiam/parts/datetime.h>
#include <tinyiam/tinyiam.h>

#if CONFIG_TINYIAM_TEXTS

/* One row a code: name behind IAM_, then the sentence. Searched in order: only people wait for it. */
static const struct {
    int8_t code;
    const char *name, *text;
} rows[] = {
    {IAM_OK, "IAM_OK", "done"},
    {IAM_AGAIN, "IAM_AGAIN", "not yet"},
    {IAM_ITEM, "IAM_ITEM", "an item is ready"},
    {IAM_ERR_ARGUMENT, "IAM_ERR_ARGUMENT", "a parameter is outside the service's limits"},
    {IAM_ERR_SPACE, "IAM_ERR_SPACE", "a buffer is too small"},
    {IAM_ERR_STATE, "IAM_ERR_STATE", "called out of order"},
    {IAM_ERR_CREDENTIALS, "IAM_ERR_CREDENTIALS", "no usable credentials"},
    {IAM_ERR_CHECKPOINT, "IAM_ERR_CHECKPOINT", "the checkpoint is damaged or of another version"},
    {IAM_ERR_CRYPTO, "IAM_ERR_CRYPTO", "the crypto library failed"},
    {IAM_ERR_REGION, "IAM_ERR_REGION", "no region, or not a region's name"},
    {IAM_EOF, "IAM_EOF", "the stream has ended"},
    {IAM_ERR_RESOLVE, "IAM_ERR_RESOLVE", "the host name could not be resolved"},
    {IAM_ERR_CONNECT, "IAM_ERR_CONNECT", "no address of the host accepted the connection"},
    {IAM_ERR_RESET, "IAM_ERR_RESET", "the connection was closed or reset before a reply"},
    {IAM_ERR_IO, "IAM_ERR_IO", "the transport failed"},
    {IAM_ERR_TRUNCATED, "IAM_ERR_TRUNCATED", "the connection ended in the middle of a reply"},
    {IAM_ERR_TIMEOUT_CONNECT, "IAM_ERR_TIMEOUT_CONNECT", "not connected in time"},
    {IAM_ERR_TIMEOUT_RESPONSE, "IAM_ERR_TIMEOUT_RESPONSE", "no reply in time"},
    {IAM_ERR_TIMEOUT_IDLE, "IAM_ERR_TIMEOUT_IDLE", "the peer paused too long"},
    {IAM_ERR_TIMEOUT_EXCHANGE, "IAM_ERR_TIMEOUT_EXCHANGE",
     "one request and its reply took too long"},
    {IAM_ERR_TIMEOUT_OPERATION, "IAM_ERR_TIMEOUT_OPERATION",
     "the deadline of the operation has passed"},
    {IAM_ERR_PROXY, "IAM_ERR_PROXY", "the proxy refused to connect"},
    {IAM_ERR_TLS, "IAM_ERR_TLS", "TLS handshake or record failure"},
    {IAM_ERR_TLS_VERIFY, "IAM_ERR_TLS_VERIFY", "the server's certificate was refused"},
    {IAM_ERR_TLS_MEMORY, "IAM_ERR_TLS_MEMORY", "TLS ran out of memory: the arena is too small"},
    {IAM_ERR_TLS_SETUP, "IAM_ERR_TLS_SETUP",
     "TLS could not be set up: CA certificates or settings"},
    {IAM_ERR_TLS_RECORD, "IAM_ERR_TLS_RECORD", "a TLS record is too large for mbedTLS"},
    {IAM_ERR_HTTP, "IAM_ERR_HTTP", "the reply is not HTTP/1.1"},
    {IAM_ERR_HTTP_LIMIT, "IAM_ERR_HTTP_LIMIT", "the reply's head or body is beyond its limit"},
    {IAM_ERR_HTTP_LENGTH, "IAM_ERR_HTTP_LENGTH", "the reply's lengths conflict or are unusable"},
    {IAM_ERR_HTTP_ENCODING, "IAM_ERR_HTTP_ENCODING",
     "the reply is compressed by a Content-Encoding"},
    {IAM_ERR_XML, "IAM_ERR_XML", "the reply is not well-formed XML"},
    {IAM_ERR_XML_DOCTYPE, "IAM_ERR_XML_DOCTYPE",
     "a document type declaration, which is never taken"},
    {IAM_ERR_XML_ENCODING, "IAM_ERR_XML_ENCODING", "the reply is not in UTF-8"},
    {IAM_ERR_XML_UTF8, "IAM_ERR_XML_UTF8",
     "the reply holds bytes that are no UTF-8 or no XML characters"},
    {IAM_ERR_XML_REFERENCE, "IAM_ERR_XML_REFERENCE",
     "the reply holds an unknown or illegal reference"},
    {IAM_ERR_XML_TAG, "IAM_ERR_XML_TAG", "an end tag does not match its start tag"},
    {IAM_ERR_XML_LIMIT, "IAM_ERR_XML_LIMIT", "the reply is nested beyond the limit"},
    {IAM_ERR_XML_TRUNCATED, "IAM_ERR_XML_TRUNCATED",
     "the reply is empty or ends inside the document"},
    {IAM_ERR_FOREIGN, "IAM_ERR_FOREIGN", "the reply is not the service's answer to this request"},
    {IAM_ERR_VALUE, "IAM_ERR_VALUE", "a member's value is not of its type"},
    {IAM_ERR_JSON, "IAM_ERR_JSON", "the reply is not well-formed JSON"},
    {IAM_ERR_MEMBER, "IAM_ERR_MEMBER", "a member of the reply is missing, or there twice"},
    {IAM_ERR_SERVICE, "IAM_ERR_SERVICE", "the service answered with an error"},
    {IAM_ERR_MARKER_REPEATED, "IAM_ERR_MARKER_REPEATED",
     "the service gave a Marker for the second time: its pages go in a circle"},
    {IAM_ERR_MARKER_MISSING, "IAM_ERR_MARKER_MISSING",
     "more pages were announced, but no Marker given"},
    {IAM_ERR_MARKER_INVALID, "IAM_ERR_MARKER_INVALID",
     "the service sent a Marker that no request can carry"},
    {IAM_ERR_CHANGED, "IAM_ERR_CHANGED",
     "a page that was fetched again differs from what was delivered"},
    {IAM_ERR_JOB_FAILED, "IAM_ERR_JOB_FAILED", "the job that makes the report failed"},
    {IAM_ERR_JOB_STATUS, "IAM_ERR_JOB_STATUS",
     "the job's status is missing, unknown, or went backwards"},
    {IAM_ERR_PAGES, "IAM_ERR_PAGES", "more pages or items than the limit"},
    {IAM_ERR_SESSION, "IAM_ERR_SESSION",
     "the credentials changed while a job was open: generate the report again"},
    {IAM_ERR_CLOCK, "IAM_ERR_CLOCK", "the clock is not set, and could not be learned"},
    {IAM_ERR_TRUNCATED_MISSING, "IAM_ERR_TRUNCATED_MISSING",
     "the service gave a Marker, but did not say whether more pages follow"},
    {IAM_ERR_PAGE_REPEATED, "IAM_ERR_PAGE_REPEATED",
     "a page begins as the page before it did: the same reply has come twice"},
    {IAM_ERR_TIMEOUT_JOB, "IAM_ERR_TIMEOUT_JOB", "the report was not ready in time"},
};

static size_t find(int code)
{
    size_t i = 0;
    while (i < sizeof rows / sizeof rows[0] && rows[i].code != code)
        i++;
    return i;
}

const char *iam_result_name(int result)
{
    size_t i = find(result);
    return i < sizeof rows / sizeof rows[0] ? rows[i].name : "IAM_ERR_UNKNOWN";
}

const char *iam_result_text(int result)
{
    size_t i = find(result);
    return i < sizeof rows / sizeof rows[0] ? rows[i].text : "unknown result";
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
