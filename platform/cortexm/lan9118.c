/* The Ethernet controller LAN9118 as an interface of lwIP. */
#include "lan9118.h"

#include "startup.h"

#include <lwip/etharp.h>
#include <lwip/pbuf.h>
#include <netif/ethernet.h>
#include <string.h>

#define REG(offset) (*(volatile uint32_t *)(BOARD_LAN9118_BASE + (offset)))
#define RX_DATA REG(0x00)
#define TX_DATA REG(0x20)
#define RX_STATUS REG(0x40)
#define TX_STATUS REG(0x48)
#define IRQ_CFG REG(0x54)
#define INT_STS REG(0x58)
#define INT_EN REG(0x5C)
#define BYTE_TEST REG(0x64)
#define FIFO_INT REG(0x68)
#define RX_CFG REG(0x6C)
#define TX_CFG REG(0x70)
#define HW_CFG REG(0x74)
#define RX_FIFO_INF REG(0x7C)
#define TX_FIFO_INF REG(0x80)
#define PMT_CTRL REG(0x84)
#define MAC_CSR_CMD REG(0xA4)
#define MAC_CSR_DATA REG(0xA8)
#define NVIC_ISER ((volatile uint32_t *)0xE000E100u)

#define IRQ_CFG_EN 0x100u
#define IRQ_CFG_POL 0x10u
#define IRQ_CFG_TYPE 0x1u
#define INT_RX_LEVEL 0x8u
#define HW_CFG_SRST 0x1u
#define HW_CFG_TX_5K 0x00050000u /* the rest of 16 KB, about 10 KB, receives */
#define TX_CFG_ON 0x2u
#define PMT_READY 0x1u
#define MAC_BUSY 0x80000000u
#define MAC_READ 0x40000000u
#define MAC_FULL_DUPLEX 0x00100000u
#define MAC_TX_RX 0x0Cu
#define RX_STATUS_ERROR 0x8000u
#define TX_FIRST_LAST 0x3000u

enum mac_register { MAC_CR = 1, MAC_ADDRH = 2, MAC_ADDRL = 3, MAC_MII_ACC = 6, MAC_MII_DATA = 7 };
enum phy_register { PHY_CONTROL = 0, PHY_STATUS = 1 };

#define PHY_ADDRESS (1u << 11)
#define PHY_LINK 0x4u
#define PHY_AUTONEGOTIATE 0x1200u
#define RESET_TRIES 1000000u
#define CRC_SIZE 4u

volatile bool lan9118_pending;

static uint32_t mac_read(enum mac_register at)
{
    MAC_CSR_CMD = MAC_BUSY | MAC_READ | (uint32_t)at;
    while (MAC_CSR_CMD & MAC_BUSY) {
    }
    return MAC_CSR_DATA;
}

static void mac_write(enum mac_register at, uint32_t value)
{
    MAC_CSR_DATA = value;
    MAC_CSR_CMD = MAC_BUSY | (uint32_t)at;
    while (MAC_CSR_CMD & MAC_BUSY) {
    }
}

static void phy_write(enum phy_register at, uint32_t value)
{
    mac_write(MAC_MII_DATA, value);
    mac_write(MAC_MII_ACC, PHY_ADDRESS | (uint32_t)at << 6 | 2u);
    while (mac_read(MAC_MII_ACC) & 1u) {
    }
}

static uint32_t phy_read(enum phy_register at)
{
    mac_write(MAC_MII_ACC, PHY_ADDRESS | (uint32_t)at << 6);
    while (mac_read(MAC_MII_ACC) & 1u) {
    }
    return mac_read(MAC_MII_DATA);
}

bool lan9118_link_up(void)
{
    return (phy_read(PHY_STATUS) & PHY_LINK) != 0;
}

/* The interrupt is a level: masked here, unmasked when the FIFO has been read. */
void lan9118_interrupt(void)
{
    INT_EN = 0;
    lan9118_pending = true;
}

static void drop_words(uint32_t words)
{
    while (words-- > 0)
        (void)RX_DATA;
}

