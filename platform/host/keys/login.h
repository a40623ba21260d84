/* The session of `aws login`: keys of 15 minutes in a file, and what renews them. Logging in stays the AWS CLI's. */
#ifndef HOST_LOGIN_H
#define HOST_LOGIN_H

#include "chain.h"
#include "post.h"
#include "state_file.h"

struct login {
    const struct source *from;
    const struct login_way *way;
    char path[STATE_PATH_MAX]; /* of the file */
    char file[STATE_MAX];      /* as it is; the others are cut up in place */
    char inner[STATE_MAX], outer[STATE_MAX], reply[POST_REPLY_MAX];
    struct state_held held;
    size_t n;                                         /* bytes of the file */
    struct iam_credentials keys;                      /* in use; they point into inner, or reply */
    struct iam_span account, client_id, refresh, pem; /* of the file, refresh also of an answer */
    struct iam_time expiration;
};

/* Keys that are good for another while, refreshed where that is due. 0, or an exit code after saying what is wrong;
 * quiet: it is said to nobody. */
int login_keys(struct login *, bool quiet);
/* The secrets that it holds, by numbers from 0 on; false: there are no more. */
bool login_secret(const struct login *, size_t number, struct iam_span *);

#endif
