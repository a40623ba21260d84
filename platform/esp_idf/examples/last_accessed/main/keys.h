/* Where the access keys come from. */
#ifndef LAST_ACCESSED_KEYS_H
#define LAST_ACCESSED_KEYS_H

#include <esp_err.h>
#include <tinyiam/tinyiam.h>

/* From NVS (namespace "iam_keys": key_id, secret, and token if there is one), else from menuconfig. The
 * text lives until the program ends. ESP_ERR_NOT_FOUND: there are none. */
esp_err_t keys_load(struct iam_credentials *);

#endif
