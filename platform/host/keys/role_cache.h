/* Sessions of roles, kept from run to run where the AWS CLI keeps them: ~/.aws/cli/cache/KEY.json, the reply
 * of STS as JSON, or IAM Identity Center's in the same form; KEY is the SHA-1 of what was asked for. Both read what
 * either wrote, so that a report is there for the session that generated it, in another run too.
 *
 * An entry that is damaged, that others may read or write, or that is not this user's is passed over, and
 * a folder that takes none is no error: --debug says so, nothing else does, and no secret is ever said. */
#ifndef HOST_ROLE_CACHE_H
#define HOST_ROLE_CACHE_H

#include <stdbool.h>
#include <stddef.h>

#include <tinyiam/creds.h>

#include "state_file.h"

#define ROLE_CACHE_WINDOW_S 900 /* less is left: as good as expired, as for the AWS CLI */

/* What STS is asked for, apart from an MFA code and a token. NULL, 0: not given. */
struct role_cache_args {
    const char *arn, *session_name, *external_id, *mfa_serial;
    long duration_s;
};

/* What IAM Identity Center is asked for: by the name of a session, or by a start URL. */
struct role_cache_sso {
    const char *account, *role, *session, *start_url;
};

struct role_cache {
    char path[STATE_PATH_MAX]; /* of the entry; empty: there is nowhere to keep it */
    char account[64];          /* the role's, or empty */
    bool sso, debug;
};

/* A session as it was kept: creds.keys and creds.expiration. Plain memory, to be zeroised by the caller. */
struct role_cache_entry {
    /* of the application's kind: the library reads and checks what it is given */
    struct iam_creds creds;
    char document[STATE_MAX], keys[STATE_MAX];
};

void role_cache_open(struct role_cache *, const struct role_cache_args *, bool debug);
void role_cache_open_sso(struct role_cache *, const struct role_cache_sso *, bool debug);
/* Keys that are good for another while; else false. The caller zeroises the entry. */
bool role_cache_load(const struct role_cache *, struct role_cache_entry *);
/* Replaces the entry as a whole. false: it is not kept, or nobody would use it. */
bool role_cache_save(const struct role_cache *, const struct iam_credentials *,
                     const struct iam_time *expiration);

#endif
