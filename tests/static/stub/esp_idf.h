/* Stub compile: catches typos, not API drift. As much of ESP-IDF's interface as the example uses, written from
 * its documentation; stubs.py puts it in the place of every header of ESP-IDF. tests/sdk builds against the
 * real one. */
#ifndef STUB_ESP_IDF_H
#define STUB_ESP_IDF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int esp_err_t;
enum {
    ESP_OK = 0,
    ESP_ERR_TIMEOUT = 0x107,
    ESP_ERR_NOT_FOUND = 0x105,
    ESP_ERR_INVALID_SIZE = 0x104,
    ESP_ERR_NVS_NO_FREE_PAGES = 0x110d,
    ESP_ERR_NVS_NEW_VERSION_FOUND = 0x1110
};
const char *esp_err_to_name(esp_err_t);
#define ESP_ERROR_CHECK(x) \
    do {                   \
        if ((x) != ESP_OK) \
            abort();       \
    } while (0)

#define RTC_DATA_ATTR
void stub_log(const char *tag, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define ESP_LOGI(tag, ...) stub_log((tag), __VA_ARGS__)
#define ESP_LOGW(tag, ...) stub_log((tag), __VA_ARGS__)
#define ESP_LOGE(tag, ...) stub_log((tag), __VA_ARGS__)

typedef uint32_t nvs_handle_t;
typedef enum { NVS_READONLY, NVS_READWRITE } nvs_open_mode_t;
esp_err_t nvs_flash_init(void);
esp_err_t nvs_flash_erase(void);
esp_err_t nvs_open(const char *, nvs_open_mode_t, nvs_handle_t *);
esp_err_t nvs_get_str(nvs_handle_t, const char *, char *, size_t *);
esp_err_t nvs_set_str(nvs_handle_t, const char *, const char *);
esp_err_t nvs_get_blob(nvs_handle_t, const char *, void *, size_t *);
esp_err_t nvs_set_blob(nvs_handle_t, const char *, const void *, size_t);
esp_err_t nvs_erase_all(nvs_handle_t);
esp_err_t nvs_commit(nvs_handle_t);
void nvs_close(nvs_handle_t);

esp_err_t esp_crt_bundle_attach(void *);
esp_err_t esp_event_loop_create_default(void);
esp_err_t esp_netif_init(void);
esp_err_t example_connect(void);
esp_err_t example_disconnect(void);
void esp_deep_sleep(uint64_t microseconds);

typedef struct {
    const char *server;
} esp_sntp_config_t;
#define ESP_NETIF_SNTP_DEFAULT_CONFIG(name) \
    {                                       \
        .server = (name)                    \
    }
typedef uint32_t TickType_t;
#define portMAX_DELAY UINT32_MAX
#define pdMS_TO_TICKS(ms) ((TickType_t)((ms) / 10u))
void vTaskDelay(TickType_t);
esp_err_t esp_netif_sntp_init(const esp_sntp_config_t *);
esp_err_t esp_netif_sntp_sync_wait(TickType_t);
void esp_netif_sntp_deinit(void);

void app_main(void);

#ifdef __cplusplus
}
#endif

#endif
