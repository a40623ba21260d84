/* A namespace that is looked for, and the nearest to it. */
#include "wanted.h"

#include <string.h>

#include "say.h"

/* Letters and digits, small ones: "Amazon S3" and "amazon-s3" are the same. */
static void strip(const char *p, size_t n, char out[65])
{
    size_t at = 0;
    for (size_t i = 0; i < n && at < 64; i++) {
        char c = p[i] >= 'A' && p[i] <= 'Z' ? (char)(p[i] + 32) : p[i];
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out[at++] = c;
    }
    out[at] = '\0';
}

/* Behind the maker's name, which stands in front of most services' names but of no namespace. */
static void strip_maker(char *text)
{
    static const char *const makers[] = {"amazon", "aws"};
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
        size_t n = strlen(makers[i]);
        if (strncmp(text, makers[i], n) == 0 && text[n]) {
            memmove(text, text + n, strlen(text + n) + 1);
            return;
        }
    }
}

void wanted_begin(struct wanted *w, const char *namespace_)
{
    memset(w, 0, sizeof *w);
    w->namespace_ = namespace_;
    strip(namespace_, strlen(namespace_), w->bare);
    strip_maker(w->bare);
    w->by_given = nearest_begin(w->namespace_);
    w->by_bare = nearest_begin(w->bare);
    /* namespaces are short: of one of three letters two are another service */
    w->by_given.least = strlen(namespace_) > 3 ? strlen(namespace_) / 3 : 1;
    w->by_bare.least = strlen(w->bare) / 4;
}

/* Is it nearer than all before it, in either way? */
static bool look(struct wanted *w, struct nearest *way, const char *text)
{
    struct nearest *other = way == &w->by_given ? &w->by_bare : &w->by_given;
    if (!nearest_try(way, text))
        return false;
    if (other->least >= way->least) {
        other->least = way->least;
        other->found = true;
    }
    return true;
}

void wanted_look(struct wanted *w, const struct iam_service *s)
{
    char name[65], bare[65] = "";
    w->services++;
    if (!s->namespace_.p || s->namespace_.n >= sizeof name)
        return;
    memcpy(name, s->namespace_.p, s->namespace_.n);
    name[s->namespace_.n] = '\0';
    w->found |= strcmp(name, w->namespace_) == 0;
    strip(name, strlen(name), bare);
    bool nearer = look(w, &w->by_given, name);
    nearer |= look(w, &w->by_bare, bare);
    if (s->name.p) {
        strip(s->name.p, s->name.n, bare);
        strip_maker(bare);
        nearer |= look(w, &w->by_bare, bare);
    }
    if (nearer)
        memcpy(w->best, name, sizeof name);
}

static void suggest(struct say *s, const struct wanted *w)
{
    say_add(s, "; did you mean ");
    say_string(s, w->best);
    say_add(s, "?");
}

bool wanted_nowhere(const struct wanted *w)
{
    struct say s;
    if (w->found || w->services == 0)
        return false;
    say_begin(&s, "tinyiam: ");
    say_string(&s, w->namespace_);
    say_add(&s, " was in no report");
    if (w->best[0])
        suggest(&s, w);
    say_end(&s);
    return true;
}

int wanted_missing(const struct wanted *w, const char *job_id)
{
    struct say s;
    say_begin(&s, SAY_ERROR);
    say_string(&s, w->namespace_);
    say_add(&s, " is not in the report");
    if (w->best[0]) {
        suggest(&s, w);
    } else if (w->services == 0) {
        say_add(&s, ", which has no services at all");
    } else {
        say_add(&s,
                ". Its %lu services: tinyiam get-service-last-accessed-details --all --job-id %s",
                w->services, job_id);
    }
    say_end(&s);
    return CODE_USAGE;
}
