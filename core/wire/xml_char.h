/* Characters as XML has them, and the hashes of names. Private to the tokenizer's byte machine. */
#ifndef TINYIAM_WIRE_XML_CHAR_H
#define TINYIAM_WIRE_XML_CHAR_H

#include <stdbool.h>
#include <stdint.h>

static inline bool is_space(unsigned c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline bool is_letter(unsigned c)
{
    return (c | 0x20) - 'a' < 26;
}

static inline bool is_digit(unsigned c)
{
    return c - '0' < 10;
}

/* Text in which nothing begins; ] may begin ]]>. */
static inline bool is_plain(unsigned c)
{
    return c - 0x20 < 0x60 && c != '<' && c != '&' && c != ']';
}

static inline bool is_name(unsigned c)
{
    return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.';
}

/* Name characters beyond ASCII, XML 1.0 fifth edition. */
static inline bool is_name_beyond(uint32_t c, bool start)
{
    static const uint16_t turns[] = {0xc0,   0xd7,   0xd8,   0xf7,   0xf8,   0x300,  0x370,
                                     0x37e,  0x37f,  0x2000, 0x200c, 0x200e, 0x2070, 0x2190,
                                     0x2c00, 0x2ff0, 0x3001, 0xd800, 0xf900, 0xfdd0, 0xfdf0};
    unsigned i = 0;

    if (!start && (c == 0xb7 || c - 0x300 < 0x70 || c - 0x203f < 2))
        return true;
    while (i < sizeof(turns) / sizeof(turns[0]) && c >= turns[i])
        i++;
    return (i & 1) != 0 && c < 0xf0000;
}

/* One step of the hash of a name. */
static inline uint32_t hash_step(uint32_t h, unsigned c)
{
    return (h ^ c) * 0x01000193u;
}

/* The running hash of open names is a permutation for each name, so that an end tag can undo what its
 * start tag did. No name (0) leaves an empty hash (0) as it is. */
static inline uint32_t hash_push(uint32_t h, uint32_t name)
{
    h = (h ^ name) * 0x9e3779b1u;
    return h << 15 | h >> 17;
}

static inline uint32_t hash_pop(uint32_t h, uint32_t name)
{
    h = h >> 15 | h << 17;
    return h * 0x0e8b2f51u ^ name;
}

/* A character that a reference may name. */
static inline bool is_character(uint32_t v)
{
    return v >= 0x20 ? v >> 11 != 0x1b && v >> 1 != 0xffff >> 1 && v <= 0x10ffff : is_space(v);
}

/* The predefined entities, by their names as numbers: big-endian. */
static inline uint32_t entity(uint32_t name)
{
    static const uint32_t names[] = {0x616d70, 0x6c74, 0x6774, 0x71756f74, 0x61706f73, 0};
    unsigned i = 0;

    while (names[i] != 0 && names[i] != name)
        i++;
    return (uint8_t) "&<>\"'"[i];
}

#endif
