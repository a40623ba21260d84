/* Host names for TLS. Private to port/. */
#ifndef TINYIAM_PORT_TLS_NAME_H
#define TINYIAM_PORT_TLS_NAME_H

#include <stddef.h>
#include <stdint.h>

/* An address literal as bytes, as certificates hold it: returns 4 (IPv4, four decimal numbers) or 16
 * (IPv6, RFC 4291, no zone), or 0: not an address. */
size_t tls_name_address(const char *text, uint8_t address[16]);

#endif
