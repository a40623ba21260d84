/* lan9118.h - SMSC LAN9118 Ethernet controller as an lwIP interface. */
#ifndef CORTEXM_LAN9118_H
#define CORTEXM_LAN9118_H

#include <lwip/netif.h>
#include <stdbool.h>

/* For netif_add(). The controller is reset and started; ERR_IF where there is none. */
err_t lan9118_init(struct netif *);
/* Hands every received frame to netif->input. Frames that find no buffer stay in the controller. */
void lan9118_poll(struct netif *);
/* What the PHY says of the cable. */
bool lan9118_link_up(void);

/* Set by the interrupt, cleared by lan9118_poll(): the condition to sleep on. */
extern volatile bool lan9118_pending;

#endif
