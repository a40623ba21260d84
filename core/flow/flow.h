/* Between exchange.c (one request and its reply: the only file that knows the order of the stages) and
 * call.c (what comes next). Private to flow. */
#ifndef TINYIAM_FLOW_FLOW_H
#define TINYIAM_FLOW_FLOW_H

#include <tinyiam/creds.h>

#include "../model/shape.h"

enum iam_stage {
    IAM_STAGE_IDLE = 0, /* nothing started */
    IAM_STAGE_PAUSE,    /* until resume_at */
    IAM_STAGE_CONNECT,
    IAM_STAGE_SEND,
    IAM_STAGE_RECEIVE,
    IAM_STAGE_PAGED, /* a page is complete: tell, then go on or end */
    IAM_STAGE_DONE,
    IAM_STAGE_FAILED
};

/* if (IAM_ON(CONFIG_TINYIAM_X)): is the option on? What is off needs not be linked. */
#define IAM_ON(option) IAM_ON_VALUE(option)
#define IAM_ON_VALUE(value) IAM_ON_PAIR(IAM_ON_##value)
#define IAM_ON_PAIR(...) IAM_ON_SECOND(__VA_ARGS__ 1, 0, 0)
#define IAM_ON_SECOND(first, second, ...) second
#define IAM_ON_1 0,

#define IAM_FETCHES                                                                \
    (IAM_ON(CONFIG_TINYIAM_CREDS_IOT) || IAM_ON(CONFIG_TINYIAM_CREDS_CONTAINER) || \
     IAM_ON(CONFIG_TINYIAM_CREDS_IMDS))

const void *iam_call_request(const struct iam_call *);
const struct iam_credentials *iam_call_credentials(const struct iam_call *);
/* The rest of the request's first line, and the fields that every request has. */
void iam_call_put_head(const struct iam_call *, struct iam_out *);
void iam_call_put_field(struct iam_out *, const char *name, struct iam_span value);

/* fetch.c: a document by GET instead of a query by POST. The call is a struct iam_creds's; creds.ask
 * says what to send, creds.begin where in config.keys the document goes. */
extern const struct iam_operation iam_fetch;
void iam_fetch_put(const struct iam_call *, struct iam_out *);
void iam_fetch_head(struct iam_call *);
int iam_fetch_take(struct iam_call *, struct iam_span body);
int iam_fetch_finish(struct iam_call *);

/* What creds.c needs of a kind of provider, in creds_iot.c and so on. init checks parameters and completes
 * the configuration of the exchange; begin begins the exchange that is due; end hears how it went: IAM_OK:
 * *keys are there; IAM_AGAIN: the next one is due; or an error. */
int iam_creds_iot_init(struct iam_creds *, struct iam_config *);
int iam_creds_iot_begin(struct iam_creds *);
int iam_creds_iot_end(struct iam_creds *, int result, struct iam_role_keys *);
int iam_creds_container_init(struct iam_creds *, struct iam_config *);
int iam_creds_container_begin(struct iam_creds *);
int iam_creds_container_end(struct iam_creds *, int result, struct iam_role_keys *);
int iam_creds_imds_init(struct iam_creds *, struct iam_config *);
int iam_creds_imds_begin(struct iam_creds *);
int iam_creds_imds_end(struct iam_creds *, int result, struct iam_role_keys *);
int iam_creds_sts_init(struct iam_creds *, struct iam_config *);
int iam_creds_sts_begin(struct iam_creds *);
int iam_creds_sts_end(struct iam_creds *, int result, struct iam_role_keys *);

/* creds_json.c: reads the document at creds.begin. IAM_OK, or the error, noted. */
enum iam_document {
    IAM_DOCUMENT_IOT,
    IAM_DOCUMENT_CONTAINER,
    IAM_DOCUMENT_IMDS,
    IAM_DOCUMENT_PROCESS
};
int iam_creds_document(struct iam_creds *, enum iam_document, struct iam_role_keys *);
/* The code and the message of an error, where the document is one of the usual ones. */
void iam_creds_said(struct iam_creds *);

/* Notes an error that is not the exchange's, and returns it. */
int iam_creds_wrong(struct iam_creds *, int error, const char *what);
/* Keys that may be used: not empty, nothing in them that a header cannot hold. names: of id, secret and
 * token for the fault. IAM_OK or IAM_ERR_VALUE. */
int iam_creds_check(struct iam_creds *, const struct iam_role_keys *, const char *const names[3],
                    bool needs_token);
/* Of these characters only, from 1 to 128? */
bool iam_creds_is_word(struct iam_span, const char *others);
uint32_t iam_call_random(struct iam_call *);
/* The status stands for a code that the service did not give. */
void iam_call_status_code(struct iam_call *);

/* Milliseconds since 1970 by our clock as corrected so far. */
int64_t iam_call_unix_ms(const struct iam_call *);

/* The Host field: the endpoint that was asked for, or the region's. */
struct iam_span iam_call_authority(const struct iam_call *);
/* Settles it, and the signing region, by the configuration: IAM_OK, IAM_ERR_REGION, or IAM_ERR_ARGUMENT. */
int iam_call_address(struct iam_call *);

/* Signs with the present time, and counts the request's bytes. IAM_OK or IAM_ERR_CRYPTO. */
int iam_exchange_begin(struct iam_call *);
/* The next piece of the request into tx. */
void iam_exchange_fill(struct iam_call *);
/* Takes what is in rx: IAM_AGAIN (all used), IAM_ITEM, IAM_OK (the reply is complete), or an error. */
int iam_exchange_read(struct iam_call *);
/* The reply is complete: IAM_OK, IAM_ERR_SERVICE with fault.code set, or what is wrong with it. */
int iam_exchange_finish(struct iam_call *);

#endif