/* One frame into buffers. False: no buffer now; the frame stays where it is. */
static bool receive(struct netif *netif, uint32_t status)
{
    uint32_t size = status >> 16 & 0x3FFFu;
    uint32_t words = (size + 3) / 4;
    if (status & RX_STATUS_ERROR || size <= CRC_SIZE) {
        (void)RX_STATUS;
        drop_words(words);
        return true;
    }
    uint32_t left = size - CRC_SIZE;
    struct pbuf *frame = pbuf_alloc(PBUF_RAW, (u16_t)left, PBUF_POOL);
    if (frame == NULL)
        return false;
    (void)RX_STATUS;
    uint32_t word = 0;
    unsigned have = 0;
    for (struct pbuf *part = frame; part != NULL; part = part->next) {
        uint8_t *to = part->payload;
        for (u16_t i = 0; i < part->len; i++) {
            if (have == 0) {
                if ((part->len - i) >= 4 && ((uintptr_t)(to + i) & 3u) == 0) {
                    *(uint32_t *)(void *)(to + i) = RX_DATA;
                    words--;
                    i = (u16_t)(i + 3);
                    continue;
                }
                word = RX_DATA;
                words--;
                have = 4;
            }
            to[i] = (uint8_t)word;
            word >>= 8;
            have--;
        }
    }
    drop_words(words);
    if (netif->input(frame, netif) != ERR_OK)
        pbuf_free(frame);
    return true;
}

#define RX_STATUS_PEEK REG(0x44)

void lan9118_poll(struct netif *netif)
{
    lan9118_pending = false;
    INT_STS = INT_RX_LEVEL;
    while ((RX_FIFO_INF >> 16 & 0xFFu) != 0)
        if (!receive(netif, RX_STATUS_PEEK))
            return; /* still masked: the next tick tries again */
    INT_EN = INT_RX_LEVEL;
}

static err_t transmit(struct netif *netif, struct pbuf *frame)
{
    (void)netif;
    while ((TX_FIFO_INF >> 16 & 0xFFu) != 0)
        (void)TX_STATUS;
    if ((TX_FIFO_INF & 0xFFFFu) < (uint32_t)frame->tot_len + 16u)
        return ERR_WOULDBLOCK;
    TX_DATA = TX_FIRST_LAST | frame->tot_len;
    TX_DATA = (uint32_t)frame->tot_len;
    uint32_t word = 0;
    unsigned have = 0;
    for (const struct pbuf *part = frame; part != NULL; part = part->next) {
        const uint8_t *from = part->payload;
        for (u16_t i = 0; i < part->len; i++) {
            word |= (uint32_t)from[i] << 8 * have;
            if (++have == 4) {
                TX_DATA = word;
                word = 0;
                have = 0;
            }
        }
    }
    if (have != 0)
        TX_DATA = word;
    return ERR_OK;
}

static bool reset_controller(void)
{
    uint32_t tries = RESET_TRIES;
    while (!(PMT_CTRL & PMT_READY))
        if (--tries == 0)
            return false;
    if (BYTE_TEST != 0x87654321u)
        return false;
    HW_CFG = HW_CFG_SRST;
    while (HW_CFG & HW_CFG_SRST)
        if (--tries == 0)
            return false;
    return true;
}

err_t lan9118_init(struct netif *netif)
{
    /* Locally administered; a board has its own in an EEPROM. */
    static const uint8_t address[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};

    if (!reset_controller())
        return ERR_IF;
    HW_CFG = HW_CFG_TX_5K;
    FIFO_INT = 0;
    RX_CFG = 0;
    /* The line is asserted from reset on until its polarity is set: this comes before the NVIC. */
    IRQ_CFG = IRQ_CFG_EN | IRQ_CFG_POL | IRQ_CFG_TYPE;
    INT_EN = 0;
    INT_STS = 0xFFFFFFFFu;
    mac_write(MAC_ADDRL, address[0] | (uint32_t)address[1] << 8 | (uint32_t)address[2] << 16 |
                             (uint32_t)address[3] << 24);
    mac_write(MAC_ADDRH, address[4] | (uint32_t)address[5] << 8);
    phy_write(PHY_CONTROL, PHY_AUTONEGOTIATE);
    TX_CFG = TX_CFG_ON;
    mac_write(MAC_CR, MAC_FULL_DUPLEX | MAC_TX_RX);
    INT_EN = INT_RX_LEVEL;
    NVIC_ISER[BOARD_LAN9118_IRQ / 32] = 1u << BOARD_LAN9118_IRQ % 32;

    memcpy(netif->hwaddr, address, sizeof address);
    netif->hwaddr_len = sizeof address;
    netif->mtu = 1500;
    netif->name[0] = 'e';
    netif->name[1] = 'n';
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
    netif->output = etharp_output;
    netif->linkoutput = transmit;
    return ERR_OK;
}
