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
 * (README.md, "The longest step"). A TLS stream holds the stream below it.
 *
 *   closed --open--> connecting --IAM_OK--> open --send, recv--> ... --close--> closed, open again
 *                        |                    |
 *                        +---- any error -----+--> failed: every call but close tells the same error
 */
struct iam_stream;
struct iam_stream_ops {
    /* Begins, or goes on, connecting. IAM_AGAIN until connected (call again with the same arguments; at
     * once if busy is set), then IAM_OK, as often as asked; or an error. host: name or address literal (an IPv6 one without
     * brackets), valid until connected. A second open after close reuses what can be reused (TLS
     * sessions). */
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
};
struct iam_stream {
    const struct iam_stream_ops *ops;
    int native; /* the platform's own code behind the last error: errno, mbedTLS code, err_t; 0: none */
    /* open has said IAM_AGAIN to give the caller a turn, not for want of bytes: the network may never stir.
     * Never set when it says anything else, or is closed. A stream over a stream passes it on. */
    bool busy;
    /* statistics, kept by the implementation; may stay 0 */
    uint32_t connects, handshakes, resumed;
};

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
    /* Returns when the stream may make progress, after ms milliseconds, or earlier. It waits for what
     * the stream last answered "none now" to, and for nothing else: a peer that hangs up while nobody
     * reads does not end the sleep again and again. The only function that may block; ms 0 must not.
     * A super-loop never calls it. */
    void (*idle)(struct iam_system *, uint32_t ms);
};
struct iam_system {
    const struct iam_system_ops *ops;
};

#ifdef __cplusplus
}
#endif
#endif
