/* Bring-up: boots, opens a TCP stream, sends a request, prints the reply. With a file of roots as its argument,
 * over TLS; then the longest call of the stream is measured, in milliseconds: under -icount shift=0, millions of
 * instructions. With "overflow" as its argument it runs over the end of its stack instead. */
#include "args.h"
#include "clock.h"
#include "net.h"
#include "semihost.h"
#include "startup.h"
#include "system.h"
#include "tls_platform.h"
#include "trust.h"

#include <string.h>
#include <tinyiam/port_lwip.h>
#include <tinyiam/port_tls.h>

static void put(const char *label, int value)
{
    char text[12];
    int i = 11;
    unsigned v = value < 0 ? 0u - (unsigned)value : (unsigned)value;
    text[i] = '\0';
    do {
        text[--i] = (char)('0' + v % 10);
        v /= 10;
    } while (v != 0);
    semihost_puts(label);
    semihost_puts(value < 0 ? " -" : " ");
    semihost_puts(text + i);
    semihost_puts("\n");
}

static uint32_t longest;

static void longest_until_now(uint32_t began)
{
    uint32_t ms = clock_ms() - began;
    longest = ms > longest ? ms : longest;
}

/* Deeper with every call, until the guard of the stack stops it. */
static unsigned deeper(volatile unsigned *above)
{
    volatile unsigned here = *above + 1;
    return here == 0 ? 0 : deeper(&here) + here;
}

int main(void)
{
    static struct iam_lwip_raw tcp;
    clock_start();
    const struct args *args = args_read();
    if (args == NULL)
        return 252;
    for (int i = 0; i < args->count; i++) {
        semihost_puts(args->word[i]);
        semihost_puts("|\n");
    }
    volatile unsigned depth = 0;
    if (args->count > 1 && strcmp(args->word[1], "overflow") == 0)
        return (int)deeper(&depth);
    struct net_config config = {0};
    IP4_ADDR(&config.address, 10, 0, 2, 15);
    IP4_ADDR(&config.netmask, 255, 255, 255, 0);
    IP4_ADDR(&config.gateway, 10, 0, 2, 2);
    IP4_ADDR(&config.fixed, 10, 0, 2, 100);
    if (!net_start(&config))
        return 1;
    iam_lwip_raw_init(&tcp);
    struct iam_stream *s = &tcp.stream;
    if (args->count > 2) {
        static struct iam_tls_shared shared;
        static struct iam_tls tls;
        struct iam_tls_shared_config c = {.system = system_get()};
        struct iam_tls_config one = {.below = &tcp.stream, .shared = &shared};
        clock_set_unix_ms((int64_t)semihost_time() * 1000);
        if (tls_platform_start() != 0 || trust_load(args->word[2]) <= 0 || trust_use(&c) != 0 ||
            iam_tls_shared_init(&shared, &c) != IAM_OK || iam_tls_init(&tls, &one) != IAM_OK) {
            semihost_puts("TLS set-up failed\n");
            return 3;
        }
        s = &tls.stream;
    }
    int r;
    for (;;) {
        uint32_t began = clock_ms();
        r = s->ops->open(s, IAM_SPAN("iam.amazonaws.com"), 443);
        longest_until_now(began);
        if (r != IAM_AGAIN)
            break;
        struct iam_wait w = {.ms = 0};
        iam_stream_wait(s, &w);
        net_wait(w.ms < 1000 ? w.ms : 1000);
        net_poll();
    }
    if (r != IAM_OK) {
        put("step", (int)longest);
        put("open", r);
        put("native", s->native);
        return -r;
    }
    s->ops->send(s, "GET / HTTP/1.0\r\n\r\n", 18);
    for (;;) {
        char buf[101];
        uint32_t began = clock_ms();
        r = s->ops->recv(s, buf, 100);
        longest_until_now(began);
        if (r < 0)
            break;
        if (r == 0) {
            net_wait(1000);
            net_poll();
            continue;
        }
        buf[r] = 0;
        semihost_puts(buf);
    }
    s->ops->close(s);
    put("step", (int)longest);
    put("stack", (int)startup_stack_peak());
    struct tls_usage u;
    tls_platform_usage(&u);
    put("arena peak", (int)u.peak);
    put("arena used", (int)u.used);
    return r == IAM_EOF ? 0 : -r;
}
