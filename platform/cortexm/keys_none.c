#include "app.h"
#include "console.h"
#include "keys.h"

int keys_open(struct iam_config *config)
{
    (void)config;
    return app.options.iot_endpoint == NULL
               ? EXIT_DONE
               : console_fail(EXIT_USAGE,
                              "left out of this image, tinyiam_iot has it: ", "--iot-endpoint");
}

int keys_tls(struct iam_tls_config *config)
{
    (void)config;
    return EXIT_DONE;
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
