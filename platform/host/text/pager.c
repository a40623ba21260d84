/* The pager: does it need one, its start, its end. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "pager.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "columns.h"
#include "say.h"
#include "stop.h"
#include "temporary.h"
#include "terminal.h"
#include "words.h"

#define TURN_MS 20
/* Of less, where the user has no wishes of his own: ends by itself if all fits one screen, shows colours, leaves on the
 * screen what it has shown. The AWS CLI's. */
#define LESS "FRX"

extern char **environ;

static unsigned number_of(const char *variable, unsigned otherwise)
{
    const char *text = getenv(variable);
    char *end;
    long n = text ? strtol(text, &end, 10) : 0;
    return text && *text && *end == '\0' && n > 0 && n < 10000 ? (unsigned)n : otherwise;
}

void pager_begin(struct pager *p, int terminal, const char *command, bool usual)
{
    struct winsize size = {0};
    *p = (struct pager){.usual = usual};
    if (!command || command[strspn(command, " \t\n")] == '\0')
        return;
    /* one that may not read keys, because it runs in the background, would stand still */
    pid_t front = tcgetpgrp(terminal);
    if (front > 0 && front != getpgrp())
        return;
    (void)ioctl(terminal, TIOCGWINSZ, &size);
    p->command = command;
    p->rows = number_of("LINES", size.ws_row ? size.ws_row : 24);
    p->columns = size.ws_col ? size.ws_col : number_of("COLUMNS", 80);
}

/* The length of an escape sequence that colours, at p; 0: it is none. */
static size_t colour(const char *p, size_t n)
{
    size_t i = 2;
    if (n < 3 || p[0] != '\x1b' || p[1] != '[')
        return 0;
    while (i < n && ((p[i] >= '0' && p[i] <= '9') || p[i] == ';'))
        i++;
    return i < n && p[i] == 'm' ? i + 1 : 0;
}

static void look_at_line(struct pager *p, const char *text, size_t n)
{
    uint32_t c;
    for (size_t i = 0, k; i < n; i += k) {
        unsigned columns;
        if ((k = colour(text + i, n - i)) != 0)
            continue;
        k = terminal_utf8(text + i, n - i, &c);
        columns = k == 0 ? 4 : text[i] == '\t' ? 8 - p->column % 8 : columns_of(c);
        k = k ? k : 1;
        if (p->column + columns > p->columns) {
            p->full++;
            p->column = 0;
        }
        p->column += columns;
    }
}

bool pager_fits(struct pager *p, const char *text, size_t n)
{
    const char *end;
    while ((end = memchr(text + p->looked, '\n', n - p->looked)) != NULL) {
        look_at_line(p, text + p->looked, (size_t)(end - text) - p->looked);
        p->looked = (size_t)(end - text) + 1;
        p->full++;
        p->column = 0;
        if (p->full >= p->rows) /* a line is left for the prompt */
            return false;
    }
    return true;
}

/* ---- what is said meanwhile ---- */

/* Lines on a terminal that shows something else would be lost: they go into a file, and stand below it in the end. */
static int kept_stderr = -1, file = -1;

static void hold_errors(void)
{
    if (isatty(STDERR_FILENO) != 1 || (file = temporary_file()) < 0)
        return;
    kept_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (kept_stderr >= 0)
        (void)dup2(file, STDERR_FILENO);
}

static void show_errors(void)
{
    char bytes[4096];
    ssize_t n;
    uint64_t at = 0;
    if (kept_stderr >= 0) {
        (void)dup2(kept_stderr, STDERR_FILENO);
        close(kept_stderr);
    }
    while (file >= 0 && (n = pread(file, bytes, sizeof bytes, (off_t)at)) > 0) {
        if (write(STDERR_FILENO, bytes, (size_t)n) < 0)
            break; /* nobody to tell */
        at += (uint64_t)n;
    }
    if (file >= 0)
        close(file);
    kept_stderr = file = -1;
}

/* ---- its life ---- */

/* 0 or errno. */
static int spawn(pid_t *pid, char **words, int in)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t usual;
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE); /* what we ignore it does not */
    sigaddset(&usual, SIGXFSZ);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&how);
    posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    posix_spawnattr_setsigdefault(&how, &usual);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGDEF);
    int rc = posix_spawnp(pid, words[0], &files, &how, words, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&how);
    return rc;
}

/* 0 or errno; EINVAL: the command cannot be split. */
static int run(struct pager *p, int in)
{
    size_t n = strlen(p->command) + 1, most = n / 2 + 2;
    char *room = malloc(n), **words = calloc(most, sizeof *words);
    int rc = EINVAL;
    if (!room || !words)
        say_no_memory();
    (void)setenv("LESS", LESS, 0);
    if (words_split(p->command, room, words, most - 1) > 0)
        rc = spawn(&p->pid, words, in);
    free(words);
    free(room);
    return rc;
}

int pager_start(struct pager *p)
{
    int ends[2], rc;
    if (pipe(ends) != 0)
        return -1;
    for (int i = 0; i < 2; i++)
        (void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    rc = run(p, ends[0]);
    close(ends[0]);
    if (rc == 0) {
        hold_errors();
        stop_for_pager(STOP_PAGED);
        return ends[1];
    }
    close(ends[1]);
    p->pid = 0;
    if (!p->usual)
        say_note("The pager '%s' cannot be started: %s. AWS_PAGER='' is none", p->command,
                 rc == EINVAL ? "an open quote" : strerror(rc));
    return -1;
}

bool pager_ended(struct pager *p)
{
    int status;
    if (p->pid && !p->ended) {
        pid_t ended = waitpid(p->pid, &status, WNOHANG);
        p->ended = ended == p->pid || (ended < 0 && errno != EINTR);
    }
    return p->ended;
}

void pager_end(struct pager *p, int fd)
{
    close(fd);
    stop_for_pager(STOP_PAGED_ALL);
    while (!pager_ended(p)) {
        if (stop_code() == CODE_TERMINATE)
            (void)kill(p->pid, SIGTERM);
        poll(NULL, 0, TURN_MS);
    }
    p->pid = 0;
    stop_for_pager(STOP_USUAL);
    show_errors();
}
