/** @file
 * tinyiam/audit.h - one ARN, whole: a report is generated, waited for, and read, as one operation. Layer: flow.
 *
 *     struct iam_audit_request request = {.arn = IAM_SPAN("arn:aws:iam::123456789012:role/deploy"),
 *                                         .what = IAM_AUDIT_ENTITIES};
 *     iam_audit_start(&client, &request);          iam_config.batch is needed: IAM_AUDIT_BATCH_MIN bytes
 *     while ((r = iam_run(&client, 60000)) > 0)    0: the ARN is complete; < 0: iam_client_fault()
 *         if (r == IAM_ITEM)
 *             use(iam_client_item(&client), iam_audit_namespace(&client));
 *
 *   Generate -> look (-> pause -> look)* -> page of services -> [entities of each that was used]* -> next page -> ...
 *
 * The functions of the engine stand here; those with the client's name, as above, in tinyiam.h. It is driven like any
 * operation: iam_step(), iam_run(), iam_run_any(); starting another one drops it. Memory is the same for 400
 * services and a million entities: the batch holds the names of the page at hand that wait for their entities,
 * as far as there is room; where there is not, the page is fetched once more, and its items are not handed out
 * again.
 *
 * Items are those of the lists, in the order served: IAM_ITEM_SERVICE, IAM_ITEM_ACTION, and IAM_ITEM_ENTITY of a
 * service after the services of its page. It is one report from beginning to end: another job's page, a status that
 * goes back, fewer entities than the services' page said, a namespace that no request could carry, are
 * errors. IAM_ERR_JOB_FAILED: the report FAILED; iam_client_report() has its Error. IAM_ERR_SESSION: the keys
 * changed on the way, and nobody but the session that generated a report may read it: start again.
 *
 * A program that starts no audit links none of this; CONFIG_TINYIAM_AUDIT=0 leaves it out of the library. */
#ifndef TINYIAM_AUDIT_H
#define TINYIAM_AUDIT_H

#include "call.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What is read of an ARN. */
enum iam_audit_what {
    /** Its services: 2 requests for up to 1,000 of them, and one for each look before the report is ready. */
    IAM_AUDIT_SERVICES = 0,
    /** Its services, and of each that was used (TotalAuthenticatedEntities above 0, or a LastAuthenticated) who
     * used it: one request more for each 1,000 of them. */
    IAM_AUDIT_ENTITIES,
    IAM_AUDIT_ACTIONS /**< its services and their tracked actions: a report of granularity ACTION_LEVEL */
};

/** The struct itself is copied; the text, and the array of namespaces, are borrowed until the operation ends. */
struct iam_audit_request {
    struct iam_span arn; /**< 20..2048 characters: of a user, role, group or policy */
    enum iam_audit_what what;
    /** Only these services are handed out ("s3"); namespace_count 0: all are. The others are passed over. */
    const struct iam_span *namespaces;
    size_t namespace_count;
    /** With namespaces: the other services are handed out too, but not who used them, nor their actions. */
    bool every_service;
};

/** Bytes of iam_config.batch that are enough for any audit; the buffer needs no alignment. An audit of services
 * alone, or with short Markers, may do with less: otherwise IAM_ERR_SPACE, with fault.what "batch" and the size in
 * fault.need, comes at the start or with a page's Marker. For IAM_AUDIT_ENTITIES a larger batch means larger pages of
 * services, and fewer requests: one service for every 32 bytes, 1,000 at most. */
#define IAM_AUDIT_BATCH_MIN 512

/** A place in an audit: plain bytes without secrets, to be kept anywhere and resumed on any client whose keys are of
 * the same session. The request has to be given again; a digest in it tells another one. */
struct iam_audit_checkpoint {
    uint8_t bytes[896];
};

/** Begins an audit. IAM_OK; IAM_ERR_ARGUMENT, where fault.what names the parameter or "batch" (there is none);
 * IAM_ERR_SPACE. */
int iam_call_audit(struct iam_call *, const struct iam_audit_request *);

/** The namespace of the service that the item at hand belongs to: the one that an entity used or an action is of, or
 * the service itself. Valid until the next step. */
struct iam_span iam_call_audit_namespace(const struct iam_call *);
/** The report's JobId; p == NULL while it is not known. Valid as long as the audit goes on. */
struct iam_span iam_call_audit_job(const struct iam_call *);
/** True while nothing is under way but the pause before the next look at a report that is IN_PROGRESS; *ms is then
 * how long until that look is due. The caller may then write a checkpoint, start something else on
 * this client, whose connection stays, and resume the audit later on any client. */
bool iam_call_audit_waits(const struct iam_call *, uint32_t *ms);

/** The place behind the last item that was handed out; at any time, also after an error. IAM_OK, or IAM_ERR_STATE: no
 * audit has been started. */
int iam_call_audit_checkpoint(const struct iam_call *, struct iam_audit_checkpoint *);
/** Begins at such a place, with the request that began it. A report that was waited for is looked at at once; how often
 * and for how long it has been waited for goes on counting (the pause during which the checkpoint was written counts
 * as over). In the middle of entities one page of services is fetched once more. The checkpoint is borrowed until
 * the operation ends: it is read again when that page has come. IAM_OK; IAM_ERR_CHECKPOINT: it is damaged, or was
 * made of another request, or with another setting of iam_config.structure; or as iam_call_audit(). */
int iam_call_audit_resume(struct iam_call *, const struct iam_audit_request *,
                          const struct iam_audit_checkpoint *);

#ifdef __cplusplus
}
#endif
#endif
