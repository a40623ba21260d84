/* A file is replaced whole, or not at all. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#define _DARWIN_C_SOURCE
#include "replace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"

#define MARK ".tinyiam-"
#define LETTERS 6
#define TRIES 100

static char *joined(const char *a, size_t a_n, const char *b)
{
    size_t b_n = strlen(b) + 1;
    char *text = malloc(a_n + b_n);
    if (text) {
        memcpy(text, a, a_n);
        memcpy(text + a_n, b, b_n);
        return text;
    }
    say_no_memory();
}

/* With its slash; "./" where there is none. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? joined(path, (size_t)(slash - path) + 1, "") : joined("./", 2, "");
}

char *replace_target(const char *path)
{
    struct stat st;
    if (lstat(path, &st) < 0)
        return errno == ENOENT ? joined(path, strlen(path), "") : NULL;
    char *target = S_ISLNK(st.st_mode) ? realpath(path, NULL) : joined(path, strlen(path), "");
    if (!target && errno == ENOENT)
        errno = ELOOP;
    if (!target)
        return NULL;
    int wrong = lstat(target, &st) < 0 ? errno
                : S_ISDIR(st.st_mode)  ? EISDIR
                : !S_ISREG(st.st_mode) ? ENODEV
                                       : 0;
    if (wrong) {
        free(target);
        errno = wrong;
        return NULL;
    }
    return target;
}

static int sync_folder(const char *path)
{
    char *folder = folder_of(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), number = fd < 0 ? errno : 0;
    free(folder);
    if (fd < 0)
        return number == EACCES ? 0 : number; /* one that may be written to, but not listed */
    if (fsync(fd) < 0)
        number = errno == EINVAL || errno == EROFS ? 0 : errno; /* cannot sync a folder */
    close(fd);
    return number;
}

/* While it is held nobody sweeps the file away. The process's, gone with it, however it ends. */
static bool claim(int fd)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct stat st;
    if (fcntl(fd, F_SETLK, &lock) < 0 && (errno == EACCES || errno == EAGAIN))
        return false; /* a sweeper was faster */
    return fstat(fd, &st) == 0 && st.st_nlink > 0;
}

/* Open for writing, 0600, nobody else's; -1: errno. The name is in *temporary, malloc'ed, in any case. */
static int open_fresh(const char *path, char **temporary)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345"; /* 32 */
    char *end;
    *temporary = joined(path, strlen(path), MARK "......");
    end = *temporary + strlen(*temporary) - LETTERS;
    for (int i = 0; i < TRIES; i++) {
        unsigned char random[LETTERS];
        if (getentropy(random, sizeof random) < 0)
            return -1;
        for (int j = 0; j < LETTERS; j++)
            end[j] = letters[random[j] & 31];
        int fd = open(*temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd >= 0 && claim(fd))
            return fd;
        if (fd >= 0)
            close(fd);
        else if (errno != EEXIST)
            return -1;
    }
    errno = EEXIST;
    return -1;
}

struct bytes {
    const unsigned char *p;
    size_t n;
};

static int write_all(int fd, void *bytes)
{
    const unsigned char *p = ((const struct bytes *)bytes)->p;
    size_t n = ((const struct bytes *)bytes)->n;
    while (n) {
        ssize_t k = write(fd, p, n);
        if (k < 0 && errno != EINTR)
            return errno;
        if (k > 0) {
            p += k;
            n -= (size_t)k;
        }
    }
    return 0;
}

/* Only root gives files away; a group of one's own anybody may give. A group that it cannot have gets what the
 * rest of the world has. */
static int take_mode(int fd, const char *path, enum replace_mode how)
{
    struct stat old, now;
    mode_t mode = S_IRUSR | S_IWUSR;
    if (how == REPLACE_LIKE && stat(path, &old) == 0 && fstat(fd, &now) == 0) {
        mode = old.st_mode & 0777;
        if (old.st_uid != now.st_uid && fchown(fd, old.st_uid, (gid_t)-1) < 0)
            mode |= S_IRUSR | S_IWUSR;
        if (old.st_gid != now.st_gid && fchown(fd, (uid_t)-1, old.st_gid) < 0)
            mode = (mode & ~(mode_t)070) | (mode & 07) << 3;
    }
    return fchmod(fd, mode) < 0 ? errno : 0;
}

int replace_file(const char *path, enum replace_mode how, const void *bytes, size_t n)
{
    struct bytes all = {bytes, n};
    return replace_file_by(path, how, write_all, &all);
}

int replace_file_by(const char *path, enum replace_mode how, int (*write_)(int, void *), void *arg)
{
    char *temporary;
    int fd = open_fresh(path, &temporary), number = fd < 0 ? errno : 0;
    if (number == 0)
        number = write_(fd, arg);
    if (number == 0)
        number = take_mode(fd, path, how);
    if (number == 0 && how != REPLACE_LOSABLE && fsync(fd) < 0)
        number = errno;
    if (number == 0 && rename(temporary, path) < 0)
        number = errno;
    if (number && fd >= 0)
        unlink(temporary);
    if (fd >= 0 && close(fd) < 0 && number == 0 && errno != EINTR)
        number = errno;
    free(temporary);
    return number || how == REPLACE_LOSABLE ? number : sync_folder(path);
}

/* A regular file of this user's that nobody holds? */
static void sweep_one(int folder, const char *name)
{
    struct stat st;
    int fd = openat(folder, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() && claim(fd))
        (void)unlinkat(folder, name, 0);
    close(fd);
}

void replace_sweep(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = folder_of(path),
         *begin = joined(slash ? slash + 1 : path, strlen(slash ? slash + 1 : path), MARK);
    size_t n = strlen(begin);
    DIR *list = opendir(folder);
    for (struct dirent *entry; list && (entry = readdir(list)) != NULL;)
        if (strncmp(entry->d_name, begin, n) == 0 && strlen(entry->d_name) == n + LETTERS)
            sweep_one(dirfd(list), entry->d_name);
    if (list)
        closedir(list);
    free(folder);
    free(begin);
}
