/* The terminal, lent to a helper and taken back. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "tty.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

void tty_open(struct tty *t)
{
    *t = (struct tty){.fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)};
    t->known = t->fd >= 0 && tcgetattr(t->fd, &t->modes) == 0;
}

/* Who is not in the foreground is stopped by SIGTTOU for this, unless that is blocked. */
static void from_anywhere(const struct tty *t, pid_t group, const struct termios *modes)
{
    sigset_t one, before;
    sigemptyset(&one);
    sigaddset(&one, SIGTTOU);
    sigprocmask(SIG_BLOCK, &one, &before);
    (void)tcsetpgrp(t->fd, group);
    if (modes)
        (void)tcsetattr(t->fd, TCSADRAIN, modes);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static void take_back(struct tty *t, const struct termios *modes)
{
    if (t->lent)
        from_anywhere(t, getpgrp(), modes);
    t->lent = false;
}

static bool in_front(const struct tty *t)
{
    return tcgetpgrp(t->fd) == getpgrp();
}

void tty_stopped(struct tty *t, int by)
{
    bool wants = by == SIGTTIN || by == SIGTTOU;
    if (t->fd < 0 || (!wants && !(by == SIGTSTP && t->lent)))
        return; /* whoever stops the helper alone knows why */
    if (!wants)
        t->helper_known = tcgetattr(t->fd, &t->helper_modes) == 0;
    t->wanted = true;
    take_back(t, !wants && t->known ? &t->modes : NULL);
    if (!wants || !in_front(t))
        (void)kill(0, by); /* stops the whole job; `fg` wakes it */
}

void tty_turn(struct tty *t, pid_t helper)
{
    if (!t->wanted || !in_front(t))
        return;
    from_anywhere(t, helper, t->helper_known ? &t->helper_modes : NULL);
    t->lent = true;
    t->wanted = t->helper_known = false;
    (void)kill(-helper, SIGCONT);
}

void tty_close(struct tty *t, enum tty_state state)
{
    if (t->fd < 0)
        return;
    take_back(t, state == TTY_AS_IT_WAS && t->known ? &t->modes : NULL);
    close(t->fd);
    t->fd = -1;
}
