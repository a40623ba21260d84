/* HTTP/1.1 replies, a byte or a window at a time. */
#include <tinyiam/parts/datetime.h>
#include <tinyiam/parts/http.h>

#include <string.h>

/* Lines are read byte by byte, data is handed out as spans. The states of a reply:
 *
 *   STATUS -> [VALUE] -> { NAME -> VALUE } -> NAME -+-> LENGTH | CLOSE -> DONE
 *                                                   +-> { VALUE -> CHUNK_DATA -> DATA_END } -+
 *        DONE <- NAME <- { VALUE <- NAME } <- VALUE <----------------------------------------+
 * The reason phrase and a chunk's size are values, too. */
enum {
    ST_STATUS, /* "HTTP/1.1 200" */
    ST_NAME,   /* the name of a field, or the empty line */
    ST_VALUE,
    ST_DATA_END, /* the line end after a chunk's data */
    /* no lines from here on */
    ST_CHUNK_DATA,
    ST_LENGTH,
    ST_CLOSE,
    ST_DONE
};

/* The order of field_names. Those up to F_LAST_LIST are comma-separated lists of lower-cased
 * elements. */
enum {
    F_OTHER,
    F_CONNECTION,
    F_CONTENT_ENCODING,
    F_CONTENT_LENGTH,
    F_TRANSFER_ENCODING,
    F_LAST_LIST = F_TRANSFER_ENCODING,
    F_AGE,
    F_DATE,
    F_RETRY_AFTER,
    F_LOCATION,
#if CONFIG_TINYIAM_CREDS_SSO
    F_ERROR_TYPE,
#endif
    F_REQUEST_ID,
    F_REQUEST_ID_S3,
    F_REASON,
    /* A chunk's line by what its last byte belongs to; the size is in h->value. It may end in the first
     * four. */
    F_CHUNK,
    F_CHUNK_NAME,
    F_CHUNK_TOKEN,
    F_CHUNK_STRING, /* and its end */
    F_CHUNK_LAST = F_CHUNK_STRING,
    F_CHUNK_BLANK, /* white space before ';' */
    F_CHUNK_NAME_BLANK,
    F_CHUNK_SEMICOLON,
    F_CHUNK_EQUALS,
    F_CHUNK_QUOTED,
    F_CHUNK_ESCAPED
};
/* A list of words, each preceded by its length. */
static const char field_names[] = "\012connection"
                                  "\020content-encoding"
                                  "\016content-length"
                                  "\021transfer-encoding"
                                  "\003age"
                                  "\004date"
                                  "\021x-amz-retry-after"
                                  "\010location"
#if CONFIG_TINYIAM_CREDS_SSO
                                  "\020x-amzn-errortype"
#endif
                                  "\020x-amzn-requestid"
                                  "\020x-amz-request-id";
enum { W_OTHER, W_CLOSE, W_KEEP_ALIVE, W_IDENTITY, W_CHUNKED };
static const char words[] = "\005close"
                            "\012keep-alive"
                            "\010identity"
                            "\007chunked";

enum { /* h->flags */
       HTTP_1_0 = 1,
       HAS_LENGTH = 2,
       CHUNKED = 4,
       SAYS_CLOSE = W_CLOSE << 3,
       SAYS_KEEP = W_KEEP_ALIVE << 3,
       TRAILERS = 32,
       AFTER_CR = 64,
       HAS_CODING = 128 /* a Transfer-Encoding, which may be a list without an element */
};

/* The state has changed: go on with it. Neither an event nor an error. */
#define TURN IAM_HTTP_MORE

#define BODY_MAX ((uint64_t)(CONFIG_TINYIAM_BODY_MAX ? CONFIG_TINYIAM_BODY_MAX : INT64_MAX))

_Static_assert(CONFIG_TINYIAM_REASON_MAX >= 4 && CONFIG_TINYIAM_REASON_MAX <= 255,
               "uint8_t, room for ...");
_Static_assert(CONFIG_TINYIAM_REQUEST_ID_MAX >= 4 && CONFIG_TINYIAM_REQUEST_ID_MAX <= 254,
               "likewise");
_Static_assert(CONFIG_TINYIAM_HTTP_INTERIM_MAX >= 0 && CONFIG_TINYIAM_HTTP_INTERIM_MAX < 255,
               "uint8_t");

void iam_http_init(struct iam_http *h)
{
    memset(h, 0, sizeof *h);
    h->room = CONFIG_TINYIAM_HTTP_HEAD_MAX;
}

/* May it stand in a token? RFC 9110 5.6.2. */
static bool is_token(unsigned c)
{
    static const uint32_t set[4] = {0, 0x03FF6CFAu, 0xC7FFFFFEu, 0x57FFFFFFu};
    return c < 128 && (set[c >> 5] >> (c & 31) & 1);
}

