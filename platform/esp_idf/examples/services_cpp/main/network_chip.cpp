// A chip: Wi-Fi or Ethernet as menuconfig says ("Example Connection Configuration"), time by SNTP.
#include "network.h"

#include <esp_event.h>
#include <esp_log.h>
#include <esp_netif.h>
#include <esp_netif_sntp.h>
#include <freertos/FreeRTOS.h>
#include <freertos/task.h>
#include <nvs_flash.h>
#include <protocol_examples_common.h>

namespace
{

const char tag[] = "network";

// SNTP's first datagram is lost now and then: five times four seconds are waited for an answer.
esp_err_t set_clock()
{
    const esp_sntp_config_t config = ESP_NETIF_SNTP_DEFAULT_CONFIG("pool.ntp.org");
    esp_err_t result = esp_netif_sntp_init(&config);

    if (result != ESP_OK)
        return result;
    result = ESP_ERR_TIMEOUT;
    for (int i = 0; i < 5 && result != ESP_OK; i++)
        result = esp_netif_sntp_sync_wait(pdMS_TO_TICKS(4000));
    esp_netif_sntp_deinit();
    return result;
}

} // namespace

bool network_start()
{
    esp_err_t result = nvs_flash_init(); // Wi-Fi keeps its calibration there

    if (result == ESP_OK)
        result = esp_netif_init();
    if (result == ESP_OK)
        result = esp_event_loop_create_default();
    if (result == ESP_OK)
        result = example_connect();
    if (result == ESP_OK)
        result = set_clock();
    if (result != ESP_OK)
        ESP_LOGE(tag, "no network, or no time: %s", esp_err_to_name(result));
    return result == ESP_OK;
}

void network_end(int code)
{
    ESP_LOGI(tag, "end, code %d", code);
    for (;;)
        vTaskDelay(portMAX_DELAY);
}
