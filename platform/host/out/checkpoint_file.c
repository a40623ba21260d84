/* --checkpoint of a list: its place in a file, and the output cut back to it. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "checkpoint_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text/hash.h"
#include "text/replace.h"

/* The file, little end first:
 *   0 "IAMfile5"  8 phase  9 output is a regular file  10 zero (2)  12 request (8)
 *   20 offset in the output (8)  28 state of the format (32)  60 place (488)
 *   548 output's inode (8)  556 digest of the output's last bytes before the offset, 0: none (8)
 *   564 of a list of the account: items (8), shown (8), skip (8), marker (644)  1232 checksum (4) */
enum { REQUEST = 12, OFFSET = 20, STATE = 28, PLACE = 60, INODE = 548, TAIL = 556 };
enum { ITEMS = 564, SHOWN = 572, SKIP = 580, MARKER = 588, SUM = 1232, SIZE = 1236 };
enum { TAIL_BYTES = 4096 };
_Static_assert(MARKER + TOKEN_MARKER_SIZE <= SUM, "layout");
_Static_assert(PLACE + sizeof(struct iam_checkpoint) == INODE, "layout");
_Static_assert(STATE + sizeof(struct out_state) == PLACE, "layout");

static uint64_t digest(uint64_t h, const void *from, size_t n)
{
    return hash64(h, (struct iam_span){from, n});
}

uint64_t checkpoint_request(const struct args *a, const struct format *format,
                            const enum option *which, size_t n)
{
    uint64_t h = HASH64;
    unsigned char head[2] = {(unsigned char)a->command, (unsigned char)(format - formats)};
    h = digest(h, head, sizeof head);
    for (size_t i = 0; i < n; i++) {
        const char *text = a->text[which[i]];
        int at = 0;
        if (!text || a->given[which[i]] < 2)
            h = digest(h, text ? text : "\1", text ? strlen(text) + 1 : 1);
        else
            while ((text = args_each(a, which[i], &at)) != NULL)
                h = digest(h, text, strlen(text) + 1);
    }
    return h;
}

/* Of the last bytes before this offset of the output; 0: they cannot be read. */
static uint64_t digest_tail(const struct checkpoint *c, uint64_t end)
{
    unsigned char bytes[TAIL_BYTES] = {0};
    size_t n = end < sizeof bytes ? (size_t)end : sizeof bytes, have = 0;
    if (c->reader < 0)
        return 0;
    while (have < n) {
        ssize_t k = pread(c->reader, bytes + have, n - have, (off_t)(end - n + have));
        if (k == 0 || (k < 0 && errno != EINTR))
            return 0;
        have += k > 0 ? (size_t)k : 0;
    }
    uint64_t h = digest(HASH64, bytes, n);
    return h ? h : 1;
}

/* Is the file as this run left it? Two runs with one checkpoint would each go on from the other's place, and what
 * lies between would be missing. Who finds the other's ends; who takes the file away begins it anew. An errno
 * where it cannot be seen. */
