/* The one place that knows how a platform spells sockets: names for port/sockets.c. The build may
 * define IAM_SOCKETS_ZEPHYR or IAM_SOCKETS_LWIP; otherwise POSIX (ESP-IDF too). Include it first. */
#ifndef TINYIAM_PORT_SOCKETS_API_H
#define TINYIAM_PORT_SOCKETS_API_H

#if defined(IAM_SOCKETS_ZEPHYR)

#include <errno.h>
#include <zephyr/net/socket.h>
/* Zephyr 4.4 gave these names prefixes, and keeps the old ones behind an option only. */
#if defined(ZSOCK_SOL_SOCKET)
#define SK_STREAM NET_SOCK_STREAM
#define SK_TCP NET_IPPROTO_TCP
#define SK_SOL_SOCKET ZSOCK_SOL_SOCKET
#define SK_SO_ERROR ZSOCK_SO_ERROR
#define SK_TCP_NODELAY ZSOCK_TCP_NODELAY
#define SK_NUMERICHOST ZSOCK_AI_NUMERICHOST
#define SK_TLS NET_IPPROTO_TLS_1_2
#define SK_SOL_TLS ZSOCK_SOL_TLS
#define SK_TLS_SEC_TAG_LIST ZSOCK_TLS_SEC_TAG_LIST
#define SK_TLS_HOSTNAME ZSOCK_TLS_HOSTNAME
#define SK_TLS_PEER_VERIFY ZSOCK_TLS_PEER_VERIFY
#define SK_TLS_PEER_VERIFY_REQUIRED ZSOCK_TLS_PEER_VERIFY_REQUIRED
#define SK_TLS_ALPN_LIST ZSOCK_TLS_ALPN_LIST
#define SK_TLS_SESSION_CACHE ZSOCK_TLS_SESSION_CACHE
#define SK_TLS_SESSION_CACHE_ENABLED ZSOCK_TLS_SESSION_CACHE_ENABLED
typedef net_socklen_t sk_length;
typedef int sk_count;
#else
#define SK_STREAM SOCK_STREAM
#define SK_TCP IPPROTO_TCP
#define SK_SOL_SOCKET SOL_SOCKET
#define SK_SO_ERROR SO_ERROR
#define SK_TCP_NODELAY TCP_NODELAY
#define SK_NUMERICHOST AI_NUMERICHOST
#define SK_TLS IPPROTO_TLS_1_2
#define SK_SOL_TLS SOL_TLS
#define SK_TLS_SEC_TAG_LIST TLS_SEC_TAG_LIST
#define SK_TLS_HOSTNAME TLS_HOSTNAME
#define SK_TLS_PEER_VERIFY TLS_PEER_VERIFY
#define SK_TLS_PEER_VERIFY_REQUIRED TLS_PEER_VERIFY_REQUIRED
#define SK_TLS_ALPN_LIST TLS_ALPN_LIST
#define SK_TLS_SESSION_CACHE TLS_SESSION_CACHE
#define SK_TLS_SESSION_CACHE_ENABLED TLS_SESSION_CACHE_ENABLED
typedef socklen_t sk_length;
typedef int sk_count;
#endif
#if !defined(ZVFS_O_NONBLOCK)
#include <fcntl.h>
#define ZVFS_O_NONBLOCK O_NONBLOCK
#define ZVFS_F_GETFL F_GETFL
#define ZVFS_F_SETFL F_SETFL
#endif
#define SK_LOOK_UP_AGAIN(code) ((void)(code), 0)
#define SK_TYPE_FLAGS 0
#define SK_SEND_FLAGS 0
#define SK_POLLIN ZSOCK_POLLIN
#define SK_POLLOUT ZSOCK_POLLOUT
#define sk_addrinfo zsock_addrinfo
#define sk_pollfd zsock_pollfd
#define sk_getaddrinfo zsock_getaddrinfo
#define sk_freeaddrinfo zsock_freeaddrinfo
#define sk_socket zsock_socket
#define sk_connect zsock_connect
#define sk_send zsock_send
#define sk_recv zsock_recv
#define sk_close zsock_close
#define sk_poll zsock_poll
#define sk_getsockopt zsock_getsockopt
#define sk_setsockopt zsock_setsockopt

