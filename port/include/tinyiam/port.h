/* tinyiam/port.h - the whole contract of a porter: a stream and a system. Nothing else of a platform is
 * used. tests/port_conformance runs any implementation through the rules written here. */
#ifndef TINYIAM_PORT_H
#define TINYIAM_PORT_H

#include <tinyiam/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A stream of bytes to one peer. No function waits for anything (a port whose platform can only resolve
 * names blockingly says so in its header); but open of a TLS stream computes: a call makes one step of the
 * handshake, and the longest, the check of the server's certificates, takes millions of instructions
 * (tests/EVIDENCE.md, "The longest step"). A TLS stream holds the stream below it.
 *
 *   closed --open--> connecting --IAM_OK--> open --send, recv--> ... --close--> closed, open again
 *                        |                    |
 *                        +---- any error -----+--> failed: every call but close tells the same error
 */
struct iam_stream;
struct iam_wait;
struct iam_stream_ops {
    /* Begins, or goes on, connecting. IAM_AGAIN until connected (call again with the same arguments, at
     * once where wait says ms 0), then IAM_OK, as often as asked; or an error. host: name or address
     * literal (an IPv6 one without brackets), valid until connected. A second open after close reuses
     * what can be reused (TLS sessions). */
    int (*open)(struct iam_stream *, struct iam_span host, uint16_t port);
    /* Bytes taken (> 0), 0: none now, try later; or an error. After 0 call with the same bytes again;
     * more may follow them, recv may be called in between. IAM_ERR_STATE while not open. */
    int (*send)(struct iam_stream *, const void *, size_t);
    /* Bytes read (> 0), 0: none now; IAM_EOF at an orderly end (TLS: close_notify), IAM_ERR_TRUNCATED
     * for a TLS stream that ended without one, IAM_ERR_RESET, or another error. An end or error is
     * told after every byte that came before it, and again at each call. Room of 0 bytes: reads
     * nothing, returns 0, and counts as a wait for bytes. IAM_ERR_STATE while not open. */
    int (*recv)(struct iam_stream *, void *, size_t);
    /* Gives everything back, at any time, as often as one likes. */
    void (*close)(struct iam_stream *);
    /* Fills in what the stream waits for: see struct iam_wait. A stream over a stream asks that one, and
     * says ms 0 where it holds bytes itself. NULL: it cannot tell, and is looked at every 10 ms. */
    void (*wait)(struct iam_stream *, struct iam_wait *);
};
struct iam_stream {
    const struct iam_stream_ops *ops;
    int native; /* the platform's own code behind the last error: errno, mbedTLS code, err_t; 0: none */
    /* statistics, kept by the implementation; may stay 0 */
    uint32_t connects, handshakes, resumed;
};

/* What a stream waits for, down to the lowest one, for any poll: level-triggered. Step until nothing moves
 * ("none now", IAM_AGAIN), ask, wait, step again. It is asked anew each time: what it waits for changes
 * with every call, its descriptor with every connection. */
enum { IAM_WAIT_READ = 1, IAM_WAIT_WRITE = 2 };
struct iam_wait {
    struct iam_stream *lowest; /* the transport: below TLS and tunnels; NULL: there is none */
    int descriptor;            /* its socket; -1: it has none */
    uint8_t events;            /* to wait for, as bits; 0: the network is not waited for */
    /* Given: events that a wait has seen since it was asked last; 0: none. They are no longer waited for
     * until the stream answers "none now" again; and a platform whose poll tells nothing without waiting
     * (Zephyr's offloaded sockets) learns that it is connected. */
    uint8_t seen;
    /* To be stepped again after so long, whatever the network does. 0: at once, because there are bytes, an
     * end or an error to hand out, or because it has not said "none now" since it moved something.
     * UINT32_MAX: as long as one likes, as for a closed stream. */
    uint32_t ms;
};
/* Asks a stream; wait->seen is given. */
static inline void iam_stream_wait(struct iam_stream *stream, struct iam_wait *wait)
{
    wait->lowest = stream;
    wait->descriptor = -1;
    wait->events = 0;
    wait->ms = 10;
    if (stream->ops->wait != NULL)
        stream->ops->wait(stream, wait);
}

/* Clocks, entropy, and the one function that may block. */
struct iam_system;
struct iam_system_ops {
    /* Milliseconds from any origin; never runs backwards; wraps at 2^32. */
    uint32_t (*mono_ms)(struct iam_system *);
    /* Milliseconds since 1970-01-01T00:00:00Z, or a negative number while the clock is not set. */
    int64_t (*unix_ms)(struct iam_system *);
    /* Fills with unpredictable bytes (seeds jitter and, in the TLS port, the generator of its keys: a
     * true random source, never a counter). IAM_OK or an error. */
    int (*entropy)(struct iam_system *, void *, size_t);
    /* Returns when one of the n streams may make progress, after ms milliseconds, or earlier. It asks each
     * what it waits for (iam_stream_wait(), seen 0), and tells it what has been seen (again, with seen).
     * Streams that are not given do not end it; n 0: it sleeps. Of more than IAM_IDLE_STREAMS it may watch
     * so many, and come back soon. The only function that may block; ms 0 must not. A super-loop never
     * calls it. */
    void (*idle)(struct iam_system *, struct iam_stream *const *streams, size_t n, uint32_t ms);
};
#define IAM_IDLE_STREAMS 32
struct iam_system {
    const struct iam_system_ops *ops;
};

#ifdef __cplusplus
}
#endif
#endif
