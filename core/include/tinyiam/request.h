/** @file
 * tinyiam/request.h - what can be asked for. Layer: model.
 * A request is copied when an operation starts; its text is borrowed until the operation ends. Numbers beside
 * text are the least and the most characters that IAM's model (2010-05-08) allows; what is outside is
 * IAM_ERR_ARGUMENT before anything is sent. "Absent" is a span with p == NULL, as a zeroed request has it. */
#ifndef TINYIAM_REQUEST_H
#define TINYIAM_REQUEST_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IAM_MARKER_MAX 320 /**< characters of a Marker a request may carry (service model) */

/** How much of a list is asked for. */
enum iam_scope {
    IAM_SCOPE_ALL = 0,   /**< wait for the job, then every page from the given Marker on */
    IAM_SCOPE_PAGE_WAIT, /**< wait for the job, then one page */
    IAM_SCOPE_PAGE       /**< one request: whatever the job's status, IAM_OK */
};

struct iam_entities_request {
    struct iam_span job_id;            /**< 36 characters: iam_report.job_id of a generation */
    struct iam_span service_namespace; /**< "s3"; 1..64 of A-Z a-z 0-9 _ - */
    /** The Marker of the page before, in UTF-8: 1..320 characters of U+0020..U+00FF. Absent: the first page. */
    struct iam_span marker;
    uint16_t max_items; /**< of one page, 1..1000; 0: the service decides (100) */
    enum iam_scope scope;
};
struct iam_services_request {
    struct iam_span job_id; /**< the fields are those of struct iam_entities_request */
    struct iam_span marker;
    uint16_t max_items;
    enum iam_scope scope;
};
struct iam_generate_request {
    struct iam_span arn;         /**< 20..2048: of a user, role, group or policy */
    struct iam_span granularity; /**< "SERVICE_LEVEL", "ACTION_LEVEL", or absent */
};

/** ListUsers, ListGroups, ListRoles. */
struct iam_list_request {
    struct iam_span path_prefix; /**< "/team/", 1..512; absent: all paths */
    struct iam_span marker;
    uint16_t max_items;   /**< of one page, 1..1000; 0: the service decides (100) */
    enum iam_scope scope; /**< there is no job to wait for: PAGE_WAIT means PAGE */
};
/** A boolean that may be absent. */
enum iam_choice { IAM_CHOICE_ABSENT = 0, IAM_CHOICE_FALSE, IAM_CHOICE_TRUE };
struct iam_policies_request {
    struct iam_span policy_scope; /**< IAM's Scope: "All", "AWS", "Local", or absent */
    struct iam_span path_prefix;
    struct iam_span usage_filter; /**< "PermissionsPolicy", "PermissionsBoundary", or absent */
    struct iam_span marker;
    uint16_t max_items;
    uint8_t only_attached; /**< enum iam_choice */
    enum iam_scope scope;
};

/** ListPoliciesGrantingServiceAccess: by which policies may a user, group or role use these services? */
struct iam_grants_request {
    struct iam_span arn; /**< 20..2048 */
    /** "s3", "ec2": 1..200 of 1..64 of A-Z a-z 0-9 _ - each; the array is borrowed, too. */
    const struct iam_span *namespaces;
    uint16_t namespace_count;
    /** IAM decides how many services there are in one page. */
    struct iam_span marker;
    enum iam_scope scope; /**< there is no job to wait for: PAGE_WAIT means PAGE */
};

/** Room for the request of any operation on IAM. */
union iam_request {
    struct iam_entities_request entities;
    struct iam_services_request services;
    struct iam_generate_request generate;
    struct iam_list_request list;
    struct iam_policies_request policies;
    struct iam_grants_request grants;
};

/** The operations, for iam_call_start(). A program links those that it names, and no others. */
struct iam_operation;
extern const struct iam_operation iam_op_entities; /**< GetServiceLastAccessedDetailsWithEntities */
extern const struct iam_operation iam_op_services; /**< GetServiceLastAccessedDetails */
extern const struct iam_operation iam_op_generate; /**< GenerateServiceLastAccessedDetails */
extern const struct iam_operation iam_op_users;    /**< ListUsers */
extern const struct iam_operation iam_op_groups;   /**< ListGroups */
extern const struct iam_operation iam_op_roles;    /**< ListRoles */
extern const struct iam_operation iam_op_policies; /**< ListPolicies */
extern const struct iam_operation iam_op_grants;   /**< ListPoliciesGrantingServiceAccess */

/** What STS is asked for by AssumeRole and AssumeRoleWithWebIdentity (creds.h). Limits are those of its model,
 * 2011-06-15; what is absent is not sent. */
struct iam_role_request {
    struct iam_span role_arn;     /**< 20..2048 */
    struct iam_span session_name; /**< 2..64 of A-Z a-z 0-9 _ + = , . @ - */
    /** 2..1224 of the same, of : and of /. This and the next three are of AssumeRole only. */
    struct iam_span external_id;
    struct iam_span serial_number;   /**< 9..256 characters like external_id's: of an MFA device */
    struct iam_span token_code;      /**< 6 digits: what the MFA device shows */
    struct iam_span source_identity; /**< 2..64, characters as in session_name */
    struct iam_span policy;          /**< a session policy in JSON, of at least 1 character */
    struct iam_span web_identity_token; /**< 4..20000; leave it absent: the provider fills it in */
    struct iam_span provider_id;        /**< 4..2048; AssumeRoleWithWebIdentity only */
    uint16_t duration_s;                /**< 900..43200; 0: the service decides (3600) */
};

#ifdef __cplusplus
}
#endif
#endif
