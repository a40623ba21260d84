/* --checkpoint of an audit: how many ARNs of which list are printed. With --account the list itself is kept beside the
 * file, as FILE.arns, so that the next run goes on with the same one although the account has changed. */
#ifndef HOST_AUDIT_CHECKPOINT_H
#define HOST_AUDIT_CHECKPOINT_H

#include "account.h"
#include "namespaces.h"
#include "out/checkpoint_file.h"
#include "turns.h"

struct audit_checkpoint {
    struct checkpoint file; /* file.path NULL: there is none */
    bool found;             /* an earlier run's */
    uint64_t digest;        /* of the ARNs */
    uint64_t first;         /* ARNs that are printed */
    uint64_t rows_found;    /* turns.found */
    struct audit_totals totals;
    char *list; /* FILE.arns, malloc'ed */
};

/* Reads the file, if there is one. 0, or an exit code after saying what is wrong; so do the others. */
int audit_checkpoint_open(struct audit_checkpoint *, const struct args *, const struct format *,
                          struct sink *);
/* Adds the account's ARNs: those that an earlier run has kept, or those that the account has now. */
int audit_checkpoint_list(struct audit_checkpoint *, const struct account *, struct caller *,
                          struct input *);
/* The input is complete: refuses another one than before, and takes the output back; or makes the file. */
int audit_checkpoint_begin(struct audit_checkpoint *, struct input *, struct sink *);
void audit_checkpoint_restore(const struct audit_checkpoint *, struct turns *, struct namespaces *);
int audit_checkpoint_save(struct audit_checkpoint *, enum checkpoint_phase, const struct turns *,
                          const struct namespaces *, struct sink *);
/* All of it is written: the list is not needed any more. */
void audit_checkpoint_done(struct audit_checkpoint *);
void audit_checkpoint_close(struct audit_checkpoint *);

#endif
