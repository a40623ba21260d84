/* A helper is run without a shell, and what it prints is read. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "text/clock.h"
#include "text/interrupt.h"
#include "text/say.h"
#include "text/words.h"
#include "tty.h"

#define ERROR_FIRST "Error when retrieving credentials from custom-process: "
#define STDERR_MAX 2000u
#define SLICE_MS 100
#define POLITE_TURNS 50 /* of 10 ms, between SIGTERM and SIGKILL */

extern char **environ;

struct child {
    pid_t pid;    /* its process group's, too */
    int out, err; /* -1: ended */
    char words[STDERR_MAX];
    size_t words_n;
    bool ended, too_much;
    int status; /* ended: of waitpid() */
    struct tty terminal;
};

/* 0 or errno, as of exec. In a process group of its own, with the signals back that we ignore: handlers end
 * with exec by themselves. */
static int spawn(struct child *c, char **words, int out, int err)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t usual;
    int rc;
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGXFSZ);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&how);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
    posix_spawnattr_setsigdefault(&how, &usual);
    posix_spawnattr_setpgroup(&how, 0);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
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
    for (int i = 0; i < 2; i++)
        (void)fcntl(i ? c->err : c->out, F_SETFL, O_NONBLOCK);
    return rc;
}

static void hang_up(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static bool is_early(int number)
{
    return number == EINTR || number == EAGAIN || number == EWOULDBLOCK;
}

static void take_output(struct process *p, struct child *c)
{
    size_t room = PROCESS_OUT_MAX - p->out_n;
    char more;
    ssize_t n = room ? read(c->out, p->out + p->out_n, room) : read(c->out, &more, 1);
    if (n > 0 && room)
        p->out_n += (size_t)n;
    c->too_much |= n > 0 && !room;
    if (n == 0 || (n < 0 && !is_early(errno)))
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
    if (n == 0 || (n < 0 && !is_early(errno)))
        hang_up(&c->err);
}

enum end { END_GOOD, END_LATE, END_STOPPED };

/* Has it ended? Or does it stand still, because it wants the terminal? */
static void look(struct child *c)
{
    int status;
    if (!c->ended && waitpid(c->pid, &status, WNOHANG | WUNTRACED) == c->pid) {
        if (WIFSTOPPED(status)) {
            tty_stopped(&c->terminal, WSTOPSIG(status));
        } else {
            c->ended = true;
            c->status = status;
        }
    }
    if (!c->ended)
        tty_turn(&c->terminal, c->pid);
}

/* Until it has ended and, where that was well, whoever may write to its stdout has closed that. What it leaves
 * behind may keep its stderr (an agent that it has started): nobody waits for that. */
static enum end follow(struct process *p, struct child *c, const char *from, uint32_t wait_ms,
                       bool (*stop)(void))
{
    uint32_t began = clock_ms();
    bool told = false;
    for (;;) {
        struct pollfd files[2] = {{.fd = c->out, .events = POLLIN},
                                  {.fd = c->err, .events = POLLIN}};
        bool was_over = c->ended; /* then all that it has written is there to be polled for */
        int n = poll(files, 2, c->ended || c->out < 0 ? 5 : SLICE_MS);
        if (n > 0 && files[0].revents)
            take_output(p, c);
        if (n > 0 && files[1].revents)
            take_words(c);
        look(c);
        bool heard = was_over && (c->out < 0 || c->status != 0);
        if (c->too_much || (heard && (n == 0 || c->err < 0)))
            return END_GOOD;
        if (interrupt_seen() || (stop && stop()))
            return END_STOPPED;
        if (!c->terminal.lent) /* it may ask something there */
            say_waits(clock_ms() - began, &told, from);
        if (clock_ms() - began >= wait_ms)
            return END_LATE;
    }
}

/* Everybody in its group: politely, then not. One that another user owns may stay (sudo). */
static void end_group(struct child *c)
{
    for (int turn = 0; turn < 2 * POLITE_TURNS; turn++) {
        int number = turn < POLITE_TURNS ? SIGTERM : SIGKILL;
        if (turn % POLITE_TURNS == 0) {
            (void)kill(-c->pid, number);
            (void)kill(-c->pid, SIGCONT); /* one that stands still hears nothing */
        }
        if (!c->ended && waitpid(c->pid, &c->status, WNOHANG) == c->pid)
            c->ended = true;
        if (c->ended && kill(-c->pid, 0) < 0 && errno == ESRCH)
            return;
        poll(NULL, 0, 10);
    }
}

#define HINT "; it is run without a shell, which would understand that: sh -c '...' runs one"

const char *process_hint(const char *command)
{
    static const char *const words[] = {"|",  "||", "&&",   "&",  ";", ">",
                                        ">>", "<",  "2>&1", "2>", "&>"};
    size_t n = strlen(command) + 1, most = n / 2 + 2;
    char *room = malloc(n), **found = calloc(most, sizeof *found);
    bool shell = false;
    if (!room || !found)
        say_no_memory();
    long count = words_split(command, room, found, most - 1);
    for (long i = 0; i < count; i++) {
        size_t k = strlen(found[i]);
        for (size_t j = 0; j < sizeof words / sizeof *words; j++)
            shell |= strcmp(found[i], words[j]) == 0;
        shell |= k > 1 && found[i][k - 1] == ';';
        shell |= i == 0 && (found[0][0] == '~' || strpbrk(found[0], "$`*") != NULL);
    }
    bool is_one = count > 1 && (strcmp(found[1], "-c") == 0 || strcmp(found[1], "/c") == 0);
    explicit_bzero(room, n);
    free(room);
    free(found);
    return shell && !is_one ? HINT : "";
}

void process_name(const char *command, char *room, size_t size)
{
    size_t n = strlen(command) + 1, most = n / 2 + 2;
    char *words = malloc(n), **found = calloc(most, sizeof *found);
    if (!words || !found)
        say_no_memory();
    *room = '\0';
    if (words_split(command, words, found, most - 1) > 0)
        snprintf(room, size, "%s", found[0]);
    explicit_bzero(words, n);
    free(words);
    free(found);
}

static int failed(const struct child *c, int status, const char *from, const char *hint)
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
        say_add(&s, ", ended by signal %d%s)", WTERMSIG(status), hint);
    else
        say_add(&s, ", exit code %d%s)", WEXITSTATUS(status), hint);
    say_end(&s);
    return CODE_OTHER;
}

