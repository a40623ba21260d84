/* Audits of a server whose replies are damaged, each in the same way whenever it is asked for again: any split of the
 * bytes gives the same, and so does a client that is reset after any item and goes on from its checkpoint with other
 * buffers. What is handed out, and how it ends, is compared as text.
 *
 *   fuzz_audit [--seconds N] [--seed N]    makes them up
 *   fuzz_audit FILE                        runs a file: the first 8 bytes choose, the rest is what is put into replies
 * With TINYIAM_LIBFUZZER defined: a libFuzzer target. */
#include <time.h>

#include "fuzz_run.h"

#define CHECK(condition) \
    ((condition) ? (void)0 : (fprintf(stderr, "fuzz_audit: %s\n", #condition), abort()))
#define assert_true(condition) CHECK(condition)
#define assert_int_equal(a, b) CHECK((long long)(a) == (long long)(b))
#define fail_msg(...) (fprintf(stderr, __VA_ARGS__), abort())
#include "audit_world.h"

struct fuzz_world {
    struct audit_world w; /* first: the callbacks cast */
    uint64_t seed;
    uint32_t share; /* one reply of so many is damaged */
    const char *piece;
};

static const char *const pieces[] = {
    "<",
    ">",
    "&amp;",
    "true",
    "false",
    "0",
    "9",
    "-",
    "x",
    " ",
    "\xC3\xA9",
    "\xE2\x80\xAE",
    "COMPLETED",
    "IN_PROGRESS",
    "FAILED",
    "<JobStatus>COMPLETED</JobStatus>",
    "<JobType>ACTION_LEVEL</JobType>",
    "<IsTruncated>true</IsTruncated>",
    "<IsTruncated>false</IsTruncated>",
    "<Marker>s1</Marker>",
    "<Marker>s2</Marker>",
    "<Marker>e1</Marker>",
    "<Marker>\n</Marker>",
    "<ServiceNamespace>service0</ServiceNamespace>",
    "<ServiceNamespace>service1</ServiceNamespace>",
    "<ServiceNamespace/>",
    "<TotalAuthenticatedEntities>1</TotalAuthenticatedEntities>",
    "<TotalAuthenticatedEntities>0</TotalAuthenticatedEntities>",
    "<LastAuthenticated>2018-10-01T00:00:00Z</LastAuthenticated>",
    "<TrackedActionsLastAccessed><member/></TrackedActionsLastAccessed>",
    "<JobCreationDate>2018-10-24T19:40:01Z</JobCreationDate>",
    "</member><member>",
    "<member>",
    "</member>",
    "</ServicesLastAccessed>",
    "<ServicesLastAccessed>",
    "</EntityDetailsList>",
    "<!-- -->",
    "<![CDATA[x]]>"};
enum { PIECES = sizeof pieces / sizeof *pieces };

/* The same for the same request. */
static void damage(struct rig *r, struct audit_world *w, char *body, size_t size)
{
    struct fuzz_world *f = (struct fuzz_world *)(void *)w;
    const char *form = strstr(r->in, "\r\n\r\n");
    uint64_t random = f->seed;
    for (const char *p = form; p != NULL && *p != 0; p++)
        random = (random ^ (unsigned char)*p) * UINT64_C(0x100000001B3);
    if (fuzz_random(&random) % f->share != 0)
        return;
    const char *own[PIECES + 1];
    memcpy(own, pieces, sizeof pieces);
    own[PIECES] = f->piece;
    const struct fuzz_damage how = {
        .keep = 60, .most = 4, .cut = 60, .pieces = own, .count = PIECES + 1};
    size_t n = fuzz_damage((uint8_t *)body, strlen(body), size - 1, &how, &random);
    body[n] = 0;
    n = strlen(body); /* a NUL ends it */
    body[n] = 0;
}

static void world(struct fuzz_world *f, const uint8_t *data, const char *piece)
{
    memset(f, 0, sizeof *f);
    audit_world_init(&f->w, 1 + data[0] % 9);
    f->w.service_page = 1 + data[1] % 4;
    f->w.entity_page = data[2] % 3;
    f->w.ignore_max = data[3] % 5 == 0;
    f->w.marker_n = data[3] % 3 == 0 ? IAM_MARKER_MAX : 0;
    f->w.any = true;
    f->w.lie = damage;
    memcpy(&f->seed, data, 8);
    f->share = 1 + data[4] % 8;
    f->piece = piece;
}

/* All of it, cut up by chunk; after each so many items (0: never) the client is another one. */
static char *run(const uint8_t *data, const char *piece, size_t chunk, unsigned every)
{
    static struct iam_audit_checkpoint at;
    struct fuzz_world f;
    char *text = malloc(AUDIT_TEXT), end[80];
    size_t n = 0;
    int r = IAM_ITEM;
    bool resumed = false;
    for (unsigned rounds = 0; r == IAM_ITEM; rounds++) {
        struct audit_run u;
        CHECK(rounds < 3000);
        world(&f, data, piece);
        audit_set_up(&u, &f.w, (enum iam_audit_what)(data[5] % 3), 512 + 40 * (data[6] % 4));
        u.rig.chunk = chunk;
        u.rig.cfg.rx_size = chunk < 1460 ? chunk : 1460;
        u.rig.cfg.max_attempts = 1;
        u.rig.cfg.max_pages = 20;
        u.rig.cfg.job_ms = 1;
        CHECK(rig_begin(&u.rig) == IAM_OK);
        r = resumed ? iam_call_audit_resume(u.rig.call, &u.request, &at)
                    : iam_call_audit(u.rig.call, &u.request);
        CHECK(r == IAM_OK);
        r = audit_go(&u, every > 0 ? every : UINT32_MAX);
        CHECK(iam_call_audit_checkpoint(u.rig.call, &at) == IAM_OK);
        CHECK(n + u.out.n + sizeof end < AUDIT_TEXT);
        memcpy(text + n, u.text, u.out.n);
        n += u.out.n;
        resumed = true;
        audit_tear_down(&u);
    }
    snprintf(end, sizeof end, "result %d\n", r);
    memcpy(text + n, end, strlen(end) + 1);
    return text;
}

static unsigned whole, failed;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char piece[65];
    if (size < 8)
        return 0;
    size_t n = size - 8 < sizeof piece - 1 ? size - 8 : sizeof piece - 1;
    memcpy(piece, data + 8, n);
    piece[n] = 0;
    char *first = run(data, piece, SIZE_MAX, 0);
    *(strstr(first, "result 0\n") != NULL ? &whole : &failed) += 1;
    for (unsigned i = 1; i < 4; i++) {
        char *other =
            run(data, piece, i < 3 ? data[7] % 90 + 1u : 1460, i < 2 ? 0 : 1 + data[7] % 5);
        if (strcmp(first, other) != 0)
            fail_msg("whole:\n%sother (%u):\n%s", first, i, other);
        free(other);
    }
    free(first);
    return 0;
}

#ifndef TINYIAM_LIBFUZZER

int main(int argc, char **argv)
{
    static uint8_t data[4096];
    struct fuzz_options o = {.seconds = 10, .seed = 1};
    unsigned long runs = 0;
    for (int i = 1; i < argc; i++)
        if (!fuzz_option(&o, argc, argv, &i))
            return fuzz_file(argv[i], data, sizeof data);
    uint64_t random = o.seed;
    for (time_t end = time(NULL) + (time_t)o.seconds; time(NULL) < end;) {
        for (int i = 0; i < 20; i++, runs++) {
            size_t n = 8 + fuzz_random(&random) % 20;
            for (size_t k = 0; k < n; k++)
                data[k] = (uint8_t)fuzz_random(&random);
            LLVMFuzzerTestOneInput(data, n);
        }
    }
    printf("fuzz_audit: seed %lu, %lu inputs: %u whole, %u failed\n", o.seed, runs, whole, failed);
    return 0;
}

#endif
