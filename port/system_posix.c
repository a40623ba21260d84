/* Clocks, entropy and idling on POSIX; see tinyiam/port_posix.h. */
#define _DEFAULT_SOURCE 1
#define _DARWIN_C_SOURCE 1

#include <tinyiam/port_posix.h>
#include <tinyiam/port_sockets.h>

#include <limits.h>
#if __has_include(<poll.h>)
#include <poll.h>
#else
#include <sys/poll.h> /* ESP-IDF */
#endif
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define CLOCK_SET_MS INT64_C(1000000000000)
#define ENTROPY_AT_ONCE 256u /* getentropy's limit */

static uint32_t posix_mono_ms(struct iam_system *system)
{
    struct timespec now = {0, 0};

    (void)system;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)((uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u);
}

static int64_t posix_unix_ms(struct iam_system *system)
{
    struct timespec now = {0, 0};
    int64_t ms;

    (void)system;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return -1;
    ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    return ms < CLOCK_SET_MS ? -1 : ms;
}

static int posix_entropy(struct iam_system *system, void *out, size_t n)
{
    unsigned char *p = out;

    (void)system;
    while (n > 0) {
        size_t part = n < ENTROPY_AT_ONCE ? n : ENTROPY_AT_ONCE;
        if (getentropy(p, part) != 0)
            return IAM_ERR_CRYPTO;
        p += part;
        n -= part;
    }
    return IAM_OK;
}

static void posix_idle(struct iam_system *system, struct iam_stream *const *streams, size_t n,
                       uint32_t ms)
{
    struct pollfd none; /* ESP-IDF's poll refuses NULL, even for no descriptors */

    (void)system;
    ms = iam_sockets_idle(streams, n, ms);
    if (ms != 0)
        (void)poll(&none, 0, ms > INT_MAX ? INT_MAX : (int)ms);
}

static const struct iam_system_ops posix_ops = {posix_mono_ms, posix_unix_ms, posix_entropy,
                                                posix_idle};

void iam_posix_init(struct iam_posix *posix)
{
    posix->system.ops = &posix_ops;
}
