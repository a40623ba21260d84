/* How far the report has come, in NVS: survives deep sleep, a reset and a power cut. */
#ifndef LAST_ACCESSED_PROGRESS_H
#define LAST_ACCESSED_PROGRESS_H

#include <esp_err.h>
#include <tinyiam/tinyiam.h>

#define PROGRESS_JOB_SIZE 37 /* 36 characters and a NUL */

struct progress {
    char job[PROGRESS_JOB_SIZE]; /* empty: none was asked for */
    bool listing;                /* checkpoint holds a place in its list */
    struct iam_checkpoint checkpoint;
};

void progress_load(struct progress *);
/* false: it has not the length of a JobId. */
bool progress_set_job(struct progress *, struct iam_span job);
esp_err_t progress_save_job(const struct progress *);
esp_err_t progress_save_place(const struct iam_checkpoint *);
/* The place in an audit; false: there is none. */
bool progress_load_audit(struct iam_audit_checkpoint *);
esp_err_t progress_save_audit(const struct iam_audit_checkpoint *);
esp_err_t progress_forget(void);

#endif
