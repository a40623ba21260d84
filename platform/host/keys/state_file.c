/* Files shared with the AWS CLI: read whole, replaced whole, by one run at a time. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <mbedtls/md.h>

#include <tinyiam/time.h>

#include "config/settings.h"
#include "text/clock.h"
#include "text/replace.h"
#include "text/say.h"

#define SLICE_MS 50
#define LAST_S \
    INT64_C(253402300799) /* the end of the year 9999, as far as such a file's text goes */

const char *state_read(const char *path, enum state_care care, char room[STATE_MAX], size_t *n)
{
    struct stat st;
    bool strict = care == STATE_PRIVATE;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (strict ? O_NOFOLLOW : 0));
    ssize_t got = 1;
    *n = 0;
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? "" : strerror(errno);
    const char *wrong = fstat(fd, &st) < 0                  ? strerror(errno)
                        : !S_ISREG(st.st_mode)              ? "not a regular file"
                        : strict && st.st_uid != geteuid()  ? "another user's"
                        : strict && (st.st_mode & 077) != 0 ? "open to other users"
                        : st.st_size > STATE_MAX            ? "too long"
                                                            : NULL;
    while (!wrong && got > 0 && *n < STATE_MAX)
        if ((got = read(fd, room + *n, STATE_MAX - *n)) > 0)
            *n += (size_t)got;
    if (got < 0)
        wrong = strerror(errno);
    close(fd);
    return wrong;
}

/* What is missing of the path's folders, from the outermost on. false: not even the first is there. */
static void make_folders(const char *path)
{
    char folder[1264];
    snprintf(folder, sizeof folder, "%s", path);
    for (char *slash = folder + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        if (strstr(folder, "/.aws") != NULL)
            (void)mkdir(folder, 0700); /* there already, or the next step fails and says why */
        *slash = '/';
    }
}

const char *state_write(const char *path, enum state_care care, const char *p, size_t n)
{
    char folder[1264];
    struct stat st;
    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = '\0';
    make_folders(path);
    if (stat(folder, &st) < 0)
        return strerror(errno);
    if (!S_ISDIR(st.st_mode) || (care == STATE_PRIVATE && st.st_uid != geteuid()))
        return "not this user's folder";
    replace_sweep(path);
    int number = replace_file(path, REPLACE_PRIVATE, p, n);
    return number ? strerror(number) : NULL;
}

/* Hexadecimal, and a NUL; false: this mbedTLS has no such hash. */
static bool name_of(enum state_hash hash, const char *text, size_t n, char name[65])
{
    unsigned char sum[STATE_SHA256];
    const mbedtls_md_info_t *info =
        mbedtls_md_info_from_type(hash == STATE_SHA1 ? MBEDTLS_MD_SHA1 : MBEDTLS_MD_SHA256);
    if (!info || mbedtls_md(info, (const unsigned char *)text, n, sum) != 0)
        return false;
    for (int i = 0; i < (int)hash; i++)
        snprintf(name + 2 * i, 3, "%02x", sum[i]);
    return true;
}

bool state_path(const char *folder, enum state_hash hash, struct iam_span text,
                char room[STATE_PATH_MAX])
{
    char home[1024], name[65];
    bool good = settings_path(folder, home, sizeof home) && name_of(hash, text.p, text.n, name) &&
                snprintf(room, STATE_PATH_MAX, "%s/%s.json", home, name) < (int)STATE_PATH_MAX;
    if (!good)
        room[0] = '\0';
    return good;
}

bool state_ends(struct iam_span seconds, int64_t *end_s, char text[40])
{
    struct iam_time t;
    struct tm civil;
    if (iam_time_parse(seconds, &t) < 0) /* a bare number: seconds */
        return false;
    int64_t now = time(NULL), wanted = t.us / 1000000;
    time_t end = (time_t)(wanted > LAST_S - now ? LAST_S : now + wanted);
    if (!gmtime_r(&end, &civil))
        return false;
    *end_s = end;
    return strftime(text, 40, "%Y-%m-%dT%H:%M:%SZ", &civil) > 0;
}

/* ---- what could not be written ---- */

const char *state_read_held(struct state_held *h, const char *path, enum state_care care,
                            char room[STATE_MAX], size_t *n)
{
    const char *wrong = state_read(path, care, room, n);
    if (wrong || !name_of(STATE_SHA256, room, *n, h->was))
        *h->was = '\0';
    if (!h->n || strcmp(h->was, h->of) != 0)
        return wrong;
    memcpy(room, h->text, h->n);
    *n = h->n;
    return NULL;
}

const char *state_write_held(struct state_held *h, const char *path, enum state_care care,
                             const char *p, size_t n)
{
    const char *wrong = n > STATE_MAX ? "it is too long" : state_write(path, care, p, n);
    if (!wrong || n > STATE_MAX || !*h->was)
        return wrong;
    memcpy(h->of, h->was, sizeof h->of);
    memcpy(h->text, p, n);
    h->n = n;
    return wrong;
}

/* ---- one at a time ---- */

enum try { TRY_HELD, TRY_LATER, TRY_NEVER };

static enum try try_lock(struct state_lock *l)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct stat st;
    if (l->fd < 0)
        l->fd = open(l->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (l->fd < 0)
        return TRY_NEVER;
    if (fcntl(l->fd, F_SETLK, &lock) < 0)
        return errno == EACCES || errno == EAGAIN || errno == EINTR ? TRY_LATER : TRY_NEVER;
    if (fstat(l->fd, &st) == 0 && st.st_nlink > 0)
        return TRY_HELD;
    close(l->fd); /* whoever held it has removed it: the next one has a file of its own */
    l->fd = -1;
    return TRY_LATER;
}

bool state_lock(struct state_lock *l, const char *path, bool (*stop)(void), unsigned wait_ms)
{
    unsigned began = clock_ms();
    bool told = false;
    enum try result;
    l->fd = -1;
    snprintf(l->path, sizeof l->path, "%s.tinyiam-lock", path);
    make_folders(path);
    while ((result = try_lock(l)) == TRY_LATER && clock_ms() - began < wait_ms && !(stop && stop()))
        if (l->fd >= 0) {
            (void)poll(NULL, 0, SLICE_MS);
            say_waits(clock_ms() - began, &told, "another run, which fetches a session,");
        }
    if (result != TRY_HELD && l->fd >= 0) {
        close(l->fd);
        l->fd = -1;
    }
    l->held = result == TRY_HELD;
    return l->held;
}

void state_unlock(struct state_lock *l)
{
    if (!l->held)
        return;
    (void)unlink(l->path);
    close(l->fd);
    l->held = false;
}
