#include <tinyiam/parts/datetime.h>
#include <tinyiam/parts/http.h>

#include <string.h>

/* Lines (head, chunk sizes, trailers) are read byte by byte; bodies are spans. */
enum {
    ST_STATUS,     /* "HTTP/1.1 200", value_len is the place in it */
    ST_AFTER_CODE, /* SP reason, or CR */
    ST_LINE,       /* first byte of a field line, or CR of the empty line */
    ST_NAME,
    ST_VALUE,       /* of a field; the reason phrase too */
    ST_CHUNK_FIRST, /* first digit */
    ST_CHUNK_SIZE,
    ST_CHUNK_EXT,
    ST_DATA_CR, /* after a chunk's data */
    /* LF must come */
    ST_LINE_LF,
    ST_HEAD_LF,
    ST_CHUNK_LF,
    ST_DATA_LF,
    /* no lines from here on */
    ST_CHUNK_DATA,
    ST_LENGTH,
    ST_CLOSE,
    ST_DONE
};
/* Where CR may come and which LF then must; elsewhere 0. */
static const uint8_t after_cr[ST_LINE_LF] = {
    [ST_AFTER_CODE] = ST_LINE_LF,  [ST_LINE] = ST_HEAD_LF,       [ST_VALUE] = ST_LINE_LF,
    [ST_CHUNK_SIZE] = ST_CHUNK_LF, [ST_CHUNK_EXT] = ST_CHUNK_LF, [ST_DATA_CR] = ST_DATA_LF};

/* The order of field_names. Those up to F_LAST_LIST are comma-separated lists of lower-cased elements. */
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
    F_REQUEST_ID,
    F_REQUEST_ID_S3,
    F_REASON
};
static const char field_names[] = "\012connection"
                                  "\020content-encoding"
                                  "\016content-length"
                                  "\021transfer-encoding"
                                  "\003age"
                                  "\004date"
                                  "\021x-amz-retry-after"
                                  "\020x-amzn-requestid"
                                  "\020x-amz-request-id";

enum { HTTP_1_0 = 1, HAS_LENGTH = 2, CHUNKED = 4, SAYS_CLOSE = 8, SAYS_KEEP = 16, TRAILERS = 32 };

/* Neither an event nor an error: look at the state again. */
#define TURN IAM_HTTP_MORE

#define BODY_MAX ((uint64_t)(CONFIG_TINYIAM_BODY_MAX ? CONFIG_TINYIAM_BODY_MAX : INT64_MAX))

_Static_assert(CONFIG_TINYIAM_REASON_MAX >= 4 && CONFIG_TINYIAM_REASON_MAX <= 255,
               "uint8_t, room for ...");
_Static_assert(CONFIG_TINYIAM_REQUEST_ID_MAX >= 4 && CONFIG_TINYIAM_REQUEST_ID_MAX <= 255,
               "likewise");
_Static_assert(CONFIG_TINYIAM_HTTP_INTERIM_MAX >= 0 && CONFIG_TINYIAM_HTTP_INTERIM_MAX < 255,
               "uint8_t");

void iam_http_init(struct iam_http *h)
{
    memset(h, 0, sizeof *h);
    h->room = CONFIG_TINYIAM_HTTP_HEAD_MAX;
}

/* RFC 9110 5.6.2 */
static bool is_token(unsigned c)
{
    static const uint32_t set[4] = {0, 0x03FF6CFAu, 0xC7FFFFFEu, 0x57FFFFFFu};
    return c < 128 && (set[c >> 5] >> (c & 31) & 1);
}

/* Field values, reason phrases and chunk extensions: HTAB, SP, VCHAR, obs-text. */
static bool is_text(unsigned c)
{
    return (c >= ' ' && c != 127) || c == '\t';
}

static bool is_blank(unsigned c)
{
    return c == ' ' || c == '\t';
}

static unsigned lower(unsigned c)
{
    return c - 'A' < 26u ? c | 0x20 : c;
}

