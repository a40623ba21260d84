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
#define IAM_ON_VALUE(value) IAM_ON_SECOND(IAM_ON_##value 1, 0, 0)
#define IAM_ON_SECOND(first, second, ...) second
#define IAM_ON_1 0,

#define IAM_FETCHES                                                                \
    (IAM_ON(CONFIG_TINYIAM_CREDS_IOT) || IAM_ON(CONFIG_TINYIAM_CREDS_CONTAINER) || \
     IAM_ON(CONFIG_TINYIAM_CREDS_IMDS))

/* Begins any operation. request lies where iam_call_request() says. */
int iam_call_start(struct iam_call *, const struct iam_operation *, const void *request);
const void *iam_call_request(const struct iam_call *);
const struct iam_credentials *iam_call_credentials(const struct iam_call *);
void iam_call_put_field(struct iam_out *, const char *name, struct iam_span value);

/* fetch.c: a document by GET instead of a query by POST, for struct iam_creds. */
extern const struct iam_operation iam_fetch;
void iam_fetch_put(const struct iam_call *, struct iam_out *);
int iam_fetch_take(struct iam_call *, struct iam_span body);
int iam_fetch_finish(struct iam_call *);

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
