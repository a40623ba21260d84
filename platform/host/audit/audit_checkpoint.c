/* The checkpoint of an audit, and the list that is kept beside it. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "audit_checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text/say.h"

/* Of the bytes that a list's place takes: numbers of eight bytes, the little end first; then a bit for each
 * --service-namespace that was in a report. */
enum { DIGEST, FIRST, FOUND, TOTALS, NUMBERS = TOTALS + 10, NAMESPACE_BITS = 8 * NUMBERS };
_Static_assert(sizeof(struct audit_totals) == 10 * sizeof(uint64_t), "all of them are numbers");
_Static_assert(NAMESPACE_BITS + 32 <= sizeof(struct iam_checkpoint), "room");

static uint64_t get(const struct checkpoint *c, int i)
{
    return checkpoint_get(c->place.bytes + 8 * i, 8);
}

static void put(struct checkpoint *c, int i, uint64_t value)
{
    checkpoint_put(c->place.bytes + 8 * i, value, 8);
}

int audit_checkpoint_open(struct audit_checkpoint *c, const struct args *a,
                          const struct format *format, struct sink *sink)
{
    static const enum option which[] = {OPT_ROWS,
                                        OPT_UNUSED_FOR,
                                        OPT_SERVICE_NAMESPACE,
                                        OPT_CSV_SAFE,
                                        OPT_SHARD,
                                        OPT_ACCOUNT,
                                        OPT_KINDS,
                                        OPT_PATH_PREFIX,
                                        OPT_ATTACHED,
                                        OPT_AWS_MANAGED,
                                        OPT_NO_SERVICE_LINKED};
    const char *path = a->text[OPT_CHECKPOINT];
    uint64_t request = checkpoint_request(a, format, which, sizeof which / sizeof *which);
    int rc = checkpoint_open(&c->file, path, request, sink, &c->found);
    if (rc || !path)
        return rc;
    size_t n = strlen(c->file.target) + sizeof ".arns";
    c->list = malloc(n);
    if (!c->list)
        say_no_memory();
    snprintf(c->list, n, "%s.arns", c->file.target);
    c->digest = get(&c->file, DIGEST);
    c->first = get(&c->file, FIRST);
    c->rows_found = get(&c->file, FOUND);
    uint64_t totals[10];
    for (int i = 0; i < 10; i++)
        totals[i] = get(&c->file, TOTALS + i);
    memcpy(&c->totals, totals, sizeof totals);
    return 0;
}

int audit_checkpoint_list(struct audit_checkpoint *c, const struct account *account,
                          struct caller *caller, struct input *input)
{
    uint64_t before = input->n;
    bool kept = false;
    int rc = c->found ? input_read_kept(input, c->list, &kept) : 0;
    if (rc == 0 && c->found && !kept)
        return say_error(CODE_OTHER,
                         "The checkpoint %s goes with a list of the account, %s, which is not "
                         "there: remove the checkpoint to begin again",
                         c->file.path, c->list);
    if (rc || kept)
        return rc;
    rc = account_list(account, caller, &caller->lines[0], input);
    if (rc == 0)
        rc = input_check(input);
    return rc || !c->list ? rc : input_keep(input, before, c->list);
}

int audit_checkpoint_begin(struct audit_checkpoint *c, struct input *input, struct sink *sink)
{
    uint64_t digest = c->file.path ? input_digest(input) : 0;
    if (!c->file.path)
        return 0;
    if (c->found && digest != c->digest)
        return say_error(CODE_OTHER,
                         "The checkpoint %s belongs to another list of ARNs (%llu of it are "
                         "printed; this one has %llu): give the same list, or remove the "
                         "checkpoint to begin again",
                         c->file.path, (unsigned long long)c->first, (unsigned long long)input->n);
    c->digest = digest;
    put(&c->file, DIGEST, digest);
    return c->found ? checkpoint_take_back(&c->file, sink)
                    : checkpoint_save(&c->file, PHASE_STARTED, sink);
}

void audit_checkpoint_restore(const struct audit_checkpoint *c, struct turns *t,
                              struct namespaces *names)
{
    t->totals = c->totals;
    t->found = c->rows_found;
    for (size_t i = 0; i < names->n; i++)
        names->wanted[i].found |= c->file.place.bytes[NAMESPACE_BITS + i / 8] >> i % 8 & 1;
}

int audit_checkpoint_save(struct audit_checkpoint *c, enum checkpoint_phase phase,
                          const struct turns *t, const struct namespaces *names, struct sink *sink)
{
    uint64_t totals[10];
    memcpy(totals, &t->totals, sizeof totals);
    put(&c->file, FIRST, t->first);
    put(&c->file, FOUND, t->found);
    for (int i = 0; i < 10; i++)
        put(&c->file, TOTALS + i, totals[i]);
    for (size_t i = 0; i < names->n; i++)
        if (names->wanted[i].found)
            c->file.place.bytes[NAMESPACE_BITS + i / 8] |= (uint8_t)(1u << i % 8);
    return checkpoint_save(&c->file, phase, sink);
}

void audit_checkpoint_done(struct audit_checkpoint *c)
{
    if (c->list)
        (void)unlink(c->list); /* there is none without --account */
}

void audit_checkpoint_close(struct audit_checkpoint *c)
{
    free(c->list);
    checkpoint_close(&c->file);
    memset(c, 0, sizeof *c);
}
