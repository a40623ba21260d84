/* What the storms share: the command line, the loop over plans, what became of each fault, and the last line. */
#ifndef TINYIAM_STORM_H
#define TINYIAM_STORM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tinyiam/tinyiam.h>

struct storm_words {
    const char *program, *plans, *wholes, *whole, *beginning;
};

struct storm {
    const struct storm_words *words;
    uint64_t seed, plans;
    double seconds; /* 0: until all plans are done */
    bool tell, verbose;
    /* while it blows */
    time_t until;
    uint64_t done, failed, bad, hung;
};

/* What plans with one fault alone came to. */
struct storm_tally {
    unsigned came, results[128];
};

static inline bool storm_begin(struct storm *s, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "0";
        if (strcmp(argv[i], "--table") == 0) {
            s->tell = true;
        } else if (strcmp(argv[i], "--verbose") == 0) {
            s->verbose = true;
        } else if (strcmp(argv[i], "--seed") == 0) {
            s->seed = strtoull(value, NULL, 10), i++;
        } else if (strcmp(argv[i], "--plans") == 0) {
            s->plans = strtoull(value, NULL, 10), i++;
        } else if (strcmp(argv[i], "--seconds") == 0) {
            s->seconds = strtod(value, NULL), s->plans = UINT64_MAX, i++;
        } else {
            fprintf(stderr, "%s [--seed S] [--plans N] [--seconds T] [--table] [--verbose]\n",
                    s->words->program);
            return false;
        }
    }
    s->until = time(NULL) + (time_t)s->seconds;
    return true;
}

/* Is there another plan, of seed + done? */
static inline bool storm_goes_on(const struct storm *s)
{
    return s->done < s->plans && s->bad < 10 && (s->seconds <= 0 || time(NULL) < s->until);
}

static inline void storm_played(struct storm *s, int result, bool wrong, bool hangs)
{
    s->done++;
    s->failed += result < 0 && !wrong;
    s->bad += wrong;
    s->hung += hangs;
}

static inline void storm_count(struct storm_tally *t, int result)
{
    if (result > 0 || result <= -(int)(sizeof t->results / sizeof t->results[0]))
        return;
    t->came++;
    t->results[-result]++;
}

static inline void storm_tell_fault(const char *name, bool done, uint32_t at, uint32_t x)
{
    printf("  %s%s, at %u, x %u\n", name, done ? "" : " (did not happen)", at, x);
}

static inline void storm_table_head(const struct storm_words *words)
{
    printf("| fault | plans in which it came | %s | named error after an exact %s |\n"
           "|---|---:|---:|---|\n",
           words->whole, words->beginning);
}

static inline void storm_table_row(const char *fault, const struct storm_tally *t)
{
    const char *comma = "";
    printf("| %s | %u | %u | ", fault, t->came, t->results[0]);
    for (int r = 1; r < (int)(sizeof t->results / sizeof t->results[0]); r++) {
        if (t->results[r] > 0) {
            printf("%s`%s` %u", comma, iam_result_name(-r), t->results[r]);
            comma = ", ";
        }
    }
    printf(" |\n");
}

/* The last line, and what the program returns. */
static inline int storm_end(const struct storm *s)
{
    printf("storm: %llu %s from seed %llu: %llu %s, %llu named errors after an exact %s, "
           "%llu wrong results, %llu hangs\n",
           (unsigned long long)s->done, s->words->plans, (unsigned long long)s->seed,
           (unsigned long long)(s->done - s->failed - s->bad), s->words->wholes,
           (unsigned long long)s->failed, s->words->beginning,
           (unsigned long long)(s->bad - s->hung), (unsigned long long)s->hung);
    return s->bad != 0;
}

#endif
