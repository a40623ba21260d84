/* Clocks and randomness as the library's ports want them. */
#include "system.h"

#include "clock.h"
#include "entropy.h"
#include "net.h"

static uint32_t mono_ms(struct iam_system *system)
{
    (void)system;
    return clock_ms();
}

static int64_t unix_ms(struct iam_system *system)
{
    (void)system;
    return clock_unix_ms();
}

static int entropy(struct iam_system *system, void *to, size_t n)
{
    (void)system;
    return entropy_read(to, n) == 0 ? IAM_OK : IAM_ERR_CRYPTO;
}

/* For iam_run(); a super-loop calls net_wait() and net_poll() itself. */
static void idle(struct iam_system *system, struct iam_stream *const *streams, size_t n,
                 uint32_t ms)
{
    (void)streams, (void)n;
    (void)system;
    net_wait(ms);
    net_poll();
}

struct iam_system *system_get(void)
{
    static const struct iam_system_ops ops = {mono_ms, unix_ms, entropy, idle};
    static struct iam_system system = {&ops};
    return &system;
}
