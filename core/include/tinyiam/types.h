/** @file
 * tinyiam/types.h - the vocabulary: time, what a report holds, what went wrong. */
#ifndef TINYIAM_TYPES_H
#define TINYIAM_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "result.h"
#include "span.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A point in time as the service wrote it. */
struct iam_time {
    int64_t us;         /**< microseconds since 1970-01-01T00:00:00Z; finer digits are cut off */
    int16_t offset_min; /**< UTC offset it was written with, in minutes; us is UTC already */
    bool present; /**< false: absent. Of a last access: never, or before the tracking period */
    /** Of the text that iam_time_parse() read: its length and its last character, for who shows a time as it
     * came. 0: it comes from elsewhere. */
    uint8_t length;
    char last;
};

enum iam_entity_type { IAM_TYPE_OTHER = 0, IAM_TYPE_USER, IAM_TYPE_ROLE, IAM_TYPE_GROUP };

/** One entity of GetServiceLastAccessedDetailsWithEntities. Sizes by the service's model, in
 * characters: arn 20..2048, name 1..64, id 16..128, path 1..512. */
struct iam_entity {
    struct iam_span arn, name, id, path;
    bool info;                 /**< the reply had an EntityInfo, even if it was empty */
    struct iam_span type_text; /**< as received */
    uint8_t type;              /**< enum iam_entity_type */
    struct iam_time last_authenticated;
};

/** One service of GetServiceLastAccessedDetails. */
struct iam_service {
    struct iam_span name, namespace_, last_entity, last_region;
    bool has_actions; /**< TrackedActionsLastAccessed was there; its actions follow as items */
    bool late; /**< no new service: what the reply said of the one before, but after its actions */
    struct iam_time last_authenticated;
    int64_t total_entities;
    bool has_total;
};

/** One tracked action; belongs to the service delivered last. */
struct iam_action {
    struct iam_span name, last_entity, last_region;
    struct iam_time last_accessed;
};

/** One user, group, role or policy of the four lists; other members of the reply are passed over. */
struct iam_resource {
    struct iam_span arn, name, id, path;
    struct iam_time created;
    struct iam_time password_last_used; /**< of users */
    int64_t attachments; /**< of policies: to how many users, groups and roles each is attached */
    bool has_attachments;
};

/** One service of ListPoliciesGrantingServiceAccess. The policies that grant it follow as items; none: none does. */
struct iam_grant_service {
    struct iam_span namespace_;
    bool has_policies; /**< Policies was there; they follow as items */
    bool late; /**< no new service: what the reply said of the one before, but after its policies */
};

enum iam_policy_type { IAM_POLICY_OTHER = 0, IAM_POLICY_INLINE, IAM_POLICY_MANAGED };

/** One policy; belongs to the service delivered last. Sizes by the service's model: names 1..128, arn 20..2048. */
struct iam_grant {
    struct iam_span policy_name, policy_arn; /**< the ARN: of a managed one */
    struct iam_span policy_type_text;        /**< as received */
    uint8_t policy_type;                     /**< enum iam_policy_type */
    /** Of an inline policy: who it is embedded in, a user's group, say. */
    struct iam_span entity_name;
    struct iam_span entity_type_text;
    uint8_t entity_type; /**< enum iam_entity_type */
};

/** The keys that STS issues; only a provider of creds.h meets such an item. */
struct iam_role_keys {
    struct iam_span access_key_id, secret_access_key, session_token;
    struct iam_time expiration;
};

enum iam_item_kind {
    IAM_ITEM_NONE = 0,
    IAM_ITEM_ENTITY,
    IAM_ITEM_SERVICE,
    IAM_ITEM_ACTION,
    IAM_ITEM_RESOURCE,
    IAM_ITEM_KEYS, /**< keys of STS: a client never hands it out */
    /* only with iam_config.structure, for those who render the reply itself (a kind's number is part of
     * checkpoints, so that it stays what it was): */
    IAM_ITEM_LIST,        /**< the page's list has begun */
    IAM_ITEM_SUBLIST_END, /**< TrackedActionsLastAccessed, or Policies, has ended */
    IAM_ITEM_END,         /**< the service's member has ended */
    IAM_ITEM_PAGE_END,    /**< the page is complete: iam_client_report() is that page's */
    /* of ListPoliciesGrantingServiceAccess: */
    IAM_ITEM_GRANT_SERVICE,
    IAM_ITEM_GRANT
};

