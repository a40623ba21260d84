/* The linux target: network and clock are the host's. */
#include "board.h"

#include <freertos/FreeRTOS.h>
#include <freertos/task.h>
#include <stdio.h>
#include <unistd.h>

static uint32_t slept;

esp_err_t board_start(void)
{
    return ESP_OK;
}

void board_sleep(uint32_t seconds)
{
    slept += seconds;
    vTaskDelay(pdMS_TO_TICKS(seconds * 1000u));
}

uint32_t board_slept(void)
{
    return slept;
}

void board_end(int code)
{
    (void)fflush(NULL);
    _exit(code);
}
