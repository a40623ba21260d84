/* yours.h - what stream.c and system.c ask of your platform: nine functions. Write them in a file of your
 * own, whatever the network is (an IP stack, a modem with AT commands, a radio). None blocks but
 * yours_wait. Errors: put the network's own code where native points; it reaches the user unaltered. */
#ifndef PORT_TEMPLATE_YOURS_H
#define PORT_TEMPLATE_YOURS_H

#include <tinyiam/types.h>

/* What the network can say. */
enum yours_said {
    YOURS_OK,
    YOURS_WAIT,    /* not now; ask again */
    YOURS_END,     /* recv: the peer has closed its side in an orderly way */
    YOURS_RESET,   /* the peer, or something between, broke the connection */
    YOURS_REFUSED, /* connecting: no address of the host accepted it */
    YOURS_UNKNOWN, /* connecting: there is no such name */
    /* of a network that does TLS itself (a modem): */
    YOURS_CUT,       /* recv: the peer has closed without a farewell: bytes may be missing */
    YOURS_TLS,       /* the handshake failed, or a record is damaged */
    YOURS_UNTRUSTED, /* the certificate, or its name, was refused: final, it is never tried again */
    YOURS_BROKEN     /* anything else */
};

/* network, below, is the pointer that iam_template_init() was given, and board that of
 * iam_template_system_init(): to what, only you know. */

/* Begins looking up and connecting; every address of the name is tried. host has no NUL, is never
 * empty, and stays valid until connected. YOURS_OK: connected already. YOURS_WAIT: under way. */
enum yours_said yours_connect(void *network, struct iam_span host, uint16_t port, int *native);
/* How that stands. */
enum yours_said yours_connecting(void *network, int *native);
/* Takes or gives 1 to *n bytes (*n > 0 on entry) and says how many in *n. recv hands out every byte
 * that came before YOURS_END. */
enum yours_said yours_send(void *network, const void *bytes, size_t *n, int *native);
enum yours_said yours_recv(void *network, void *room, size_t *n, int *native);
/* Gives everything back: a look-up, a half-open and an open connection. Called once for each
 * yours_connect. */
void yours_drop(void *network);

/* Milliseconds from any origin; never backwards; wraps at 2^32. */
uint32_t yours_ms(void *board);
/* Milliseconds since 1970, or a negative number while the clock is not set. */
int64_t yours_unix_ms(void *board);
/* Fills with bytes of a true random source. false: it failed. */
bool yours_random(void *board, void *out, size_t n);
/* The one function that may block: for ms milliseconds, or until one of the n networks may take or give
 * bytes, has ended, or has got further with connecting (level-triggered: at once, if it can already). n 0:
 * only time ends it. ms is never 0. */
void yours_wait(void *board, void *const *networks, size_t n, uint32_t ms);

#endif
