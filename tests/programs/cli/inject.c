/* Preloaded into the command: its n-th call that changes a file meets with what INJECT_HOW says. Counted are
 * writes to files and pipes, syncs, renames, removals and cuts, and openings of the checkpoint. At the end
 * INJECT_COUNT, a file, gets how many there were. With INJECT_SILENT no name server answers, ever: that file is
 * written when one is asked. From the INJECT_ROOM-th time on that memory is asked for, there is
 * none. With INJECT_NO_ENTROPY there are no random numbers. With INJECT_LATE who asks whether a child has ended is as
 * late as its end. With INJECT_READY connections take two seconds, and who reads of one waits for what comes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum how { KILL_BEFORE, KILL_HALFWAY, KILL_AFTER, FULL_DISK, SHORT_WRITE, INTERRUPTED };

static long count;

static void *real(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

static long number(const char *name)
{
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

/* What happens to this call; -1: nothing. */
static int due(void)
{
    return ++count == number("INJECT_AT") ? (int)number("INJECT_HOW") : -1;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* A call without halves: 0, or -1 and errno. */
#define WHOLE(call)                                   \
    do {                                              \
        int how = due();                              \
        if (how == KILL_BEFORE)                       \
            die();                                    \
        if (how == FULL_DISK) {                       \
            errno = ENOSPC;                           \
            return -1;                                \
        }                                             \
        int result = (call);                          \
        if (how == KILL_HALFWAY || how == KILL_AFTER) \
            die();                                    \
        return result;                                \
    } while (0)

ssize_t write(int fd, const void *p, size_t n)
{
    ssize_t (*next)(int, const void *, size_t) = real("write");
    struct stat st;
    if (fd == STDERR_FILENO || fstat(fd, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode)))
        return next(fd, p, n);
    int how = due();
    if (how == KILL_BEFORE)
        die();
    if (how == FULL_DISK || how == INTERRUPTED) {
        errno = how == FULL_DISK ? ENOSPC : EINTR;
        return -1;
    }
    ssize_t done = next(fd, p, (how == KILL_HALFWAY || how == SHORT_WRITE) && n > 1 ? n / 2 : n);
    if (how == KILL_HALFWAY || how == KILL_AFTER)
        die();
    return done;
}

int fsync(int fd)
{
    int (*next)(int) = real("fsync");
    WHOLE(next(fd));
}

int fdatasync(int fd)
{
    int (*next)(int) = real("fdatasync");
    WHOLE(next(fd));
}

int rename(const char *from, const char *to)
{
    int (*next)(const char *, const char *) = real("rename");
    WHOLE(next(from, to));
}

int unlink(const char *path)
{
    int (*next)(const char *) = real("unlink");
    WHOLE(next(path));
}

int ftruncate(int fd, off_t size)
{
    int (*next)(int, off_t) = real("ftruncate");
    WHOLE(next(fd, size));
}

int open(const char *path, int flags, ...)
{
    int (*next)(const char *, int, ...) = real("open");
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
    va_end(more);
    if (!strstr(path, "/place"))
        return next(path, flags, mode);
    WHOLE(next(path, flags, mode));
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **list)
{
    int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
        real("getaddrinfo");
    const char *path = getenv("INJECT_SILENT");
    if (!path || (hints->ai_flags & AI_NUMERICHOST))
        return next(name, service, hints, list);
    FILE *f = fopen(path, "w");
    if (f)
        fclose(f);
    for (;;)
        pause();
}

int connect(int fd, const struct sockaddr *address, socklen_t n)
{
    int (*next)(int, const struct sockaddr *, socklen_t) = real("connect");
    if (getenv("INJECT_READY"))
        sleep(2);
    return next(fd, address, n);
}

ssize_t recv(int fd, void *p, size_t n, int flags)
{
    ssize_t (*next)(int, void *, size_t, int) = real("recv");
    if (getenv("INJECT_READY"))
        poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 2000);
    return next(fd, p, n, flags);
}

pid_t waitpid(pid_t pid, int *status, int options)
{
    pid_t (*next)(pid_t, int *, int) = real("waitpid");
    siginfo_t info;
    if (pid > 0 && getenv("INJECT_LATE"))
        waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    return next(pid, status, options);
}

int getentropy(void *p, size_t n)
{
    int (*next)(void *, size_t) = real("getentropy");
    if (!getenv("INJECT_NO_ENTROPY"))
        return next(p, n);
    errno = ENOSYS;
    return -1;
}

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

static int no_room(void)
{
    static long asked, room = -1;
    if (room < 0)
        room = number("INJECT_ROOM");
    if (room == 0 || ++asked < room)
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t n)
{
    return no_room() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
    return no_room() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
    return no_room() ? NULL : __libc_realloc(p, n);
}

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("INJECT_COUNT");
    FILE *f = path ? fopen(path, "w") : NULL;
    if (f) {
        fprintf(f, "%ld", count);
        fclose(f);
    }
}
