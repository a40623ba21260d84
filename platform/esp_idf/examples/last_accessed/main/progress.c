/* How far the report has come, in NVS. */
#include "progress.h"

#include <nvs.h>
#include <string.h>

static const char space[] = "iam_progress";

void progress_load(struct progress *p)
{
    nvs_handle_t nvs;
    size_t n = sizeof p->job;

    memset(p, 0, sizeof *p);
    if (nvs_open(space, NVS_READONLY, &nvs) != ESP_OK)
        return;
    if (nvs_get_str(nvs, "job", p->job, &n) != ESP_OK)
        p->job[0] = '\0';
    n = sizeof p->checkpoint;
    p->listing =
        nvs_get_blob(nvs, "place", &p->checkpoint, &n) == ESP_OK && n == sizeof p->checkpoint;
    nvs_close(nvs);
}

/* Ends what was begun with nvs_open. */
static esp_err_t finish(nvs_handle_t nvs, esp_err_t r)
{
    if (r == ESP_OK)
        r = nvs_commit(nvs);
    nvs_close(nvs);
    return r;
}

bool progress_set_job(struct progress *p, struct iam_span job)
{
    if (job.n != sizeof p->job - 1)
        return false;
    memcpy(p->job, job.p, job.n);
    p->job[job.n] = '\0';
    return true;
}

esp_err_t progress_save_job(const struct progress *p)
{
    nvs_handle_t nvs;
    esp_err_t r = nvs_open(space, NVS_READWRITE, &nvs);

    return r != ESP_OK ? r : finish(nvs, nvs_set_str(nvs, "job", p->job));
}

static esp_err_t save(const char *key, const void *bytes, size_t n)
{
    nvs_handle_t nvs;
    esp_err_t r = nvs_open(space, NVS_READWRITE, &nvs);

    return r != ESP_OK ? r : finish(nvs, nvs_set_blob(nvs, key, bytes, n));
}

esp_err_t progress_save_place(const struct iam_checkpoint *checkpoint)
{
    return save("place", checkpoint, sizeof *checkpoint);
}

bool progress_load_audit(struct iam_audit_checkpoint *checkpoint)
{
    nvs_handle_t nvs;
    size_t n = sizeof *checkpoint;

    if (nvs_open(space, NVS_READONLY, &nvs) != ESP_OK)
        return false;
    esp_err_t r = nvs_get_blob(nvs, "audit", checkpoint, &n);
    nvs_close(nvs);
    return r == ESP_OK && n == sizeof *checkpoint;
}

esp_err_t progress_save_audit(const struct iam_audit_checkpoint *checkpoint)
{
    return save("audit", checkpoint, sizeof *checkpoint);
}

esp_err_t progress_forget(void)
{
    nvs_handle_t nvs;
    esp_err_t r = nvs_open(space, NVS_READWRITE, &nvs);

    return r != ESP_OK ? r : finish(nvs, nvs_erase_all(nvs));
}
