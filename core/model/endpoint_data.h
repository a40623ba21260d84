/* IAM's endpoints: seven texts a partition. Source: AWS's endpoint rule set for IAM and its list of
 * partitions (tests/vectors/facts/endpoints_iam.json). A region belongs to the first partition that
 * has it as its pseudo-region, or whose prefix it begins with, followed by a word, a hyphen and a
 * number; to the last one if to no other: the commercial partition takes every region that is
 * unknown. */

/* prefix, pseudo-region, signing region, hosts: plain, FIPS, dual-stack, FIPS and dual-stack */
static const char partitions[] = "cn-\0aws-cn-global\0cn-north-1\0"
                                 "iam.cn-north-1.amazonaws.com.cn\0"
                                 "iam-fips.amazonaws.com.cn\0"
                                 "iam.global.api.amazonwebservices.com.cn\0"
                                 "iam-fips.api.amazonwebservices.com.cn\0"

                                 "eusc-de-\0\0eusc-de-east-1\0"
                                 "iam.eusc-de-east-1.amazonaws.eu\0"
                                 "iam-fips.amazonaws.eu\0"
                                 "iam.global.api.amazonwebservices.eu\0"
                                 "iam-fips.api.amazonwebservices.eu\0"

                                 "us-iso-\0aws-iso-global\0us-iso-east-1\0"
                                 "iam.us-iso-east-1.c2s.ic.gov\0"
                                 "iam-fips.us-iso-east-1.c2s.ic.gov\0"
                                 "iam.api.aws.ic.gov\0"
                                 "iam-fips.api.aws.ic.gov\0"

                                 "us-isob-\0aws-iso-b-global\0us-isob-east-1\0"
                                 "iam.us-isob-east-1.sc2s.sgov.gov\0"
                                 "iam-fips.us-isob-east-1.sc2s.sgov.gov\0"
                                 "iam.api.aws.scloud\0"
                                 "iam-fips.api.aws.scloud\0"

                                 "eu-isoe-\0aws-iso-e-global\0eu-isoe-west-1\0"
                                 "iam.eu-isoe-west-1.cloud.adc-e.uk\0"
                                 "iam-fips.cloud.adc-e.uk\0"
                                 "iam.api.cloud-aws.adc-e.uk\0"
                                 "iam-fips.api.cloud-aws.adc-e.uk\0"

                                 "us-isof-\0aws-iso-f-global\0us-isof-south-1\0"
                                 "iam.us-isof-south-1.csp.hci.ic.gov\0"
                                 "iam-fips.csp.hci.ic.gov\0"
                                 "iam.api.aws.hci.ic.gov\0"
                                 "iam-fips.api.aws.hci.ic.gov\0"

                                 "us-gov-\0aws-us-gov-global\0us-gov-west-1\0"
                                 "iam.us-gov.amazonaws.com\0"
                                 "iam.us-gov.amazonaws.com\0"
                                 "iam.us-gov.api.aws\0"
                                 "iam.us-gov.api.aws\0"

                                 "\0aws-global\0us-east-1\0"
                                 "iam.amazonaws.com\0"
                                 "iam-fips.amazonaws.com\0"
                                 "iam.global.api.aws\0"
                                 "iam-fips.global.api.aws";
