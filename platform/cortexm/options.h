/* options.h - what the command line asks for. The same command and flags as the host command's, and
 * settings as NAME=VALUE words before the command, named like the environment variables of the host:
 *
 *   [NAME=VALUE]... get-service-last-accessed-details-with-entities --job-id ID --service-namespace NS
 *       [--all | --wait] [--max-items N] [--marker M] [common flags] */
#ifndef CORTEXM_OPTIONS_H
#define CORTEXM_OPTIONS_H

#include "args.h"

#include <stdbool.h>
#include <stdint.h>

/* Exit codes of the host command. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_USAGE = 252,
    EXIT_CONFIGURATION = 253,
    EXIT_SERVICE = 254,
    EXIT_OTHER = 255
};

/* Where the time of day comes from; a board has an RTC, or learns it. */
enum options_clock { CLOCK_HOST, CLOCK_SNTP, CLOCK_UNSET };

/* Text is NULL where it was not given. */
struct options {
    const char *command, *job_id, *service_namespace, *marker, *arn;
    uint32_t max_items;
    bool all, wait, stats;

    const char *region, *ca_bundle;
    const char *access_key_id, *secret_access_key, *session_token;
    bool fips, dualstack;
    uint32_t connect_ms, read_ms, deadline_ms, max_attempts;

    /* NAME=VALUE alone: the board. */
    const char *address, *netmask, *gateway, *dns, *fixed, *sntp;
    enum options_clock clock;
    uint32_t reset_after; /* entities, then the CPU is reset: shows that a checkpoint resumes */
};

/* 0, or an exit code after saying why on stderr. */
int options_parse(struct options *, const struct args *);

#endif
