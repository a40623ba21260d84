/* No keys are fetched: those that are given will do. */
#include "keys.h"

int keys_open(struct iam_config *config)
{
    (void)config;
    return 0;
}

int keys_tls(struct iam_tls_shared_config *config)
{
    (void)config;
    return 0;
}

const struct iam_fault *keys_fault(void)
{
    return NULL;
}

size_t keys_size(void)
{
    return 0;
}

void keys_end(void)
{
}
