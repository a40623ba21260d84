/* A chip: Wi-Fi or Ethernet as menuconfig says ("Example Connection Configuration"), time by SNTP. */
#include "board.h"

#include <esp_attr.h>
#include <esp_event.h>
#include <esp_log.h>
#include <esp_netif.h>
#include <esp_netif_sntp.h>
#include <esp_sleep.h>
#include <freertos/FreeRTOS.h>
#include <freertos/task.h>
#include <protocol_examples_common.h>
#include <time.h>

#define SNTP_TRIES 5 /* its first datagram is lost now and then */
#define SNTP_WAIT_MS 4000
#define CLOCK_SET 1600000000 /* seconds since 1970; the clock wakes up at 0 */

static const char tag[] = "board";
RTC_DATA_ATTR static uint32_t slept; /* outlives deep sleep */

/* The clock runs on in deep sleep: only a cold start asks for the time. */
static esp_err_t set_clock(void)
{
    esp_sntp_config_t config = ESP_NETIF_SNTP_DEFAULT_CONFIG("pool.ntp.org");
    esp_err_t r = ESP_ERR_TIMEOUT;

    if (time(NULL) > CLOCK_SET)
        return ESP_OK;
    r = esp_netif_sntp_init(&config);
    if (r != ESP_OK)
        return r;
    r = ESP_ERR_TIMEOUT;
    for (int i = 0; i < SNTP_TRIES && r != ESP_OK; i++)
        r = esp_netif_sntp_sync_wait(pdMS_TO_TICKS(SNTP_WAIT_MS));
    esp_netif_sntp_deinit();
    return r;
}

esp_err_t board_start(void)
{
    static bool started;
    esp_err_t r = ESP_OK;

    if (started)
        return ESP_OK;
    r = esp_netif_init();
    if (r == ESP_OK)
        r = esp_event_loop_create_default();
    if (r == ESP_OK)
        r = example_connect();
    if (r != ESP_OK) {
        ESP_LOGE(tag, "no network: %s", esp_err_to_name(r));
        return r;
    }
    started = true;
    r = set_clock();
    if (r != ESP_OK) {
        /* signing needs the time: the client learns it from the endpoint. Certificate dates are then
         * checked against 1970 where MBEDTLS_HAVE_TIME_DATE is on, and refused. */
        ESP_LOGW(tag, "no answer from the time server: %s", esp_err_to_name(r));
    }
    return ESP_OK;
}

void board_sleep(uint32_t seconds)
{
    ESP_LOGI(tag, "deep sleep for %lu s", (unsigned long)seconds);
    slept += seconds;
    (void)example_disconnect();
    esp_deep_sleep((uint64_t)seconds * 1000000u);
}

uint32_t board_slept(void)
{
    return slept;
}

void board_end(int code)
{
    ESP_LOGI(tag, "end, code %d", code);
    for (;;)
        vTaskDelay(portMAX_DELAY);
}
