/** @file
 * tinyiam/port.h - the whole contract of a porter: a stream and a system. Nothing else of a platform is
 * used. tests/ports/port_conformance runs any implementation through the rules written here. */
#ifndef TINYIAM_PORT_H
#define TINYIAM_PORT_H

#include <tinyiam/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A stream of bytes to one peer. No function waits for anything (a port whose platform can only resolve
 * names blockingly says so in its header); but open of a TLS stream computes: a call makes one step of the
 * handshake, and the longest, the check of the server's certificates, takes millions of instructions
 * (tests/EVIDENCE.md, "The longest step"). A TLS stream opens and closes
 * the stream below it.
 *
 *   closed --open--> connecting --IAM_OK--> open --send, recv--> ... --close--> closed, open again
 *                        |                    |
 *                        +---- any error -----+--> failed: every call but close tells the same error
 */
struct iam_stream;
struct iam_wait;
struct iam_stream_ops {
    /** Begins to connect, or goes on with it. IAM_AGAIN: not connected yet, call again with the same
     * arguments (at once where wait says ms 0). IAM_OK: connected, at every further call too. Or an error.
     * host: a name or an address (IPv6 without brackets), which stays valid until connected. An open after
     * close reuses what it can, as a TLS session. */
    int (*open)(struct iam_stream *, struct iam_span host, uint16_t port);
    /** Returns how many bytes it took (> 0), 0 for none now, or an error; IAM_ERR_STATE while not open. After
     * 0 it is called with the same bytes again, to which more may be added; recv may come in between. */
    int (*send)(struct iam_stream *, const void *, size_t);
    /** Returns how many bytes it read (> 0), or 0 for none now; IAM_EOF at an orderly end (TLS: close_notify),
     * IAM_ERR_TRUNCATED where a TLS stream ended without one, IAM_ERR_RESET, or another error;
     * IAM_ERR_STATE while not open. All bytes that came before an end or error are read first; then each
     * call returns it. With room for 0 bytes it reads nothing and returns 0, and from then on the stream
     * waits for bytes as after any other 0. */
    int (*recv)(struct iam_stream *, void *, size_t);
    /** Ends the connection, and gives back all memory and handles. May be called at any time, and again. */
    void (*close)(struct iam_stream *);
    /** Fills in what the stream waits for: see struct iam_wait. A stream over another one asks that one, and
     * sets ms to 0 where it holds bytes itself. The function may be NULL: the stream cannot tell, and is
     * stepped every 10 ms. */
    void (*wait)(struct iam_stream *, struct iam_wait *);
};
struct iam_stream {
    const struct iam_stream_ops *ops;
    /** the platform's own code behind the last error: errno, mbedTLS code, err_t; 0: none */
    int native;
    /** Statistics that the port keeps, or leaves 0: connections made, TLS handshakes, and how many of these
     * resumed a session. */
    uint32_t connects, handshakes, resumed;
};

/** Bits of iam_wait.events and .seen. */
enum { IAM_WAIT_READ = 1, IAM_WAIT_WRITE = 2 };
/** What a stream waits for, in terms of the lowest stream below it, for a level-triggered poll: step until nothing
 * moves (0 bytes, IAM_AGAIN), ask, wait, step again. Ask anew each time: what is waited for changes with every
 * call, and the descriptor with every connection. */
struct iam_wait {
    struct iam_stream *lowest; /**< the transport: below TLS and tunnels; NULL: there is none */
    int descriptor;            /**< its socket; -1: it has none */
    uint8_t events;            /**< to wait for, as bits; 0: the network is not waited for */
    /** The one member that the asker sets: which events poll has reported since the last question; 0: none, or
     * not known. The stream takes these as arrived, and waits for them again only after it has answered 0
     * bytes once more. Zephyr's offloaded sockets, whose poll with timeout 0 tells nothing, learn from it
     * that they are connected. */
    uint8_t seen;
    /** Step again after so many milliseconds, whatever the network does. 0: at once, because bytes, an end or an
     * error are at hand, or because it has not answered 0 bytes since it last moved some. UINT32_MAX: time
     * alone changes nothing, as for a closed stream. */
    uint32_t ms;
};
/** Fills in *wait, of which the caller has set seen and nothing else. */
static inline void iam_stream_wait(struct iam_stream *stream, struct iam_wait *wait)
{
    wait->lowest = stream;
    wait->descriptor = -1;
    wait->events = 0;
    wait->ms = 10;
    if (stream->ops->wait != NULL)
        stream->ops->wait(stream, wait);
}

/** Clocks, entropy, and the one function that may block. */
struct iam_system;
struct iam_system_ops {
    /** Milliseconds from any origin; never runs backwards; wraps at 2^32. */
    uint32_t (*mono_ms)(struct iam_system *);
    /** Milliseconds since 1970-01-01T00:00:00Z, or a negative number while the clock is not set. */
    int64_t (*unix_ms)(struct iam_system *);
    /** Fills n bytes from a true random source, never from a counter or a clock: they seed the generator of
     * TLS's keys, and pauses between retries. IAM_OK or an error. */
    int (*entropy)(struct iam_system *, void *, size_t);
    /** The only function that may block. Returns when one of the n streams may make progress, or after ms
     * milliseconds, or earlier; with ms 0 it does not block, with n 0 it sleeps. It asks each stream what it
     * waits for (iam_stream_wait() with seen 0), waits, and tells each what was seen (iam_stream_wait()
     * again, with seen). Other streams do not wake it. If there are more than IAM_IDLE_STREAMS it may watch
     * that many and return after a few milliseconds. iam_run() and iam_run_any() call it, iam_step() never. */
    void (*idle)(struct iam_system *, struct iam_stream *const *streams, size_t n, uint32_t ms);
};
/** How many streams an idle function watches at least. */
#define IAM_IDLE_STREAMS 32
struct iam_system {
    const struct iam_system_ops *ops;
};

#ifdef __cplusplus
}
#endif
#endif
