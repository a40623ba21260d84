/** @file
 * tinyiam/port_lwip.h - a TCP stream on lwIP's raw API, for systems without threads (NO_SYS=1) or code
 * that runs in lwIP's own thread. All functions of the stream, and lwIP itself, are called from one
 * place: the super-loop. Needs LWIP_TCP and LWIP_DNS; address literals need no DNS server.
 *
 * lwIP hands out one address of a name and family. Where both families are built in, the other one is tried after a
 * connection that failed or has not been answered for 4 s, and what worked comes first the next time. A second
 * address of one family is not to be had from lwIP's resolver: a name with several of them is reached by its first. */
#ifndef TINYIAM_PORT_LWIP_H
#define TINYIAM_PORT_LWIP_H

#include <lwip/ip_addr.h>
#include <lwip/pbuf.h>
#include <lwip/tcp.h>
#include <tinyiam/port.h>

#ifdef __cplusplus
extern "C" {
#endif

/** It has no buffers of its own: received bytes stay in lwIP's pbufs until they are read, and only then does the
 * TCP window open again (tcp_recved), so that a slow reader slows the peer. stream.native is an err_t. From open
 * to close lwIP keeps pointers to the struct: close it before its memory is used for something else. After
 * close nothing touches it, not even the late answer to a name look-up. */
struct iam_lwip_raw {
    struct iam_stream stream; /**< PUBLIC: the stream to hand on */
    /* PRIVATE */
    struct tcp_pcb *pcb;
    struct pbuf *received;
    struct iam_span host;      /* while it is being looked up */
    struct iam_lwip_raw *next; /* the next in the list of those that wait for a name look-up */
    ip_addr_t address;
    uint16_t offset; /* bytes read of the first pbuf of received */
    uint8_t state;
    bool ended; /* the peer has closed its side */
#if LWIP_IPV4 && LWIP_IPV6
    uint8_t family; /* 4 or 6: which comes first; 0: as lwIP has it */
    bool turned;    /* the second family is being tried */
    uint32_t began; /* when connecting began, by sys_now() */
    bool tried;     /* an address has failed */
#endif
};

/** On fresh memory, after lwIP's own init. Opens nothing, cannot fail. */
void iam_lwip_raw_init(struct iam_lwip_raw *);

#ifdef __cplusplus
}
#endif
#endif
