/* The nine functions of port/template/yours.h over a network in memory, and the far end of it. */
#include "yours_memory.h"

#include <string.h>

#include "port_template.h"
#include "yours.h"

struct memory yours_wire;
uint32_t yours_clock = 0xFFFFFF00u; /* soon wraps */
int yours_dropped, yours_connected;

static uint32_t randomness;
static const char *misuse; /* of the nine functions by the template; NULL: none */

static void must(bool kept, const char *rule)
{
    misuse = kept ? misuse : rule;
}

/* ---- the nine functions ---- */

static enum yours_said said(int result, int *native)
{
    *native = yours_wire.stream.native;
    switch (result) {
    case IAM_OK:
        return YOURS_OK;
    case IAM_AGAIN:
        return YOURS_WAIT;
    case IAM_EOF:
        return YOURS_END;
    case IAM_ERR_RESET:
        return YOURS_RESET;
    case IAM_ERR_CONNECT:
        return YOURS_REFUSED;
    case IAM_ERR_RESOLVE:
        return YOURS_UNKNOWN;
    case IAM_ERR_TRUNCATED:
        return YOURS_CUT;
    case IAM_ERR_TLS:
        return YOURS_TLS;
    case IAM_ERR_TLS_VERIFY:
        return YOURS_UNTRUSTED;
    default:
        return YOURS_BROKEN;
    }
}

enum yours_said yours_connect(void *network, struct iam_span host, uint16_t port, int *native)
{
    must(network == &yours_wire, "network must be what template_init was given");
    must(host.n > 0, "host must not be empty");
    yours_connected++;
    yours_wire.open_error = port == YOURS_REFUSING_PORT              ? IAM_ERR_CONNECT
                            : memcmp(host.p, "nowhere", host.n) == 0 ? IAM_ERR_RESOLVE
                                                                     : 0;
    return said(yours_wire.stream.ops->open(&yours_wire.stream, host, port), native);
}

enum yours_said yours_connecting(void *network, int *native)
{
    must(network == &yours_wire, "network must be what template_init was given");
    return said(yours_wire.stream.ops->open(&yours_wire.stream, IAM_SPAN("anywhere"), 1), native);
}

enum yours_said yours_send(void *network, const void *bytes, size_t *n, int *native)
{
    int result = yours_wire.stream.ops->send(&yours_wire.stream, bytes, *n);

    must(network == &yours_wire, "network must be what template_init was given");
    must(*n > 0, "n must not be 0");
    *n = result > 0 ? (size_t)result : 0;
    return result > 0 ? YOURS_OK : result == 0 ? YOURS_WAIT : said(result, native);
}

enum yours_said yours_recv(void *network, void *room, size_t *n, int *native)
{
    int result = yours_wire.stream.ops->recv(&yours_wire.stream, room, *n);

    must(network == &yours_wire, "network must be what template_init was given");
    must(*n > 0, "n must not be 0");
    *n = result > 0 ? (size_t)result : 0;
    return result > 0 ? YOURS_OK : result == 0 ? YOURS_WAIT : said(result, native);
}

void yours_drop(void *network)
{
    must(network == &yours_wire, "network must be what template_init was given");
    yours_dropped++;
    yours_wire.stream.ops->close(&yours_wire.stream);
}

uint32_t yours_ms(void *board)
{
    (void)board;
    return yours_clock;
}

int64_t yours_unix_ms(void *board)
{
    (void)board;
    return INT64_C(1750000000000) + yours_clock;
}

bool yours_random(void *board, void *out, size_t n)
{
    unsigned char *p = out;

    (void)board;
    while (n-- > 0)
        *p++ = (unsigned char)((randomness = randomness * 1664525u + 1013904223u) >> 24);
    return true;
}

/* A level-triggered poll: what could be read, or has ended, ends the wait each time. */
void yours_wait(void *board, void *const *networks, size_t n, uint32_t ms)
{
    (void)board;
    must(ms > 0, "ms must not be 0");
    for (size_t i = 0; i < n; i++) {
        struct memory *m = networks[i];
        struct iam_wait w = {.descriptor = -1};

        if (m->back.n > 0 || m->back.ended)
            return;
        iam_stream_wait(&m->stream, &w); /* connecting takes a millisecond a turn */
        ms = w.ms < ms ? w.ms : ms;
    }
    yours_clock += ms;
}

/* ---- the rules ---- */

static const char *try_stream(size_t most)
{
    struct iam_template stream;
    struct iam_template_system system;
    struct conformance c = {.stream = &stream.stream, .system = &system.system};
    const char *broken;

    memory_init(&yours_wire);
    yours_wire.open_turns = 3;
    yours_wire.there.capacity = 700;
    yours_wire.most = most;
    yours_dropped = yours_connected = 0;
    iam_template_init(&stream, &yours_wire);
    iam_template_system_init(&system, &yours_clock);
    c.host = IAM_SPAN("anywhere");
    c.port = 1;
    c.dead_port = YOURS_REFUSING_PORT;
    c.no_host = IAM_SPAN("nowhere");
    memory_far_rules(&yours_wire, &c);
    c.system_waits = true;
    broken = conformance_stream(&c);
    must(yours_dropped == yours_connected, "yours_drop must be called once for each connect");
    return broken != NULL ? broken : misuse;
}

const char *yours_rules(void)
{
    struct iam_template_system system;
    const char *broken = try_stream(0);

    if (broken == NULL)
        broken = try_stream(100);
    if (broken == NULL) {
        iam_template_system_init(&system, &yours_clock);
        broken = conformance_system(&system.system);
    }
    return broken;
}
