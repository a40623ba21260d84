/* What xml.c and xml_fast.c share, and the wide reads of the fast tier: SSE2, NEON, or words of the
 * machine. Private to the tokenizer.
 *
 *   IAM_XML_WIDE          bytes that are read at once; the caller makes sure that they are there
 *   iam_xml_stops()       which of them are not plain text, as bits
 *   iam_xml_not_spaces()  which of them are not spaces
 *   iam_xml_first()       the first of either, as an offset
 *   iam_xml_is_false()    the byte that stops() named first is plain all the same: go on after it */
#ifndef TINYIAM_WIRE_XML_SCAN_H
#define TINYIAM_WIRE_XML_SCAN_H

#include <string.h>

#include <tinyiam/parts/compiler.h>
#include <tinyiam/parts/xml.h>

/* States of the byte machine that the fast tier knows: the others are its own affair. */
enum {
    /* of a known element whose ancestors are all known, without prefixes */
    IAM_XML_CONTENT_OF_BRANCH = 0,
    /* the same, before its first child, or with prefixes */
    IAM_XML_CONTENT_OF_LEAF = 1,
    IAM_XML_NAME = 11 /* inside a name */
};

/* The byte machine: handles everything, at any split. Contract of iam_xml_next(). */
int iam_xml_bytes(struct iam_xml *, const char **p, const char *end, struct iam_span *text);

/* Text that needs no second look: printable ASCII without < & and the last byte of ]]>. */
static inline bool iam_xml_is_plain(unsigned c)
{
    return c - 0x20 < 0x60 && c != '<' && c != '&' && c != '>';
}

/* Loads from any address: one instruction where the machine has it, by bytes elsewhere. */
#ifdef IAM_ANYWHERE
struct iam_xml_word2 {
    uint16_t v;
} IAM_ANYWHERE;
struct iam_xml_word4 {
    uint32_t v;
} IAM_ANYWHERE;
struct iam_xml_word {
    uintptr_t v;
} IAM_ANYWHERE;

static inline uint32_t iam_xml_load2(const char *p)
{
    return ((const struct iam_xml_word2 *)(const void *)p)->v;
}

static inline uint32_t iam_xml_load4(const char *p)
{
    return ((const struct iam_xml_word4 *)(const void *)p)->v;
}

static inline uintptr_t iam_xml_load_word(const char *p)
{
    return ((const struct iam_xml_word *)(const void *)p)->v;
}
#else
static inline uint32_t iam_xml_load2(const char *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline uint32_t iam_xml_load4(const char *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline uintptr_t iam_xml_load_word(const char *p)
{
    uintptr_t v;
    memcpy(&v, p, sizeof v);
    return v;
}
#endif

#if defined(__SSE2__) && defined(IAM_ZEROS_BELOW)
#include <emmintrin.h>
#define IAM_XML_WIDE 16
typedef unsigned iam_xml_bits;

static inline __m128i iam_xml_load(const char *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* Bytes of the next 16 that are not plain, as bits. */
static inline iam_xml_bits iam_xml_stops(const char *p)
{
    __m128i v = iam_xml_load(p);
    __m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20)); /* signed: beyond ASCII as well */
    __m128i angle = _mm_cmpeq_epi8(_mm_or_si128(v, _mm_set1_epi8(2)), _mm_set1_epi8('>'));
    __m128i ampersand = _mm_cmpeq_epi8(v, _mm_set1_epi8('&'));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(low, angle), ampersand));
}

static inline iam_xml_bits iam_xml_not_spaces(const char *p)
{
    return 0xffffu ^
           (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(iam_xml_load(p), _mm_set1_epi8(' ')));
}

static inline unsigned iam_xml_first(iam_xml_bits bits)
{
    return IAM_ZEROS_BELOW(bits);
}

static inline bool iam_xml_is_false(unsigned c)
{
    (void)c;
    return false;
}

#elif defined(__ARM_NEON) && defined(__aarch64__) && defined(IAM_ZEROS_BELOW)
#include <arm_neon.h>
#define IAM_XML_WIDE 16
typedef uint64_t iam_xml_bits; /* four for each byte */

static inline iam_xml_bits iam_xml_pack(uint8x16_t v)
{
    return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(v), 4)), 0);
}

static inline iam_xml_bits iam_xml_stops(const char *p)
{
    uint8x16_t v = vld1q_u8((const uint8_t *)p);
    uint8x16_t low = vcltq_s8(vreinterpretq_s8_u8(v), vdupq_n_s8(0x20));
    uint8x16_t angle = vceqq_u8(vorrq_u8(v, vdupq_n_u8(2)), vdupq_n_u8('>'));
    uint8x16_t ampersand = vceqq_u8(v, vdupq_n_u8('&'));
    return iam_xml_pack(vorrq_u8(vorrq_u8(low, angle), ampersand));
}

static inline iam_xml_bits iam_xml_not_spaces(const char *p)
{
    return iam_xml_pack(vmvnq_u8(vceqq_u8(vld1q_u8((const uint8_t *)p), vdupq_n_u8(' '))));
}

static inline unsigned iam_xml_first(iam_xml_bits bits)
{
    return IAM_ZEROS_BELOW(bits) / 4;
}

static inline bool iam_xml_is_false(unsigned c)
{
    (void)c;
    return false;
}

#else
typedef uintptr_t iam_xml_bits;
#define IAM_XML_WIDE sizeof(iam_xml_bits)
#define IAM_XML_EACH(c) (~(iam_xml_bits)0 / 0xff * (c))

static inline iam_xml_bits iam_xml_load(const char *p)
{
    return iam_xml_load_word(p);
}

/* High bits of bytes that are not plain, up to the first; of those after it, and of space to %, perhaps
 * as well. Each difference has its high bit where a byte is below, and both together where one is beyond
 * ASCII; a borrow goes to later bytes only. */
static inline iam_xml_bits iam_xml_stops(const char *p)
{
    iam_xml_bits v = iam_xml_load(p);
    iam_xml_bits low = v - IAM_XML_EACH('&' + 1);
    iam_xml_bits angle = ((v | IAM_XML_EACH(2)) ^ IAM_XML_EACH('>')) - IAM_XML_EACH(1);

    return (low | angle) & IAM_XML_EACH(0x80);
}

static inline iam_xml_bits iam_xml_not_spaces(const char *p)
{
    return iam_xml_load(p) ^ IAM_XML_EACH(' ');
}

#if defined(IAM_ZEROS_BELOW) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static inline unsigned iam_xml_first(iam_xml_bits bits)
{
    return IAM_ZEROS_BELOW(bits) / 8;
}

/* Is it a byte that iam_xml_stops() reports although it is plain? */
static inline bool iam_xml_is_false(unsigned c)
{
    return c - ' ' < '&' - ' ';
}
#else
static inline unsigned iam_xml_first(iam_xml_bits bits)
{
#ifdef IAM_ZEROS_ABOVE
    return IAM_ZEROS_ABOVE(bits) / 8;
#else /* the machine's order is not known */
    unsigned char each[sizeof bits];
    unsigned i = 0;
    memcpy(each, &bits, sizeof bits);
    while (each[i] == 0)
        i++;
    return i;
#endif
}

/* The borrow goes to earlier bytes here, or may. */
static inline bool iam_xml_is_false(unsigned c)
{
    return iam_xml_is_plain(c);
}
#endif
#endif

#endif
