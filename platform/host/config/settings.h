/* Where to call, as whom, and how patiently: command line, environment, profile, in this order. */
#ifndef HOST_SETTINGS_H
#define HOST_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include <tinyiam/tinyiam.h>

#include "args/args.h"
#include "args/formats.h"
#include "common/url.h"
#include "ini.h"

/* Its sections in the two files; 0: none. */
struct profile {
    size_t config_at, shared_at;
};

/* An endpoint of the user's own. */
struct endpoint {
    bool given;
    struct url url;
    const char *text, *from; /* as given, and where */
};

/* Services whose endpoint a setting may name, beside IAM and STS. */
enum service { SERVICE_IAM, SERVICE_STS, SERVICE_SSO, SERVICE_OIDC, SERVICE_SIGNIN, SERVICE_COUNT };

struct settings {
    /* text is borrowed from the command line, the environment or the files below */
    const char *profile; /* never NULL */
    bool profile_named;  /* by --profile or a variable, so it has to exist */
    const char *region;  /* NULL: none */
    char own_region[64]; /* where no setting names one, but the machine does */
    struct endpoint iam, sts;
    struct {
        const char *text, *from; /* as configured; NULL: it is not */
        char *copy;              /* of the services section, malloc'ed */
    } urls[SERVICE_COUNT];
    const char *ca_file; /* NULL: there is none */
    char user_agent[160];
    const struct format *output;
    unsigned endpoint_flags;
    const char *pager;    /* "": none is wanted */
    bool pager_named;     /* else it is the usual one, which may be missing */
    uint8_t max_attempts; /* 0: the library's default */
    uint8_t retry_rules;
    bool adaptive;                                     /* retry mode: requests are paced as well */
    uint32_t connect_ms, read_ms, job_ms, deadline_ms; /* 0: default, none for the deadline */

    const char *region_from, *ca_from, *output_from;

    struct ini config, shared; /* ~/.aws/config, ~/.aws/credentials */
    struct profile selected;
    char config_path[1024], shared_path[1024], ca_path[1024];
};

/* cli_error_format, from a variable or the profile; NULL: neither has it. Also before settings_load(), for errors of the
 * command line; what cannot be read then says so later, if it comes so far. */
const char *settings_error_format(struct settings *, const struct args *);
/* Everything but the credentials. 0, or an exit code after saying what is wrong. */
int settings_load(struct settings *, const struct args *);
/* The two files alone. 0, or an exit code after saying what is wrong. */
int settings_files(struct settings *);
/* The region of the machine, where none is set. Not taken if it is no region's name. */
void settings_take_region(struct settings *, struct iam_span, const char *from);
/* An endpoint of one's own needs a region to sign for. 0, or an exit code after saying so. */
int settings_need_region(const struct settings *);
/* The endpoint that a setting names for a service, if any. 0, or an exit code after saying what is wrong. */
int settings_endpoint(const struct settings *, enum service, struct endpoint *);
/* The service has no use for a path there. 0, or an exit code after saying so. */
int settings_no_path(const struct endpoint *);
/* Zeroises and frees the files. */
void settings_end(struct settings *);

struct profile settings_profile(const struct settings *, const char *name);
/* A value of a profile, the credentials file's before the config file's; NULL: none. */
const char *settings_value(const struct settings *, struct profile, const char *key);
/* Where that is, for people: "FILE line N"; without such a value the config file. Valid until the next. */
const char *settings_place(const struct settings *, const char *profile, const char *key);
/* A path with $NAME and ${NAME} (unknown ones stay), then a leading ~ or ~user. false: too long. */
bool settings_path(const char *given, char *out, size_t size);
/* A variable that is set and not empty, or NULL. */
const char *settings_env(const char *name);

#endif
