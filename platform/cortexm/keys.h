/* keys.h - keys that are fetched: AWS IoT's credential provider, for the device's certificate. keys_iot.c is
 * the image tinyiam_iot's; tinyiam_cortexm, with keys_none.c, has the keys that it is given. */
#ifndef CORTEXM_KEYS_H
#define CORTEXM_KEYS_H

#include <tinyiam/port_tls.h>
#include <tinyiam/tinyiam.h>

/* With --iot-endpoint the client gets a provider. 0, or an exit code after saying why. */
int keys_open(struct iam_config *);
/* The certificate and the key that the provider's server asks for. The same TLS stream serves both, one after
 * the other; IAM never asks. 0, or an exit code. */
int keys_tls(struct iam_tls_shared_config *);
/* What went wrong with the fetching of keys; NULL: nothing. */
const struct iam_fault *keys_fault(void);
/* Bytes beside the client's. */
size_t keys_size(void);
void keys_end(void);

#endif
