/* The table behind the command line, the help, the completion and the corrections. */
#include "args.h"

#define ON(command) (1u << (command))
#define ENTITIES ON(COMMAND_PAGE_ENTITIES)
#define SERVICES ON(COMMAND_PAGE_SERVICES)
#define GENERATE ON(COMMAND_GENERATE)
#define ONE_CALL ON(COMMAND_ENTITIES)
#define LISTS (ENTITIES | SERVICES)
#define CONFIGURE ON(COMMAND_CONFIGURE)
#define CALLS (LISTS | GENERATE | ONE_CALL)
#define EVERY (CALLS | CONFIGURE)
#define TOP ON(COMMAND_NONE)

const struct command_def command_defs[COMMAND_COUNT] = {
    [COMMAND_NONE] = {"", "", "", ""},
    [COMMAND_PAGE_ENTITIES] =
        {"get-service-last-accessed-details-with-entities",
         "GetServiceLastAccessedDetailsWithEntities",
         "which entities used a service, and when: one page of a report, or with --all every page",
         "A running report is shown as it is, with no entities; --wait and --all wait for it."},
    [COMMAND_PAGE_SERVICES] =
        {"get-service-last-accessed-details", "GetServiceLastAccessedDetails",
         "which services were used, and when: one page of a report, or with --all every page",
         "A running report is shown as it is, with no services; --wait and --all wait for it."},
    [COMMAND_GENERATE] = {"generate-service-last-accessed-details",
                          "GenerateServiceLastAccessedDetails",
                          "starts the making of a report, and prints its JobId", NULL},
    [COMMAND_ENTITIES] =
        {"entities", "GetServiceLastAccessedDetailsWithEntities",
         "generates a report, waits for it, and prints every page: the answer in one command",
         NULL},
    [COMMAND_CONFIGURE] =
        {"configure", "", "every setting, its value, and where it comes from",
         "Secrets are masked. Credentials are fetched where that is what it takes "
         "to know them."},
};

