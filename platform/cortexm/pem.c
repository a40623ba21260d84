/* PEM files, a certificate or key at a time, as DER. */
#include "pem.h"

#include "semihost.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LINE_MAX 80

struct pem {
    const char *word;
    unsigned char *to;
    size_t room, used;
    int count;
    char line[LINE_MAX];
    size_t n;
    bool inside;
    uint32_t bits;
    unsigned have; /* of bits */
};

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* "-----BEGIN EC PRIVATE KEY-----" for the word PRIVATE KEY; certificates have no words before theirs. */
static bool is_label(const struct pem *pem, const char *begin)
{
    static const char dashes[] = "-----";
    size_t word = strlen(pem->word), n = strlen(begin), end = sizeof dashes - 1;
    return pem->n >= n + word + end && memcmp(pem->line, begin, n) == 0 &&
           memcmp(pem->line + pem->n - end, dashes, end) == 0 &&
           memcmp(pem->line + pem->n - end - word, pem->word, word) == 0 &&
           pem->line[pem->n - end - word - 1] == ' ';
}

/* False: no room. */
static bool end_line(struct pem *pem)
{
    if (is_label(pem, "-----BEGIN ")) {
        pem->inside = true;
        pem->bits = pem->have = 0;
    } else if (is_label(pem, "-----END ")) {
        pem->count += pem->inside;
        pem->inside = false;
    } else if (pem->inside) {
        for (size_t i = 0; i < pem->n; i++) {
            int v = value_of(pem->line[i]);
            if (v < 0)
                continue; /* padding; damage shows when it is parsed */
            pem->bits = pem->bits << 6 | (uint32_t)v;
            pem->have += 6;
            if (pem->have >= 8) {
                pem->have -= 8;
                if (pem->used == pem->room)
                    return false;
                pem->to[pem->used++] = (unsigned char)(pem->bits >> pem->have);
            }
        }
    }
    pem->n = 0;
    return true;
}

static bool take_pem(struct pem *pem, const char *data, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (data[i] == '\n') {
            if (!end_line(pem))
                return false;
        } else if (data[i] != '\r' && pem->n < sizeof pem->line) {
            pem->line[pem->n++] = data[i];
        }
    }
    return true;
}

static bool take_der(struct pem *pem, const char *data, size_t n)
{
    if (n > pem->room - pem->used)
        return false;
    memcpy(pem->to + pem->used, data, n);
    pem->used += n;
    pem->count = 1;
    return true;
}

int pem_read(const char *path, const char *word, unsigned char *to, size_t room, size_t *used)
{
    struct pem pem = {.word = word, .to = to, .room = room};
    char data[256];
    bool der = false, first = true, fits = true;
    int n;

    int handle = semihost_open(path, SEMIHOST_READ);
    if (handle < 0)
        return -1;
    while (fits && (n = semihost_read(handle, data, sizeof data)) > 0) {
        der = first ? data[0] == 0x30 : der;
        first = false;
        fits = der ? take_der(&pem, data, (size_t)n) : take_pem(&pem, data, (size_t)n);
    }
    semihost_close(handle);
    if (fits && !der)
        fits = end_line(&pem); /* a last line without its end */
    memset(data, 0, sizeof data);
    *used = pem.used;
    return fits ? pem.count : -1;
}