static unsigned lower(unsigned c)
{
    return c - 'A' < 26u ? c | 0x20 : c;
}

/* And what takes its place. */
#if CONFIG_TINYIAM_CREDS_SSO
#define IS_REASON(f) ((f) == F_REASON || (f) == F_LOCATION || (f) == F_ERROR_TYPE)
#else
#define IS_REASON(f) ((f) == F_REASON || (f) == F_LOCATION)
#endif

/* Where the text of the field that is being read is kept. */
static char *buffer(struct iam_http *h, unsigned *cap)
{
    if (IS_REASON(h->field)) {
        *cap = CONFIG_TINYIAM_REASON_MAX;
        return h->reason;
    }
    if (h->field == F_REQUEST_ID) {
        *cap = CONFIG_TINYIAM_REQUEST_ID_MAX;
        return h->request_id;
    }
    *cap = IAM_HTTP_VALUE_MAX;
    return h->value;
}

/* Adds a byte to it, without the blanks in front; those behind may be lost once it is full. */
static void keep(struct iam_http *h, unsigned c)
{
    unsigned cap;
    char *to = buffer(h, &cap);
    if (h->value_len < cap) {
        if (h->value_len || c != ' ')
            to[h->value_len++] = (char)c;
    } else if (c != ' ') {
        h->value_len = (uint8_t)(cap + 1);
    }
}

/* 1 + the text's place in the list; 0: it is not in it. */
static uint8_t find(const char *list, const char *text, unsigned len)
{
    for (uint8_t i = 1; *list; list += 1 + *list, i++)
        if ((unsigned char)*list == len && memcmp(list + 1, text, len) == 0)
            return i;
    return 0;
}

static uint8_t field_named(const struct iam_http *h)
{
    uint8_t f = find(field_names, h->value, h->value_len);
    if (f >= F_REQUEST_ID)
        f = h->request_id_len ? F_OTHER : F_REQUEST_ID;
    return (h->flags & TRAILERS) ? F_OTHER : f;
}

/* Digits only, 1 to IAM_HTTP_VALUE_MAX of them, below 2^64 - 1; else UINT64_MAX. */
static uint64_t number(const char *p, unsigned n, unsigned base)
{
    uint64_t v = n - 1 < IAM_HTTP_VALUE_MAX ? 0 : UINT64_MAX;
    for (; n; n--) {
        unsigned c = (unsigned char)*p++, digit = c - '0';
        if (digit > 9)
            digit = (c | 0x20) - 'a' < 6 ? (c | 0x20) - 'a' + 10 : base;
        if (digit >= base || v >> 60)
            return UINT64_MAX;
        v = v * base + digit;
    }
    return v;
}

static void chunk_line(struct iam_http *h)
{
    h->state = ST_VALUE;
    h->field = F_CHUNK;
    h->room = CONFIG_TINYIAM_HTTP_CHUNK_LINE_MAX;
}

/* h->left bytes of data follow. */
static int data_begin(struct iam_http *h, uint8_t state)
{
    h->state = state;
    return h->left > BODY_MAX - h->body_seen ? IAM_ERR_HTTP_LIMIT : TURN;
}

static int chunk_begin(struct iam_http *h, uint64_t size)
{
    h->left = size;
    if (size == UINT64_MAX)
        return IAM_ERR_HTTP_LENGTH;
    if (size)
        return data_begin(h, ST_CHUNK_DATA);
    h->flags |= TRAILERS;
    h->room = CONFIG_TINYIAM_HTTP_HEAD_MAX;
    return TURN;
}

