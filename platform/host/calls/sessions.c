/* The TLS session with IAM's endpoint, from run to run. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "sessions.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/state_file.h"
#include "text/replace.h"
#include "text/say.h"

/* How such a file begins: one that does not is somebody's, named by mistake, and stays. */
#define FIRST_LINE "tinyiam TLS session\n"
enum { FIRST_N = sizeof FIRST_LINE - 1 };
static const char foreign[] = "it holds something else";

static bool is_ours(const char *bytes, size_t n)
{
    return n >= FIRST_N && memcmp(bytes, FIRST_LINE, FIRST_N) == 0;
}

static void tell(const struct sessions *s, const struct net_shared *n, const char *what,
                 const char *why)
{
    if (n->way.trace)
        trace_say("TLS session in %s %s%s", s->path, what, why);
}

/* NULL, or why not. */
static const char *take(const struct sessions *s, struct net_shared *n, const char *bytes,
                        size_t size)
{
    if (!is_ours(bytes, size))
        return foreign;
    int r =
        iam_tls_session_restore(&n->tls.shared, s->host, s->port, bytes + FIRST_N, size - FIRST_N);
    if (r == IAM_ERR_VALUE)
        return "damaged, too old, or made with another endpoint, certificates or build";
    n->resumes = r == IAM_OK;
    return r < 0 ? iam_result_text(r) : NULL;
}

void sessions_take(const struct sessions *s, struct net_shared *n)
{
    char bytes[STATE_MAX];
    size_t size = 0;
    if (!s->path || !n->has_tls)
        return;
    const char *wrong = state_read(s->path, STATE_PRIVATE, bytes, &size);
    if (!wrong && size)
        wrong = take(s, n, bytes, size);
    explicit_bzero(bytes, sizeof bytes);
    if (wrong ? *wrong != '\0' : n->resumes) /* "": there is no file */
        tell(s, n, wrong ? "is not used: " : "is offered", wrong ? wrong : "");
}

/* NULL: the file is empty, or one of these. */
static const char *holds_another(const char *path)
{
    char bytes[FIRST_N];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0)
        return strerror(errno);
    ssize_t n = read(fd, bytes, sizeof bytes);
    const char *wrong = n < 0                                 ? strerror(errno)
                        : n == 0 || is_ours(bytes, (size_t)n) ? NULL
                                                              : foreign;
    close(fd);
    return wrong;
}

/* Is there nothing in the way of a file? What is no file at all stays, and so do what a link leads to and a file that
 * is none of these. */
static const char *unwritable(const char *path)
{
    struct stat st;
    return lstat(path, &st) < 0  ? (errno == ENOENT ? NULL : strerror(errno))
           : S_ISREG(st.st_mode) ? holds_another(path)
           : S_ISDIR(st.st_mode) ? "it is a folder"
           : S_ISLNK(st.st_mode) ? "it is a link"
                                 : "it is no regular file";
}

static const char *write_file(const char *path, const char *bytes, size_t size)
{
    const char *wrong = unwritable(path);
    if (wrong)
        return wrong;
    replace_sweep(path);
    int number = replace_file(path, REPLACE_LOSABLE, bytes, size);
    return number ? strerror(number) : NULL;
}

void sessions_keep(const struct sessions *s, struct net_shared *n)
{
    char bytes[STATE_MAX] = FIRST_LINE;
    size_t size = 0;
    const char *wrong = NULL;
    if (!s->path || !n->has_tls)
        return;
    int r = iam_tls_session_save(&n->tls.shared, s->host, s->port, bytes + FIRST_N,
                                 sizeof bytes - FIRST_N, &size);
    if (r == IAM_OK)
        wrong = write_file(s->path, bytes, FIRST_N + size);
    else if (r == IAM_ERR_STATE && n->resumes && unlink(s->path) < 0 && errno != ENOENT)
        wrong = strerror(errno); /* it was offered, and did not last */
    explicit_bzero(bytes, sizeof bytes);
    if (wrong)
        say_note("The TLS session is not kept in %s: %s", s->path, wrong);
}
