/* port_template.h - the public header of a port: a stream and a system for one platform. Copy the folder,
 * rename template to your platform's name, write the functions of yours.h. */
#ifndef TINYIAM_PORT_TEMPLATE_H
#define TINYIAM_PORT_TEMPLATE_H

#include <tinyiam/port.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The caller allocates; lives as long as it is used. Errors of the stream: IAM_ERR_RESOLVE,
 * IAM_ERR_CONNECT, IAM_ERR_RESET, IAM_ERR_IO, and of a network that does TLS itself IAM_ERR_TLS,
 * IAM_ERR_TLS_VERIFY, IAM_ERR_TRUNCATED, with native as the network's own code. */
struct iam_template {
    struct iam_stream stream; /* PUBLIC: hand &t.stream to whatever wants a stream, TLS for one */
    /* PRIVATE */
    void *network;
    int error; /* sticks until close */
    uint8_t state;
    bool waits; /* the last answer to send or recv was "none now" */
};

struct iam_template_system {
    struct iam_system system; /* PUBLIC */
    /* PRIVATE */
    void *board;
};

/* On fresh memory; cannot fail. network: what the functions of yours.h get. */
void iam_template_init(struct iam_template *, void *network);
/* Its idle waits for the streams of this port, whatever lies upon them. board: what the functions get. */
void iam_template_system_init(struct iam_template_system *, void *board);

#ifdef __cplusplus
}
#endif
#endif