/* A field's value has ended, or one element of it where it is a list. */
static int value_end(struct iam_http *h)
{
    unsigned cap, word, len = h->value_len;
    char *text = buffer(h, &cap);
    uint64_t n;
    struct iam_time t;
    int r = IAM_OK;
    h->value_len = 0;
    if (len <= cap) {
        while (len && text[len - 1] == ' ')
            len--;
    } else if (text != h->value) {
        memcpy(text + cap - 3, "...", 3);
        len = cap;
    }
    word = find(words, text, len);
    n = number(text, len, h->field < F_CHUNK ? 10 : 16);
    switch (h->field) {
    case F_CONNECTION:
        if (word <= W_KEEP_ALIVE)
            h->flags |= (uint8_t)(word << 3);
        break;
    case F_CONTENT_ENCODING:
        if (len && word != W_IDENTITY) {
            r = IAM_ERR_HTTP_ENCODING;
            h->value_len = (uint8_t)(len < IAM_HTTP_VALUE_MAX ? len : IAM_HTTP_VALUE_MAX);
        }
        break;
    case F_CONTENT_LENGTH:
        if (n == UINT64_MAX || ((h->flags & HAS_LENGTH) && n != h->left))
            r = IAM_ERR_HTTP_LENGTH;
        h->left = n;
        h->flags |= HAS_LENGTH;
        break;
    case F_TRANSFER_ENCODING:
        h->flags |= HAS_CODING;
        if (!len)
            break;
        if ((h->flags & CHUNKED) || word != W_CHUNKED)
            r = IAM_ERR_HTTP_LENGTH;
        h->flags |= CHUNKED;
        break;
    case F_AGE:
        h->aged = true;
        break;
    case F_DATE:
        h->has_date = len <= cap && iam_time_parse_http((struct iam_span){text, len}, &t) == IAM_OK;
        if (h->has_date)
            h->date_us = t.us;
        break;
    case F_RETRY_AFTER:
        h->has_retry_after = n <= UINT32_MAX;
        h->retry_after_ms = (uint32_t)n;
        break;
    case F_REQUEST_ID:
        h->request_id_len = (uint8_t)len;
        break;
#if CONFIG_TINYIAM_CREDS_SSO
    case F_ERROR_TYPE:
        h->has_error_type = len > 0;
        h->reason_len = (uint8_t)len;
        break;
#endif
    case F_LOCATION:
        h->has_location = true;
        h->reason_len = (uint8_t)len;
        break;
    case F_REASON:
        h->reason_len = (uint8_t)len;
        break;
    default:
        if (h->field >= F_CHUNK)
            r = h->field <= F_CHUNK_LAST ? chunk_begin(h, n) : IAM_ERR_HTTP_LENGTH;
        break;
    }
    return r;
}

static int interim_end(struct iam_http *h)
{
    uint8_t interim = h->interim;
    if (h->status == 101)
        return IAM_ERR_HTTP;
    if (interim == CONFIG_TINYIAM_HTTP_INTERIM_MAX)
        return IAM_ERR_HTTP_LIMIT;
    iam_http_init(h);
    h->began = true;
    h->interim = (uint8_t)(interim + 1);
    return TURN;
}

/* The empty line has come: what follows? */
static int head_end(struct iam_http *h)
{
    unsigned flags = h->flags;
    h->state = ST_DONE;
    if (flags & TRAILERS)
        return TURN;
    if (h->status < 200)
        return interim_end(h);
    if ((flags & HAS_CODING) && (flags & (CHUNKED | HAS_LENGTH | HTTP_1_0)) != CHUNKED)
        return IAM_ERR_HTTP_LENGTH;
    h->keep_alive = !(flags & SAYS_CLOSE) && (flags & (HTTP_1_0 | SAYS_KEEP)) != HTTP_1_0;
    if (h->status == 204 || h->status == 304)
        return IAM_HTTP_HEAD;
    if (flags & CHUNKED) {
        chunk_line(h);
    } else if (!(flags & HAS_LENGTH)) {
        h->keep_alive = false;
        h->left = BODY_MAX;
        h->state = ST_CLOSE;
    } else if (h->left && data_begin(h, ST_LENGTH) < 0) {
        return IAM_ERR_HTTP_LIMIT;
    }
    return IAM_HTTP_HEAD;
}

/* "HTTP/1.1 200" is in h->value. */
static int status_end(struct iam_http *h)
{
    uint32_t status = (uint32_t)number(h->value + 9, 3, 10);
    unsigned minor = (unsigned char)h->value[7] - (unsigned)'0';
    if (h->value_len != 12 || memcmp(h->value, "HTTP/1.", 7) != 0 || minor > 9 ||
        h->value[8] != ' ' || status - 100 > 899)
        return IAM_ERR_HTTP;
    h->status = (uint16_t)status;
    h->flags = minor ? 0 : HTTP_1_0;
    h->value_len = 0;
    return TURN;
}

static int line_end(struct iam_http *h)
{
    int r = TURN;
    h->flags &= (uint8_t)~AFTER_CR;
    switch (h->state) {
    case ST_STATUS:
        h->state = ST_NAME;
        r = status_end(h);
        break;
    case ST_NAME:
        r = h->value_len ? IAM_ERR_HTTP : head_end(h);
        break;
    case ST_VALUE:
        h->state = ST_NAME;
        r = value_end(h);
        break;
    default: /* ST_DATA_END */
        chunk_line(h);
        break;
    }
    return r;
}

