/** @file
 * Streaming XML tokenizer over a const schema. Layer: wire.
 *
 * Takes any split of the input, never holds text, never looks back. Elements that the schema names at
 * that place are reported; every other element is checked for well-formedness and skipped, at any depth
 * and width, in constant memory.
 *
 *   document:  [mark] [declaration] misc* root misc*
 *   events:    OPEN(node) ... CLOSE(node), for a leaf OPEN TEXT* CLOSE or, where all of it lies in the
 *              input undecoded, one VALUE
 *
 * Accepts and refuses: see the table in core/wire/README.md. */
#ifndef TINYIAM_PARTS_XML_H
#define TINYIAM_PARTS_XML_H

#include "../config.h"
#include "../types.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { IAM_XML_BRANCH = 0, IAM_XML_LEAF = 1 };

/** One known element. A schema is a const array; node 0 is the document, whose children are the roots.
 * Numbers are indices into that array, 0 = none. Names are ASCII, and siblings differ. */
struct iam_xml_node {
    const char *tag; /**< local name followed by '>', e.g. "Arn>": one compare does a whole tag */
    uint8_t len;     /**< of the name, '>' not counted; at most 63 */
    uint8_t kind;    /**< IAM_XML_BRANCH or IAM_XML_LEAF; a leaf has no children */
    uint8_t parent, child, next;
    /* for the decoder; the tokenizer does not look at them */
    uint8_t type;
    uint8_t offset; /**< of the value in its struct, in units of 4 bytes */
    uint8_t member;
};

/** The tag and len of a node: {IAM_XML_TAG("Arn"), IAM_XML_LEAF, ...}. */
#define IAM_XML_TAG(name) name ">", sizeof(name) - 1

enum iam_xml_event {
    IAM_XML_MORE = 0, /**< input used up; feed more */
    IAM_XML_OPEN,     /**< start tag of x->node */
    IAM_XML_TEXT,  /**< *text is a run of decoded character data of the leaf x->node, never empty */
    IAM_XML_CLOSE, /**< end tag of x->node */
    /** a whole leaf: OPEN, TEXT of *text (may be empty) and CLOSE of x->node in one */
    IAM_XML_VALUE
};

/** Attribute names of one tag that a later one is compared with: the first ones. */
#define IAM_XML_ATTRIBUTES 6

/** text points into the input, into x, or to a constant; valid until the next call. Its ends may lie
 * inside a UTF-8 sequence. After the first child element of a leaf no more of its text is reported.
 * Plain memory without pointers into itself: a copy of the struct is a snapshot. */
struct iam_xml {
    const struct iam_xml_node *schema;
    uint8_t node; /**< index of the event's node */
    /** an element that is not known has been passed over; the caller clears it */
    bool skipped : 1;

    /* PRIVATE */
    bool colon : 1;    /* the name being read has had its colon, or may have none */
    bool ascii : 1;    /* that is the document's encoding by its declaration */
    uint8_t state;     /* what the next byte is part of */
    uint8_t home;      /* state to return to after markup */
    uint8_t at;        /* innermost open known element */
    uint8_t guess;     /* known element that will likely open next, or 0 */
    uint8_t candidate; /* known element whose name fits so far, or 0 */
    uint8_t pos;       /* how much of it; bytes in word */
    uint8_t role;      /* of the name being read */
    uint8_t quote;     /* that ends the attribute value; 0: not in one */
    uint8_t utf8;      /* continuation bytes to come, and what the character must be */
    uint8_t count;     /* of attributes remembered; parts of the declaration seen */
    uint32_t depth;    /* open unknown elements, all inside at */
    uint32_t names;    /* running hash of their names */
    uint32_t prefixes; /* running hash of the prefixes of open known elements; 0: none has one */
    uint32_t hash;     /* of the name being read */
    uint32_t fold;     /* what the tag before, or at hand, does to names or prefixes */
    union {
        uint32_t value;  /* character or reference being read; the error that sticks */
        char decoded[4]; /* character of a reference, for text to point to */
    };
    union {
        uint32_t attributes[IAM_XML_ATTRIBUTES]; /* hashes of names of the tag at hand */
        uint32_t prefix;                         /* hash of the prefix of the tag's name; 0: none */
        char word[IAM_XML_ATTRIBUTES * 4];       /* target of a PI; words of the declaration */
    };
};

#ifndef __cplusplus
_Static_assert(sizeof(void *) > 4 || sizeof(struct iam_xml) <= 64,
               "the tokenizer lives in 64 bytes");
#endif

void iam_xml_init(struct iam_xml *, const struct iam_xml_node *schema);
/** Consumes from *p up to end; returns an event (> 0), IAM_XML_MORE (then *p == end), or an error of
 * the XML band, which sticks (then *p is at the byte where it showed). Call until MORE or until
 * *p == end: an event need not consume a byte, but none is held back at the end. */
int iam_xml_next(struct iam_xml *, const char **p, const char *end, struct iam_span *text);
/** The document must end here: IAM_OK, IAM_ERR_XML_TRUNCATED (nothing, or not all, has come), or the
 * error that sticks. */
int iam_xml_finish(const struct iam_xml *);

#ifdef __cplusplus
}
#endif
#endif
