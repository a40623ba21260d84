/* A step of the chain: the source, or a role assumed with the keys before it. Private to keys.c, which has the order
 * of things, and sources.c, which knows what each kind of source wants. */
#ifndef HOST_STEP_H
#define HOST_STEP_H

#include "keys.h"
#include "login.h"
#include "net/errors.h"
#include "process.h"
#include "role_cache.h"
#include "sso.h"

#define KEYS_SIZE 65536u /* document and keys of one step */

struct keys_step {
    struct iam_creds creds; /* in front */
    struct keys *keys;
    struct keys_step *next;      /* who is based on this one, or NULL */
    const char *action, *source; /* as in struct error_context */
    struct net_shared shared;
    struct net net;
    struct net_way way;
    bool has_net;
    struct process process;
    int process_code; /* exit code of the run that failed; 0: none did */
    struct sso *sso;  /* SSO's, LOGIN's; or NULL */
    struct login *login;
    const char *token_file;
    char *token; /* its content */
    size_t token_n;
    char *uri;      /* of a container's endpoint, malloc'ed */
    struct url url; /* where one is given as a URL */
    char authority[320], session_name[80], mfa[32];
    const struct role *role;        /* that it assumes, or NULL */
    struct role_cache cache;        /* no path: the AWS CLI would not keep these keys */
    struct role_cache_entry *entry; /* read, and not yet in use; or NULL */
    bool restored, kept;            /* in use are keys of the cache; the cache has those in use */
    char key_id[132];               /* of the keys that were saved, or were to be */
    char keys_room[KEYS_SIZE];
};

/* sources.c. The configuration of the chain's source; of whoever asks STS (a name of NULL: one is made up). 0, or an
 * exit code after saying what is wrong. */
int step_set_source(struct keys_step *, struct iam_creds_config *);
int step_set_sts(struct keys_step *, struct iam_creds_config *, const char *session_name);
/* Zeroises and frees the token that was read from a file. */
void step_drop_token(struct keys_step *);
/* malloc'ed and zero; zeroised and freed. */
void *step_fresh(size_t);
void step_drop(void *, size_t);

/* keys.c. What its errors are about. */
struct error_context step_context(const struct keys_step *);

#endif
