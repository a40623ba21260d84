/* net.h - lwIP on the board's Ethernet: bring-up, the turn of the super-loop, sleep, what the pools held. */
#ifndef CORTEXM_NET_H
#define CORTEXM_NET_H

#include <lwip/ip_addr.h>
#include <stdbool.h>
#include <stdint.h>

/* Static addresses; DHCP costs 4 KB of flash and is lwIP's (LWIP_DHCP, dhcp_start). */
struct net_config {
    ip4_addr_t address, netmask, gateway, dns;
    ip4_addr_t fixed; /* answers every name without DNS; 0.0.0.0: names are looked up */
};

/* False: no controller. */
bool net_start(const struct net_config *);
/* Received frames, lwIP's timers, the cable. */
void net_poll(void);
/* Sleeps until the network stirs, a timer of lwIP is due, or ms have passed. */
void net_wait(uint32_t ms);

/* Bytes in use in lwIP's heap and pools together now, and the sum of their peaks. */
struct net_usage {
    uint32_t used, peak, failed;
};
void net_usage(struct net_usage *);

#endif
