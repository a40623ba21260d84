/* A leaf's text, of ANY length, as a word out of any list of words. */
#include "whole.h"

static size_t n_list; /* of bytes of words: the last two are NUL */
#define LIST CONTRACT(INSIDE(words, list, list + n_list - 1), list + n_list - words, words, i)
static const char *list;

#include "core/model/decode.c"

size_t strlen(const char *word)
{
    size_t n = nondet_size();
    ASSUME(n <= n_list - 2 - FROM(word) && word[n] == '\0'); /* one of the last two, if no other */
    return n;
}

bool iam_span_is(struct iam_span s, const char *word)
{
    PROVE(s.p == whole.p && INSIDE(word, list, list + n_list - 2), "a word of the list");
    return nondet_bool() && s.n == strlen(word);
}

int main(void)
{
    any_text();
    struct iam_span to = {NULL, 0};
    n_list = nondet_size();
    ASSUME(n_list >= 2 && n_list <= UINT32_MAX);
    list = any_bytes(n_list);
    ASSUME(list[n_list - 2] == '\0' && list[n_list - 1] == '\0');
    iam_word(whole, list, &to);
    PROVE(to.p == NULL || (to.n == whole.n && INSIDE(to.p + to.n, list, list + n_list - 2)),
          "the word that it is, or none");
    REACHED();
    return 0;
}
