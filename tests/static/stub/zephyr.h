/* Stub compile: catches typos, not API drift. As much of Zephyr's interface as the ports and the sample use,
 * written from its documentation; stubs.py puts it in the place of every <zephyr/...> header. STUB_PREFIXED:
 * the names of Zephyr 4.4 and later. tests/sdk builds against the real one. */
#ifndef STUB_ZEPHYR_H
#define STUB_ZEPHYR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef STUB_PREFIXED
#define N(old, new) new
typedef size_t net_socklen_t;
#define ZVFS_O_NONBLOCK 0x4000
#define ZVFS_F_GETFL 3
#define ZVFS_F_SETFL 4
#else
typedef size_t socklen_t_stub;
#define socklen_t socklen_t_stub
#define N(old, new) old
#endif

enum stub_names {
    N(SOCK_STREAM, NET_SOCK_STREAM) = 1,
    N(IPPROTO_TCP, NET_IPPROTO_TCP) = 6,
    N(IPPROTO_TLS_1_2, NET_IPPROTO_TLS_1_2) = 258,
#ifndef STUB_PREFIXED
    SOL_SOCKET = 1,
    SO_ERROR = 4,
    TCP_NODELAY = 1,
    AI_NUMERICHOST = 4,
#endif
};
#ifdef STUB_PREFIXED
#define ZSOCK_SOL_SOCKET 1
#define ZSOCK_SO_ERROR 4
#define ZSOCK_TCP_NODELAY 1
#define ZSOCK_AI_NUMERICHOST 4
#define ZSOCK_SOL_TLS 282
#define ZSOCK_TLS_SEC_TAG_LIST 1
#define ZSOCK_TLS_HOSTNAME 2
#define ZSOCK_TLS_PEER_VERIFY 5
#define ZSOCK_TLS_PEER_VERIFY_REQUIRED 2
#define ZSOCK_TLS_ALPN_LIST 7
#define ZSOCK_TLS_SESSION_CACHE 12
#define ZSOCK_TLS_SESSION_CACHE_ENABLED 1
#else
#define SOL_TLS 282
#define TLS_SEC_TAG_LIST 1
#define TLS_HOSTNAME 2
#define TLS_PEER_VERIFY 5
#define TLS_PEER_VERIFY_REQUIRED 2
#define TLS_ALPN_LIST 7
#define TLS_SESSION_CACHE 12
#define TLS_SESSION_CACHE_ENABLED 1
#endif
#define ZSOCK_POLLIN 1
#define ZSOCK_POLLOUT 4

struct stub_sockaddr;
struct zsock_addrinfo {
    struct zsock_addrinfo *ai_next;
    int ai_flags, ai_family, ai_socktype, ai_protocol;
    size_t ai_addrlen;
    struct stub_sockaddr *ai_addr;
};
struct zsock_pollfd {
    int fd;
    short events, revents;
};
int zsock_getaddrinfo(const char *, const char *, const struct zsock_addrinfo *,
                      struct zsock_addrinfo **);
void zsock_freeaddrinfo(struct zsock_addrinfo *);
int zsock_socket(int family, int type, int protocol);
int zsock_connect(int, const struct stub_sockaddr *, size_t);
ssize_t zsock_send(int, const void *, size_t, int);
ssize_t zsock_recv(int, void *, size_t, int);
int zsock_close(int);
int zsock_poll(struct zsock_pollfd *, int, int);
int zsock_getsockopt(int, int, int, void *, size_t *);
int zsock_setsockopt(int, int, int, const void *, size_t);
int zsock_fcntl(int, int, int);

int64_t k_uptime_get(void);
int32_t k_msleep(int32_t);
int sys_csrand_get(void *, size_t);
void sys_rand_get(void *, size_t);
void printk(const char *, ...) __attribute__((format(printf, 1, 2)));

struct sntp_time {
    uint64_t seconds;
    uint32_t fraction;
};
int sntp_simple(const char *server, uint32_t timeout, struct sntp_time *);

typedef ssize_t (*settings_read_cb)(void *, void *, size_t);
typedef int (*settings_load_direct_cb)(const char *, size_t, settings_read_cb, void *, void *);
int settings_subsys_init(void);
int settings_save_one(const char *, const void *, size_t);
int settings_load_subtree_direct(const char *, settings_load_direct_cb, void *);
int settings_delete(const char *);

enum tls_credential_type { TLS_CREDENTIAL_CA_CERTIFICATE = 1 };
int tls_credential_add(int tag, enum tls_credential_type, const void *, size_t);

struct net_if;
struct net_if *net_if_get_default(void);
void net_if_set_mtu(struct net_if *, uint16_t);
#define SYS_INIT(f, level, priority) int (*const stub_##f)(void) = (f)

#endif