static inline int sk_unblock(int fd)
{
    return zsock_fcntl(fd, ZVFS_F_SETFL, zsock_fcntl(fd, ZVFS_F_GETFL, 0) | ZVFS_O_NONBLOCK);
}
static inline void sk_quiet(int fd)
{
    (void)fd;
}

#elif defined(IAM_SOCKETS_LWIP)

#include <errno.h>
#include <lwip/netdb.h>
#include <lwip/sockets.h>
typedef socklen_t sk_length;
typedef nfds_t sk_count;
#define SK_STREAM SOCK_STREAM
#define SK_TCP IPPROTO_TCP
#define SK_SOL_SOCKET SOL_SOCKET
#define SK_SO_ERROR SO_ERROR
#define SK_TCP_NODELAY TCP_NODELAY
#define SK_NUMERICHOST AI_NUMERICHOST
#define SK_LOOK_UP_AGAIN(code) ((void)(code), 0)
#define SK_TYPE_FLAGS 0
#define SK_SEND_FLAGS 0
#define SK_POLLIN POLLIN
#define SK_POLLOUT POLLOUT
#define sk_addrinfo addrinfo
#define sk_pollfd pollfd
#define sk_getaddrinfo lwip_getaddrinfo
#define sk_freeaddrinfo lwip_freeaddrinfo
#define sk_socket lwip_socket
#define sk_connect lwip_connect
#define sk_send lwip_send
#define sk_recv lwip_recv
#define sk_close lwip_close
#define sk_poll lwip_poll
#define sk_getsockopt lwip_getsockopt
#define sk_setsockopt lwip_setsockopt

static inline int sk_unblock(int fd)
{
    return lwip_fcntl(fd, F_SETFL, lwip_fcntl(fd, F_GETFL, 0) | O_NONBLOCK);
}
static inline void sk_quiet(int fd)
{
    (void)fd;
}

#else

/* What -std=c11 hides: SOCK_CLOEXEC, and SO_NOSIGPIPE where MSG_NOSIGNAL is missing (macOS). */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1
#endif
#ifndef _DARWIN_C_SOURCE
#define _DARWIN_C_SOURCE 1
#endif
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#if __has_include(<poll.h>)
#include <poll.h>
#else
#include <sys/poll.h> /* ESP-IDF */
#endif
#include <sys/socket.h>
#include <unistd.h>
typedef socklen_t sk_length;
typedef nfds_t sk_count; /* of descriptors for poll */
#define SK_STREAM SOCK_STREAM
#define SK_TCP IPPROTO_TCP
#define SK_SOL_SOCKET SOL_SOCKET
#define SK_SO_ERROR SO_ERROR
#define SK_TCP_NODELAY TCP_NODELAY
#define SK_NUMERICHOST AI_NUMERICHOST
#ifdef EAI_SYSTEM
#define SK_LOOK_UP_AGAIN(code) ((code) == EAI_SYSTEM && errno == EINTR)
#else
#define SK_LOOK_UP_AGAIN(code) ((void)(code), 0) /* ESP-IDF's lwIP */
#endif
#ifdef SOCK_CLOEXEC
#define SK_TYPE_FLAGS SOCK_CLOEXEC /* no gap in which another thread's fork inherits it */
#else
#define SK_TYPE_FLAGS 0
#endif
#ifdef MSG_NOSIGNAL
#define SK_SEND_FLAGS MSG_NOSIGNAL
#else
#define SK_SEND_FLAGS 0
#endif
#define SK_POLLIN POLLIN
#define SK_POLLOUT POLLOUT
#define sk_addrinfo addrinfo
#define sk_pollfd pollfd
#define sk_getaddrinfo getaddrinfo
#define sk_freeaddrinfo freeaddrinfo
#define sk_socket socket
#define sk_connect connect
#define sk_send send
#define sk_recv recv
#define sk_close close
#define sk_poll poll
#define sk_getsockopt getsockopt
#define sk_setsockopt setsockopt

static inline int sk_unblock(int fd)
{
    int flags = fcntl(fd, F_GETFL, 0);
    return flags < 0 ? flags : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

#if defined(SO_NOSIGPIPE) && !defined(MSG_NOSIGNAL)
static inline void sk_quiet(int fd)
{
    int on = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}
#else
static inline void sk_quiet(int fd)
{
    (void)fd;
}
#endif

#endif
#endif
