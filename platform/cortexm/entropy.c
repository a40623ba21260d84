/* Random bytes: of the machine that QEMU runs on, in place of a TRNG. */
#include "entropy.h"

#include "semihost.h"
#include "startup.h"

int entropy_read(void *to, size_t n)
{
    int handle = semihost_open("/dev/urandom", SEMIHOST_READ);
    if (handle < 0)
        return -1;
    int got = semihost_read(handle, to, n);
    semihost_close(handle);
    return got == (int)n ? 0 : -1;
}

uint32_t entropy_u32(void)
{
    uint32_t value;
    if (entropy_read(&value, sizeof value) != 0) {
        semihost_puts("no entropy\n");
        semihost_exit(255);
    }
    return value;
}
