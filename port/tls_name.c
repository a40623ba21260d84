/* Address literals, as TLS compares them: by mbedTLS where it can (3.5 and later; 4.x does not offer it). */
#include "tls_name.h"

#include <stdbool.h>
#include <string.h>

#include <mbedtls/version.h>
#include <mbedtls/x509.h>

#if MBEDTLS_VERSION_NUMBER >= 0x03050000 && MBEDTLS_VERSION_NUMBER < 0x04000000
size_t tls_name_address(const char *text, uint8_t address[16])
{
    return mbedtls_x509_crt_parse_cn_inet_pton(text, address);
}
#else

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

/* Four decimal numbers without leading zeros, which some read as octal. */
static bool ipv4(const char *p, uint8_t out[4])
{
    int i;

    for (i = 0; i < 4; i++) {
        unsigned value = 0;
        const char *begin = p;
        while (digit(*p) < 10 && p - begin < 3)
            value = value * 10 + (unsigned)digit(*p++);
        if (p == begin || value > 255 || (*begin == '0' && p - begin > 1) ||
            *p++ != (i < 3 ? '.' : '\0'))
            return false;
        out[i] = (uint8_t)value;
    }
    return true;
}

static bool ipv6(const char *p, uint8_t out[16])
{
    size_t n = 0;
    size_t gap = 17; /* byte at which "::" stands; 17: there is none */

    memset(out, 0, 16);
    if (p[0] == ':') {
        if (p[1] != ':')
            return false;
        gap = 0;
        p += 2;
    }
    while (*p != '\0') {
        unsigned value = 0;
        const char *begin = p;
        if (n <= 12 && ipv4(p, out + n)) {
            n += 4;
            break;
        }
        while (digit(*p) < 16 && p - begin < 4)
            value = value << 4 | (unsigned)digit(*p++);
        if (p == begin || n > 14 || (*p != ':' && *p != '\0'))
            return false;
        out[n++] = (uint8_t)(value >> 8);
        out[n++] = (uint8_t)value;
        if (*p == '\0')
            break;
        p++;
        if (*p == ':') {
            if (gap != 17)
                return false;
            gap = n;
            p++;
        } else if (*p == '\0') {
            return false;
        }
    }
    if (gap == 17)
        return n == 16;
    if (n > 14)
        return false; /* "::" stands for one group at least */
    memmove(out + 16 - (n - gap), out + gap, n - gap);
    memset(out + gap, 0, 16 - n);
    return true;
}

size_t tls_name_address(const char *text, uint8_t address[16])
{
    if (ipv4(text, address))
        return 4;
    return ipv6(text, address) ? 16 : 0;
}
#endif
