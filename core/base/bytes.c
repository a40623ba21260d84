/* Numbers made of bytes: hashes, little-endian. */
#include <tinyiam/parts/bytes.h>

uint32_t iam_fnv(uint32_t h, const void *at, size_t n)
{
    const uint8_t *p = at;
    for (; n > 0; n--)
        h = (h ^ *p++) * 16777619u;
    return h;
}

uint32_t iam_hash(struct iam_span s)
{
    uint32_t h = iam_fnv(IAM_FNV, s.p, s.n);
    return h != 0 ? h : 1;
}

void iam_put_le(uint8_t *p, uint64_t v, int n)
{
    for (int i = 0; i < n; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

uint64_t iam_get_le(const uint8_t *p, int n)
{
    uint64_t v = 0;
    while (n-- > 0)
        v = v << 8 | p[n];
    return v;
}
