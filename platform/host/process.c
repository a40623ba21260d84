#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "say.h"
#include "words.h"

#define ERROR_FIRST "Error when retrieving credentials from custom-process: "
#define STDERR_MAX 2000u
#define SLICE_MS 100

extern char **environ;

struct child {
    pid_t pid;
    int out, err; /* -1: ended */
    char words[STDERR_MAX];
    size_t words_n;
    bool too_much;
};

static uint32_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint32_t)t.tv_sec * 1000u + (uint32_t)(t.tv_nsec / 1000000);
}

/* 0 or errno, as of exec. The child gets back the signals that we ignore or catch. */
static int spawn(struct child *c, char **words, int out, int err)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t usual;
    int rc;
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGINT);
    sigaddset(&usual, SIGTERM);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&how);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
    posix_spawnattr_setsigdefault(&how, &usual);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGDEF);
    rc = posix_spawnp(&c->pid, words[0], &files, &how, words, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&how);
    return rc;
}

static bool open_pipe(int ends[2])
{
    if (pipe(ends) != 0)
        return false;
    for (int i = 0; i < 2; i++)
        (void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    return true;
}

/* 0 or errno. */
static int start(struct child *c, char **words)
{
    int out[2], err[2], rc;
    if (!open_pipe(out))
        return errno;
    if (!open_pipe(err)) {
        rc = errno;
        close(out[0]);
        close(out[1]);
        return rc;
    }
    rc = spawn(c, words, out[1], err[1]);
    close(out[1]);
    close(err[1]);
    c->out = out[0];
    c->err = err[0];
    return rc;
}

static void hang_up(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void take_output(struct process *p, struct child *c)
{
    size_t room = PROCESS_OUT_MAX - p->out_n;
    char more;
    ssize_t n = room ? read(c->out, p->out + p->out_n, room) : read(c->out, &more, 1);
    if (n > 0 && room)
        p->out_n += (size_t)n;
    c->too_much |= n > 0 && !room;
    if (n == 0 || (n < 0 && errno != EINTR) || c->too_much)
        hang_up(&c->out);
}

/* Its first words are kept, the rest is read so that it does not block. */
static void take_words(struct child *c)
{
    char more[512];
    ssize_t n = read(c->err, more, sizeof more);
    if (n > 0) {
        size_t room = sizeof c->words - c->words_n;
        size_t keep = (size_t)n < room ? (size_t)n : room;
        memcpy(c->words + c->words_n, more, keep);
        c->words_n += keep;
    }
    if (n == 0 || (n < 0 && errno != EINTR))
        hang_up(&c->err);
}

enum end { END_GOOD, END_LATE, END_STOPPED };

/* Until it has closed both and has ended. */
static enum end follow(struct process *p, struct child *c, uint32_t wait_ms, bool (*stop)(void),
                       int *status)
{
    uint32_t began = now_ms();
    for (;;) {
        struct pollfd files[2] = {{.fd = c->out, .events = POLLIN},
                                  {.fd = c->err, .events = POLLIN}};
        if (c->out < 0 && c->err < 0 && waitpid(c->pid, status, WNOHANG) == c->pid)
            return END_GOOD;
        if (stop && stop())
            return END_STOPPED;
        if (now_ms() - began >= wait_ms)
            return END_LATE;
        int n = poll(files, 2, c->out < 0 && c->err < 0 ? 5 : SLICE_MS);
        if (n > 0 && files[0].revents)
            take_output(p, c);
        if (n > 0 && files[1].revents)
            take_words(c);
    }
}

static void end_child(struct child *c)
{
    int status;
    kill(c->pid, SIGTERM);
    for (int i = 0; i < 50; i++) {
        if (waitpid(c->pid, &status, WNOHANG) == c->pid)
            return;
        poll(NULL, 0, 10);
    }
    kill(c->pid, SIGKILL);
    waitpid(c->pid, &status, 0);
}

static int failed(const struct child *c, int status, const char *from)
{
    struct say s;
    struct iam_span words = {c->words, c->words_n};
    while (words.n && strchr(" \t\r\n", words.p[words.n - 1]))
        words.n--;
    say_begin(&s, SAY_ERROR ERROR_FIRST);
    say_text(&s, words);
    say_add(&s, words.n ? " (" : "it wrote nothing to stderr (");
    say_string(&s, from);
    if (WIFSIGNALED(status))
        say_add(&s, ", ended by signal %d)", WTERMSIG(status));
    else
        say_add(&s, ", exit code %d)", WEXITSTATUS(status));
    say_end(&s);
    return CODE_OTHER;
}

static int judge(const struct child *c, enum end end, int status, const char *from,
                 uint32_t wait_ms)
{
    if (end == END_STOPPED)
        return CODE_INTERRUPT;
    if (end == END_LATE)
        return say_error(CODE_OTHER, ERROR_FIRST "it did not end within %g s (%s)",
                         wait_ms / 1000.0, from);
    if (c->too_much)
        return say_error(CODE_OTHER, ERROR_FIRST "it printed more than %u bytes (%s)",
                         PROCESS_OUT_MAX, from);
    return status ? failed(c, status, from) : 0;
}

int process_run(struct process *p, const char *command, const char *from, uint32_t wait_ms,
                bool (*stop)(void))
{
    size_t n = strlen(command) + 1, most = n / 2 + 2;
    char *room = malloc(n), **words = calloc(most, sizeof *words);
    struct child c = {.pid = -1, .out = -1, .err = -1};
    int status = 0, rc;
    p->out_n = 0;
    p->out = malloc(PROCESS_OUT_MAX);
    if (!room || !words || !p->out)
        abort();
    long count = words_split(command, room, words, most - 1);
    if (count <= 0) {
        rc = say_error(CODE_OTHER, "%s: the command %s", from,
                       count == 0             ? "is empty"
                       : count == WORDS_QUOTE ? "has a quote that is not closed"
                                              : "ends with a backslash");
    } else if ((rc = start(&c, words)) != 0) {
        rc = say_error(CODE_OTHER, "[Errno %d] %s: '%s' (%s)", rc, strerror(rc), words[0], from);
    } else {
        enum end end = follow(p, &c, wait_ms, stop, &status);
        if (end != END_GOOD)
            end_child(&c);
        rc = judge(&c, end, status, from, wait_ms);
    }
    hang_up(&c.out);
    hang_up(&c.err);
    free(words);
    free(room);
    return rc;
}

void process_end(struct process *p)
{
    if (p->out)
        explicit_bzero(p->out, PROCESS_OUT_MAX);
    free(p->out);
    p->out = NULL;
    p->out_n = 0;
}
