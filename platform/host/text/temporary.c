/* A file that nobody can name. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "say.h"

int temporary_file(void)
{
    const char *folder = getenv("TMPDIR");
    char path[1024];
    int n = snprintf(path, sizeof path, "%s/tinyiam-XXXXXX", folder && *folder ? folder : "/tmp");
    if (n < 0 || n >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = mkstemp(path);
    if (fd < 0)
        return -1;
    unlink(path);
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC); /* a credential_process has no business with it */
    return fd;
}

int temporary_write(int fd, uint64_t at, const void *from, size_t n)
{
    const char *p = from;
    while (n) {
        ssize_t done = pwrite(fd, p, n, (off_t)at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return done < 0 ? errno : EIO;
        p += done;
        n -= (size_t)done;
        at += (size_t)done;
    }
    return 0;
}

int temporary_read(int fd, uint64_t at, void *to, size_t n)
{
    char *p = to;
    while (n) {
        ssize_t done = pread(fd, p, n, (off_t)at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return done < 0 ? errno : EIO;
        p += done;
        n -= (size_t)done;
        at += (size_t)done;
    }
    return 0;
}

int temporary_failed(int number)
{
    return say_error(CODE_OTHER, "The temporary file failed: %s (TMPDIR names the folder for it)",
                     strerror(number));
}
