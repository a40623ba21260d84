/* Files that the AWS CLI and this command share: sessions of roles, tokens of logins. Read whole, replaced whole,
 * and by one run at a time where two would do the same work twice. */
#ifndef HOST_STATE_FILE_H
#define HOST_STATE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tinyiam/types.h>

#define STATE_PATH_MAX 1200u /* with the NUL */
#define STATE_MAX 65536u     /* bytes of a file; a longer one is not ours */

enum state_care {
    STATE_ANY,    /* whoever's it is, as the AWS CLI reads its tokens */
    STATE_PRIVATE /* this user's, nobody else may read it, and no link */
};

/* NULL, or why it was not read. "" where there is none. */
const char *state_read(const char *path, enum state_care, char room[STATE_MAX], size_t *n);
/* NULL, or why it was not written. Its folder, and as many above it as up to ~/.aws, are made. */
const char *state_write(const char *path, enum state_care, const char *p, size_t n);

/* What a file was to be replaced with where it could not be written (a folder mounted read-only): for this run it goes
 * before the file, as long as that stays as it was. A struct of zeros holds nothing; with text it is a secret. */
struct state_held {
    char was[65],
        of[65]; /* hashes: of the file as last read, and of the one that the text replaces */
    size_t n;
    char text[STATE_MAX];
};
/* As state_read(). */
const char *state_read_held(struct state_held *, const char *path, enum state_care,
                            char room[STATE_MAX], size_t *n);
/* As state_write(), of what replaces the file that was read last. */
const char *state_write_held(struct state_held *, const char *path, enum state_care, const char *p,
                             size_t n);

enum state_hash { STATE_SHA1 = 20, STATE_SHA256 = 32 };
/* FOLDER/NAME.json, where the name is a text's hash in hexadecimal. false, and "": this mbedTLS has no
 * such hash, or the path is too long. */
bool state_path(const char *folder, enum state_hash, struct iam_span text, char[STATE_PATH_MAX]);
/* A lifetime as a service says it, in seconds from now on: when it ends, and as these files write that, the
 * year 9999 at the latest. false: it is no number. */
bool state_ends(struct iam_span seconds, int64_t *end_s, char text[40]);

/* For one run at a time: PATH.tinyiam-lock, gone with the run that holds it, however that ends. */
struct state_lock {
    bool held; /* a lock of zeros is not */
    int fd;
    char path[1264];
};
/* Waits up to wait_ms, or until stop() says so, for another run that holds it. false: it is not held, and one goes
 * on without; no folder to have it in is such a case. */
bool state_lock(struct state_lock *, const char *path, bool (*stop)(void), unsigned wait_ms);
void state_unlock(struct state_lock *);

#endif
