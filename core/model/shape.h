/* What the tables of core/model are made of. Private to model and flow.
 *
 * An operation is data: a row (struct iam_operation of operation.h), its parameters, and the elements of its
 * reply. Each stands in a file of its own, op_NAME.c, made with the macros of table.h; nothing else names one.
 * A program has of them what it calls: the linker drops the rest. */
#ifndef TINYIAM_MODEL_SHAPE_H
#define TINYIAM_MODEL_SHAPE_H

#include <tinyiam/operation.h>
#include <tinyiam/parts/decode.h>
#include <tinyiam/parts/http.h>
#include <tinyiam/parts/out.h>

/* ---- operations ---- */

/* Who answers: its signing name, the version of its model. */
struct iam_service_model {
    struct iam_span name;
    const char *version;
};
extern const struct iam_service_model iam_model; /* IAM itself */

/* A member of a request, by its offset: it is there, of that type, and aligned, so that it is read in place (GCC
 * calls memcpy() where it cannot know that). */
#define IAM_MEMBER_AT(type, request, offset) \
    ((const type *)(const void *)((const char *)(request) + (offset)))

/* The operations that a checkpoint resumes without being told the request: lists about a job. */
extern const struct iam_operation *const iam_job_lists[];
extern const uint8_t iam_job_list_count;

/* AssumeRole and AssumeRoleWithWebIdentity; their request is a struct iam_role_request. */
extern const struct iam_operation iam_op_assume_role, iam_op_web_identity;

/* ---- replies ---- */

/* struct iam_xml_node.type: what the decoder does with a known element. */
enum iam_node_type {
    IAM_NODE_PLAIN = 0, /* holds others; one of a kind: a second one is ignored */
    IAM_NODE_RESULT,
    IAM_NODE_LIST, /* may come in pieces */
    IAM_NODE_ITEM, /* one item; .member: its kind, .offset: its bits, enum iam_item_bit */
    /* a list inside an item, which is handed out before it; .offset: where the item says that the list is there,
     * and in the byte behind that it is the rest of one */
    IAM_NODE_SUBLIST,
    IAM_NODE_SUBITEM, /* as ITEM */
    IAM_NODE_GROUP,   /* a structure inside an item; .offset: its presence flag */
    /* leaves; .offset: of the value */
    IAM_NODE_TEXT,
    IAM_NODE_TIME,
    IAM_NODE_BOOL, /* bool, and a presence flag in the byte behind it: true, 1, false or 0 */
    IAM_NODE_INT,  /* int64_t, and a presence flag in the byte behind it */
    /* text out of a few words; behind the span the word's number from 1 on, 0: another. The words stand behind the
     * tag: "Type>" "\0USER\0ROLE\0GROUP\0" */
    IAM_NODE_WORDS,
    IAM_NODE_REQUEST_ID
};
enum { IAM_NODE_REPLY = 1 }; /* the operation's own root in its schema */

/* envelopes.c: the schema of replies whose status says error. */
extern const struct iam_xml_node iam_envelopes[];

/* What an item is. */
enum iam_item_bit {
    IAM_ITEM_IS_DATA = 1,     /* counts as delivered */
    IAM_ITEM_HAS_DIGEST = 2,  /* not of secrets */
    IAM_ITEM_HAS_END = 4,     /* its end is an event, where structure is asked for */
    IAM_ITEM_IS_USUAL = 1 | 2 /* what a list holds */
};

/* endpoint.c: the number of a region's partition in endpoint_data.h, or IAM_ERR_REGION; the region and the
 * flags are put into today's spelling. */
int iam_endpoint_partition(struct iam_span *region, unsigned *flags);
/* endpoint_sts.c: writes the host name of STS, where there is room; *region is the one to sign for. Its
 * length, or IAM_ERR_REGION. */
int iam_sts_endpoint(struct iam_span *region, unsigned flags, char *host, size_t size);

/* How parameters of the rare kinds are checked and written: rare.c. A row of its own, so that an operation without
 * one does not link it. */
struct iam_rare_kinds {
    int (*check)(const struct iam_param *, const void *request, struct iam_fault *);
    void (*put)(struct iam_out *, const struct iam_param *, const void *request);
};
extern const struct iam_rare_kinds iam_rare_kinds;
/* encode.c: one parameter of any other kind against its limits; and what is to be said of one that has n characters
 * (-1: one that it may not have). */
int iam_param_check(const struct iam_param *, const void *request, struct iam_fault *);
int iam_param_judge(const struct iam_param *, int32_t n, struct iam_fault *);
/* A-Z a-z 0-9 _ - */
bool iam_word_character(int32_t c);

/* encode.c: parameters against the model, then the body. */
int iam_encode_check(const struct iam_operation *, const void *request, struct iam_fault *);
void iam_encode_body(struct iam_out *, const struct iam_operation *, const void *request,
                     struct iam_span latin1_marker);
/* The body's SHA-256, and its length: IAM_OK or IAM_ERR_CRYPTO. Here and not in flow, so that the hash is off the
 * stack when the signing begins. */
int iam_encode_sha256(const struct iam_operation *, const void *request,
                      struct iam_span latin1_marker, uint8_t digest[32], uint32_t *n);
/* UTF-8 to Latin-1; its length, or -1: not UTF-8, outside U+0020..U+00FF, empty, or over 320 characters. */
int iam_marker_latin1(struct iam_span utf8, char out[IAM_MARKER_MAX]);

/* decode.c: body bytes to items and report. Where they go is given with each call. */
struct iam_sink {
    char *p; /* item buffer */
    size_t n;
    struct iam_http *http; /* keeps the request id that the body names */
    bool structure;        /* as iam_config.structure */
};
/* error_reply: the status says error, the reply is an envelope or nothing. */
void iam_decode_init(struct iam_decode *, const struct iam_operation *, bool error_reply);
/* IAM_ITEM, IAM_AGAIN: input used up, or an error. */
int iam_decode_next(struct iam_decode *, const struct iam_sink *, const char **p, const char *end);
/* The body has ended: IAM_OK, or IAM_ERR_XML_TRUNCATED, IAM_ERR_FOREIGN. */
int iam_decode_finish(const struct iam_decode *);
/* What the item at hand is: enum iam_item_bit; 0 for structure. */
unsigned iam_item_bits(const struct iam_decode *);
/* Folds text, or the item at hand, into a running digest; the same on every machine. */
uint64_t iam_mix_text(uint64_t, const char *, size_t n);
uint64_t iam_item_digest(uint64_t, const struct iam_decode *);
/* Is it one of the words (each ends in a NUL, the last in two)? Then *to is the constant, and its number from
 * 1 on is returned; else 0. */
uint8_t iam_word(struct iam_span, const char *words, struct iam_span *to);

#endif