/** What is ready. Text lies in the caller's item buffer and is valid until the next step. */
struct iam_item {
    enum iam_item_kind kind;
    union {
        struct iam_entity entity;
        struct iam_service service;
        struct iam_action action;
        struct iam_resource resource;
        struct iam_grant_service grant_service;
        struct iam_grant grant;
        struct iam_role_keys keys;
    } u;
};

enum iam_job_status {
    IAM_JOB_OTHER = 0, /**< absent, or none of these: iam_report.status_text */
    IAM_JOB_IN_PROGRESS,
    IAM_JOB_COMPLETED,
    IAM_JOB_FAILED
};

/** Members of a reply, as bits of iam_report.present and as numbers in iam_report.order. */
enum iam_member {
    IAM_MEMBER_JOB_STATUS = 1,
    IAM_MEMBER_JOB_TYPE,
    IAM_MEMBER_JOB_CREATION_DATE,
    IAM_MEMBER_JOB_COMPLETION_DATE,
    IAM_MEMBER_LIST, /**< EntityDetailsList, ServicesLastAccessed, Users, ... */
    IAM_MEMBER_IS_TRUNCATED,
    IAM_MEMBER_MARKER,
    IAM_MEMBER_ERROR,
    IAM_MEMBER_JOB_ID,
    IAM_MEMBER_COUNT_
};

/** The page's members so far; complete at IAM_OK (and IAM_ITEM_PAGE_END). Text lies in the caller's
 * item buffer, valid until the next page is asked for. */
struct iam_report {
    bool is_truncated, has_truncated;
    uint16_t present;                     /**< bit (1u << enum iam_member) */
    uint8_t order[IAM_MEMBER_COUNT_ - 1]; /**< members in order of arrival, 0-terminated if fewer */
    struct iam_time job_creation, job_completion;
    struct iam_span status_text; /**< as received */
    uint8_t status;              /**< enum iam_job_status */
    struct iam_span job_type;    /**< as received */
    uint8_t granularity; /**< of the job_type. 1: SERVICE_LEVEL, 2: ACTION_LEVEL, 0: neither */
    struct iam_span marker;
    struct iam_span error_code, error_message; /**< of a FAILED job */
    struct iam_span job_id;                    /**< GenerateServiceLastAccessedDetails */
};

enum iam_layer {
    IAM_LAYER_NONE = 0,
    IAM_LAYER_CALLER,
    IAM_LAYER_STREAM,
    IAM_LAYER_TLS,
    IAM_LAYER_HTTP,
    IAM_LAYER_XML,
    IAM_LAYER_REPLY,
    IAM_LAYER_SERVICE,
    IAM_LAYER_FLOW
};

/** What went wrong. Text is valid until the next start. */
struct iam_fault {
    int error;            /**< enum iam_result, < 0; 0: nothing went wrong */
    enum iam_layer layer; /**< whose error it is: follows from the range of the code */
    uint8_t attempts;     /**< requests made for the page or poll that failed */
    uint16_t status;      /**< HTTP status of the last reply, 0: none came */
    int native;           /**< the port's or library's own code, unaltered; 0: none */
    size_t need; /**< IAM_ERR_SPACE: bytes the buffer must have; IAM_ERR_ARGUMENT: the limit */
    size_t got;  /**< IAM_ERR_ARGUMENT: length or value given; with need 0: a forbidden character */
    struct iam_span what; /**< name of the parameter, member or buffer; or empty */
    struct iam_span code; /**< the service's error code; HTTP status as text where it gave none */
    struct iam_span message; /**< the service's message, or the reason phrase, or the Location */
    struct iam_span request_id;
    struct iam_span began; /**< first bytes of a reply that was not understood */
    uint32_t delivered;    /**< items handed out in this operation before it failed */
    int64_t skew_ms;       /**< server's clock minus ours, by its Date header; 0: unknown */
};

#ifdef __cplusplus
}
#endif
#endif
