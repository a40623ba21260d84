/** @file
 * tinyiam/port_config.h - what ports and programs are built with. Kconfig sets it as it does
 * tinyiam/config.h; without Kconfig these fallbacks hold, which equal its defaults. */
#ifndef TINYIAM_PORT_CONFIG_H
#define TINYIAM_PORT_CONFIG_H

#ifndef CONFIG_TINYIAM
/** Versions of TLS that are offered, where mbedTLS has them. At least one; port/tls_mbedtls.c. */
#ifndef CONFIG_TINYIAM_TLS12
#define CONFIG_TINYIAM_TLS12 1
#endif
#ifndef CONFIG_TINYIAM_TLS13
#define CONFIG_TINYIAM_TLS13 1
#endif
/** 1: X25519 is offered before P-256, for mbedTLS with an accelerator for it. Without, it takes four times as long. */
#ifndef CONFIG_TINYIAM_TLS_X25519_FIRST
#define CONFIG_TINYIAM_TLS_X25519_FIRST 0
#endif
#endif

/** 1: AES-GCM is offered before ChaCha20-Poly1305, 0: behind it, 2: before it where hardware helps mbedTLS with AES
 * (an accelerator in its configuration, or AES-NI or the instructions of ARMv8 in the processor). */
#ifndef CONFIG_TINYIAM_TLS_AES_FIRST
#define CONFIG_TINYIAM_TLS_AES_FIRST 2
#endif

/** Certificates that a server may send, its own among them: each costs a check of a signature or two. */
#ifndef CONFIG_TINYIAM_TLS_CHAIN_MAX
#define CONFIG_TINYIAM_TLS_CHAIN_MAX 5
#endif

/* ---- The firmware (platform/cortexm): bytes of its buffers; the host command has larger ones. */

/** tx and rx of struct iam_config: pieces of a request and of a reply. Any size from 1 works; small ones make
 * more TLS records and turns of the loop. */
#ifndef CONFIG_TINYIAM_TX_SIZE
#define CONFIG_TINYIAM_TX_SIZE 128
#endif
#ifndef CONFIG_TINYIAM_RX_SIZE
#define CONFIG_TINYIAM_RX_SIZE 128
#endif
/** item of struct iam_config. Where an item needs more, the firmware takes a larger buffer from the TLS arena. */
#ifndef CONFIG_TINYIAM_ITEM_SIZE
#define CONFIG_TINYIAM_ITEM_SIZE 1000
#endif
/** mbedTLS's whole memory. This holds a handshake with a chain of four certificates, some with RSA 4096 keys. */
#ifndef CONFIG_TINYIAM_TLS_ARENA
#define CONFIG_TINYIAM_TLS_ARENA 43008
#endif
/** lwIP: bytes of its heap, which holds what is being sent; frames of 1,516 bytes; TCP connections, those in TIME_WAIT
 * among them. */
#ifndef CONFIG_TINYIAM_LWIP_MEM_SIZE
#define CONFIG_TINYIAM_LWIP_MEM_SIZE 3600
#endif
#ifndef CONFIG_TINYIAM_LWIP_PBUFS
#define CONFIG_TINYIAM_LWIP_PBUFS 4
#endif
#ifndef CONFIG_TINYIAM_LWIP_PCBS
#define CONFIG_TINYIAM_LWIP_PCBS 3
#endif
/** The stack: 3.7 KB are used with TLS 1.3, 2.1 KB without. */
#ifndef CONFIG_TINYIAM_STACK_SIZE
#define CONFIG_TINYIAM_STACK_SIZE 4608
#endif
/** What its console says. 0: nothing, 1: errors, 2: notes as well, 3: with --debug also every request. */
#ifndef CONFIG_TINYIAM_LOG_LEVEL
#define CONFIG_TINYIAM_LOG_LEVEL 3
#endif

#endif
