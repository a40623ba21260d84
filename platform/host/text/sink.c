/* Bytes on their way to standard output. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stop.h"

void sink_open(struct sink *s, int fd)
{
    struct stat st;
    memset(s, 0, offsetof(struct sink, buf));
    s->fd = fd;
    s->regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    s->terminal = isatty(fd) == 1;
    if (s->regular) {
        int flags = fcntl(fd, F_GETFL);
        off_t at = lseek(fd, 0, flags >= 0 && flags & O_APPEND ? SEEK_END : SEEK_CUR);
        s->base = at > 0 ? (uint64_t)at : 0;
    }
}

#define SLICE_MS 100 /* a signal just before the wait is seen after that */

/* How much the next write takes: PIPE_BUF bytes go into a pipe at once or not at all, so that whoever
 * is killed has not torn a line of up to that size, and a write that poll() allows does not wait. */
static size_t piece(const struct sink *s, const char *p, size_t n)
{
    size_t most = n < PIPE_BUF ? n : PIPE_BUF;
    if (s->regular || most == n)
        return n;
    if (!s->whole_lines)
        return most;
    for (size_t i = most; i > 0; i--)
        if (p[i - 1] == '\n')
            return i;
    return most;
}

/* Waits for whoever reads: a pager may stand still for hours. One that takes nothing when the run is to end
 * gets no more: EINTR. */
static bool await_reader(struct sink *s)
{
    for (;;) {
        bool stop = s->stop && s->stop();
        struct pollfd wait = {.fd = s->fd, .events = POLLOUT};
        int ready = poll(&wait, 1, stop ? 0 : SLICE_MS);
        if (ready > 0 || (ready < 0 && errno != EINTR))
            return true; /* write() says what is wrong */
        if (stop) {
            s->error = EINTR;
            return false;
        }
    }
}

static bool write_all(struct sink *s, const char *p, size_t n)
{
    while (n) {
        if (!s->regular && !await_reader(s))
            return false;
        ssize_t done = write(s->fd, p, piece(s, p, n));
        if (done > 0) {
            s->given += (uint64_t)done;
            p += done;
            n -= (size_t)done;
        } else if (done < 0 && errno != EINTR && errno != EAGAIN) {
            s->error = errno;
            return false;
        }
    }
    return true;
}

/* Everything goes out, to a pager where one is wanted. */
static bool push(struct sink *s)
{
    if (s->error)
        return false;
    if (!s->n)
        return true;
    if (s->terminal && s->before)
        s->before(s->before_arg);
    if (s->stop && s->stop())
        s->pager.command = NULL; /* who wants an end wants no pager */
    if (s->pager.command) {
        int fd = pager_start(&s->pager);
        s->pager.command = NULL;
        s->fd = fd < 0 ? s->fd : fd;
        s->terminal = fd < 0;
    }
    bool ok = write_all(s, s->buf, s->n);
    s->n = 0;
    return ok;
}

bool sink_flush(struct sink *s)
{
    if (s->error)
        return false;
    if (s->pager.command && s->n <= SINK_SIZE / 2 && pager_fits(&s->pager, s->buf, s->n))
        return true;
    return push(s);
}

bool sink_waits(const struct sink *s)
{
    return s->pager.command != NULL;
}

bool sink_is_read(struct sink *s)
{
    if (!s->error && s->pager.pid && pager_ended(&s->pager))
        s->error = EPIPE;
    return !s->error;
}

bool sink_was_left(const struct sink *s)
{
    return s->pager.was_left || (s->pager.pid && s->error == EPIPE);
}

void sink_end(struct sink *s)
{
    s->pager.command = NULL;
    if (!s->pager.pid)
        return;
    s->pager.was_left = s->error == EPIPE;
    pager_end(&s->pager, s->fd);
    s->fd = STDOUT_FILENO;
}

bool sink_leave(struct sink *s)
{
    if (s->pager.command && s->n <= SINK_SIZE / 2 && pager_fits(&s->pager, s->buf, s->n))
        s->pager.command = NULL; /* all of it does */
    if (s->pager.pid)
        stop_for_pager(STOP_PAGED_ALL);
    bool ok = push(s);
    sink_end(s);
    return ok;
}

void sink_put_slow(struct sink *s, const char *p, size_t n)
{
    s->taken += n;
    if (!push(s))
        return;
    if (n > SINK_SIZE / 2) {
        write_all(s, p, n);
        return;
    }
    memcpy(s->buf, p, n);
    s->n = n;
}

char *sink_room(struct sink *s, size_t n)
{
    if (n > SINK_SIZE - s->n && !push(s))
        s->n = 0; /* nothing is written any more: the error stays */
    return s->buf + s->n;
}

bool sink_close(struct sink *s)
{
    bool ok = sink_leave(s);
    if (close(s->fd) != 0 && ok && errno != EINTR) {
        s->error = errno;
        ok = false;
    }
    return ok;
}