const struct option_def option_defs[OPT_COUNT] = {
    [OPT_ARN] = {"--arn", "ARN", "user, role, group or policy that the report is about", "Arn",
                 NULL, 20, 2048, GENERATE | ONE_CALL, GENERATE | ONE_CALL, KIND_TEXT, GROUP_COMMAND,
                 CHARS_ANY},
    [OPT_GRANULARITY] =
        {"--granularity", "LEVEL",
         "SERVICE_LEVEL (default), or ACTION_LEVEL: with actions where they are tracked",
         "Granularity", "SERVICE_LEVEL|ACTION_LEVEL", 0, 0, GENERATE, 0, KIND_TEXT, GROUP_COMMAND,
         CHARS_ANY},
    [OPT_JOB_ID] = {"--job-id", "ID",
                    "the report, as generate-service-last-accessed-details named it", "JobId", NULL,
                    36, 36, LISTS, LISTS, KIND_TEXT, GROUP_COMMAND, CHARS_ANY},
    [OPT_SERVICE_NAMESPACE] = {"--service-namespace", "NS", "the service, for example iam or s3",
                               "ServiceNamespace", NULL, 1, 64, ENTITIES | ONE_CALL,
                               ENTITIES | ONE_CALL, KIND_TEXT, GROUP_COMMAND, CHARS_NAMESPACE},
    [OPT_MAX_ITEMS] =
        {"--max-items", "N",
         "items of a page, 1 to 1000 (1000; one page without --wait: the service's 100)",
         "MaxItems", NULL, 1, 1000, LISTS | ONE_CALL, 0, KIND_INTEGER, GROUP_COMMAND, CHARS_ANY},
    [OPT_MARKER] = {"--marker", "M", "where the page begins: Marker of the page before", "Marker",
                    NULL, 1, 320, LISTS, 0, KIND_TEXT, GROUP_COMMAND, CHARS_MARKER},
    [OPT_ALL] = {"--all", NULL, "wait for the report, then print every page as if it were one",
                 NULL, NULL, 0, 0, LISTS, 0, KIND_FLAG, GROUP_COMMAND, CHARS_ANY},
    [OPT_WAIT] = {"--wait", NULL, "wait while the report is IN_PROGRESS", NULL, NULL, 0, 0, LISTS,
                  0, KIND_FLAG, GROUP_COMMAND, CHARS_ANY},
    [OPT_WAIT_TIMEOUT] = {"--wait-timeout", "SECONDS",
                          "how long a report may be IN_PROGRESS (3600; 0: no limit)", NULL, NULL, 0,
                          0, LISTS | ONE_CALL, 0, KIND_SECONDS, GROUP_COMMAND, CHARS_ANY},
    [OPT_CHECKPOINT] = {"--checkpoint", "FILE",
                        "with --all: keep the place in FILE; a second run goes on there", NULL,
                        NULL, 0, 0, LISTS, 0, KIND_TEXT, GROUP_COMMAND, CHARS_ANY},

    [OPT_OUTPUT] =
        {"--output", "FORMAT",
         "json (default) and text as the AWS CLI prints them, table for people, jsonl, csv", NULL,
         "json|text|table|jsonl|csv", 0, 0, EVERY, 0, KIND_CHOICE, GROUP_OUTPUT, CHARS_ANY},
    [OPT_CSV_SAFE] = {"--csv-safe", NULL,
                      "csv: mark cells that a spreadsheet would take for a formula", NULL, NULL, 0,
                      0, CALLS, 0, KIND_FLAG, GROUP_OUTPUT, CHARS_ANY},
    [OPT_NO_PROGRESS] = {"--no-progress", NULL, "no progress line on a terminal", NULL, NULL, 0, 0,
                         CALLS, 0, KIND_FLAG, GROUP_OUTPUT, CHARS_ANY},
    [OPT_STATS] = {"--stats", NULL,
                   "one JSON line on stderr at the end: pages, bytes, requests, memory", NULL, NULL,
                   0, 0, CALLS, 0, KIND_FLAG, GROUP_OUTPUT, CHARS_ANY},
    [OPT_DEBUG] = {"--debug", NULL, "trace on stderr; never a secret, a token or a signature", NULL,
                   NULL, 0, 0, EVERY, 0, KIND_FLAG, GROUP_OUTPUT, CHARS_ANY},

    [OPT_REGION] = {"--region", "REGION",
                    "also AWS_REGION, AWS_DEFAULT_REGION, the profile's region", NULL, NULL, 0, 0,
                    EVERY, 0, KIND_TEXT, GROUP_NETWORK, CHARS_ANY},
    [OPT_PROFILE] = {"--profile", "NAME", "profile of the shared files; also AWS_PROFILE", NULL,
                     NULL, 0, 0, EVERY, 0, KIND_TEXT, GROUP_NETWORK, CHARS_ANY},
    [OPT_ENDPOINT_URL] = {"--endpoint-url", "URL",
                          "an endpoint of your own; http:// for loopback addresses only", NULL,
                          NULL, 0, 0, EVERY, 0, KIND_TEXT, GROUP_NETWORK, CHARS_ANY},
    [OPT_CA_BUNDLE] = {"--ca-bundle", "FILE", "trusted certificates in PEM; also AWS_CA_BUNDLE",
                       NULL, NULL, 0, 0, EVERY, 0, KIND_TEXT, GROUP_NETWORK, CHARS_ANY},
    [OPT_CONNECT_TIMEOUT] = {"--cli-connect-timeout", "SECONDS",
                             "for TCP and TLS of one connection (30; 0: no limit)", NULL, NULL, 0,
                             0, EVERY, 0, KIND_SECONDS, GROUP_NETWORK, CHARS_ANY},
    [OPT_READ_TIMEOUT] = {"--cli-read-timeout", "SECONDS",
                          "for a reply to begin, and for each pause in it (30; 0: no limit)", NULL,
                          NULL, 0, 0, EVERY, 0, KIND_SECONDS, GROUP_NETWORK, CHARS_ANY},
    [OPT_MAX_ATTEMPTS] = {"--max-attempts", "N", "requests for one page, the first included (3)",
                          NULL, NULL, 1, 255, EVERY, 0, KIND_INTEGER, GROUP_NETWORK, CHARS_ANY},
    [OPT_DEADLINE] = {"--deadline", "SECONDS", "over everything: waiting, pages, pauses, retries",
                      NULL, NULL, 0, 0, CALLS, 0, KIND_SECONDS, GROUP_NETWORK, CHARS_ANY},

    [OPT_IOT_ENDPOINT] = {"--iot-endpoint", "HOST",
                          "keys by AWS IoT's credential provider: HOST or HOST:PORT", NULL, NULL, 0,
                          0, EVERY, 0, KIND_TEXT, GROUP_IOT, CHARS_ANY},
    [OPT_IOT_ROLE_ALIAS] = {"--iot-role-alias", "NAME", "which role", NULL, NULL, 0, 0, EVERY, 0,
                            KIND_TEXT, GROUP_IOT, CHARS_ANY},
    [OPT_IOT_THING_NAME] = {"--iot-thing-name", "NAME",
                            "the device; where its policy uses the thing's name", NULL, NULL, 0, 0,
                            EVERY, 0, KIND_TEXT, GROUP_IOT, CHARS_ANY},
    [OPT_IOT_CERT] = {"--iot-cert", "FILE", "the device's certificate, in PEM", NULL, NULL, 0, 0,
                      EVERY, 0, KIND_TEXT, GROUP_IOT, CHARS_ANY},
    [OPT_IOT_KEY] = {"--iot-key", "FILE", "its private key, in PEM", NULL, NULL, 0, 0, EVERY, 0,
                     KIND_TEXT, GROUP_IOT, CHARS_ANY},

    [OPT_HELP] = {"--help", NULL, "this text; with a command, its own", NULL, NULL, 0, 0,
                  EVERY | TOP, 0, KIND_FLAG, GROUP_OTHER, CHARS_ANY},
    [OPT_VERSION] = {"--version", NULL, "the version", NULL, NULL, 0, 0, EVERY | TOP, 0, KIND_FLAG,
                     GROUP_OTHER, CHARS_ANY},
    [OPT_COMPLETION] = {"--completion", "SHELL", "prints completion for bash or zsh", NULL,
                        "bash|zsh", 0, 0, TOP, 0, KIND_CHOICE, GROUP_OTHER, CHARS_ANY},
    [OPT_COLOR] = {"--color", "WHEN", "auto, on or off: for the table only", NULL, "auto|on|off", 0,
                   0, EVERY, 0, KIND_CHOICE, GROUP_AWS, CHARS_ANY},
    [OPT_NO_CLI_PAGER] = {"--no-cli-pager", NULL, "no effect: there is no pager", NULL, NULL, 0, 0,
                          EVERY, 0, KIND_FLAG, GROUP_AWS, CHARS_ANY},
    [OPT_NO_PAGINATE] = {"--no-paginate", NULL, "no effect: without --all, one page is one request",
                         NULL, NULL, 0, 0, EVERY, 0, KIND_FLAG, GROUP_AWS, CHARS_ANY},

#define REFUSED(name, value, advice)                                                        \
    {                                                                                       \
        name, value, advice, NULL, NULL, 0, 0, EVERY, 0, KIND_REFUSED, GROUP_AWS, CHARS_ANY \
    }
    [OPT_QUERY] =
        REFUSED("--query", "EXPRESSION", "pipe the output through jq, or take --output csv"),
    [OPT_NO_VERIFY_SSL] = REFUSED("--no-verify-ssl", NULL,
                                  "name the certificate authority to trust with --ca-bundle"),
    [OPT_NO_SIGN_REQUEST] =
        REFUSED("--no-sign-request", NULL, "every call of these reports is signed"),
    [OPT_PAGE_SIZE] = REFUSED("--page-size", "N", "--max-items is the number of items in a page"),
    [OPT_STARTING_TOKEN] =
        REFUSED("--starting-token", "TOKEN", "--marker takes the Marker of the page before"),
    [OPT_CLI_INPUT_JSON] = REFUSED("--cli-input-json", "JSON", "give the parameters as options"),
    [OPT_CLI_INPUT_YAML] = REFUSED("--cli-input-yaml", "YAML", "give the parameters as options"),
    [OPT_GENERATE_CLI_SKELETON] =
        REFUSED("--generate-cli-skeleton", NULL, "see --help for the parameters"),
    [OPT_CLI_ERROR_FORMAT] = REFUSED("--cli-error-format", "FORMAT",
                                     "errors are one line of text, with the code in parentheses"),
};
