/* Error envelopes: what a reply is whose status says error, whatever was asked. IAM's, the bare one
 * of S3, that of EC2. */
#include "table.h"

/* clang-format off */
enum {
    DOCUMENT, ERR, ERR_ERROR, ERR_CODE, ERR_MESSAGE, ERR_REQUEST_ID,
    BARE, BARE_CODE, BARE_MESSAGE, BARE_REQUEST_ID,
    EC2, EC2_ERRORS, EC2_ERROR, EC2_CODE, EC2_MESSAGE, EC2_REQUEST_ID, EC2_REQUEST_ID_2,
    NODES
};
/* clang-format on */

const struct iam_xml_node iam_envelopes[NODES] = {
    [DOCUMENT] = BRANCH("", 0, ERR, 0, IAM_NODE_PLAIN, 0, 0),
    [ERR] = PLAIN("ErrorResponse", DOCUMENT, ERR_ERROR, BARE, 0),
    [ERR_ERROR] = PLAIN("Error", ERR, ERR_CODE, ERR_REQUEST_ID, 0),
    [ERR_CODE] = TEXT("Code", ERR_ERROR, ERR_MESSAGE, code, 0),
    [ERR_MESSAGE] = TEXT("Message", ERR_ERROR, 0, message, 0),
    [ERR_REQUEST_ID] = REQUEST_ID("RequestId", ERR),
    [BARE] = PLAIN("Error", DOCUMENT, BARE_CODE, EC2, 0),
    [BARE_CODE] = TEXT("Code", BARE, BARE_MESSAGE, code, 0),
    [BARE_MESSAGE] = TEXT("Message", BARE, BARE_REQUEST_ID, message, 0),
    [BARE_REQUEST_ID] = REQUEST_ID("RequestId", BARE),
    [EC2] = PLAIN("Response", DOCUMENT, EC2_ERRORS, 0, 0),
    [EC2_ERRORS] = PLAIN("Errors", EC2, EC2_ERROR, EC2_REQUEST_ID, 0),
    [EC2_ERROR] = PLAIN("Error", EC2_ERRORS, EC2_CODE, 0, 0),
    [EC2_CODE] = TEXT("Code", EC2_ERROR, EC2_MESSAGE, code, 0),
    [EC2_MESSAGE] = TEXT("Message", EC2_ERROR, 0, message, 0),
    [EC2_REQUEST_ID] = LEAF("RequestID", EC2, EC2_REQUEST_ID_2, IAM_NODE_REQUEST_ID, 0, 0),
    [EC2_REQUEST_ID_2] = REQUEST_ID("RequestId", EC2),
};
