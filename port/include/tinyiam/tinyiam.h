/** @file
 * tinyiam/tinyiam.h - what an application includes.
 *
 * A client of AWS IAM's service-last-accessed reports in the caller's memory: no malloc, no globals, the
 * same few kilobytes for one entity and for a million.
 *
 *     struct iam_client client;                     1.8 KB on a 32-bit machine
 *     iam_client_init(&client, &config);            buffers, ports, credentials, region
 *     iam_entities_start(&client, &request);        job id and service namespace
 *     while ((r = iam_run(&client, 60000)) > 0)     IAM_ITEM; IAM_AGAIN: 60,000 ms have passed without one
 *         if (r == IAM_ITEM)
 *             use(iam_client_entity(&client));      valid until the next call
 *     if (r < 0)
 *         explain(iam_client_fault(&client));
 *     iam_client_end(&client);                      closes, zeroises
 *
 * In a super-loop use iam_step() instead of iam_run(): it never blocks. Bytes are taken
 * from the network only in a step, so that whoever reads items slowly slows the server.
 * Trust: bytes from the server are hostile; configuration, ports and descriptors are trusted.
 * Threads: one client, one thread at a time; any number of clients. */
#ifndef TINYIAM_H
#define TINYIAM_H

#include <tinyiam/audit.h>
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
};

#define iam_client_init IAM_SIZED(iam_client_init) /* config.h */
/** Copies the configuration; what it points to is borrowed until iam_client_end(). The client's memory may hold
 * anything. IAM_OK; IAM_ERR_ARGUMENT, where fault.what names the field; or IAM_ERR_REGION. */
int iam_client_init(struct iam_client *, const struct iam_config *);
/** Closes the stream, zeroises derived keys, tx, rx and item. May be called after a failed init, too. */
void iam_client_end(struct iam_client *);

/** Begins an operation. One that is under way is dropped; its connection stays in use if it stands between two
 * replies. The request is the operation's own struct: request.h has both. Parameters are checked here: IAM_OK, or
 * IAM_ERR_ARGUMENT with the parameter's name in fault.what, its length in .got and the limit in .need. Each result
 * comes as items, except that of a generation: after IAM_OK iam_client_report() has the job_id. */
static inline int iam_start(struct iam_client *client, const struct iam_operation *operation,
                            const void *request)
{
    return iam_call_start(&client->call, operation, request);
}
/** The same for one operation each: the compiler sees that the request is its own. */
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

/** One turn of a super-loop; never blocks. IAM_ITEM: an item is ready. IAM_AGAIN: nothing yet; sleep up to
 * iam_idle_ms() or until the network stirs. IAM_OK: the list is complete. < 0: failed, iam_client_fault(). */
int iam_step(struct iam_client *);
/** After IAM_AGAIN: milliseconds that the loop may sleep if the network does not stir. */
uint32_t iam_idle_ms(const struct iam_client *);
/** Calls iam_step() and the system's idle function until there is an item, the end or an error, and returns as
 * iam_step() does; IAM_AGAIN after timeout_ms milliseconds, and the operation goes on with the next call. */
int iam_run(struct iam_client *, uint32_t timeout_ms);

/** iam_run() for n clients on one thread, which share one system. They get a turn each, in order, beginning after
 * *which, until one of them has an item, its end or an error; *which is then its index. Begin with *which 0. Put
 * NULL in the place of a client that has ended; when all are NULL it returns IAM_OK with *which == n. */
int iam_run_any(struct iam_client *const *clients, size_t n, size_t *which, uint32_t timeout_ms);
/** For a poll, epoll or event loop of one's own: what would make the client go on, after iam_step() has said
 * IAM_AGAIN. Wait (level-triggered) for .events on .descriptor, at most .ms milliseconds, and step; ask again
 * after every step. seen: which of the events asked for last have come, 0: none, or not known (see port.h). The
 * descriptor is that of the lowest stream, below TLS and proxies; while a provider fetches keys, of its stream. */
struct iam_wait iam_client_wait(const struct iam_client *, uint8_t seen);
/** The stream to give to the system's idle function; NULL: no stream is waited for. */
struct iam_stream *iam_client_stream(const struct iam_client *);

