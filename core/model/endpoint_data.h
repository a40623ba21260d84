/* IAM's endpoints: six texts a partition. Source: AWS's endpoint rule set for IAM and its list of
 * partitions (tests/vectors/facts/endpoints_iam.json). A region belongs to the first partition that
 * has it as its pseudo-region, or whose prefix it begins with, followed by a word, a hyphen and a
 * number; to the last one if to no other: the commercial partition takes every region that is
 * unknown.
 *
 *   signing region, the digit before it: how much of it is the prefix
 *   what is between "aws-" and "-global" in the pseudo-region; ?: there is none
 *   hosts behind "iam": plain, FIPS, dual-stack, FIPS and dual-stack. \1 is the signing region, the other
 *   numbers are the words below. */
static const char words[] = "amazonaws.\0"              /* 2 */
                            "-fips\0"                   /* 3 */
                            ".api.amazonwebservices.\0" /* 4 */
                            ".api.aws.";                /* 5 */

static const char partitions[] = "3cn-north-1\0"
                                 "cn\0"
                                 ".\1.\2com.cn\0"
                                 "\3.\2com.cn\0"
                                 ".global\4com.cn\0"
                                 "\3\4com.cn\0"

                                 "8eusc-de-east-1\0"
                                 "?\0"
                                 ".\1.\2eu\0"
                                 "\3.\2eu\0"
                                 ".global\4eu\0"
                                 "\3\4eu\0"

                                 "7us-iso-east-1\0"
                                 "iso\0"
                                 ".\1.c2s.ic.gov\0"
                                 "\3.\1.c2s.ic.gov\0"
                                 "\5ic.gov\0"
                                 "\3\5ic.gov\0"

                                 "8us-isob-east-1\0"
                                 "iso-b\0"
                                 ".\1.sc2s.sgov.gov\0"
                                 "\3.\1.sc2s.sgov.gov\0"
                                 "\5scloud\0"
                                 "\3\5scloud\0"

                                 "8eu-isoe-west-1\0"
                                 "iso-e\0"
                                 ".\1.cloud.adc-e.uk\0"
                                 "\3.cloud.adc-e.uk\0"
                                 ".api.cloud-aws.adc-e.uk\0"
                                 "\3.api.cloud-aws.adc-e.uk\0"

                                 "8us-isof-south-1\0"
                                 "iso-f\0"
                                 ".\1.csp.hci.ic.gov\0"
                                 "\3.csp.hci.ic.gov\0"
                                 "\5hci.ic.gov\0"
                                 "\3\5hci.ic.gov\0"

                                 "7us-gov-west-1\0"
                                 "us-gov\0"
                                 ".us-gov.\2com\0"
                                 ".us-gov.\2com\0"
                                 ".us-gov.api.aws\0"
                                 ".us-gov.api.aws\0"

                                 "0us-east-1\0"
                                 "?\0"
                                 ".\2com\0"
                                 "\3.\2com\0"
                                 ".global.api.aws\0"
                                 "\3.global.api.aws";
