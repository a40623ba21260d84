/* Sessions of roles, kept from run to run where the AWS CLI keeps them: ~/.aws/cli/cache/KEY.json, the reply
 * of STS as JSON; KEY is the SHA-1 of what was asked for. Both read what either wrote, so that a report is
 * there for the session that generated it, in another run too.
 *
 * An entry that is damaged, that others may read or write, or that is not this user's is passed over, and
 * a folder that takes none is no error: --debug says so, nothing else does, and no secret is ever said. */
#ifndef HOST_ROLE_CACHE_H
#define HOST_ROLE_CACHE_H

#include <stdbool.h>
#include <stddef.h>

#include <tinyiam/creds.h>

#define ROLE_CACHE_MAX 65536u   /* bytes of a file; a longer one is not ours */
#define ROLE_CACHE_WINDOW_S 900 /* less is left: as good as expired, as for the AWS CLI */

/* What STS is asked for, apart from an MFA code and a token. NULL, 0: not given. */
struct role_cache_args {
    const char *arn, *session_name, *external_id, *mfa_serial;
    long duration_s;
};

struct role_cache {
    char path[1200];  /* of the entry; empty: there is nowhere to keep it */
    char account[16]; /* the role's, or empty */
    bool debug;
};

/* A session as it was kept: creds.keys and creds.expiration. Plain memory, to be zeroised by the caller. */
struct role_cache_entry {
    /* of the application's kind: the library reads and checks what it is given */
    struct iam_creds creds;
    char document[ROLE_CACHE_MAX], keys[ROLE_CACHE_MAX + 32];
};

void role_cache_open(struct role_cache *, const struct role_cache_args *, bool debug);
/* Keys that are good for another while; else false. The caller zeroises the entry. */
bool role_cache_load(const struct role_cache *, struct role_cache_entry *);
/* Replaces the entry as a whole. false: it is not kept, or nobody would use it. */
bool role_cache_save(const struct role_cache *, const struct iam_credentials *,
                     const struct iam_time *expiration);

#endif
