/* Where the credentials come from: the AWS CLI's chain, decided from command line, variables and files
 * alone. Nothing is asked of anybody here, no process is run: credentials.c does. */
#ifndef HOST_CHAIN_H
#define HOST_CHAIN_H

#include "config/settings.h"

enum source_kind {
    SOURCE_NONE,
    SOURCE_KEYS,         /* static: variables or a profile */
    SOURCE_PROCESS,      /* credential_process */
    SOURCE_SSO,          /* IAM Identity Center, by the token of aws sso login */
    SOURCE_LOGIN,        /* aws login */
    SOURCE_WEB_IDENTITY, /* STS, by a token from a file */
    SOURCE_CONTAINER,
    SOURCE_IMDS,
    SOURCE_IOT
};

/* Text is borrowed like everything in struct settings. */
struct source {
    enum source_kind kind;
    const char *method; /* as the AWS CLI calls it: "env", "shared-credentials-file", ... */
    const char *where;  /* for people: file and profile, or the variables */
    const char *id, *secret, *token;                  /* KEYS */
    const char *id_key, *secret_key, *token_key;      /* KEYS: variable or key that each is from */
    const char *command;                              /* PROCESS */
    const char *role_arn, *session_name, *token_file; /* WEB_IDENTITY */
    /* SSO. No session: the older form, by its start URL. */
    const char *sso_session, *sso_start_url, *sso_region, *sso_role, *sso_account;
    /* members that the session itself has not, as the AWS CLI lists them; or NULL */
    const char *sso_lacks;
    const char *login_session; /* LOGIN: an ARN */
    const char *profile;       /* WEB_IDENTITY, SSO, LOGIN */
    char text[1200];           /* what where points to */
};

/* A role to assume with the keys before it. */
struct role {
    const char *profile, *arn, *session_name, *external_id, *mfa_serial;
    long duration_s; /* 0: not given */
};

struct chain {
    struct source source;
    struct role *roles; /* in the order of assuming; the last one's keys are used */
    size_t role_n;
};

/* 0, or an exit code after saying what is wrong. No source at all: kind SOURCE_NONE. */
int chain_find(struct chain *, const struct settings *, const struct args *);
void chain_free(struct chain *);
/* The AWS CLI's name for it all: "assume-role" where roles follow the source. */
const char *chain_method(const struct chain *);

/* The metadata of EC2 is off: AWS_EC2_METADATA_DISABLED. */
bool chain_imds_is_off(void);

#endif
