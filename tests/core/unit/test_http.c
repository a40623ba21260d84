/* The reply reader: every sample whole, in every two pieces, byte by byte, cut at every byte; what
 * must be refused; limits to the byte; against Python's http.client. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "http_drive.h"

#include "http_vectors.h"
#include "step.h"

#define OK "HTTP/1.1 200 OK\r\n"

struct sample {
    const char *wire;
    size_t n;
    int end; /* IAM_HTTP_END, an error; IAM_HTTP_MORE: ends with the stream */
    unsigned status;
    const char *body;
    size_t rest; /* bytes after the reply */
};
#define S(wire) wire, sizeof(wire) - 1

static const struct sample good[] = {
    {S(OK "Content-Length: 5\r\n\r\nhello"), IAM_HTTP_END, 200, "hello", 0},
    {S(OK "Content-Length: 0\r\n\r\n"), IAM_HTTP_END, 200, "", 0},
    {S(OK "content-length:5\r\n\r\nhello"), IAM_HTTP_END, 200, "hello", 0},
    {S(OK "CONTENT-LENGTH: \t 5 \t\r\n\r\nhello"), IAM_HTTP_END, 200, "hello", 0},
    {S(OK "Content-Length: 00000000000000000000000000005\r\n\r\nhello"), IAM_HTTP_END, 200, "hello",
     0},
    {S(OK "Content-Length: 5                                        \r\n\r\nhello"), IAM_HTTP_END,
     200, "hello", 0},
    {S(OK "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"), IAM_HTTP_END, 200, "hello", 0},
    {S(OK "Content-Length: 5 ,\t5, 05\r\n\r\nhello"), IAM_HTTP_END, 200, "hello", 0},
    {S(OK "Content-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n"), IAM_HTTP_END, 200, "hello", 17},
    {S(OK "Content-Length: 0\r\n\r\n\r\n"), IAM_HTTP_END, 200, "", 2},
    {S("HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx"), IAM_HTTP_END, 200, "x", 0},
    {S("HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\nx"), IAM_HTTP_END, 200, "x", 0},
    {S("HTTP/1.9 418 I'm\ta \xFF pot\r\nContent-Length: 1\r\n\r\nx"), IAM_HTTP_END, 418, "x", 0},
    {S("HTTP/1.1 999 Whatever\r\nContent-Length: 1\r\n\r\nx"), IAM_HTTP_END, 999, "x", 0},
    {S("HTTP/1.1 204 No Content\r\n\r\n"), IAM_HTTP_END, 204, "", 0},
    {S("HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc"), IAM_HTTP_END, 204, "", 3},
    {S("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n"), IAM_HTTP_END, 304, "",
     0},
    {S("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"), IAM_HTTP_END, 304, "", 0},
    {S("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"), IAM_HTTP_END,
     200, "ab", 0},
    {S("HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=x\r\nContent-Length: 7\r\nConnection: "
       "close\r\n\r\n"
       "HTTP/1.1 102\r\n\r\nHTTP/1.1 503 Slow Down\r\nContent-Length: 2\r\n\r\nab"),
     IAM_HTTP_END, 503, "ab", 0},
    {S(OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"), IAM_HTTP_END, 200, "hello",
     0},
    {S(OK "Transfer-Encoding: Chunked \r\n\r\n2\r\nhe\r\n0003;x=\"y\"\r\nllo\r\n000;z\r\n\r\n"),
     IAM_HTTP_END, 200, "hello", 0},
    {S(OK "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\nContent-Length: 8\r\nTransfer-Encoding: "
          "gzip\r\n"
          "Connection: close\r\nDate: x\r\n\r\nrest"),
     IAM_HTTP_END, 200, "", 4},
    {S(OK "Transfer-Encoding: chunked\r\n\r\nA \t; a = b\r\n0123456789\r\n1 "
          ";a;b\t=\t\"\\\"\t;\x80\\a=\" ; "
          "c\r\n.\r\n0;d=\"\"\r\n\r\n"),
     IAM_HTTP_END, 200, "0123456789.", 0},
    {S(OK "Transfer-Encoding: chunked,\r\n\r\n1\r\nx\r\n0\r\n\r\n"), IAM_HTTP_END, 200, "x", 0},
    {S(OK "Transfer-Encoding: , ,chunked , \r\n\r\n1\r\nx\r\n0\r\n\r\n"), IAM_HTTP_END, 200, "x",
     0},
    {S(OK
       "Transfer-Encoding:\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: ,\r\n\r\n1\r\nx\r\n"
       "0\r\n\r\n"),
     IAM_HTTP_END, 200, "x", 0},
    {S(OK "Transfer-Encoding: chunked\r\n\r\n00000000000000000000000000001\r\n\r\r\n0\r\n\r\n"),
     IAM_HTTP_END, 200, "\r", 0},
    {S(OK "Transfer-Encoding: chunked\r\n\r\n1f\r\n0123456789abcdef0123456789abcde\r\n"
          "1F\r\n0123456789abcdef0123456789abcde\r\n0\r\n\r\n"),
     IAM_HTTP_END, 200, "0123456789abcdef0123456789abcde0123456789abcdef0123456789abcde", 0},
    {S(OK "\r\nuntil the end\r\n\r\n"), IAM_HTTP_MORE, 200, "until the end\r\n\r\n", 0},
    {S(OK "\r\n"), IAM_HTTP_MORE, 200, "", 0},
    {S("HTTP/1.0 200 OK\r\n\r\nold"), IAM_HTTP_MORE, 200, "old", 0},
    {S("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold"), IAM_HTTP_END, 200, "old", 0},
    {S(OK "Content-Encoding: identity\r\nContent-Encoding:\r\nContent-Encoding: ,Identity\r\n"
          "Content-Length: 1\r\n\r\nx"),
     IAM_HTTP_END, 200, "x", 0},
    {S(OK
       "!#$%&'*+-.^_`|~09azAZ: any\x80\xFF\ttext\r\nContent_Length: 7\r\nContent-Lengt: 7\r\n"
       "Content-Lengthh: 7\r\nontent-Length: 7\r\nX-Content-Length: 7\r\nContent.Length: 7\r\n"
       "A-field-name-that-is-longer-than-all-that-are-looked-for: 1\r\nContent-Length: 1\r\n\r\nx"),
     IAM_HTTP_END, 200, "x", 0},
};

#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"

static const struct sample refused[] = {
    /* status line */
    {S("http/1.1 200 OK\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("HTTP/2.0 200 OK\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("HTTP/1 200 OK\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("HTTP/1.10 200 OK\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("HTTP/1.x 200 OK\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("HTTP/1.1x200 OK\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("HTTP/1.1 2x0 OK\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("HTTP/1.1 a00 OK\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("HTTP/1.1  200 OK\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("HTTP/1.1\t200 OK\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("HTTP/1.1 20 OK\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("HTTP/1.1 2000 OK\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("HTTP/1.1 200\tOK\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("HTTP/1.1 200OK\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("HTTP/1.1 099 No\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("HTTP/1.1 -20 No\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("HTTP/1.1 200 O\x01K\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("HTTP/1.1 200 OK\0\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("HTTP/1.1 200 O\x7FK\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("HTTP/1.1 200 OK\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("HTTP/1.1 200\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("HTTP/1.1 200 OK\r\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("\r\nHTTP/1.1 200 OK\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(" HTTP/1.1 200 OK\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("ICY 200 OK\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("<html><body>Sign in to the hotel"), IAM_ERR_HTTP, 0, NULL, 0},
    {S("\x15\x03\x03\x00\x02\x02\x28"), IAM_ERR_HTTP, 0, NULL, 0},
    /* protocol changed */
    {S("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    /* fields */
    {S(OK "Content-Length : 5\r\n\r\nhello"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "Content-Length\t: 5\r\n\r\nhello"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK " Content-Length: 5\r\n\r\nhello"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "A: b\r\n c\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "A: b\r\n\tc\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "A: b\r\n \r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK ": b\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "A\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "A b: c\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "A(b): c\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "A\x80: c\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "A\0: c\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "Content-Length\0: 5\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "A: c\0d\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "A: c\x0B\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "A: c\x1F\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "A: c\x7F\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "Transfer-Encoding:\x0B"
          "chunked\r\n\r\n0\r\n\r\n"),
     IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "A: b\rContent-Length: 5\r\n\r\nhello"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "A: b\nContent-Length: 5\r\n\r\nhello"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "A: b\r\n\nhello"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "A: b\r\n\rhello"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "A: b\r\n\r\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "A: b\r\r\n\r\n"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "A: b\n\nhello"), IAM_ERR_HTTP, 0, NULL, 0},
    {S(OK "Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"), IAM_ERR_HTTP_ENCODING, 0, NULL,
     0},
    {S(OK "Content-Encoding: identity, br\r\nContent-Length: 1\r\n\r\nx"), IAM_ERR_HTTP_ENCODING, 0,
     NULL, 0},
    {S(OK "Content-Encoding: a-coding-longer-than-every-registered-one\r\n\r\nx"),
     IAM_ERR_HTTP_ENCODING, 0, NULL, 0},
    /* lengths */
    {S(OK "Content-Length:\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Content-Length: +5\r\n\r\nhello"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Content-Length: -5\r\n\r\nhello"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Content-Length: 0x5\r\n\r\nhello"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Content-Length: 5 5\r\n\r\nhello"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Content-Length: 5.0\r\n\r\nhello"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Content-Length: 5;\r\n\r\nhello"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Content-Length: \"5\"\r\n\r\nhello"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Content-Length: 5,6\r\n\r\nhello"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Content-Length: 5,\r\n\r\nhello"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Content-Length: ,5\r\n\r\nhello"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Content-Length: 5                                       5\r\n\r\nhello"),
     IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Content-Length: 0\r\nContent-Length: 6\r\n\r\nhello!"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Content-Length: 9223372036854775808\r\n\r\n"), IAM_ERR_HTTP_LIMIT, 0, NULL, 0},
    {S(OK "Content-Length: 18446744073709551617\r\n\r\nx"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Content-Length: 100000000000000000000\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Content-Length: 000000000000000000000000000005\r\n\r\nhello"), IAM_ERR_HTTP_LENGTH, 0,
     NULL, 0},
    {S(OK "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH,
     0, NULL, 0},
    {S(OK "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH,
     0, NULL, 0},
    {S("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 0,
     NULL, 0},
    {S(OK "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
     IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
     IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Transfer-Encoding: identity\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Transfer-Encoding: chunkedx\r\n\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Transfer-Encoding: chunked                              x\r\n\r\n0\r\n\r\n"),
     IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Transfer-Encoding:\r\n\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Transfer-Encoding: ,\r\n\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Transfer-Encoding: chunked,,chunked\r\n\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: ,gzip\r\n\r\n0\r\n\r\n"),
     IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S(OK "Transfer-Encoding: ,\r\nContent-Length: 0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    {S("HTTP/1.0 200 OK\r\nTransfer-Encoding: ,\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 0, NULL, 0},
    /* chunks */
    {S(CHUNKED "\r\nhello"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED ";a\r\nhello"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED " 5\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "+5\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "-5\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "0x5\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5g\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5,\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5 \r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5\t\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5;\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5 ; \r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5;;a\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5;a \r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5;a;\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5;a b\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5;a=\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5;=b\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5;a=b \r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5;a=b c\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5;a=b=c\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5;a=\"b\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5;a=\"b\\\"\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5;a=\"b\"c\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5;a=b\"c\"\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5;\"a\"\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5;a\x80\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5;a,b\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5;a=\"\x01\"\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP, 200, NULL, 0},
    {S(CHUNKED "0;\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "5\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP, 200, NULL, 0},
    {S(CHUNKED "5\r\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP, 200, NULL, 0},
    {S(CHUNKED "5;a\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP, 200, NULL, 0},
    {S(CHUNKED "5;a\rb\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP, 200, NULL, 0},
    {S(CHUNKED "5;\0\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP, 200, NULL, 0},
    {S(CHUNKED "5;\x7F\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP, 200, NULL, 0},
    {S(CHUNKED "5\r\nhello0\r\n\r\n"), IAM_ERR_HTTP, 200, "hello", 0},
    {S(CHUNKED "5\r\nhello!\r\n0\r\n\r\n"), IAM_ERR_HTTP, 200, "hello", 0},
    {S(CHUNKED "5\r\nhello\n0\r\n\r\n"), IAM_ERR_HTTP, 200, "hello", 0},
    {S(CHUNKED "5\r\nhello\r0\r\n\r\n"), IAM_ERR_HTTP, 200, "hello", 0},
    {S(CHUNKED "5\r\nhello\r\n\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, "hello", 0},
    {S(CHUNKED "8000000000000000\r\n"), IAM_ERR_HTTP_LIMIT, 200, NULL, 0},
    {S(CHUNKED "fffffffffffffffe\r\n"), IAM_ERR_HTTP_LIMIT, 200, NULL, 0},
    {S(CHUNKED "ffffffffffffffff\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "10000000000000000\r\nx"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "10000000000000005\r\nhello"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "000000000000000000000000000005\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200,
     NULL, 0},
    {S(CHUNKED "5 5\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "@\r\nhello\r\n0\r\n\r\n"), IAM_ERR_HTTP_LENGTH, 200, NULL, 0},
    {S(CHUNKED "7fffffffffffffff\r\n"), IAM_ERR_HTTP_LIMIT, 200, NULL, 0},
    /* trailers */
    {S(CHUNKED "0\r\nA : b\r\n\r\n"), IAM_ERR_HTTP, 200, NULL, 0},
    {S(CHUNKED "0\r\nA: b\r\n c\r\n\r\n"), IAM_ERR_HTTP, 200, NULL, 0},
    {S(CHUNKED "0\r\nA: b\0\r\n\r\n"), IAM_ERR_HTTP, 200, NULL, 0},
    {S(CHUNKED "0\r\n\n"), IAM_ERR_HTTP, 200, NULL, 0},
    {S(CHUNKED "0\r\nGET / HTTP/1.1\r\n\r\n"), IAM_ERR_HTTP, 200, NULL, 0},
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void whole(struct http_drive *d, const struct guard *g, const char *wire, size_t n)
{
    http_drive_start(d);
    http_drive_feed(d, g, wire, n);
}

/* In every two pieces, with an empty one in between, and byte by byte. */
static void every_split(const char *wire, size_t n, const char *name)
{
    struct guard g = guard_alloc(n);
    struct http_drive once, d;
    whole(&once, &g, wire, n);
    for (size_t cut = 0; cut <= n; cut += TEST_STEP_OF(n)) {
        http_drive_start(&d);
        http_drive_feed(&d, &g, wire, cut);
        http_drive_feed(&d, &g, wire, 0);
        http_drive_feed(&d, &g, wire + cut, n - cut);
        if (!http_drive_same(&once, &d))
            fail_msg("split at %zu ends otherwise: %s", cut, name);
    }
    http_drive_start(&d);
    for (size_t i = 0; i < n; i++)
        http_drive_feed(&d, &g, wire + i, 1);
    if (!http_drive_same(&once, &d))
        fail_msg("byte by byte ends otherwise: %s", name);
    for (size_t a = 0; n <= 120 && a <= n; a += TEST_STEP)
        for (size_t b = a; b <= n; b++) {
            http_drive_start(&d);
            http_drive_feed(&d, &g, wire, a);
            http_drive_feed(&d, &g, wire + a, b - a);
            http_drive_feed(&d, &g, wire + b, n - b);
            if (!http_drive_same(&once, &d))
                fail_msg("splits at %zu, %zu end otherwise: %s", a, b, name);
        }
    assert_true(guard_intact(&g));
    guard_free(&g);
}

static void check(const struct sample *s)
{
    struct guard g = guard_alloc(s->n);
    struct http_drive d;
    size_t body_n = s->body ? strlen(s->body) : 0;
    whole(&d, &g, s->wire, s->n);
    if (d.end != s->end)
        fail_msg("%d, not %d: %s", d.end, s->end, s->wire);
    assert_int_equal(d.heads, s->status != 0);
    if (s->status)
        assert_int_equal(d.h.status, s->status);
    assert_int_equal(d.body_n, body_n);
    assert_true(d.body_hash == http_drive_hash(0, s->body, body_n));
    if (s->end >= 0) {
        assert_int_equal(s->n - d.used, s->rest);
        assert_int_equal(http_drive_eof(&d), IAM_HTTP_END);
    } else {
        assert_int_equal(http_drive_eof(&d), s->end);
    }
    guard_free(&g);
    every_split(s->wire, s->n, s->wire);
}

static void accepts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        check(&good[i]);
}

static void refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++)
        check(&refused[i]);
}

/* A reply that stops early is never complete, but for one that only the stream's end completes. */
static void cut_everywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        const struct sample *s = &good[i];
        size_t reply = s->n - s->rest;
        struct guard g = guard_alloc(s->n);
        for (size_t n = 0; n < reply; n++) {
            struct http_drive d;
            whole(&d, &g, s->wire, n);
            assert_int_equal(d.end, IAM_HTTP_MORE);
            assert_int_equal(d.used, n);
            int r = http_drive_eof(&d);
            if (n == 0)
                assert_int_equal(r, IAM_EOF);
            else if (s->end == IAM_HTTP_MORE && d.heads)
                assert_int_equal(r, IAM_HTTP_END);
            else
                assert_int_equal(r, IAM_ERR_TRUNCATED);
            /* nothing comes after the stream's end */
            const char *p = s->wire;
            struct iam_span body;
            assert_int_equal(iam_http_next(&d.h, &p, p + s->n, &body), r);
            assert_ptr_equal(p, s->wire);
        }
        guard_free(&g);
    }
}

/* Every byte value at every place of a reply: no crash, no difference between splits. */
static void every_byte_anywhere(void **state)
{
    static const char wire[] =
        "HTTP/1.1 100 C\r\n\r\n" OK "Connection: a,close\r\nx-amzn-RequestId: 7\r\n"
        "Transfer-Encoding: chunked\r\n\r\n2;x\r\nab\r\n0\r\nT: u\r\n\r\n";
    char bad[sizeof wire];
    struct guard g = guard_alloc(sizeof wire);
    unsigned accepted = 0;
    (void)state;
    for (size_t at = 0; at < sizeof wire - 1; at++)
        for (unsigned c = 0; c < 256; c++) {
            struct http_drive once, d;
            memcpy(bad, wire, sizeof wire);
            bad[at] = (char)c;
            whole(&once, &g, bad, sizeof wire - 1);
            http_drive_start(&d);
            for (size_t i = 0; i < sizeof wire - 1; i++)
                http_drive_feed(&d, &g, bad + i, 1);
            assert_true(http_drive_same(&once, &d));
            accepted += once.end == IAM_HTTP_END;
            if (strchr("\r\n", wire[at]) && (char)c != wire[at] && once.end == IAM_HTTP_END)
                fail_msg("byte %u in place of a line end at %zu", c, at);
            if ((c < 32 && c != '\t' && c != '\r' && c != '\n' && wire[at] != 'a' &&
                 wire[at] != 'b') ||
                (c == 127 && wire[at] != 'a' && wire[at] != 'b'))
                assert_int_equal(once.end, IAM_ERR_HTTP);
        }
    assert_true(accepted > 256);
    guard_free(&g);
}

/* ---- fields ---- */

static struct iam_http head_of(const char *fields)
{
    char wire[4096];
    struct iam_http h;
    struct iam_span body;
    const char *p = wire;
    int n = snprintf(wire, sizeof wire, OK "%sContent-Length: 0\r\n\r\n", fields);
    iam_http_init(&h);
    assert_true(n > 0 && (size_t)n < sizeof wire);
    every_split(wire, (size_t)n, wire);
    assert_int_equal(iam_http_next(&h, &p, wire + n, &body), IAM_HTTP_HEAD);
    return h;
}

static void connection(void **state)
{
    static const struct {
        const char *fields;
        bool keep_alive;
    } cases[] = {
        {"", true},
        {"Connection: close\r\n", false},
        {"connection:CLOSE\r\n", false},
        {"Connection: keep-alive\r\n", true},
        {"Connection: foo, Close\r\n", false},
        {"Connection: foo,,close ,bar\r\n", false},
        {"Connection: an-option-that-is-longer-than-all-that-are-known, close\r\n", false},
        {"Connection: keep-alive\r\nConnection: close\r\n", false},
        {"Connection: close\r\nConnection: keep-alive\r\n", false},
        {"Connection: closed\r\n", true},
        {"Connection: chunked\r\n", true}, /* a word that is known, but not here */
        {"Connection: identity\r\n", true},
        {"Connection: clos\r\n", true},
        {"Connection: \"close\"\r\n", true},
        {"Connection: close x\r\n", true},
        {"Connection: \r\n", true},
        {"Proxy-Connection: close\r\n", true},
    };
    char wire[256];
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(head_of(cases[i].fields).keep_alive, cases[i].keep_alive);
    static const struct {
        const char *head;
        bool keep_alive;
    } old[] = {
        {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n", false},
        {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: Keep-Alive\r\n", true},
        {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive, close\r\n", false},
        {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n", false},
        {"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n", false}, /* ends with the stream */
        {"HTTP/1.2 204 OK\r\n", true},
        {"HTTP/1.0 204 OK\r\n", false},
    };
    for (size_t i = 0; i < COUNT(old); i++) {
        struct iam_http h;
        struct iam_span body;
        const char *p = wire;
        int n = snprintf(wire, sizeof wire, "%s\r\n", old[i].head);
        iam_http_init(&h);
        assert_int_equal(iam_http_next(&h, &p, wire + n, &body), IAM_HTTP_HEAD);
        assert_int_equal(h.keep_alive, old[i].keep_alive);
    }
}

static void retry_after(void **state)
{
    static const struct {
        const char *value;
        bool has;
        uint32_t ms;
    } cases[] = {{"0", true, 0},
                 {"1500", true, 1500},
                 {"4294967295", true, UINT32_MAX},
                 {"4294967296", false, 0},
                 {"18446744073709551616", false, 0},
                 {"18446744073709551716", false, 0},
                 {"00000000000000000000000000100", true, 100},
                 {"000000000000000000000000000100", false, 0},
                 {"99999999999999999999999999999999999999999", false, 0},
                 {"-5", false, 0},
                 {"+5", false, 0},
                 {"soon", false, 0},
                 {"1.5", false, 0},
                 {"1,5", false, 0},
                 {"1 5", false, 0},
                 {"", false, 0},
                 {"Wed, 21 Oct 2015 07:28:00 GMT", false, 0}};
    char fields[128];
    (void)state;
    assert_false(head_of("").has_retry_after);
    for (size_t i = 0; i < COUNT(cases); i++) {
        snprintf(fields, sizeof fields, "X-Amz-Retry-After:  %s \r\n", cases[i].value);
        struct iam_http h = head_of(fields);
        assert_int_equal(h.has_retry_after, cases[i].has);
        if (cases[i].has)
            assert_int_equal(h.retry_after_ms, cases[i].ms);
    }
}

static void date_and_age(void **state)
{
    static const char *const none[] = {"Date: \r\n",
                                       "Date: yesterday\r\n",
                                       "Date: 0\r\n",
                                       "Date: 1540410371\r\n",
                                       "Date: 2018-10-24T19:47:31+00:00000\r\n",
                                       "Date: 2018-10-24T19:47:31Z\r\n",
                                       "Date: Wed, 24 Oct 2018 19:47:61 GMT\r\n",
                                       "Date: Wed, 24 Oct 2018 19:47:31 GMT, x\r\n",
                                       "Date: Wednesday, 24-Oct-2018-and-more 19:47:31 GMT\r\n",
                                       "Date: Wed, 24 Oct 2018 19:47:31 GMTx\r\n",
                                       "Date: Wed, 24 Foo 2018 19:47:31 GMT\r\n",
                                       "X-Date: Wed, 24 Oct 2018 19:47:31 GMT\r\n"};
    (void)state;
    assert_false(head_of("").has_date);
    struct iam_http h = head_of("dATE: \tWed, 24 Oct 2018 19:47:31 GMT\t\r\n");
    assert_true(h.has_date && !h.aged);
    assert_true(h.date_us == INT64_C(1540410451000000));
    for (size_t i = 0; i < COUNT(none); i++)
        assert_false(head_of(none[i]).has_date);
    /* RFC 9110 5.6.7: a recipient MUST accept all three forms */
    static const struct {
        const char *field;
        int64_t s;
    } forms[] = {{"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 784111777},
                 {"Date: Sunday, 06-Nov-94 08:49:37 GMT\r\n", 784111777},
                 {"Date: Sun Nov  6 08:49:37 1994\r\n", 784111777},
                 {"Date: Wednesday, 24-Oct-18 19:47:31 GMT\r\n", 1540410451},
                 {"Date: \tWednesday,  24-Oct-18 19:47:31 GMT \t\r\n", 1540410451},
                 {"Date: Wed Oct 24 19:47:31 2018\r\n", 1540410451},
                 {"Date: Saturday, 31-Dec-16 23:59:60 GMT\r\n", 1483228800},
                 {"Date: Sat, 31 Dec 2016 23:59:60 GMT\r\n", 1483228800},
                 {"Date: Sat Dec 31 23:59:60 2016\r\n", 1483228800}};
    for (size_t i = 0; i < COUNT(forms); i++) {
        h = head_of(forms[i].field);
        if (!h.has_date || h.date_us != forms[i].s * 1000000)
            fail_msg("%s", forms[i].field);
    }
    h = head_of("Age: 0\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
    assert_true(h.has_date && h.aged);
    assert_true(h.date_us == INT64_C(784111777000000));
    assert_true(head_of("aGE:\r\n").aged);
    assert_true(head_of("Age: an age that is rather long, and no number at all\r\n").aged);
    assert_false(head_of("Ages: 1\r\nAg: 1\r\n").aged);
}

static void texts(void **state)
{
    static const struct {
        const char *id, *kept;
    } cases[] = {
        {"x-amzn-RequestId: 90c94d1b-4f5e-11e5-a0d6-f5f0c2d1c5a1\r\n",
         "90c94d1b-4f5e-11e5-a0d6-f5f0c2d1c5a1"},
        {"X-Amzn-Requestid:\t two words \t \r\n", "two words"},
        {"x-amz-request-id: S3STYLE\r\n", "S3STYLE"},
        {"x-amz-request-id: first\r\nx-amzn-RequestId: second\r\n", "first"},
        {"x-amzn-RequestId: \r\nx-amz-request-id: other\r\n", "other"},
        {"x-amzn-Request-Id: no\r\nx-amz-requestid: no\r\n", ""},
        {"x-amzn-RequestId: a,B, c\r\n", "a,B, c"},
        {"x-amzn-RequestId: 0123456789012345678901234567890123456789012345678901234567890123\r\n",
         "0123456789012345678901234567890123456789012345678901234567890123"},
        {"x-amzn-RequestId: 0123456789012345678901234567890123456789012345678901234567890123 "
         "\t\r\n",
         "0123456789012345678901234567890123456789012345678901234567890123"},
        {"x-amzn-RequestId: 01234567890123456789012345678901234567890123456789012345678901234\r\n",
         "0123456789012345678901234567890123456789012345678901234567890..."},
        {"x-amzn-RequestId: 0123456789012345678901234567890123456789012345678901234567890123  "
         "more\r\n",
         "0123456789012345678901234567890123456789012345678901234567890..."},
    };
    static const struct {
        const char *reason, *kept;
    } reasons[] = {
        {" OK", "OK"},
        {"", ""},
        {" ", ""},
        {"   ", ""},
        {"  Not\tso good  ", "Not so good"},
        {" 0123456789012345678901234567890123456789", "0123456789012345678901234567890123456789"},
        {" 01234567890123456789012345678901234567890", "0123456789012345678901234567890123456..."},
        {" \xE9\xA9", "\xE9\xA9"}};
    char wire[256];
    (void)state;
    assert_int_equal(CONFIG_TINYIAM_REQUEST_ID_MAX, 64);
    assert_int_equal(CONFIG_TINYIAM_REASON_MAX, 40);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct iam_http h = head_of(cases[i].id);
        assert_int_equal(h.request_id_len, strlen(cases[i].kept));
        assert_memory_equal(h.request_id, cases[i].kept, h.request_id_len);
    }
    for (size_t i = 0; i < COUNT(reasons); i++) {
        struct iam_http h;
        struct iam_span body;
        const char *p = wire;
        int n = snprintf(wire, sizeof wire, "HTTP/1.1 200%s\r\n\r\n", reasons[i].reason);
        every_split(wire, (size_t)n, wire);
        iam_http_init(&h);
        assert_int_equal(iam_http_next(&h, &p, wire + n, &body), IAM_HTTP_HEAD);
        assert_int_equal(h.reason_len, strlen(reasons[i].kept));
        assert_memory_equal(h.reason, reasons[i].kept, h.reason_len);
    }
}

/* Where a redirection leads takes the reason phrase's place. */
static void location(void **state)
{
    static const struct {
        const char *fields, *kept;
        bool there;
    } cases[] = {
        {"Location: https://portal.example/login?a=1,2\r\n", "https://portal.example/login?a=1,2",
         true},
        {"LOCATION:\t /login \r\nX: y\r\n", "/login", true},
        {"Location:\r\n", "", true},
        {"Location: https://portal.example/0123456789abcdef01\r\n",
         "https://portal.example/0123456789abcd...", true},
        {"Location: /a-longer-one-first\r\nLocation: /b\r\n", "/b", true},
        {"Content-Location: /a\r\nLocations: /b\r\n", "Found", false},
    };
    char wire[256];
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct iam_http h;
        struct iam_span body;
        const char *p = wire;
        int n = snprintf(wire, sizeof wire, "HTTP/1.1 302 Found\r\n%sContent-Length: 0\r\n\r\n",
                         cases[i].fields);
        every_split(wire, (size_t)n, wire);
        iam_http_init(&h);
        assert_int_equal(iam_http_next(&h, &p, wire + n, &body), IAM_HTTP_HEAD);
        assert_int_equal(h.has_location, cases[i].there);
        assert_int_equal(h.reason_len, strlen(cases[i].kept));
        assert_memory_equal(h.reason, cases[i].kept, h.reason_len);
    }
}

/* What an interim reply says is not the reply's. */
static void interim_forgotten(void **state)
{
    static const char wire[] =
        "HTTP/1.0 102 Processing\r\nDate: Wed, 24 Oct 2018 19:47:31 GMT\r\nAge: 1\r\nConnection: "
        "close\r\n"
        "x-amzn-RequestId: interim\r\nx-amz-retry-after: 5\r\nContent-Length: 7\r\n\r\n"
        "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    struct iam_http h;
    struct iam_span body;
    const char *p = wire, *end = wire + sizeof wire - 1;
    (void)state;
    every_split(wire, sizeof wire - 1, wire);
    iam_http_init(&h);
    assert_int_equal(iam_http_next(&h, &p, end, &body), IAM_HTTP_HEAD);
    assert_true(h.keep_alive && !h.aged && !h.has_date && !h.has_retry_after && h.began);
    assert_int_equal(h.request_id_len, 0);
    assert_int_equal(h.reason_len, 0);
    assert_int_equal(iam_http_next(&h, &p, end, &body), IAM_HTTP_END);
}

/* What a reply that is compressed is compressed by stays readable, as far as there is room. */
static void coding_is_named(void **state)
{
    static const struct {
        const char *value, *name;
    } cases[] = {{"gzip", "gzip"},
                 {"identity,\tBR , gzip", "br"},
                 {"x-a-coding-longer-than-every-registered-one", "x-a-coding-longer-than-every-"}};
    char wire[160];
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct iam_http h;
        struct iam_span body;
        const char *p = wire;
        int n = snprintf(wire, sizeof wire, OK "Content-Encoding: %s\r\n\r\n", cases[i].value);
        iam_http_init(&h);
        assert_int_equal(iam_http_next(&h, &p, wire + n, &body), IAM_ERR_HTTP_ENCODING);
        assert_int_equal(h.value_len, strlen(cases[i].name));
        assert_memory_equal(h.value, cases[i].name, h.value_len);
    }
}

/* ---- limits ---- */

static char big[CONFIG_TINYIAM_HTTP_HEAD_MAX * 2 + 65536];

/* The same ending whole, byte by byte, and in pieces around the limit. */
static int end_of(size_t n, size_t limit)
{
    static const size_t sizes[] = {1, 2, 3, 64, 1460, 4095, 4096, 4097, 32767, 32768, 32769};
    struct guard g = guard_alloc(n);
    struct http_drive once, d;
    whole(&once, &g, big, n);
    for (size_t s = 0; s < COUNT(sizes); s++) {
        http_drive_start(&d);
        for (size_t at = 0; at < n; at += sizes[s])
            http_drive_feed(&d, &g, big + at, n - at < sizes[s] ? n - at : sizes[s]);
        assert_true(http_drive_same(&once, &d));
    }
    for (size_t cut = limit - 3; cut < limit + 4 && cut <= n; cut++) {
        http_drive_start(&d);
        http_drive_feed(&d, &g, big, cut);
        http_drive_feed(&d, &g, big + cut, n - cut);
        assert_true(http_drive_same(&once, &d));
    }
    guard_free(&g);
    return once.end;
}

/* Before, then fill bytes of f, then after. Returns the size. */
static size_t compose(const char *before, size_t fill, char f, const char *after)
{
    size_t a = strlen(before), b = strlen(after);
    assert_true(a + fill + b <= sizeof big);
    memcpy(big, before, a);
    memset(big + a, f, fill);
    memcpy(big + a + fill, after, b);
    return a + fill + b;
}

static void limit_of_heads(void **state)
{
    static const char begin[] = OK "Content-Length: 0\r\nX: ", name[] = OK "Content-Length: 0\r\n";
    size_t most = CONFIG_TINYIAM_HTTP_HEAD_MAX, fill = most - (sizeof begin - 1) - 4, n;
    (void)state;
    n = compose(begin, fill, 'v', "\r\n\r\n");
    assert_int_equal(n, most);
    assert_int_equal(end_of(n, most), IAM_HTTP_END);
    n = compose(begin, fill + 1, 'v', "\r\n\r\n");
    assert_int_equal(end_of(n, most), IAM_ERR_HTTP_LIMIT);
    n = compose(name, most, 'n', ": \r\n\r\n");
    assert_int_equal(end_of(n, most), IAM_ERR_HTTP_LIMIT);
    n = compose("HTTP/1.1 200 ", most, 'r', "\r\n\r\n");
    assert_int_equal(end_of(n, most), IAM_ERR_HTTP_LIMIT);
    n = compose(OK "Connection: ", most, ',', "\r\n\r\n");
    assert_int_equal(end_of(n, most), IAM_ERR_HTTP_LIMIT);
    /* an interim head has its own */
    n = compose("HTTP/1.1 103 E\r\nX: ", most - 23, 'v', "\r\n\r\n");
    assert_int_equal(n, most);
    memcpy(big + n, name, sizeof name - 1);
    memcpy(big + n + sizeof name - 1, "\r\n", 2);
    assert_int_equal(end_of(n + sizeof name + 1, most), IAM_HTTP_END);
    /* trailers too */
    n = compose(CHUNKED "0\r\nX: ", most - 7, 'v', "\r\n\r\n");
    assert_int_equal(end_of(n, most), IAM_HTTP_END);
    n = compose(CHUNKED "0\r\nX: ", most - 6, 'v', "\r\n\r\n");
    assert_int_equal(end_of(n, most), IAM_ERR_HTTP_LIMIT);
}

static void limit_of_chunk_lines(void **state)
{
    size_t most = CONFIG_TINYIAM_HTTP_CHUNK_LINE_MAX, n, head = sizeof(CHUNKED) - 1;
    (void)state;
    n = compose(CHUNKED "1;", most - 4, 'e', "\r\nx\r\n0\r\n\r\n");
    assert_int_equal(end_of(n, head + most), IAM_HTTP_END);
    n = compose(CHUNKED "1;", most - 3, 'e', "\r\nx\r\n0\r\n\r\n");
    assert_int_equal(end_of(n, head + most), IAM_ERR_HTTP_LIMIT);
    n = compose(CHUNKED, most, '0', "1\r\nx\r\n0\r\n\r\n");
    assert_int_equal(end_of(n, head + most), IAM_ERR_HTTP_LIMIT);
    /* the second line has as much as the first, and the last */
    n = compose(CHUNKED "1\r\nx\r\n1;", most - 4, 'e', "\r\nx\r\n0\r\n\r\n");
    assert_int_equal(end_of(n, head + most), IAM_HTTP_END);
    n = compose(CHUNKED "1\r\nx\r\n1;", most - 3, 'e', "\r\nx\r\n0\r\n\r\n");
    assert_int_equal(end_of(n, head + most), IAM_ERR_HTTP_LIMIT);
    n = compose(CHUNKED "0;", most - 4, 'e', "\r\n\r\n");
    assert_int_equal(end_of(n, head + most), IAM_HTTP_END);
    n = compose(CHUNKED "0;", most - 3, 'e', "\r\n\r\n");
    assert_int_equal(end_of(n, head + most), IAM_ERR_HTTP_LIMIT);
}

static void limit_of_interims(void **state)
{
    static const char interim[] = "HTTP/1.1 102 P\r\n\r\n";
    (void)state;
    for (size_t count = 0; count <= CONFIG_TINYIAM_HTTP_INTERIM_MAX + 2; count++) {
        size_t n = 0;
        for (size_t i = 0; i < count; i++, n += sizeof interim - 1)
            memcpy(big + n, interim, sizeof interim - 1);
        memcpy(big + n, "HTTP/1.1 204 N\r\n\r\n", 18);
        assert_int_equal(end_of(n + 18, 18), count <= CONFIG_TINYIAM_HTTP_INTERIM_MAX
                                                 ? (int)IAM_HTTP_END
                                                 : (int)IAM_ERR_HTTP_LIMIT);
    }
}

/* Feeds total body bytes after the head, from one block; returns where it ended. */
static int end_of_body(const char *head, uint64_t total)
{
    struct iam_http h;
    struct iam_span body;
    const char *p = head;
    bool endless = total > CONFIG_TINYIAM_BODY_MAX;
    int r;
    iam_http_init(&h);
    do
        r = iam_http_next(&h, &p, head + strlen(head), &body);
    while (r == IAM_HTTP_HEAD || r == IAM_HTTP_BODY);
    while (r == IAM_HTTP_MORE && total) {
        size_t n = total < sizeof big ? (size_t)total : sizeof big;
        p = big;
        do
            r = iam_http_next(&h, &p, big + n, &body);
        while (r == IAM_HTTP_BODY);
        total -= n;
    }
    if (endless)
        assert_true(h.body_seen == CONFIG_TINYIAM_BODY_MAX);
    return r;
}

static void limit_of_bodies(void **state)
{
    uint64_t most = CONFIG_TINYIAM_BODY_MAX;
    char head[256];
    (void)state;
    snprintf(head, sizeof head, OK "Content-Length: %llu\r\n\r\n", (unsigned long long)most);
    assert_int_equal(end_of_body(head, most), IAM_HTTP_END);
    assert_int_equal(end_of_body(head, most - 1), IAM_HTTP_MORE);
    snprintf(head, sizeof head, OK "Content-Length: %llu\r\n\r\n", (unsigned long long)most + 1);
    assert_int_equal(end_of_body(head, 0), IAM_ERR_HTTP_LIMIT);
    assert_int_equal(end_of_body(OK "Content-Length: 9223372036854775807\r\n\r\n", 0),
                     IAM_ERR_HTTP_LIMIT);
    snprintf(head, sizeof head, CHUNKED "%llx\r\n", (unsigned long long)most);
    assert_int_equal(end_of_body(head, most), IAM_HTTP_MORE);
    snprintf(head, sizeof head, CHUNKED "1\r\nx\r\n%llx\r\n", (unsigned long long)most);
    assert_int_equal(end_of_body(head, 0), IAM_ERR_HTTP_LIMIT);
    snprintf(head, sizeof head, CHUNKED "1\r\nx\r\n%llx\r\n", (unsigned long long)most - 1);
    assert_int_equal(end_of_body(head, most - 1), IAM_HTTP_MORE);
    assert_int_equal(end_of_body(OK "\r\n", most), IAM_HTTP_MORE);
    assert_int_equal(end_of_body(OK "\r\n", most + 1), IAM_ERR_HTTP_LIMIT);
}

/* ---- the rest ---- */

/* A body in one input is one span, in place. */
static void bodies_are_not_copied(void **state)
{
    static const char head[] = OK "Content-Length: 60000\r\n\r\n";
    struct iam_http h;
    struct iam_span body;
    size_t n = compose(head, 60000, 'b', "");
    const char *p = big;
    (void)state;
    iam_http_init(&h);
    assert_int_equal(iam_http_next(&h, &p, big + n, &body), IAM_HTTP_HEAD);
    assert_int_equal(iam_http_next(&h, &p, big + n, &body), IAM_HTTP_BODY);
    assert_true(body.p == big + sizeof head - 1 && body.n == 60000);
    assert_int_equal(iam_http_next(&h, &p, big + n, &body), IAM_HTTP_END);
}

/* Plain memory: a copy taken anywhere goes on where the original was. */
static void a_copy_goes_on(void **state)
{
    const struct sample *s = &good[21];
    struct guard g = guard_alloc(s->n);
    struct http_drive once;
    (void)state;
    whole(&once, &g, s->wire, s->n);
    for (size_t cut = 0; cut <= s->n; cut++) {
        struct http_drive a, b;
        http_drive_start(&a);
        http_drive_feed(&a, &g, s->wire, cut);
        memcpy(&b, &a, sizeof b);
        memset(&a, 0xEE, sizeof a);
        http_drive_feed(&b, &g, s->wire + cut, s->n - cut);
        assert_true(http_drive_same(&once, &b));
    }
    guard_free(&g);
}

static void as_python_reads_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(http_vectors); i++) {
        const struct http_vector *v = &http_vectors[i];
        struct guard g = guard_alloc(v->wire_n);
        struct http_drive d;
        char name[32];
        snprintf(name, sizeof name, "reply %zu", i);
        whole(&d, &g, (const char *)v->wire, v->wire_n);
        if (d.end != (v->to_eof ? IAM_HTTP_MORE : IAM_HTTP_END))
            fail_msg("%s: %d", name, d.end);
        assert_int_equal(http_drive_eof(&d), IAM_HTTP_END);
        assert_int_equal(d.used, v->wire_n);
        assert_int_equal(d.h.status, v->status);
        assert_int_equal(d.h.reason_len, strlen(v->reason));
        assert_memory_equal(d.h.reason, v->reason, d.h.reason_len);
        assert_int_equal(d.body_n, v->body_n);
        assert_true(d.body_hash == http_drive_hash(0, (const char *)v->body, v->body_n));
        if (d.h.keep_alive != v->keep_alive)
            fail_msg("%s: keep_alive %d", name, d.h.keep_alive);
        guard_free(&g);
        every_split((const char *)v->wire, v->wire_n, name);
    }
}

static void is_small(void **state)
{
    (void)state;
    assert_true(sizeof(struct iam_http) <= 176);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts),
        cmocka_unit_test(refuses),
        cmocka_unit_test(cut_everywhere),
        cmocka_unit_test(every_byte_anywhere),
        cmocka_unit_test(connection),
        cmocka_unit_test(retry_after),
        cmocka_unit_test(date_and_age),
        cmocka_unit_test(texts),
        cmocka_unit_test(location),
        cmocka_unit_test(interim_forgotten),
        cmocka_unit_test(coding_is_named),
        cmocka_unit_test(limit_of_heads),
        cmocka_unit_test(limit_of_chunk_lines),
        cmocka_unit_test(limit_of_interims),
        cmocka_unit_test(limit_of_bodies),
        cmocka_unit_test(bodies_are_not_copied),
        cmocka_unit_test(a_copy_goes_on),
        cmocka_unit_test(as_python_reads_it),
        cmocka_unit_test(is_small),
    };
    return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
