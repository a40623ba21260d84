/* lwIP without an operating system: set up, polled, asleep between events. */
#include "net.h"

#include "clock.h"
#include "lan9118.h"

#include <lwip/dns.h>
#include <lwip/etharp.h>
#include <lwip/init.h>
#include <lwip/priv/memp_priv.h>
#include <lwip/stats.h>
#include <lwip/sys.h>
#include <lwip/timeouts.h>
#include <netif/ethernet.h>

#define LINK_CHECK_MS 250u

static struct netif interface;
static ip4_addr_t fixed_address;
static uint32_t link_checked;

u32_t sys_now(void)
{
    return clock_ms();
}

signed char net_lookup(const char *name, struct ip4_addr *address)
{
    (void)name;
    if (ip4_addr_isany_val(fixed_address))
        return ERR_ARG;
    *address = fixed_address;
    return ERR_OK;
}

bool net_start(const struct net_config *config)
{
    lwip_init();
    if (netif_add(&interface, &config->address, &config->netmask, &config->gateway, NULL,
                  lan9118_init, ethernet_input) == NULL)
        return false;
    netif_set_default(&interface);
    netif_set_up(&interface);
    fixed_address = config->fixed;
    dns_setserver(0, &config->dns);
    link_checked = clock_ms() - LINK_CHECK_MS;
    net_poll();
    return true;
}

void net_poll(void)
{
    if (clock_ms() - link_checked >= LINK_CHECK_MS) {
        link_checked = clock_ms();
        if (lan9118_link_up())
            netif_set_link_up(&interface);
        else
            netif_set_link_down(&interface);
    }
    lan9118_poll(&interface);
    sys_check_timeouts();
}

void net_wait(uint32_t ms)
{
    uint32_t timer = sys_timeouts_sleeptime();
    uint32_t began = clock_ms();
    if (ms > timer)
        ms = timer;
    if (ms > LINK_CHECK_MS)
        ms = LINK_CHECK_MS;
    while (!lan9118_pending && clock_ms() - began < ms)
        clock_wait(&lan9118_pending);
}

void net_usage(struct net_usage *usage)
{
    usage->used = lwip_stats.mem.used;
    usage->peak = lwip_stats.mem.max;
    usage->failed = lwip_stats.mem.err;
    for (unsigned i = 0; i < MEMP_MAX; i++) {
        const struct stats_mem *pool = lwip_stats.memp[i];
        usage->used += (uint32_t)pool->used * memp_pools[i]->size;
        usage->peak += (uint32_t)pool->max * memp_pools[i]->size;
        usage->failed += pool->err;
    }
}
