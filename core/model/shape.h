/* What the tables of core/model are made of. Private to model and flow.
 * An operation is data: a row of iam_operations, its parameters, and its nodes in iam_schema. */
#ifndef TINYIAM_MODEL_SHAPE_H
#define TINYIAM_MODEL_SHAPE_H

#include <tinyiam/parts/decode.h>
#include <tinyiam/parts/http.h>
#include <tinyiam/parts/out.h>
#include <tinyiam/request.h>

enum iam_op { IAM_OP_GENERATE = 0, IAM_OP_SERVICES, IAM_OP_ENTITIES, IAM_OP_COUNT };

enum iam_param_kind {
    IAM_PARAM_TEXT,   /* struct iam_span, UTF-8, min..max characters */
    IAM_PARAM_WORD,   /* the same, of A-Z a-z 0-9 _ - only */
    IAM_PARAM_LEVEL,  /* struct iam_span, SERVICE_LEVEL or ACTION_LEVEL */
    IAM_PARAM_COUNT,  /* uint16_t, min..max; 0: absent */
    IAM_PARAM_MARKER, /* struct iam_span, UTF-8 of U+0020..U+00FF; sent from the call's own copy */
    IAM_PARAM_NAME,   /* as WORD, and + = , . @ */
    IAM_PARAM_ID,     /* as NAME, and : / */
    IAM_PARAM_REQUIRED = 0x80
};

struct iam_param {
    const char *name;
    uint8_t kind;
    uint8_t offset; /* in the operation's request struct */
    uint16_t min, max;
};

/* Who answers: its signing name, the version of its model, its replies. */
struct iam_service_model {
    const char *name, *version;
    const struct iam_xml_node *schema;
};
struct iam_operation {
    const char *action;
    const struct iam_service_model *service; /* NULL: not a query, but a document to fetch */
    const struct iam_param *params;
    uint8_t param_count;
    uint8_t root;                     /* its Response in iam_schema */
    uint8_t marker, max_items, scope; /* offsets in the request struct; 0: has none */
    bool is_unsigned;
};
extern const struct iam_service_model iam_model; /* IAM itself */
extern const struct iam_operation iam_operations[IAM_OP_COUNT];

/* struct iam_xml_node.type: what the decoder does with a known element. */
enum iam_node_type {
    IAM_NODE_PLAIN = 0, /* holds others; one of a kind: a second one is ignored */
    IAM_NODE_RESULT,
    IAM_NODE_ERROR,   /* root of an error envelope */
    IAM_NODE_LIST,    /* may come in pieces */
    IAM_NODE_ITEM,    /* one item of .member's kind */
    IAM_NODE_SUBLIST, /* a list inside an item: the item is handed out before it */
    IAM_NODE_SUBITEM,
    IAM_NODE_GROUP, /* a structure inside an item; offset: its presence flag */
    /* leaves */
    IAM_NODE_TEXT,
    IAM_NODE_TIME,
    IAM_NODE_BOOL,
    IAM_NODE_INT, /* int64_t with its presence flag behind it */
    IAM_NODE_STATUS,
    IAM_NODE_LEVEL,
    IAM_NODE_TYPE,
    IAM_NODE_REQUEST_ID
};
extern const struct iam_xml_node iam_schema[];
extern const uint8_t iam_schema_count;

/* endpoint.c: the number of a region's partition in endpoint_data.h, or IAM_ERR_REGION; the region and the
 * flags are put into today's spelling. */
int iam_endpoint_partition(struct iam_span *region, unsigned *flags);

/* sts.c: AssumeRole and AssumeRoleWithWebIdentity; their request is a struct iam_role_request. */
extern const struct iam_operation iam_assume_role, iam_web_identity;
/* endpoint_sts.c: writes the host name of STS, where there is room; *region is the one to sign for. Its
 * length, or IAM_ERR_REGION. */
#define IAM_STS_HOST_MAX 112
int iam_sts_endpoint(struct iam_span *region, unsigned flags, char host[IAM_STS_HOST_MAX]);

/* encode.c: parameters against the model, then the body. */
int iam_encode_check(const struct iam_operation *, const void *request, struct iam_fault *);
void iam_encode_body(struct iam_out *, const struct iam_operation *, const void *request,
                     struct iam_span latin1_marker);
/* The body's SHA-256: IAM_OK or IAM_ERR_CRYPTO. Here and not in flow, so that the hash is off the
 * stack when the signing begins. */
int iam_encode_sha256(const struct iam_operation *, const void *request,
                      struct iam_span latin1_marker, uint8_t digest[32]);
/* UTF-8 to Latin-1; its length, or -1: not UTF-8, outside U+0020..U+00FF, empty, or over 320 characters. */
int iam_marker_latin1(struct iam_span utf8, char out[IAM_MARKER_MAX]);

/* decode.c: body bytes to items and report. Where they go is given with each call. */
struct iam_sink {
    char *p; /* item buffer */
    size_t n;
    struct iam_http *http; /* keeps the request id that the body names */
    bool structure;        /* as iam_config.structure */
};
/* error_reply: the status says error, only error envelopes count. */
void iam_decode_init(struct iam_decode *, const struct iam_operation *, bool error_reply);
/* IAM_ITEM, IAM_AGAIN: input used up, or an error. */
int iam_decode_next(struct iam_decode *, const struct iam_sink *, const char **p, const char *end);
/* The body has ended: IAM_OK, or IAM_ERR_XML_TRUNCATED, IAM_ERR_FOREIGN. */
int iam_decode_finish(const struct iam_decode *);
/* Folds text, or the item at hand, into a running digest; the same on every machine. */
uint64_t iam_mix_text(uint64_t, const char *, size_t n);
uint64_t iam_item_digest(uint64_t, const struct iam_decode *);

#endif
