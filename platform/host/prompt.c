#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "prompt.h"

#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static size_t read_line(int tty, char *answer, size_t size)
{
    size_t n = 0;
    char c;
    while (read(tty, &c, 1) == 1 && c != '\n')
        if (n + 1 < size)
            answer[n++] = c;
    answer[n] = '\0';
    return n;
}

bool prompt_hidden(const char *question, char *answer, size_t size)
{
    struct termios usual, quiet;
    int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    size_t n = 0;
    if (tty < 0)
        return false;
    bool known = tcgetattr(tty, &usual) == 0;
    if (known) {
        quiet = usual;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        (void)tcsetattr(tty, TCSAFLUSH, &quiet);
    }
    if (write(tty, question, strlen(question)) > 0)
        n = read_line(tty, answer, size);
    if (known)
        (void)tcsetattr(tty, TCSAFLUSH, &usual);
    (void)!write(tty, "\n", 1);
    close(tty);
    return n > 0;
}
