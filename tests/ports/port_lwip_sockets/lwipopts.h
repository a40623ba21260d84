/* lwIP with threads and sockets on the host, on a network of itself: the loopback interface alone. */
#ifndef PORT_LWIP_SOCKETS_LWIPOPTS_H
#define PORT_LWIP_SOCKETS_LWIPOPTS_H

#define NO_SYS 0
#define LWIP_SOCKET 1
#define LWIP_NETCONN 1
#define LWIP_COMPAT_SOCKETS 0 /* the host has functions of these names */
#define LWIP_POSIX_SOCKETS_IO_NAMES 0
#define LWIP_TIMEVAL_PRIVATE 0
#define LWIP_ERRNO_STDINCLUDE 1
#define LWIP_SO_LINGER 1
#define LWIP_DNS 1
#define LWIP_HAVE_LOOPIF 1
#define LWIP_NETIF_LOOPBACK 1
#define LWIP_IPV6 0
#define LWIP_TCPIP_CORE_LOCKING 1
#define MEMP_NUM_NETCONN 16
#define MEMP_NUM_TCP_PCB 16
#define MEMP_NUM_TCP_SEG 64
#define MEMP_NUM_NETBUF 64
#define MEMP_NUM_PBUF 64
#define PBUF_POOL_SIZE 64
#define MEM_SIZE 262144
#define TCP_MSS 1460
#define TCP_WND (8 * TCP_MSS)
#define TCP_SND_BUF (8 * TCP_MSS)
#define TCPIP_MBOX_SIZE 64
#define DEFAULT_TCP_RECVMBOX_SIZE 64
#define DEFAULT_UDP_RECVMBOX_SIZE 64
#define DEFAULT_RAW_RECVMBOX_SIZE 64
#define DEFAULT_ACCEPTMBOX_SIZE 16
#define TCPIP_THREAD_STACKSIZE 65536
#define DNS_TABLE_SIZE 2
/* There is no name server: a look-up ends soon, without an answer. */
#define DNS_MAX_RETRIES 1

#endif
