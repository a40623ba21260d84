/* tinyiam/request.h - what can be asked for. Layer: model.
 * Text is borrowed until the operation ends. Limits in characters, by the service's model 2010-05-08;
 * they are checked before anything is sent. */
#ifndef TINYIAM_REQUEST_H
#define TINYIAM_REQUEST_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IAM_MARKER_MAX 320 /* characters of a Marker a request may carry (service model) */

/* How much of a list is asked for. */
enum iam_scope {
    IAM_SCOPE_ALL = 0,   /* wait for the job, then every page from the given Marker on */
    IAM_SCOPE_PAGE_WAIT, /* wait for the job, then one page */
    IAM_SCOPE_PAGE       /* one request: whatever the job's status, IAM_OK */
};

struct iam_entities_request {
    struct iam_span job_id;            /* 36 */
    struct iam_span service_namespace; /* 1..64 of A-Z a-z 0-9 _ - */
    struct iam_span marker; /* UTF-8; 1..320 of U+0020..U+00FF; p == NULL: from the start */
    uint16_t max_items;     /* a page; 1..1000; 0: the service decides (100) */
    enum iam_scope scope;
};
struct iam_services_request {
    struct iam_span job_id; /* 36 */
    struct iam_span marker;
    uint16_t max_items;
    enum iam_scope scope;
};
struct iam_generate_request {
    struct iam_span arn;         /* 20..2048: user, role, group or policy */
    struct iam_span granularity; /* "SERVICE_LEVEL", "ACTION_LEVEL", or absent */
};

/* ListUsers, ListGroups, ListRoles. */
struct iam_list_request {
    struct iam_span path_prefix; /* 1..512; absent: everything */
    struct iam_span marker;
    uint16_t max_items;   /* a page; 1..1000; 0: the service decides (100) */
    enum iam_scope scope; /* IAM_SCOPE_PAGE_WAIT is as IAM_SCOPE_PAGE: there is no job */
};
/* A boolean that may be absent. */
enum iam_choice { IAM_CHOICE_ABSENT = 0, IAM_CHOICE_FALSE, IAM_CHOICE_TRUE };
struct iam_policies_request {
    struct iam_span policy_scope; /* IAM's Scope: "All", "AWS", "Local", or absent */
    struct iam_span path_prefix;
    struct iam_span usage_filter; /* "PermissionsPolicy", "PermissionsBoundary", or absent */
    struct iam_span marker;
    uint16_t max_items;
    uint8_t only_attached; /* enum iam_choice */
    enum iam_scope scope;
};

/* Room for the request of any operation on IAM. */
union iam_request {
    struct iam_entities_request entities;
    struct iam_services_request services;
    struct iam_generate_request generate;
    struct iam_list_request list;
    struct iam_policies_request policies;
};

/* The operations: each goes with its request. Which ones a program names decides which it links. */
struct iam_operation;
extern const struct iam_operation iam_op_entities; /* GetServiceLastAccessedDetailsWithEntities */
extern const struct iam_operation iam_op_services; /* GetServiceLastAccessedDetails */
extern const struct iam_operation iam_op_generate; /* GenerateServiceLastAccessedDetails */
extern const struct iam_operation iam_op_users, iam_op_groups, iam_op_roles; /* ListUsers, ... */
extern const struct iam_operation iam_op_policies;                           /* ListPolicies */

/* AssumeRole and AssumeRoleWithWebIdentity. Limits in characters, by the model of STS 2011-06-15; absent
 * ones are not sent. */
struct iam_role_request {
    struct iam_span role_arn;      /* 20..2048 */
    struct iam_span session_name;  /* 2..64 of A-Z a-z 0-9 _ + = , . @ - */
    struct iam_span external_id;   /* 2..1224 of these and : /; AssumeRole only, as the next four */
    struct iam_span serial_number; /* 9..256 of the same: an MFA device */
    struct iam_span token_code;    /* 6 */
    struct iam_span source_identity;    /* 2..64 as session_name */
    struct iam_span policy;             /* 1.. : a session policy */
    struct iam_span web_identity_token; /* 4..20000; set by the provider */
    struct iam_span provider_id;        /* 4..2048; web identity only */
    uint16_t duration_s;                /* 900..43200; 0: the service decides (3600) */
};

#ifdef __cplusplus
}
#endif
#endif
