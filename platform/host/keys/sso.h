/* IAM Identity Center: the token of `aws sso login`, and its refreshing. Logging in stays the AWS CLI's. */
#ifndef HOST_SSO_H
#define HOST_SSO_H

#include "chain.h"
#include "post.h"
#include "state_file.h"

struct sso {
    const struct source *from;
    const struct login_way *way;
    char path[STATE_PATH_MAX];   /* of the token's file */
    char portal[128], oidc[128]; /* hosts */
    char text[STATE_MAX];        /* the file; the spans below point into it, or into the answer */
    char reply[POST_REPLY_MAX];
    struct iam_span start_url, region, token, expires, client_id, client_secret, registration,
        refresh;
    struct state_held held;
    int64_t tried_s; /* when it was last tried to refresh the token; 0: never */
};

/* Whom to ask for the role's keys. 0, or an exit code after saying what is wrong. */
int sso_portal(struct sso *, struct endpoint *, struct iam_span *host);
/* The token, refreshed where it is due: valid until the next call. 0, or an exit code after saying what is wrong;
 * quiet: it is said to nobody. */
int sso_token(struct sso *, bool quiet, struct iam_span *token);
/* The secrets that it holds, by numbers from 0 on; false: there are no more. */
bool sso_secret(const struct sso *, size_t number, struct iam_span *);

#endif
