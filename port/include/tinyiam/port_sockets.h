/** @file
 * tinyiam/port_sockets.h - a TCP stream on sockets: POSIX, lwIP's sockets, Zephyr's zsock_*.
 * Non-blocking, IPv4 and IPv6. The addresses of a name are tried as RFC 8305 has it: both families
 * in turn, the next one 250 ms after one that has not answered, the first that connects stays; what
 * worked is tried first the next time. There have to be several: lwIP's resolver gives one address of a name,
 * Espressif's several where its options say so (platform/esp_idf/README.md); config.resolve gives any. */
#ifndef TINYIAM_PORT_SOCKETS_H
#define TINYIAM_PORT_SOCKETS_H

#include <tinyiam/config.h>
#include <tinyiam/port.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Room for an address literal with its zone and a NUL: "fe80::...%interface". */
#define IAM_SOCKETS_ADDRESS_SIZE 64
#define IAM_SOCKETS_ADDRESSES 8 /**< of one name that are tried; further ones are passed over */
#define IAM_SOCKETS_TRIES 4     /**< of them at once */

struct iam_sockets_config {
    /** Its clock times the attempts to connect; needed. */
    struct iam_system *system;
    /** How long the caller is going to wait for a connection, in milliseconds; 0: CONFIG_TINYIAM_CONNECT_MS. An
     * address that does not answer gives way to further ones, where there are more of them than are tried at once,
     * after connect_ms / (addresses + 1), 4 s at most. The stream does not end the waiting as a whole; the client
     * does, by close. */
    uint32_t connect_ms;
    /** Resolves names without blocking; NULL: getaddrinfo, which BLOCKS the first call of open for as
     * long as the platform's resolver takes (tens of seconds with a dead name server). Literals never
     * block and never come here. Writes the address of host with that index (0, 1, 2 ...) as text with a
     * NUL into address, which has room for size bytes. IAM_OK; IAM_AGAIN: not known yet, it is asked again
     * at the next open; IAM_ERR_RESOLVE: host has no address of that index. */
    int (*resolve)(void *context, struct iam_span host, unsigned index, char *address, size_t size);
    void *context; /**< for resolve */
};

struct iam_sockets_address { /* PRIVATE */
    uint32_t bytes[7];       /* a sockaddr, of IPv6 at the most */
    uint16_t family;
    uint8_t n; /* its length */
    bool tried;
};
struct iam_sockets_try { /* PRIVATE */
    int fd;              /* -1: free */
    uint32_t began_ms;
    uint8_t address; /* index */
    bool writable;   /* poll has reported that it is */
};

/** The caller allocates; lives as long as it is used. */
struct iam_sockets {
    /** PUBLIC: hand &sockets.stream to whatever wants a stream. Errors, with native as errno unless said
     * otherwise: IAM_ERR_RESOLVE (native: getaddrinfo's code), IAM_ERR_CONNECT (of the last address
     * tried; ECONNREFUSED, ETIMEDOUT, ...), IAM_ERR_RESET (ECONNRESET, EPIPE, ECONNABORTED), IAM_ERR_IO. */
    struct iam_stream stream;

    /* PRIVATE */
    struct iam_sockets_config config;
    struct iam_sockets_address addresses[IAM_SOCKETS_ADDRESSES]; /* that are known */
    struct iam_sockets_address good; /* what the last connection was made to; n 0: there was none */
    struct iam_sockets_try tries[IAM_SOCKETS_TRIES];
    int fd;            /* of the connection; -1: none */
    int error;         /* sticks until close */
    unsigned index;    /* addresses taken from config.resolve */
    uint32_t began_ms; /* the last attempt, or the question for addresses */
    uint16_t family;   /* of the last attempt */
    uint8_t address_n;
    uint8_t watched; /* the attempt whose descriptor is told to those who wait */
    uint8_t state;
    uint8_t waits; /* directions that answered "none now": IAM_WAIT_READ, IAM_WAIT_WRITE */
    bool asking;   /* config.resolve may have more addresses */
    bool ended;    /* the peer has closed its side: kept, because lwIP reports it only once */
};

/** On fresh memory. Opens nothing, cannot fail. config is copied. */
void iam_sockets_init(struct iam_sockets *, const struct iam_sockets_config *config);

/** For the idle function of a system of yours, for streams whose lowest ones are sockets (port/idle_sockets.c). It
 * waits for the network, ms milliseconds at most, less if a signal comes, and returns 0. If there is no socket to
 * wait for it returns at once, with the milliseconds that the system has to sleep in its own way. */
uint32_t iam_sockets_idle(struct iam_stream *const *streams, size_t n, uint32_t ms);

#ifdef __cplusplus
}
#endif
#endif
