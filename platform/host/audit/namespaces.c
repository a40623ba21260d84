/* Namespaces that were asked for, and that no report knew. */
#include "namespaces.h"

#include <stdlib.h>
#include <string.h>

#include "text/hash.h"
#include "text/say.h"

/* ---- names, each once ---- */

/* Where it is, or would be. */
static uint64_t *place_of(const struct names *all, uint64_t hash)
{
    size_t at = (size_t)(hash ^ hash >> 32) & (all->size - 1);
    while (all->hashes[at] && all->hashes[at] != hash)
        at = (at + 1) & (all->size - 1);
    return &all->hashes[at];
}

static void grow(struct names *all)
{
    struct names more = {.size = all->size ? 2 * all->size : 64, .n = all->n};
    more.hashes = calloc(more.size, sizeof *more.hashes);
    if (!more.hashes)
        say_no_memory();
    for (size_t i = 0; i < all->size; i++)
        if (all->hashes[i])
            *place_of(&more, all->hashes[i]) = all->hashes[i];
    free(all->hashes);
    *all = more;
}

bool names_add(struct names *all, struct iam_span name)
{
    uint64_t hash = HASH64;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        c = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        hash = hash64(hash, (struct iam_span){&c, 1});
    }
    hash += hash == 0;
    if (2 * all->n >= all->size)
        grow(all);
    uint64_t *place = place_of(all, hash);
    if (*place)
        return false;
    *place = hash;
    all->n++;
    return true;
}

void names_end(struct names *all)
{
    free(all->hashes);
    memset(all, 0, sizeof *all);
}

/* ---- --service-namespace ---- */

/* Is it one of those before it? */
static bool is_again(const char *const *names, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(names[i], names[at]) == 0)
            return true;
    return false;
}

void namespaces_begin(struct namespaces *all, const char *const *names, size_t n)
{
    memset(all, 0, sizeof *all);
    if (n && (all->wanted = calloc(n, sizeof *all->wanted)) == NULL)
        say_no_memory();
    for (size_t i = 0; i < n; i++)
        if (!is_again(names, i))
            wanted_begin(&all->wanted[all->n++], names[i]);
}

/* Reports have the same services again and again. */
static bool is_new(struct namespaces *all, struct iam_span name)
{
    uint64_t hash = hash64(HASH64, name) | 1;
    size_t at = hash / 2 % NAMESPACES_SEEN;
    while (all->seen[at] && all->seen[at] != hash)
        at = (at + 1) % NAMESPACES_SEEN;
    if (all->seen[at] == hash || all->seen_n + 1 == NAMESPACES_SEEN)
        return false;
    all->seen[at] = hash;
    all->seen_n++;
    return true;
}

void namespaces_look(struct namespaces *all, const struct iam_service *service)
{
    if (!all->n || !service->namespace_.p || !is_new(all, service->namespace_))
        return;
    for (size_t i = 0; i < all->n; i++)
        wanted_look(&all->wanted[i], service);
}

size_t namespaces_say(const struct namespaces *all)
{
    size_t missing = 0;
    for (size_t i = 0; i < all->n; i++)
        missing += wanted_nowhere(&all->wanted[i]);
    return missing;
}

void namespaces_end(struct namespaces *all)
{
    free(all->wanted);
    memset(all, 0, sizeof *all);
}
