/* Whose keys sign: the chain, as providers of the library that hand over to each other. */
#ifndef HOST_KEYS_H
#define HOST_KEYS_H

#include <tinyiam/creds.h>

#include "chain.h"
#include "net/net.h"
#include "post.h"
#include "state_file.h"

struct keys_step; /* the source, or a role assumed with the keys before it */

struct keys {
    struct chain chain;
    const struct settings *settings;
    const struct args *args;
    struct net_base *base;
    struct login_way way;        /* of what is asked for tokens */
    struct keys_step *first;     /* the source; each holds the next */
    struct iam_creds *provider;  /* the last step's */
    bool (*stop)(void);          /* asked while a process runs; true: give up */
    struct state_lock first_run; /* held until the session of the last role is there */
    bool may_lack;               /* no instance that could give keys is no error: they stay empty */
    int code;                    /* exit code of what an ask has said already; 0: nothing */
    unsigned char *room;         /* tx and rx of every step: one fetches at a time */
};

/* Where no region is set and the keys come from an instance's metadata, the region does so, too: an instance in China
 * has another endpoint. 0 (also where it is not told), or an exit code after saying what is wrong. */
int keys_region(struct settings *, const struct args *, struct net_base *, bool (*stop)(void));
/* Decides, checks and prepares; asks nobody yet (but for an MFA code). 0, or an exit code after saying
 * what is wrong. keys_close is due in any case, before the net's base goes. */
int keys_open(struct keys *, const struct settings *, const struct args *, struct net_base *,
              bool (*stop)(void));
/* Fetches them now. 0, or an exit code after saying what is wrong. */
int keys_fetch(struct keys *);
/* What has been fetched since the last call goes where the AWS CLI keeps sessions of roles: role_cache.h. */
void keys_keep(struct keys *);
/* The next run, too, will have the keys in use. */
bool keys_kept(const struct keys *);
/* After a failed operation. true: keys of an earlier run were refused, the next operation fetches others.
 * false: it was for another reason, or nobody tells a new MFA code (code). */
bool keys_renew(struct keys *, const struct iam_fault *);
/* The fetch has failed: says why, once. Returns the exit code. */
int keys_fault(struct keys *);
/* For people: "environment", "role arn:... by shared-credentials-file, profile x in ..." */
const char *keys_from(const struct keys *);
/* Closes, zeroises and frees. */
void keys_close(struct keys *);

#endif