static int look(const struct checkpoint *c, bool *as_left)
{
    uint8_t sum[4] = {0};
    int fd = open(c->target, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    *as_left = true;
    if (fd < 0)
        return errno == ENOENT ? 0 : errno;
    ssize_t n = pread(fd, sum, sizeof sum, SUM);
    int number = n < 0 ? errno : 0;
    close(fd);
    *as_left = n == sizeof sum && c->sum != 0 && checkpoint_get(sum, 4) == c->sum;
    return number;
}

int checkpoint_save(struct checkpoint *c, enum checkpoint_phase phase, struct sink *sink)
{
    uint8_t bytes[SIZE] = "IAMfile5";
    if (!c->path || !sink_flush(sink))
        return 0;
    if (sink->regular && fdatasync(sink->fd) < 0 && errno != EINVAL) {
        sink->error = errno;
        return 0;
    }
    bytes[8] = (uint8_t)phase;
    bytes[9] = sink->regular;
    checkpoint_put(bytes + REQUEST, c->request, 8);
    checkpoint_put(bytes + OFFSET, sink->base + sink->taken, 8);
    for (int i = 0; i < 8; i++)
        checkpoint_put(bytes + STATE + 4 * i, c->state.v[i], 4);
    memcpy(bytes + PLACE, c->place.bytes, sizeof c->place.bytes);
    checkpoint_put(bytes + INODE, c->inode, 8);
    checkpoint_put(bytes + TAIL, sink->regular ? digest_tail(c, sink->base + sink->taken) : 0, 8);
    checkpoint_put(bytes + ITEMS, c->list.items, 8);
    checkpoint_put(bytes + SHOWN, c->list.shown, 8);
    checkpoint_put(bytes + SKIP, c->list.skip, 8);
    memcpy(bytes + MARKER, c->list.marker, strlen(c->list.marker));
    checkpoint_put(bytes + SUM, digest(HASH64, bytes, SUM), 4);
    bool as_left;
    int number = look(c, &as_left);
    if (number == 0 && !as_left)
        return say_error(
            CODE_OTHER,
            "Another run keeps its place in the checkpoint %s: give each run one of its own",
            c->path);
    if (number == 0)
        number = replace_file(c->target, REPLACE_LIKE, bytes, SIZE);
    if (number)
        return say_error(CODE_OTHER,
                         "The checkpoint %s could not be written: %s. What was kept there before "
                         "still holds",
                         c->path, strerror(number));
    c->sum = (uint32_t)checkpoint_get(bytes + SUM, 4);
    c->phase = phase;
    c->moved = false;
    return 0;
}

/* FILE itself, or what it is a link to. 0, or an exit code. */
static int find_target(struct checkpoint *c)
{
    c->target = replace_target(c->path);
    if (c->target)
        return 0;
    return say_error(CODE_OTHER, "The checkpoint %s could not be read: %s", c->path,
                     errno == EISDIR   ? "it is a folder"
                     : errno == ELOOP  ? "it is a link to a file that is not there"
                     : errno == ENODEV ? "it is no regular file"
                                       : strerror(errno));
}

/* SIZE bytes of FILE: 1 read, 0 there is none, else an exit code. */
static int read_file(const struct checkpoint *c, uint8_t bytes[SIZE + 1])
{
    int fd = open(c->target, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT)
        return 0;
    ssize_t n = 0, k = fd < 0 ? -1 : 1;
    while (k > 0 && n <= SIZE)
        if ((k = read(fd, bytes + n, (size_t)(SIZE + 1 - n))) > 0)
            n += k;
    int number = errno;
    if (fd >= 0)
        close(fd);
    if (k < 0)
        return say_error(CODE_OTHER, "The checkpoint %s could not be read: %s", c->path,
                         strerror(number));
    if (n != SIZE || memcmp(bytes, "IAMfile5", 8) != 0 || bytes[8] > PHASE_DONE ||
        checkpoint_get(bytes + SUM, 4) != (digest(HASH64, bytes, SUM) & 0xFFFFFFFFu))
        return say_error(CODE_OTHER,
                         "The checkpoint %s is damaged, of another version, or not one of "
                         "tinyiam: remove it to begin again, or name another file",
                         c->path);
    return 1;
}

/* Is it the file that the checkpoint was kept for, or a copy? Else its bytes are not ours to cut. */
static bool is_ours(const struct checkpoint *c, const struct stat *st)
{
    uint64_t now = digest_tail(c, c->offset);
    if (c->tail && now && (c->tail != now || c->offset))
        return c->tail == now;
    return c->was == c->inode || (uint64_t)st->st_size == c->offset;
}

int checkpoint_take_back(struct checkpoint *c, struct sink *sink)
{
    struct stat st;
    uint64_t offset = c->offset;
    if (c->in_file && !sink->regular)
        return say_error(CODE_OTHER,
                         "The checkpoint %s belongs to an output in a regular file: append to that "
                         "file (>>), or remove the checkpoint to begin again",
                         c->path);
    if (!c->in_file)
        return 0; /* what went into a pipe stays there */
    if (fstat(sink->fd, &st) < 0 || (uint64_t)st.st_size < offset)
        return say_error(
            CODE_OTHER,
            "The output file is shorter than the checkpoint %s says (%llu bytes): give "
            "the same file, opened with >> instead of >, or remove the checkpoint to "
            "begin again",
            c->path, (unsigned long long)offset);
    if (!is_ours(c, &st))
        return say_error(CODE_OTHER,
                         "The output file is not the one that the checkpoint %s was kept for, or "
                         "was changed since; it is left as it is. Give that file (>>), or remove "
                         "the checkpoint to begin again",
                         c->path);
    if (c->phase == PHASE_DONE)
        return 0; /* whatever follows is somebody else's */
    if (ftruncate(sink->fd, (off_t)offset) < 0 || lseek(sink->fd, (off_t)offset, SEEK_SET) < 0)
        return say_error(CODE_OTHER,
                         "The output file could not be cut back to the checkpoint's place: %s",
                         strerror(errno));
    sink->base = offset;
    return 0;
}

/* Two runs that cut back and append to one file would spoil it. The lock is the process's: it ends
 * with it, however that happens, and with closing any descriptor of the file. */
static int claim_output(struct checkpoint *c, const struct sink *sink)
{
    char path[32];
    struct stat st, same;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (!sink->regular || fstat(sink->fd, &st) < 0)
        return 0;
    c->inode = st.st_ino;
    snprintf(path, sizeof path, "/dev/fd/%d", sink->fd);
    c->reader = open(path, O_RDONLY | O_CLOEXEC);
    if (c->reader >= 0 && (fstat(c->reader, &same) < 0 || same.st_ino != st.st_ino)) {
        close(c->reader);
        c->reader = -1;
    }
    if (fcntl(sink->fd, F_SETLK, &lock) < 0 && (errno == EACCES || errno == EAGAIN))
        return say_error(CODE_OTHER,
                         "Another run is writing to the output file: wait for its end, or give "
                         "each run a file and a checkpoint of its own");
    return 0; /* a file system without locks cannot tell */
}

int checkpoint_open(struct checkpoint *c, const char *path, uint64_t request, struct sink *sink,
                    bool *found)
{
    uint8_t bytes[SIZE + 1] = {0};
    memset(c, 0, sizeof *c);
    c->reader = -1;
    c->path = path;
    c->request = request;
    *found = false;
    if (!path)
        return 0;
    sink->whole_lines = !sink->regular;
    int r = find_target(c);
    if (r == 0)
        r = claim_output(c, sink);
    if (r)
        return r;
    replace_sweep(c->target);
    r = read_file(c, bytes);
    if (r != 1)
        return r;
    if (checkpoint_get(bytes + REQUEST, 8) != c->request)
        return say_error(CODE_OTHER,
                         "The checkpoint %s belongs to another request or another output format: "
                         "remove it to begin again, or name another file",
                         c->path);
    *found = true;
    c->sum = (uint32_t)checkpoint_get(bytes + SUM, 4);
    c->phase = (enum checkpoint_phase)bytes[8];
    c->in_file = bytes[9];
    c->offset = checkpoint_get(bytes + OFFSET, 8);
    c->tail = checkpoint_get(bytes + TAIL, 8);
    c->was = checkpoint_get(bytes + INODE, 8);
    memcpy(c->place.bytes, bytes + PLACE, sizeof c->place.bytes);
    c->list.items = checkpoint_get(bytes + ITEMS, 8);
    c->list.shown = checkpoint_get(bytes + SHOWN, 8);
    c->list.skip = checkpoint_get(bytes + SKIP, 8);
    memcpy(c->list.marker, bytes + MARKER, sizeof c->list.marker - 1);
    for (int i = 0; i < 8; i++)
        c->state.v[i] = (uint32_t)checkpoint_get(bytes + STATE + 4 * i, 4);
    return 0;
}

void checkpoint_close(struct checkpoint *c)
{
    free(c->target);
    if (c->path && c->reader >= 0)
        close(c->reader);
    memset(c, 0, sizeof *c);
}
