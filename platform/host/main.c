/* tinyiam: who used which AWS service, and when. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <tinyiam/tinyiam.h>

#include "args/args.h"
#include "audit.h"
#include "complete.h"
#include "config/settings.h"
#include "configure.h"
#include "net/errors.h"
#include "net/net.h"
#include "run.h"
#include "text/error_format.h"
#include "text/say.h"

/* A standard stream that was closed must not become the socket to the service. */
static void hold_standard_streams(void)
{
    for (int fd = 0; fd <= 2; fd++)
        while (fcntl(fd, F_GETFD) < 0)
            if (open("/dev/null", fd == 2 ? O_WRONLY : O_RDONLY) <
                0) /* writing to fd 1 is an error still */
                _exit(CODE_OTHER);
}

/* A file that may grow no further (ulimit -f) is an error of its write, not an end without a word; and who was
 * started by somebody that ignores his children would never hear how a helper has ended. */
static void set_signals(void)
{
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)signal(SIGCHLD, SIG_DFL);
}

/* What is needed to know how errors are written: as far as it is known when one is. */
static struct args args;
static struct settings settings;

static const struct error_format *error_format(void *arg)
{
    const struct error_format *f = NULL;
    const char *name;
    int at = 0;
    (void)arg;
    while ((name = args_each(&args, OPT_CLI_ERROR_FORMAT, &at)) != NULL)
        f = error_format_find(name);
    if (!f && (name = settings_error_format(&settings, &args)) != NULL)
        f = error_format_find(name);
    return f;
}

/* What went to stdout is there; or why not is said. */
static int printed(void)
{
    bool failed = ferror(stdout) != 0; /* earlier: why is no longer known */
    if (fflush(stdout) != 0)
        return errors_output(errno);
    return failed ? errors_output(EIO) : 0;
}

int main(int argc, char **argv)
{
    hold_standard_streams();
    set_signals();
    int code = 0;
    if (argc > 1 && strcmp(argv[1], COMPLETE_LINE) == 0) {
        code = complete_line(&settings, argc - 2, argv + 2);
        return code ? code : printed();
    }
    say_format(error_format, NULL);
    code = args_parse(&args, argc, argv);
    if (code) {
        settings_end(&settings);
        return code;
    }
    if (args_has(&args, OPT_HELP)) {
        if (args.command == COMMAND_NONE)
            help_top();
        else
            help_command(args.command);
        return printed();
    }
    if (args_has(&args, OPT_VERSION)) {
        printf("tinyiam " IAM_VERSION "\n%s\n", net_library());
        return printed();
    }
    if (args_has(&args, OPT_COMPLETION)) {
        complete_script(args.text[OPT_COMPLETION]);
        return printed();
    }
    code = settings_load(&settings, &args);
    if (code == 0)
        code = args_check(&args);
    if (code == 0 && args.command == COMMAND_CONFIGURE) {
        code = configure_list(&settings, &args);
        code = code ? code : printed();
    } else if (code == 0 && args.command == COMMAND_AUDIT) {
        code = audit_command(&args, &settings);
    } else if (code == 0) {
        code = run_command(&args, &settings);
    }
    settings_end(&settings);
    return code;
}
