/* lwIP without an operating system, every byte of it static. About 11 KB of RAM in all; Kconfig sets what most
 * of it is. */
#ifndef CORTEXM_LWIPOPTS_H
#define CORTEXM_LWIPOPTS_H

#include <stdint.h>
#include <tinyiam/port_config.h>

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0 /* no lwIP call in an interrupt */
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_TIMERS 1

#define MEM_LIBC_MALLOC 0
#define MEMP_MEM_MALLOC 0
#define MEM_ALIGNMENT 4
#define MEM_SIZE CONFIG_TINYIAM_LWIP_MEM_SIZE
#define MEMP_NUM_PBUF 2
/* one in use, and earlier ones in TIME_WAIT, which are given up when needed */
#define MEMP_NUM_TCP_PCB CONFIG_TINYIAM_LWIP_PCBS
#define MEMP_NUM_TCP_PCB_LISTEN 1
#define MEMP_NUM_TCP_SEG 6
#define MEMP_NUM_UDP_PCB 2 /* DNS, SNTP */

#define LWIP_IPV4 1
#define LWIP_IPV6 0
#define LWIP_ARP 1
#define ARP_TABLE_SIZE 4
#define ARP_QUEUEING 0
#define IP_FORWARD 0
#define IP_FRAG 0
#define IP_REASSEMBLY 0
#define IP_OPTIONS_ALLOWED 1
#define LWIP_ICMP 1
#define LWIP_RAW 0
#define LWIP_UDP 1
#define LWIP_DHCP 0
#define LWIP_DNS 1
#define DNS_TABLE_SIZE 1
#define DNS_MAX_SERVERS 1
#define DNS_MAX_NAME_LENGTH 96 /* an endpoint's name has 40 at most */
#define DNS_LOCAL_HOSTLIST 0

/* Names that the board knows without asking: net.c. */
struct ip4_addr;
signed char net_lookup(const char *name, struct ip4_addr *);
#define DNS_LOOKUP_LOCAL_EXTERN(name, size, address, type) net_lookup((name), (address))

#define SNTP_SERVER_DNS 0
#define SNTP_MAX_SERVERS 1
#define SNTP_STARTUP_DELAY 0
#define SNTP_RETRY_TIMEOUT 3000 /* the first datagram is lost now and then */
#define SNTP_RECV_TIMEOUT 3000
#define SNTP_SET_SYSTEM_TIME_US(seconds, us) iam_sntp_lwip_time((seconds), (us))
void iam_sntp_lwip_time(uint32_t seconds, uint32_t us);

#define LWIP_TCP 1
#define TCP_MSS 1460
#define TCP_WND (2 * TCP_MSS) /* at most 6: the controller's FIFO drops beyond */
#define TCP_SND_BUF (2 * TCP_MSS)
#define TCP_SND_QUEUELEN 6
#define TCP_QUEUE_OOSEQ 0
#define LWIP_TCP_SACK_OUT 0
#define TCP_LISTEN_BACKLOG 0
#define LWIP_TCP_KEEPALIVE 0

#define PBUF_POOL_SIZE CONFIG_TINYIAM_LWIP_PBUFS /* the window, and what else comes */
#define PBUF_POOL_BUFSIZE 1516                   /* one frame */

#define LWIP_NETIF_HOSTNAME 0
#define LWIP_NETIF_STATUS_CALLBACK 0
#define LWIP_NETIF_LINK_CALLBACK 0
#define LWIP_SINGLE_NETIF 1
#define LWIP_CHECKSUM_ON_COPY 0

/* Peaks and leaks of pools and heap (net_stats). */
#define LWIP_STATS 1
#define LWIP_STATS_LARGE 0
#define LINK_STATS 0
#define ETHARP_STATS 0
#define IP_STATS 0
#define IPFRAG_STATS 0
#define ICMP_STATS 0
#define UDP_STATS 0
#define TCP_STATS 0
#define SYS_STATS 0
#define MEM_STATS 1
#define MEMP_STATS 1

#endif
