/* Names to addresses, in a thread for each look-up. */
#define _DEFAULT_SOURCE /* POSIX beside C11: getaddrinfo */
#include "resolve.h"

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <tinyiam/port_sockets.h>

#include "text/interrupt.h"

/* Belongs to the thread and to whoever asked: the last of the two frees it. */
struct resolve_job {
    pthread_mutex_t lock;
    bool done, left; /* the thread has ended; who asked has given up */
    bool taken;      /* handed out: who asks once more means a new look-up */
    int code;
    unsigned n;
    char host[254];
    char addresses[IAM_SOCKETS_ADDRESSES][IAM_SOCKETS_ADDRESS_SIZE];
};

static void work(struct resolve_job *job)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP}, *list = NULL;
    job->code = getaddrinfo(job->host, NULL, &hints, &list);
    for (const struct addrinfo *a = list; a && job->n < IAM_SOCKETS_ADDRESSES; a = a->ai_next)
        if (getnameinfo(a->ai_addr, a->ai_addrlen, job->addresses[job->n], sizeof job->addresses[0],
                        NULL, 0, NI_NUMERICHOST) == 0)
            job->n++;
    if (list)
        freeaddrinfo(list);
}

static void free_job(struct resolve_job *job)
{
    pthread_mutex_destroy(&job->lock);
    free(job);
}

static void *run(void *of)
{
    struct resolve_job *job = of;
    work(job);
    pthread_mutex_lock(&job->lock);
    job->done = true;
    bool left = job->left;
    pthread_mutex_unlock(&job->lock);
    if (left)
        free_job(job);
    return NULL;
}

/* Signals are for the thread that can do something about them. false: there is no thread to be had. */
static bool start_thread(struct resolve_job *job)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    pthread_t thread;
    if (pthread_attr_init(&attributes) != 0)
        return false;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool ok = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0 &&
              pthread_create(&thread, &attributes, run, job) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return ok;
}

void resolve_end(struct resolve *r)
{
    struct resolve_job *job = r->job;
    r->job = NULL;
    if (!job)
        return;
    pthread_mutex_lock(&job->lock);
    job->left = true;
    bool done = job->done;
    pthread_mutex_unlock(&job->lock);
    if (done)
        free_job(job);
}

static int start(struct resolve *r, struct iam_span host)
{
    struct resolve_job *job = calloc(1, sizeof *job);
    if (!job || host.n >= sizeof job->host) {
        free(job);
        r->code = job ? EAI_NONAME : EAI_MEMORY;
        return IAM_ERR_RESOLVE;
    }
    memcpy(job->host, host.p, host.n);
    pthread_mutex_init(&job->lock, NULL);
    r->job = job;
    if (!start_thread(job)) { /* a limit on processes: then it is waited for */
        interrupt_at_once = 1;
        work(job);
        interrupt_at_once = 0;
        job->done = true;
    }
    return IAM_OK;
}

static bool is_done(struct resolve_job *job)
{
    pthread_mutex_lock(&job->lock);
    bool done = job->done;
    pthread_mutex_unlock(&job->lock);
    return done;
}

bool resolve_pending(const struct resolve *r)
{
    return r->job && !is_done(r->job);
}

int resolve_ask(void *context, struct iam_span host, unsigned index, char *address, size_t size)
{
    struct resolve *r = context;
    bool other = r->job && (strlen(r->job->host) != host.n ||
                            memcmp(r->job->host, host.p, host.n) != 0 || r->job->taken);
    if (index == 0 && (!r->job || other)) {
        resolve_end(r);
        int result = start(r, host);
        if (result < 0)
            return result;
    }
    struct resolve_job *job = r->job;
    if (!job)
        return IAM_ERR_RESOLVE;
    if (!is_done(job))
        return IAM_AGAIN;
    job->taken = true;
    r->code = job->code;
    if (index >= job->n)
        return IAM_ERR_RESOLVE;
    size_t n = strlen(job->addresses[index]);
    if (n >= size)
        return IAM_ERR_RESOLVE;
    memcpy(address, job->addresses[index], n + 1);
    return IAM_OK;
}
