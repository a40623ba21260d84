/* Services that answer in every region. Source: AWS's endpoint rule sets for them, which have NAME[-fips].REGION
 * and the partition's suffix, and an exception or two; suffixes as in AWS's list of partitions. */
#include "shape.h"

#include <string.h>

#include <tinyiam/endpoint.h>
#include <tinyiam/parts/out.h>
#include <tinyiam/parts/utf8.h>

#if CONFIG_TINYIAM_ENDPOINTS

/* In the order of endpoint_data.h: plain suffix, dual-stack suffix. */
static const char *const suffixes[][2] = {
    {".amazonaws.com.cn", ".api.amazonwebservices.com.cn"},
    {".amazonaws.eu", ".api.amazonwebservices.eu"},
    {".c2s.ic.gov", ".api.aws.ic.gov"},
    {".sc2s.sgov.gov", ".api.aws.scloud"},
    {".cloud.adc-e.uk", ".api.cloud-aws.adc-e.uk"},
    {".csp.hci.ic.gov", ".api.aws.hci.ic.gov"},
    {".amazonaws.com", ".api.aws"},
    {".amazonaws.com", ".api.aws"},
};
enum { GOV = 6 };

static int put_host(const char *service, struct iam_span region, unsigned flags, int partition,
                    struct iam_out *out)
{
    bool dual = (flags & IAM_ENDPOINT_DUALSTACK) != 0, fips = (flags & IAM_ENDPOINT_FIPS) != 0;
    iam_out_text(out, service);
    /* GovCloud's plain endpoints are FIPS endpoints */
    iam_out_text(out, fips && (partition != GOV || dual) ? "-fips." : ".");
    iam_out_span(out, region);
    iam_out_text(out, suffixes[partition][dual]);
    return (int)out->n;
}

int iam_endpoint_regional(const char *service, struct iam_span region, unsigned flags, char *host,
                          size_t size)
{
    struct iam_out out = {.p = host, .cap = size};
    int partition = iam_endpoint_partition(&region, &flags);
    return partition < 0 ? partition : put_host(service, region, flags, partition, &out);
}

int iam_sts_endpoint(struct iam_span *region, unsigned flags, char *host, size_t size)
{
    struct iam_out out = {.p = host, .cap = size};
    int partition = iam_endpoint_partition(region, &flags);

    if (partition < 0)
        return partition;
    if (iam_span_is(*region, "aws-global")) {
        *region = IAM_SPAN("us-east-1");
        if ((flags & (IAM_ENDPOINT_DUALSTACK | IAM_ENDPOINT_FIPS)) == 0) {
            iam_out_text(&out, "sts.amazonaws.com");
            return (int)out.n;
        }
    }
    return put_host("sts", *region, flags, partition, &out);
}

#endif
