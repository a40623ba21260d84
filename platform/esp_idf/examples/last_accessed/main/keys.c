/* Keys out of NVS, or from menuconfig. */
#include "keys.h"

#include <nvs.h>
#include <string.h>

#define TOKEN_SIZE 2048

/* Text of a key in NVS; empty if it is not there. */
static struct iam_span text(nvs_handle_t nvs, const char *key, char *room, size_t size)
{
    size_t n = size;

    if (nvs_get_str(nvs, key, room, &n) != ESP_OK || n == 0)
        return (struct iam_span){NULL, 0};
    return (struct iam_span){room, n - 1};
}

static struct iam_span given(const char *s)
{
    return (struct iam_span){*s != '\0' ? s : NULL, strlen(s)};
}

esp_err_t keys_load(struct iam_credentials *keys)
{
    static char id[129], secret[129], token[TOKEN_SIZE];
    nvs_handle_t nvs;

    memset(keys, 0, sizeof *keys);
    if (nvs_open("iam_keys", NVS_READONLY, &nvs) == ESP_OK) {
        keys->access_key_id = text(nvs, "key_id", id, sizeof id);
        keys->secret_access_key = text(nvs, "secret", secret, sizeof secret);
        keys->session_token = text(nvs, "token", token, sizeof token);
        nvs_close(nvs);
    }
    if (keys->access_key_id.p == NULL) {
        keys->access_key_id = given(CONFIG_EXAMPLE_ACCESS_KEY_ID);
        keys->secret_access_key = given(CONFIG_EXAMPLE_SECRET_ACCESS_KEY);
        keys->session_token = given(CONFIG_EXAMPLE_SESSION_TOKEN);
    }
    return keys->access_key_id.p != NULL && keys->secret_access_key.p != NULL ? ESP_OK
                                                                              : ESP_ERR_NOT_FOUND;
}
