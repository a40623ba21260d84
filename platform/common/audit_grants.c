/* The columns of rows that say which policies grant what is not used. */
#include "audit_columns.h"

static const struct field grants[] = {REPORT,
                                      TEXT("ServiceNamespace", service_namespace),
                                      TEXT("Status", status),
                                      INTEGER("DaysAgo", days_ago),
                                      TEXT("PolicyName", policy_name),
                                      TEXT("PolicyType", policy_type),
                                      TEXT("PolicyArn", policy_arn),
                                      TEXT("EntityType", entity_type),
                                      TEXT("EntityName", entity_name),
                                      ERRORS};
const struct fields audit_grants = FIELDS(grants);
