/* tinyiam/tinyiam.h - what an application includes.
 *
 * A client of AWS IAM's service-last-accessed reports in the caller's memory: no malloc, no globals, the
 * same few kilobytes for one entity and for a million.
 *
 *     struct iam_client client;                     1.8 KB on a 32-bit machine
 *     iam_client_init(&client, &config);            buffers, ports, credentials, region
 *     iam_entities_start(&client, &request);        job id and service namespace
 *     while ((r = iam_run(&client, 60000)) == IAM_ITEM)
 *         use(iam_client_entity(&client));                 valid until the next call
 *     if (r < 0) explain(iam_client_fault(&client));
 *     iam_client_end(&client);                      closes, zeroises
 *
 * In a super-loop use iam_step() instead of iam_run(): it never blocks. Reading an item is the
 * back-pressure: no more bytes are taken from the network until the next step.
 * Trust: bytes from the server are hostile; configuration, ports and descriptors are trusted.
 * Threads: one client, one thread at a time; any number of clients. */
#ifndef TINYIAM_H
#define TINYIAM_H

#include <tinyiam/call.h>
#include <tinyiam/creds.h>
#include <tinyiam/port.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IAM_VERSION "0.2.0"

struct iam_client {
    /* PRIVATE: read it through the functions below */
    struct iam_call call;
    bool busy; /* the last step left work that no network event will announce */
};

/* Copies the configuration; borrows what it points to until iam_client_end(). IAM_OK, or
 * IAM_ERR_ARGUMENT (fault.what names the field), IAM_ERR_REGION. */
#define iam_client_init IAM_SIZED(iam_client_init) /* config.h */
int iam_client_init(struct iam_client *, const struct iam_config *);
/* Closes the stream, zeroises derived keys and the tx buffer. Safe after a failed init. */
void iam_client_end(struct iam_client *);

/* Begins an operation; a running one is dropped (its connection is kept if it is clean). Parameters are
 * checked here: IAM_OK, or IAM_ERR_ARGUMENT with fault.what, .got and .need. The request is the operation's
 * own struct: request.h has both. */
static inline int iam_start(struct iam_client *client, const struct iam_operation *operation,
                            const void *request)
{
    return iam_call_start(&client->call, operation, request);
}
/* The same, of one operation each: the compiler sees that the request is its own. */
static inline int iam_entities_start(struct iam_client *client,
                                     const struct iam_entities_request *request)
{
    return iam_start(client, &iam_op_entities, request);
}
static inline int iam_services_start(struct iam_client *client,
                                     const struct iam_services_request *request)
{
    return iam_start(client, &iam_op_services, request);
}
static inline int iam_generate_start(struct iam_client *client,
                                     const struct iam_generate_request *request)
{
    return iam_start(client, &iam_op_generate, request);
}

/* One turn of a super-loop; never blocks. IAM_ITEM: an item is ready. IAM_AGAIN: nothing yet; sleep up to
 * iam_idle_ms() or until the network stirs. IAM_OK: the list is complete. < 0: failed, iam_client_fault(). */
int iam_step(struct iam_client *);
/* How long the loop may sleep if the network does not stir. */
uint32_t iam_idle_ms(const struct iam_client *);
/* iam_step() and system->idle() until an item, the end or an error; IAM_AGAIN after timeout_ms. */
int iam_run(struct iam_client *, uint32_t timeout_ms);

/* Many clients on one thread. The same for any number of them, which have one system: a turn for each in
 * order, beginning after *which, until one has an item, its end or an error; *which says whose. Put NULL
 * in the place of those that are through; once all are, the answer is IAM_OK with *which == n. Begin with
 * *which 0. */
int iam_run_any(struct iam_client *const *clients, size_t n, size_t *which, uint32_t timeout_ms);
/* For a poll, epoll or event loop of one's own: what would make the client go on, after iam_step() has said
 * IAM_AGAIN. Wait (level-triggered) for .events on .descriptor, at most .ms, and step; ask again after every
 * step. seen: the events that came of what was asked for last, 0: none (port.h says what for). Through TLS
 * and proxies it is the lowest stream's; of a provider's stream while that fetches keys. */
struct iam_wait iam_client_wait(const struct iam_client *, uint8_t seen);
/* The stream behind it, for system->idle(); NULL: nobody's bytes are waited for. */
struct iam_stream *iam_client_stream(const struct iam_client *);

/* The item after IAM_ITEM; valid until the next step. */
const struct iam_item *iam_client_item(const struct iam_client *);
/* The same for an entity; NULL if the item is of another kind. */
const struct iam_entity *iam_client_entity(const struct iam_client *);
/* The page's own members so far: status, dates, IsTruncated, Marker, Error, JobId. */
const struct iam_report *iam_client_report(const struct iam_client *);
/* After an error: what, where, and how to put it right. */
const struct iam_fault *iam_client_fault(const struct iam_client *);
const struct iam_stats *iam_client_stats(const struct iam_client *);

/* The place after the last item handed out. Any time between start and end of an operation on a list.
 * IAM_OK or IAM_ERR_STATE. */
int iam_client_checkpoint(const struct iam_client *, struct iam_checkpoint *);
/* Begins at that place, on any client whose credentials are of the session that made the job. Borrows
 * the checkpoint until the operation ends. IAM_OK or IAM_ERR_CHECKPOINT. */
int iam_resume(struct iam_client *, const struct iam_checkpoint *);

/* Runs a provider on its own until it has keys (IAM_OK), or has failed; IAM_AGAIN after timeout_ms. With a
 * client this is not needed: it runs its config.provider by itself. The streams of a client and of its
 * providers may stand on one transport: no two of them are open at once. */
int iam_creds_run(struct iam_creds *, struct iam_system *, uint32_t timeout_ms);

/* "2018-10-24T19:47:31.297000+00:00", no fraction when it is zero, with the offset it was written with:
 * the AWS CLI's form. Returns the length, at most 32; writes no NUL. Not for an absent time. An instant
 * outside the years 1..9999 by its offset's clock prints as some instant inside. */
size_t iam_time_text(const struct iam_time *, char out[40]);

/* "IAM_ERR_SPACE" and one line for people; without CONFIG_TINYIAM_TEXTS empty strings. */
const char *iam_result_name(int result);
const char *iam_result_text(int result);

#ifdef __cplusplus
}
#endif
#endif