/* RFC 9112 7.1.1: a size, then any number of BWS ";" BWS name [BWS "=" BWS (token / string)]. */
static int chunk_byte(struct iam_http *h, unsigned c)
{
    unsigned at = h->field;
    if (at == F_CHUNK && c != ' ' && c != ';') {
        keep(h, c);
    } else if (at == F_CHUNK_ESCAPED) {
        at = F_CHUNK_QUOTED;
    } else if (c == '"' && (at == F_CHUNK_QUOTED || at == F_CHUNK_EQUALS)) {
        at = at == F_CHUNK_QUOTED ? F_CHUNK_STRING : F_CHUNK_QUOTED;
    } else if (at == F_CHUNK_QUOTED) {
        at = c == '\\' ? F_CHUNK_ESCAPED : at;
    } else if (c == ' ') {
        at = at == F_CHUNK_NAME ? F_CHUNK_NAME_BLANK : at <= F_CHUNK_LAST ? F_CHUNK_BLANK : at;
    } else if (c == ';' && at < F_CHUNK_SEMICOLON) {
        at = F_CHUNK_SEMICOLON;
    } else if (c == '=' && (at == F_CHUNK_NAME || at == F_CHUNK_NAME_BLANK)) {
        at = F_CHUNK_EQUALS;
    } else {
        if (at >= F_CHUNK_SEMICOLON) /* a name, or a token, begins */
            at -= F_CHUNK_SEMICOLON - F_CHUNK_NAME;
        if (at - F_CHUNK_NAME > F_CHUNK_TOKEN - F_CHUNK_NAME || !is_token(c))
            return IAM_ERR_HTTP_LENGTH;
    }
    h->field = (uint8_t)at;
    return TURN;
}

static int text_byte(struct iam_http *h, unsigned c)
{
    switch (h->state) {
    case ST_STATUS:
        if (h->value_len == 12) { /* some servers leave out the space together with the reason */
            h->field = F_REASON;
            h->state = ST_VALUE;
            return c == ' ' ? status_end(h) : IAM_ERR_HTTP;
        }
        h->value[h->value_len++] = (char)c;
        return TURN;
    case ST_NAME:
        h->field = F_OTHER;
        if (c == ':' && h->value_len) {
            h->field = field_named(h);
            h->value_len = 0;
            h->state = ST_VALUE;
            return TURN;
        }
        if (!is_token(c))
            return IAM_ERR_HTTP;
        keep(h, lower(c));
        return TURN;
    case ST_VALUE:
        if (h->field >= F_CHUNK)
            return chunk_byte(h, c);
        if (h->field == F_OTHER)
            return TURN;
        if (h->field == F_DATE && c == ',' && h->value_len > 3)
            h->value_len = 3; /* "Wednesday, 09-Nov-94 08:49:37 GMT" is longer than the rest */
        if (h->field <= F_LAST_LIST) {
            c = lower(c);
            if (c == ',')
                return value_end(h);
        }
        keep(h, c);
        return TURN;
    default: /* ST_DATA_END */
        return IAM_ERR_HTTP;
    }
}

/* A byte of a line: TURN, IAM_HTTP_HEAD, or an error. */
static int line_byte(struct iam_http *h, unsigned c)
{
    h->began = true;
    if (!h->room--)
        return IAM_ERR_HTTP_LIMIT;
    if (h->flags & AFTER_CR)
        return c == '\n' ? line_end(h) : IAM_ERR_HTTP;
    if (c == '\r') {
        h->flags |= AFTER_CR;
        return TURN;
    }
    if (c == '\t' && h->state != ST_STATUS)
        c = ' '; /* a tab means the same as a space in all other states */
    if (c < ' ' || c == 127)
        return IAM_ERR_HTTP;
    return text_byte(h, c);
}

static int data_run(struct iam_http *h, const char **p, size_t n, struct iam_span *body)
{
    if (!h->left) /* only a body that the end of the connection ends gets here */
        return IAM_ERR_HTTP_LIMIT;
    if (n > h->left)
        n = (size_t)h->left;
    body->p = *p;
    body->n = n;
    *p += n;
    h->body_seen += n;
    h->left -= n;
    if (!h->left && h->state == ST_LENGTH)
        h->state = ST_DONE;
    if (!h->left && h->state == ST_CHUNK_DATA) {
        h->state = ST_DATA_END;
        h->room = 2;
    }
    return IAM_HTTP_BODY;
}

int iam_http_next(struct iam_http *h, const char **p, const char *end, struct iam_span *body)
{
    int r = h->error;
    while (r == TURN && h->state < ST_CHUNK_DATA && *p < end)
        r = line_byte(h, (unsigned char)*(*p)++);
    if (r == TURN && h->state == ST_DONE)
        return IAM_HTTP_END;
    if (r == TURN && *p < end)
        r = data_run(h, p, (size_t)(end - *p), body);
    if (r < 0)
        h->error = (int8_t)r;
    return r;
}

int iam_http_eof(struct iam_http *h)
{
    if (!h->error && (h->state == ST_CLOSE || h->state == ST_DONE)) {
        h->state = ST_DONE;
        return IAM_HTTP_END;
    }
    if (!h->error)
        h->error = h->began ? IAM_ERR_TRUNCATED : IAM_EOF;
    return h->error;
}
