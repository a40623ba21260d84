/* The reply reader under any bytes and any split: all splits end alike (private state included),
 * nothing is read past the input (guard page), every call consumes or ends, no prefix of a complete
 * reply is complete.
 *
 *   fuzz_http [--seconds N] [--seed N]    makes inputs up: pieces put together, replies damaged
 *   fuzz_http FILE                        runs a file
 * With TINYIAM_LIBFUZZER defined: a libFuzzer target. The first 4 bytes choose the split. */
#include <time.h>

#include "../unit/http_drive.h"
#include "fuzz_run.h"

static void same(const struct http_drive *a, const struct http_drive *b)
{
    HTTP_DRIVE_CHECK(http_drive_same(a, b));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct guard room;
    struct http_drive whole, d, stop;
    const char *wire = (const char *)data + 4;
    uint64_t random = 1;
    size_t n = size - 4, most, at;
    if (size < 4 || n > 65536)
        return 0;
    if (!room.p)
        room = guard_alloc(65536);
    for (at = 0; at < 4; at++)
        random = random * 257 + data[at];

    http_drive_start(&whole);
    http_drive_feed(&whole, &room, wire, n);

    http_drive_start(&d);
    for (at = 0; at < n; at++)
        http_drive_feed(&d, &room, wire + at, 1);
    same(&whole, &d);

    http_drive_start(&d);
    most = 1 + fuzz_random(&random) % 40;
    for (at = 0; at < n;) {
        size_t piece = fuzz_random(&random) % (most + 1);
        if (piece > n - at)
            piece = n - at;
        http_drive_feed(&d, &room, wire + at, piece);
        at += piece;
        if (fuzz_random(&random) % 8 == 0) { /* the stream ends here */
            stop = d;
            int before = stop.end, r = http_drive_eof(&stop);
            HTTP_DRIVE_CHECK(before != IAM_HTTP_MORE || r != IAM_HTTP_END || stop.heads == 1);
            /* a reply that says where it ends cannot be complete before */
            HTTP_DRIVE_CHECK(before != IAM_HTTP_MORE || whole.end != IAM_HTTP_END ||
                             r != IAM_HTTP_END);
        }
    }
    same(&whole, &d);
    HTTP_DRIVE_CHECK(whole.body_n <= n);
    http_drive_eof(&whole);
    return 0;
}

#ifndef TINYIAM_LIBFUZZER

static const char *const pieces[] = {
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.0 503 Slow Down\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 204\r\n",
    "HTTP/1.1 ",
    "HTTP/1.",
    "200",
    " ",
    "\r\n",
    "\r\n\r\n",
    "\r",
    "\n",
    "\t",
    ":",
    ",",
    ";",
    "0",
    "5",
    "9",
    "a",
    "A",
    "\x7F",
    "\x80",
    "\xFF",
    "Content-Length: ",
    "content-length:5\r\n",
    "Content-Length: 5, 5\r\n",
    "Content-Length: 0\r\n",
    "Transfer-Encoding: chunked\r\n",
    "transfer-encoding:",
    "chunked",
    "Connection: ",
    "close",
    "keep-alive",
    "Date: Wed, 24 Oct 2018 19:47:31 GMT\r\n",
    "Age: 3\r\n",
    "x-amz-retry-after: 1500\r\n",
    "x-amzn-RequestId: 90c94d1b-4f5e-11e5-a0d6-f5f0c2d1c5a1\r\n",
    "x-amz-request-id:",
    "Content-Encoding: identity\r\n",
    "hello",
    "5\r\nhello\r\n",
    "1;x=\"y\"\r\nz\r\n",
    "0\r\n\r\n",
    "0\r\nTrailer: t\r\n\r\n",
    "ffffffffffffffff",
    "9223372036854775807",
    "9223372036854775808",
    "X: y\r\n",
    "a-rather-long-text-that-no-buffer-holds-whole, ",
};
#define COUNT(a) (sizeof(a) / sizeof *(a))

static const char *const replies[] = {
    "HTTP/1.1 200 OK\r\nContent-Length: 11\r\nDate: Wed, 24 Oct 2018 19:47:31 GMT\r\n\r\nhello "
    "world",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nx-amzn-RequestId: 1-2\r\n\r\n"
    "5\r\nhello\r\n6;e=1\r\n world\r\n0\r\nT: u\r\n\r\nrest",
    "HTTP/1.1 102 P\r\nA: b\r\n\r\nHTTP/1.1 503 Slow Down\r\nx-amz-retry-after: 1500\r\nAge: 1\r\n"
    "Connection: foo, close\r\nContent-Length: 3\r\n\r\nabc",
    "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nuntil the end",
    "HTTP/1.1 204\r\nContent-Length: 5\r\n\r\n",
};

static size_t append(uint8_t *to, size_t n, size_t cap, const char *text)
{
    size_t len = strlen(text);
    if (len > cap - n)
        len = cap - n;
    memcpy(to + n, text, len);
    return n + len;
}

static size_t make_up(uint8_t *to, size_t cap, uint64_t *random)
{
    const struct fuzz_damage damage = {
        .keep = 4, .most = 4, .cut = 3, .pieces = pieces, .count = COUNT(pieces)};
    size_t n = 0;
    uint32_t r = fuzz_random(random), count;
    for (; n < 4; n++)
        to[n] = (uint8_t)fuzz_random(random);
    if (r % 4 == 0) { /* pieces in any order */
        for (count = fuzz_random(random) % 20; count; count--)
            n = append(to, n, cap, pieces[fuzz_random(random) % COUNT(pieces)]);
        return n;
    }
    n = append(to, n, cap, replies[r / 4 % COUNT(replies)]);
    return fuzz_damage(to, n, cap, &damage, random);
}

int main(int argc, char **argv)
{
    static uint8_t file[65540];
    uint8_t data[4096];
    struct fuzz_options o = {.seconds = 10, .seed = 1};
    unsigned long runs = 0, ends[3] = {0};
    for (int i = 1; i < argc; i++)
        if (!fuzz_option(&o, argc, argv, &i))
            return fuzz_file(argv[i], file, sizeof file);
    uint64_t random = o.seed;
    for (time_t end = time(NULL) + (time_t)o.seconds; time(NULL) < end;) {
        for (int i = 0; i < 500; i++, runs++) {
            struct http_drive d;
            struct guard unguarded = {data, sizeof data};
            size_t n = make_up(data, sizeof data, &random);
            LLVMFuzzerTestOneInput(data, n);
            http_drive_start(&d); /* what came of it, so that the mixture can be judged */
            memmove(data + sizeof data - (n - 4), data + 4, n - 4);
            http_drive_feed(&d, &unguarded, (char *)data + sizeof data - (n - 4), n - 4);
            ends[d.end == IAM_HTTP_END ? 0 : d.end == IAM_HTTP_MORE ? 1 : 2]++;
        }
    }
    printf("fuzz_http: seed %lu, %lu inputs: %lu complete, %lu open, %lu refused\n", o.seed, runs,
           ends[0], ends[1], ends[2]);
    return 0;
}

#endif