/* Adds a byte to the text of the field being read, without the blanks in front. */
static void keep(struct iam_http *h, unsigned c)
{
    char *to = h->value;
    uint8_t *len = &h->value_len;
    unsigned cap = IAM_HTTP_VALUE_MAX;
    if (h->field == F_REASON) {
        to = h->reason;
        len = &h->reason_len;
        cap = CONFIG_TINYIAM_REASON_MAX;
    } else if (h->field == F_REQUEST_ID) {
        to = h->request_id;
        len = &h->request_id_len;
        cap = CONFIG_TINYIAM_REQUEST_ID_MAX;
    }
    if (*len < cap) {
        if (*len || !is_blank(c))
            to[(*len)++] = (char)c;
    } else if (!is_blank(c)) {
        if (to == h->value)
            *len = IAM_HTTP_VALUE_MAX + 1;
        else
            memcpy(to + cap - 3, "...", 3);
    }
}

static uint8_t trimmed(const char *text, uint8_t len)
{
    while (len && is_blank((unsigned char)text[len - 1]))
        len--;
    return len;
}

static uint8_t field_named(const struct iam_http *h)
{
    const char *name = field_names;
    uint8_t f = F_CONNECTION;
    if (h->flags & TRAILERS)
        return F_OTHER;
    for (; *name; name += 1 + *name, f++) {
        if (*name == h->value_len && memcmp(name + 1, h->value, h->value_len) == 0)
            break;
    }
    if (f == F_REQUEST_ID_S3)
        f = F_REQUEST_ID;
    if (f > F_REQUEST_ID || (f == F_REQUEST_ID && h->request_id_len))
        return F_OTHER;
    return f;
}

static bool value_is(const struct iam_http *h, const char *text)
{
    size_t n = strlen(text);
    return h->value_len == n && memcmp(h->value, text, n) == 0;
}

/* Decimal digits only, at least one, below 2^63; else UINT64_MAX. */
static uint64_t value_number(const struct iam_http *h)
{
    uint64_t v = 0;
    if (h->value_len - 1u >= IAM_HTTP_VALUE_MAX)
        return UINT64_MAX;
    for (unsigned i = 0; i < h->value_len; i++) {
        unsigned digit = (unsigned char)h->value[i] - (unsigned)'0';
        if (digit > 9 || v > INT64_MAX / 10)
            return UINT64_MAX;
        v = v * 10 + digit;
    }
    return v <= INT64_MAX ? v : UINT64_MAX;
}

/* The value, or one element of a list, has ended. */
static int value_end(struct iam_http *h)
{
    uint64_t number;
    struct iam_time t;
    if (h->value_len <= IAM_HTTP_VALUE_MAX)
        h->value_len = trimmed(h->value, h->value_len);
    switch (h->field) {
    case F_CONNECTION:
        if (value_is(h, "close"))
            h->flags |= SAYS_CLOSE;
        else if (value_is(h, "keep-alive"))
            h->flags |= SAYS_KEEP;
        break;
    case F_CONTENT_ENCODING:
        if (h->value_len && !value_is(h, "identity"))
            return IAM_ERR_HTTP;
        break;
    case F_CONTENT_LENGTH:
        number = value_number(h);
        if (number == UINT64_MAX || ((h->flags & HAS_LENGTH) && number != h->left))
            return IAM_ERR_HTTP_LENGTH;
        h->left = number;
        h->flags |= HAS_LENGTH;
        break;
    case F_TRANSFER_ENCODING:
        if ((h->flags & CHUNKED) || !value_is(h, "chunked"))
            return IAM_ERR_HTTP_LENGTH;
        h->flags |= CHUNKED;
        break;
    case F_AGE:
        h->aged = true;
        break;
    case F_DATE:
        h->has_date = h->value_len == IAM_HTTP_VALUE_MAX && h->value[3] == ',' &&
                      iam_time_parse((struct iam_span){h->value, h->value_len}, &t) == IAM_OK;
        if (h->has_date)
            h->date_us = t.us;
        break;
    case F_RETRY_AFTER:
        number = value_number(h);
        h->has_retry_after = number <= UINT32_MAX;
        if (h->has_retry_after)
            h->retry_after_ms = (uint32_t)number;
        break;
    case F_REQUEST_ID:
        h->request_id_len = trimmed(h->request_id, h->request_id_len);
        break;
    case F_REASON:
        h->reason_len = trimmed(h->reason, h->reason_len);
        break;
    default:
        break;
    }
    h->value_len = 0;
    return IAM_OK;
}

