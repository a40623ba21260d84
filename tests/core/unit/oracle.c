/* One line in, one line out: lets a script compare the library with other people's code.
 *
 *   time HEX                      -> "IAM_OK us offset iso8601" or "error"
 *   date HEX                      -> likewise, of a Date field of HTTP
 *   sign ACCESS SECRET REGION SERVICE METHOD PATH QUERY DATE PAYLOAD [NAME VALUE]...
 *                                 -> the Authorization value; fields in hex, "-" for an empty one
 *   clear                         -> "ok": forgets the signing key
 *   pace LAW MAX                  -> "ok": a new one, LAW a number of enum iam_pace_law; decimal numbers
 *   ask NOW                       -> milliseconds to wait
 *   tell NOW THROTTLED            -> rate and measured rate, in millionths of a request a second */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tinyiam/pace.h>
#include <tinyiam/parts/datetime.h>
#include <tinyiam/parts/sigv4.h>
#include <tinyiam/tinyiam.h>

#include "guard.h"

#define FIELDS 64

static struct iam_sigv4 signer;

/* Each field in memory of its own that ends at a guard page. */
static struct guard field(const char *hex)
{
    size_t n = strcmp(hex, "-") == 0 ? 0 : strlen(hex) / 2;
    struct guard g = guard_alloc(n);

    for (size_t i = 0; i < n; i++) {
        unsigned v = 0;

        if (sscanf(hex + 2 * i, "%2x", &v) != 1)
            abort();
        g.p[i] = (unsigned char)v;
    }
    return g;
}

static struct iam_span span(const struct guard *g)
{
    return (struct iam_span){(const char *)g->p, g->n};
}

static void answer_time(struct guard *f, int (*parse)(struct iam_span, struct iam_time *))
{
    struct iam_time t;
    char iso[40];

    if (parse(span(&f[0]), &t) != IAM_OK) {
        puts("error");
        return;
    }
    size_t n = iam_time_text(&t, iso);
    printf("%" PRId64 " %d %.*s\n", t.us, t.offset_min, (int)n, iso);
}

static void answer_sign(struct guard *f, size_t count)
{
    struct iam_header headers[FIELDS / 2];
    struct iam_sigv4_request r = {.access_key = span(&f[0]),
                                  .secret_key = span(&f[1]),
                                  .region = span(&f[2]),
                                  .service = span(&f[3]),
                                  .method = span(&f[4]),
                                  .path = span(&f[5]),
                                  .query = span(&f[6]),
                                  .date = (char *)f[7].p,
                                  .payload_sha256 = f[8].p,
                                  .headers = headers};
    uint8_t signature[32];
    static char text[65536];
    struct iam_out o = {.p = text, .cap = sizeof text};

    for (size_t i = 9; i + 1 < count; i += 2)
        headers[r.header_count++] = (struct iam_header){span(&f[i]), span(&f[i + 1])};
    if (iam_sigv4_sign(&signer, &r, signature) != IAM_OK) {
        puts("error");
        return;
    }
    iam_sigv4_authorization(&o, &r, signature);
    printf("%.*s\n", (int)o.n, text);
}

static bool answer_pace(const char *line)
{
    static struct iam_pace pace;
    uint32_t now, place = 0;
    unsigned a, b;

    if (sscanf(line, "pace %u %u", &a, &b) == 2) {
        iam_pace_init(&pace, (enum iam_pace_law)a, b);
        puts("ok");
    } else if (sscanf(line, "ask %" SCNu32, &now) == 1) {
        printf("%u\n", iam_pace_ask(&pace, now, &place));
        pace.served = pace.given; /* each is a request of its own, and nobody waits */
    } else if (sscanf(line, "tell %" SCNu32 " %u", &now, &a) == 2) {
        iam_pace_tell(&pace, now, a != 0);
        printf("%u %u\n", pace.rate, pace.measured);
    } else {
        return false;
    }
    fflush(stdout);
    return true;
}

int main(void)
{
    static char line[1 << 20];

    while (fgets(line, sizeof line, stdin)) {
        if (answer_pace(line))
            continue;
        struct guard f[FIELDS];
        size_t count = 0;
        char *verb = strtok(line, " \n"), *word;

        while (count < FIELDS && (word = strtok(NULL, " \n")))
            f[count++] = field(word);
        if (verb && strcmp(verb, "time") == 0 && count == 1) {
            answer_time(f, iam_time_parse);
        } else if (verb && strcmp(verb, "date") == 0 && count == 1) {
            answer_time(f, iam_time_parse_http);
        } else if (verb && strcmp(verb, "sign") == 0 && count >= 9) {
            answer_sign(f, count);
        } else {
            iam_sigv4_clear(&signer);
            puts("ok");
        }
        fflush(stdout);
        while (count--)
            guard_free(&f[count]);
    }
    return 0;
}