/* Ctrl-C where the keys went to the helper. */
static bool was_interrupted(const struct child *c)
{
    return c->ended && c->terminal.lent &&
           ((WIFSIGNALED(c->status) && WTERMSIG(c->status) == SIGINT) ||
            (WIFEXITED(c->status) && WEXITSTATUS(c->status) == CODE_INTERRUPT));
}

static int judge(const struct child *c, enum end end, const char *from, const char *hint,
                 uint32_t wait_ms)
{
    if (end == END_LATE)
        return say_error(CODE_OTHER, ERROR_FIRST "it did not end within %g s (%s)",
                         wait_ms / 1000.0, from);
    if (c->too_much)
        return say_error(CODE_OTHER, ERROR_FIRST "it printed more than %u bytes (%s)",
                         PROCESS_OUT_MAX, from);
    return c->status ? failed(c, c->status, from, hint) : 0;
}

/* From its start to its end. 0 or an exit code. */
static int attend(struct process *p, struct child *c, const char *from, const char *hint,
                  uint32_t wait_ms, bool (*stop)(void))
{
    enum end end = follow(p, c, from, wait_ms, stop);
    bool good = end == END_GOOD && !c->too_much && c->status == 0;
    int interrupted = was_interrupted(c) ? CODE_INTERRUPT : 0;
    if (!good) /* what a good one leaves behind is meant to be there */
        end_group(c);
    tty_close(&c->terminal, good ? TTY_AS_IT_IS : TTY_AS_IT_WAS);
    int code = interrupt_release();
    if (code || interrupted || end == END_STOPPED)
        return code ? code : CODE_INTERRUPT;
    return judge(c, end, from, hint, wait_ms);
}

int process_run(struct process *p, const char *command, const char *from, uint32_t wait_ms,
                bool (*stop)(void))
{
    size_t n = strlen(command) + 1, most = n / 2 + 2;
    char *room = malloc(n), **words = calloc(most, sizeof *words);
    struct child c = {.pid = -1, .out = -1, .err = -1, .terminal = {.fd = -1}};
    int rc;
    p->out_n = 0;
    p->out = malloc(PROCESS_OUT_MAX);
    if (!room || !words || !p->out)
        say_no_memory();
    long count = words_split(command, room, words, most - 1);
    if (count <= 0) {
        rc = say_error(CODE_OTHER, "%s: the command %s", from,
                       count == 0             ? "is empty"
                       : count == WORDS_QUOTE ? "has a quote that is not closed"
                                              : "ends with a backslash");
    } else {
        interrupt_hold();
        rc = start(&c, words);
        if (rc) {
            (void)interrupt_release();
            rc = say_error(CODE_OTHER, "[Errno %d] %s: '%s' (%s%s)", rc, strerror(rc), words[0],
                           from, process_hint(command));
        } else {
            tty_open(&c.terminal);
            rc = attend(p, &c, from, process_hint(command), wait_ms, stop);
        }
    }
    hang_up(&c.out);
    hang_up(&c.err);
    free(words);
    explicit_bzero(room, n); /* an argument may be a secret */
    free(room);
    explicit_bzero(&c, sizeof c);
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
