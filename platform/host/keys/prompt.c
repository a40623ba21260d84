/* A question on the terminal, its answer not shown. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "text/interrupt.h"

#define SLICE_MS 100 /* a signal just before the wait is seen after that */

struct prompt {
    int tty;
    struct termios usual;
    bool hidden; /* usual is to be put back */
    const char *question;
    char *answer;
    size_t size, n;
    bool bad; /* too long, or with a NUL */
};

static volatile sig_atomic_t paused, continued;

static void on_pause(int number)
{
    if (number == SIGTSTP)
        paused = 1;
    else
        continued = 1;
}

/* Ctrl-Z and what follows it; without SA_RESTART. */
static void watch_pauses(struct sigaction before[2])
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_pause;
    sigemptyset(&action.sa_mask);
    paused = continued = 0;
    sigaction(SIGTSTP, NULL, &before[0]);
    if (before[0].sa_handler != SIG_IGN)
        sigaction(SIGTSTP, &action, NULL);
    sigaction(SIGCONT, &action, &before[1]);
}

static void put(const struct prompt *p, const char *text)
{
    (void)!write(p->tty, text, strlen(text));
}

/* Also where it is hidden already: a shell that was in between has put its own modes back. */
static void ask(struct prompt *p)
{
    struct termios quiet;
    p->n = 0;
    p->bad = false;
    if (p->hidden || tcgetattr(p->tty, &p->usual) == 0) {
        quiet = p->usual;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        p->hidden = true;
        (void)tcsetattr(p->tty, TCSAFLUSH, &quiet);
    }
    put(p, p->question);
}

static void show(struct prompt *p)
{
    if (p->hidden)
        while (tcsetattr(p->tty, TCSAFLUSH, &p->usual) < 0 && errno == EINTR)
            ;
    p->hidden = false;
    put(p, "\n");
}

/* Stops here, as everybody does on Ctrl-Z, and asks again afterwards. */
static void pause_here(struct prompt *p)
{
    struct sigaction usual, ours;
    show(p);
    memset(&usual, 0, sizeof usual);
    usual.sa_handler = SIG_DFL;
    sigemptyset(&usual.sa_mask);
    sigaction(SIGTSTP, &usual, &ours);
    raise(SIGTSTP);
    sigaction(SIGTSTP, &ours, NULL);
    paused = continued = 0;
    ask(p);
}

/* Is there a byte of the answer, and no signal? */
static bool read_byte(struct prompt *p, char *c)
{
    while (!interrupt_seen()) {
        struct pollfd wait = {.fd = p->tty, .events = POLLIN};
        if (paused)
            pause_here(p);
        if (continued) {
            continued = 0;
            ask(p);
        }
        if (poll(&wait, 1, SLICE_MS) <= 0)
            continue;
        ssize_t got = read(p->tty, c, 1);
        if (got >= 0 || errno != EINTR)
            return got == 1;
    }
    return false;
}

static int read_line(struct prompt *p)
{
    char *answer = p->answer, c;
    while (read_byte(p, &c) && c != '\n')
        if (p->n + 1 < p->size && c != '\0')
            answer[p->n++] = c;
        else
            p->bad = true;
    while (p->n && strchr(" \t\r", answer[p->n - 1]))
        p->n--;
    answer[p->n] = '\0';
    size_t blanks = strspn(answer, " \t\r");
    memmove(answer, answer + blanks, p->n - blanks + 1);
    return p->bad ? PROMPT_TOO_LONG : *answer ? PROMPT_ANSWERED : PROMPT_EMPTY;
}

int prompt_hidden(const char *question, char *answer, size_t size)
{
    struct sigaction before[2];
    struct prompt p = {.question = question, .answer = answer, .size = size};
    answer[0] = '\0';
    p.tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (p.tty < 0)
        return PROMPT_NO_TERMINAL;
    interrupt_hold();
    watch_pauses(before);
    ask(&p);
    int result = read_line(&p);
    show(&p);
    sigaction(SIGTSTP, &before[0], NULL);
    sigaction(SIGCONT, &before[1], NULL);
    close(p.tty);
    int code = interrupt_release();
    if (code || result != PROMPT_ANSWERED)
        explicit_bzero(answer, size);
    return code ? code : result;
}
