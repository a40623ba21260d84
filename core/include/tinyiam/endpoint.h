/** @file
 * tinyiam/endpoint.h - which host answers for a region, and which region to sign for. Layer: model.
 *
 * IAM is a global service: each partition (the commercial one, China, GovCloud, ...) has one
 * endpoint, in one region, for all of its regions. The values are the rule set's that AWS publishes
 * for IAM; they are data, in core/model/endpoint_data.h. */
#ifndef TINYIAM_ENDPOINT_H
#define TINYIAM_ENDPOINT_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bits of endpoint_flags: the endpoint with cryptography by FIPS 140, the one that has IPv6 as well. */
enum { IAM_ENDPOINT_FIPS = 1, IAM_ENDPOINT_DUALSTACK = 2 };

#define IAM_ENDPOINT_MAX 40 /**< room for the longest host name and a NUL */

struct iam_endpoint {
    char host[IAM_ENDPOINT_MAX]; /**< "iam.amazonaws.com" and a NUL; HTTPS on port 443, path "/" */
    struct iam_span signing_region; /**< "us-east-1"; constant, NUL-terminated, lives forever */
};

/** Is it what a region may be: a host name label of 1 to 63 letters, digits and hyphens, no hyphen
 * at either end, not digits alone (AWS's libraries refuse those too)? Whatever becomes part of a
 * host name or of a credential scope passes here first. */
bool iam_region_is_valid(struct iam_span region);

/** The endpoint of a region, by the rules of AWS's libraries:
 * - a region of length 0 is the commercial partition's ("aws-global");
 * - a region AWS has not announced yet goes to the partition that its form belongs to, one of no
 *   known form to the commercial partition;
 * - "fips-" before or "-fips" behind a region is the old way to say IAM_ENDPOINT_FIPS.
 * flags: IAM_ENDPOINT_FIPS | IAM_ENDPOINT_DUALSTACK. A host name is there for each combination in
 * each partition; whether AWS has switched it on in DNS is another matter.
 * IAM_OK, or IAM_ERR_REGION and *out untouched. */
int iam_endpoint_resolve(struct iam_span region, unsigned flags, struct iam_endpoint *out);

/** Host name of a service that every region has: "portal.sso" and "oidc" (IAM Identity Center), "sts". No NUL is
 * written; 104 bytes are enough for these. Its length; or IAM_ERR_REGION. With CONFIG_TINYIAM_ENDPOINTS only. */
int iam_endpoint_regional(const char *service, struct iam_span region, unsigned flags, char *host,
                          size_t size);

#ifdef __cplusplus
}
#endif
#endif