static bool too_long(const struct iam_http *h)
{
    return h->left > BODY_MAX - h->body_seen;
}

/* The empty line has come: what follows? */
static int head_end(struct iam_http *h)
{
    uint8_t flags = h->flags;
    if (flags & TRAILERS) {
        h->state = ST_DONE;
        return TURN;
    }
    if (h->status < 200) {
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
    if ((flags & CHUNKED) && (flags & (HAS_LENGTH | HTTP_1_0)))
        return IAM_ERR_HTTP_LENGTH;
    h->keep_alive = !(flags & SAYS_CLOSE) && (!(flags & HTTP_1_0) || (flags & SAYS_KEEP));
    if (h->status == 204 || h->status == 304) {
        h->state = ST_DONE;
    } else if (flags & CHUNKED) {
        h->state = ST_CHUNK_FIRST;
        h->room = CONFIG_TINYIAM_HTTP_CHUNK_LINE_MAX;
    } else if (flags & HAS_LENGTH) {
        if (too_long(h))
            return IAM_ERR_HTTP_LIMIT;
        h->state = h->left ? ST_LENGTH : ST_DONE;
    } else {
        h->keep_alive = false;
        h->state = ST_CLOSE;
    }
    return IAM_HTTP_HEAD;
}

static int chunk_begin(struct iam_http *h)
{
    if (too_long(h))
        return IAM_ERR_HTTP_LIMIT;
    h->state = ST_CHUNK_DATA;
    if (!h->left) {
        h->state = ST_LINE;
        h->flags |= TRAILERS;
        h->room = CONFIG_TINYIAM_HTTP_HEAD_MAX;
    }
    return TURN;
}

static int hex_digit(unsigned c)
{
    if (c - '0' < 10u)
        return (int)(c - '0');
    c = lower(c);
    return c - 'a' < 6u ? (int)(c - 'a' + 10) : -1;
}

/* CR, LF, and the bytes that may come nowhere. */
static int control_byte(struct iam_http *h, unsigned c)
{
    if (c == '\r' && h->state < ST_LINE_LF && after_cr[h->state]) {
        int r = h->state == ST_VALUE ? value_end(h) : IAM_OK;
        h->state = after_cr[h->state];
        return r;
    }
    if (c != '\n')
        return IAM_ERR_HTTP;
    switch (h->state) {
    case ST_LINE_LF:
        h->state = ST_LINE;
        return TURN;
    case ST_HEAD_LF:
        return head_end(h);
    case ST_CHUNK_LF:
        return chunk_begin(h);
    case ST_DATA_LF:
        h->state = ST_CHUNK_FIRST;
        h->room = CONFIG_TINYIAM_HTTP_CHUNK_LINE_MAX;
        return TURN;
    default:
        return IAM_ERR_HTTP;
    }
}

static int status_byte(struct iam_http *h, unsigned c)
{
    static const char form[] = "HTTP/1.0 000"; /* 0: any digit */
    unsigned at = h->value_len++, want = (unsigned char)form[at];
    if (want == '0' ? c - '0' > 9u : c != want)
        return IAM_ERR_HTTP;
    if (at == 7 && c == '0')
        h->flags |= HTTP_1_0;
    if (at > 8)
        h->status = (uint16_t)(h->status * 10 + (c - '0'));
    if (at == sizeof form - 2) {
        h->value_len = 0;
        h->state = ST_AFTER_CODE;
        return h->status < 100 ? IAM_ERR_HTTP : TURN;
    }
    return TURN;
}

static int text_byte(struct iam_http *h, unsigned c)
{
    int digit;
    switch (h->state) {
    case ST_STATUS:
        return status_byte(h, c);
    case ST_AFTER_CODE: /* some servers leave out the space together with the reason */
        h->field = F_REASON;
        h->state = ST_VALUE;
        return c == ' ' ? TURN : IAM_ERR_HTTP;
    case ST_LINE:
        h->field = F_OTHER;
        h->state = ST_NAME;
        /* fall through */
    case ST_NAME:
        if (c == ':' && h->value_len) {
            h->field = field_named(h);
            h->value_len = 0;
            h->state = ST_VALUE;
            return TURN;
        }
        keep(h, lower(c));
        return is_token(c) ? TURN : IAM_ERR_HTTP;
    case ST_VALUE:
        if (c == ',' && h->field <= F_LAST_LIST)
            return value_end(h);
        if (h->field != F_OTHER)
            keep(h, h->field <= F_LAST_LIST ? lower(c) : c);
        return TURN;
    case ST_CHUNK_FIRST:
        h->left = 0;
        /* fall through */
    case ST_CHUNK_SIZE:
        digit = hex_digit(c);
        if (digit >= 0) {
            bool fits = h->left <= (uint64_t)INT64_MAX >> 4;
            h->left = h->left << 4 | (unsigned)digit;
            h->state = ST_CHUNK_SIZE;
            return fits ? TURN : IAM_ERR_HTTP_LENGTH;
        }
        if (h->state == ST_CHUNK_SIZE && (c == ';' || is_blank(c))) {
            h->state = ST_CHUNK_EXT;
            return TURN;
        }
        return IAM_ERR_HTTP;
    case ST_CHUNK_EXT:
        return TURN;
    default:
        return IAM_ERR_HTTP;
    }
}

/* Reads lines until something but a line, or a line with a limit of its own, comes next; or end. */
static int line_run(struct iam_http *h, const char **at, const char *end)
{
    int r = TURN;
    h->room = 0;
    while (*at < end && r == TURN && !h->room && h->state < ST_CHUNK_DATA) {
        unsigned c = (unsigned char)*(*at)++;
        if (h->state == ST_VALUE && h->field == F_OTHER) {
            while (is_text(c) && *at < end)
                c = (unsigned char)*(*at)++;
        }
        r = is_text(c) ? text_byte(h, c) : control_byte(h, c);
    }
    return r;
}

/* Lines within their limit; the room is counted down by what was read, so every split ends alike. */
static int lines(struct iam_http *h, const char **p, const char *end)
{
    const char *from = *p;
    uint32_t room = h->room;
    int r;
    if (!room)
        return IAM_ERR_HTTP_LIMIT;
    if ((size_t)(end - from) > room)
        end = from + room;
    h->began = true;
    r = line_run(h, p, end);
    if (!h->room) /* else a new limit began */
        h->room = room - (uint32_t)(*p - from);
    return r;
}

static void take_body(struct iam_http *h, const char **p, size_t n, struct iam_span *body)
{
    body->p = *p;
    body->n = n;
    *p += n;
    h->body_seen += n;
}

int iam_http_next(struct iam_http *h, const char **p, const char *end, struct iam_span *body)
{
    int r = h->error;
    while (r == IAM_HTTP_MORE && h->state != ST_DONE && *p < end) {
        size_t n = (size_t)(end - *p);
        if (h->state < ST_CHUNK_DATA) {
            r = lines(h, p, end);
            continue;
        }
        if (h->state == ST_CLOSE)
            h->left = BODY_MAX - h->body_seen;
        if (n > h->left)
            n = (size_t)h->left;
        if (!n) {
            r = IAM_ERR_HTTP_LIMIT; /* only a body without a length can get here */
            break;
        }
        take_body(h, p, n, body);
        h->left -= n;
        if (!h->left && h->state == ST_LENGTH)
            h->state = ST_DONE;
        if (!h->left && h->state == ST_CHUNK_DATA) {
            h->state = ST_DATA_CR;
            h->room = 2;
        }
        return IAM_HTTP_BODY;
    }
    if (r < 0)
        h->error = (int8_t)r;
    return r == IAM_HTTP_MORE && h->state == ST_DONE ? IAM_HTTP_END : r;
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
