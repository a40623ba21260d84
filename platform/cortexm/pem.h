/* pem.h - what a PEM file, or a DER file, holds, by semihosting. A product has it in flash. */
#ifndef CORTEXM_PEM_H
#define CORTEXM_PEM_H

#include <stddef.h>

/* Reads blocks whose label ends with this word ("CERTIFICATE", "PRIVATE KEY") as DER, one behind the other;
 * text around them is passed over. A file that begins with 0x30 is DER itself. Returns their number, or < 0: no
 * such file, or no room. *n: the bytes. */
int pem_read(const char *path, const char *word, unsigned char *to, size_t room, size_t *n);

#endif