/** The item after IAM_ITEM; valid until the next step. */
const struct iam_item *iam_client_item(const struct iam_client *);
/** The item as an entity, valid as long; NULL if it is of another kind. */
const struct iam_entity *iam_client_entity(const struct iam_client *);
/** What the reply says beside its items, as far as it has come: status, dates, IsTruncated, Marker, Error, JobId. */
const struct iam_report *iam_client_report(const struct iam_client *);
/** After an error: what went wrong, where, and what would put it right. Never NULL. */
const struct iam_fault *iam_client_fault(const struct iam_client *);
/** Counts since iam_client_init(). */
const struct iam_stats *iam_client_stats(const struct iam_client *);
/** What is under way, or was last; of an audit the operation that it is at. NULL: nothing has been started. */
const struct iam_operation *iam_client_operation(const struct iam_client *);
/** The service's clock, in milliseconds since 1970: by the Date field of the reply at hand or,
 * where it has none that can be used, by ours as far as it has been corrected. Right while items
 * are handed out and after IAM_OK. */
int64_t iam_client_unix_ms(const struct iam_client *);
/** How far the Date of the reply at hand is ahead of the time that its request was signed with, in milliseconds; 0: it has
 * none that can be used. A service that took the signature is within 15 minutes. */
int64_t iam_client_skew_ms(const struct iam_client *);

/** Writes the place behind the last item that was handed out. May be called at any time while a list is under
 * way. IAM_OK or IAM_ERR_STATE. */
int iam_client_checkpoint(const struct iam_client *, struct iam_checkpoint *);
/** Begins at such a place, on any client whose credentials are of the session that generated the report. The
 * checkpoint is borrowed until the operation ends. IAM_OK or IAM_ERR_CHECKPOINT. */
int iam_resume(struct iam_client *, const struct iam_checkpoint *);
/** The same for any list, those of the account (iam_op_users, ...) as well: these go on only with the request that
 * they were begun with, whatever its Marker. IAM_ERR_CHECKPOINT also where it is another one. */
static inline int iam_resume_list(struct iam_client *client, const struct iam_operation *operation,
                                  const void *request, const struct iam_checkpoint *from)
{
    return iam_call_resume_list(&client->call, operation, request, from);
}

/** An audit: the functions of audit.h, where they are explained, by the client. */
static inline int iam_audit_start(struct iam_client *client,
                                  const struct iam_audit_request *request)
{
    return iam_call_audit(&client->call, request);
}
static inline struct iam_span iam_audit_namespace(const struct iam_client *client)
{
    return iam_call_audit_namespace(&client->call);
}
static inline struct iam_span iam_audit_job(const struct iam_client *client)
{
    return iam_call_audit_job(&client->call);
}
static inline bool iam_audit_waits(const struct iam_client *client, uint32_t *ms)
{
    return iam_call_audit_waits(&client->call, ms);
}
static inline int iam_audit_checkpoint(const struct iam_client *client,
                                       struct iam_audit_checkpoint *to)
{
    return iam_call_audit_checkpoint(&client->call, to);
}
static inline int iam_audit_resume(struct iam_client *client,
                                   const struct iam_audit_request *request,
                                   const struct iam_audit_checkpoint *from)
{
    return iam_call_audit_resume(&client->call, request, from);
}

/** Runs a provider without a client until it has keys (IAM_OK) or has failed; IAM_AGAIN after timeout_ms. A client
 * runs its config.provider by itself. The streams of a client and of its providers may share one transport,
 * because no two of them are open at the same time. */
int iam_creds_run(struct iam_creds *, struct iam_system *, uint32_t timeout_ms);

struct iam_post;
/** Drives a post (tinyiam/post.h) to its end, likewise. IAM_AGAIN: the time is over, it goes on with the next call. */
int iam_post_run(struct iam_post *, struct iam_system *, uint32_t timeout_ms);

/** A time in the AWS CLI's form: "2018-10-24T19:47:31.297000+00:00", without the fraction where it is zero, and with
 * the offset that it was written with. Returns the length, at most 32, and writes no NUL. Look at .present first:
 * an absent time has no text. What lies outside the years 1..9999 becomes some instant inside. */
size_t iam_time_text(const struct iam_time *, char out[40]);

/** The name, as "IAM_ERR_SPACE", and one line for people; without CONFIG_TINYIAM_TEXTS both are empty. */
const char *iam_result_name(int result);
const char *iam_result_text(int result);

#ifdef __cplusplus
}
#endif
#endif
