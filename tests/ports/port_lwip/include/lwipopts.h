/* lwIP without an operating system on a host, talking to itself over its loop interface. */
#ifndef TESTS_PORT_LWIP_OPTS_H
#define TESTS_PORT_LWIP_OPTS_H

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_IPV4 1
#if !defined(LWIP_IPV6) /* test_families has both */
#define LWIP_IPV6 0
#endif
#define IPV6_FRAG_COPYHEADER 1 /* of 64 bits */
#define LWIP_ARP 0
#define LWIP_ETHERNET 0
#define LWIP_RAW 0
#define LWIP_UDP 1
#define LWIP_TCP 1
#define LWIP_DNS 1
#define DNS_LOCAL_HOSTLIST 1
#define DNS_LOCAL_HOSTLIST_INIT                                                    \
    {                                                                              \
        DNS_LOCAL_HOSTLIST_ELEM("known.example", IPADDR4_INIT_BYTES(127, 0, 0, 1)) \
    }
#define LWIP_HAVE_LOOPIF 1
#define LWIP_NETIF_LOOPBACK 1
#define LWIP_NETIF_LOOPBACK_MULTITHREADING 0
#define LWIP_LOOPBACK_MAX_PBUFS 12
#define MEM_ALIGNMENT 8
#define MEM_SIZE 60000
#define MEMP_NUM_TCP_PCB 16
#define MEMP_NUM_TCP_SEG 64
#define TCP_MSS 1460
#define TCP_WND (2 * TCP_MSS)
#define TCP_SND_BUF (2 * TCP_MSS)
#define TCP_SND_QUEUELEN 8
#define SO_REUSE 1
#define LWIP_STATS 1
#define MEMP_STATS 1

#endif
