#include "options.h"

#include "console.h"

#include <stddef.h>
#include <string.h>
#include <tinyiam/endpoint.h>

#define MS_MAX 2147483647u

enum kind {
    TEXT,
    FILLED, /* text; empty counts as not given */
    FLAG,
    BOOLEAN, /* "true" */
    INTEGER,
    SECONDS,
    CLOCK,
    FORMAT, /* one of those of --output */
    TAKEN,  /* makes no difference here */
    COLOR   /* likewise, with a value */
};

#define ON(command) (1u << (command))
#define PAGES (ON(COMMAND_PAGE_ENTITIES) | ON(COMMAND_PAGE_SERVICES))
#define NAMED (ON(COMMAND_PAGE_ENTITIES) | ON(COMMAND_ENTITIES))
#define ABOUT (ON(COMMAND_GENERATE) | ON(COMMAND_ENTITIES))
#define EVERY (PAGES | ABOUT)

/* Fields of struct options by offset: one row a flag or variable. */
struct row {
    const char *name;
    uint8_t kind, at;
    uint8_t commands, required; /* bits ON(command) */
};
#define AT(field) ((uint8_t)offsetof(struct options, field))
_Static_assert(sizeof(struct options) <= 255, "offsets fit a byte");

static const struct row flags[] = {
    {"--arn", TEXT, AT(arn), ABOUT, ABOUT},
    {"--granularity", TEXT, AT(granularity), ON(COMMAND_GENERATE), 0},
    {"--job-id", TEXT, AT(job_id), PAGES, PAGES},
    {"--service-namespace", TEXT, AT(service_namespace), NAMED, NAMED},
    {"--max-items", INTEGER, AT(max_items), PAGES | ON(COMMAND_ENTITIES), 0},
    {"--marker", TEXT, AT(marker), PAGES, 0},
    {"--all", FLAG, AT(all), PAGES, 0},
    {"--wait", FLAG, AT(wait), PAGES, 0},
    {"--wait-timeout", SECONDS, AT(job_ms), PAGES | ON(COMMAND_ENTITIES), 0},
    {"--stats", FLAG, AT(stats), EVERY, 0},
    {"--debug", FLAG, AT(debug), EVERY, 0},
    {"--region", FILLED, AT(region), EVERY, 0},
    {"--endpoint-url", TEXT, AT(endpoint_url), EVERY, 0},
    {"--ca-bundle", FILLED, AT(ca_bundle), EVERY, 0},
#if defined(CORTEXM_IOT)
    {"--iot-endpoint", FILLED, AT(iot_endpoint), EVERY, 0},
    {"--iot-role-alias", FILLED, AT(iot_role_alias), EVERY, 0},
    {"--iot-thing-name", FILLED, AT(iot_thing_name), EVERY, 0},
    {"--iot-cert", FILLED, AT(iot_cert), EVERY, 0},
    {"--iot-key", FILLED, AT(iot_key), EVERY, 0},
#endif
    {"--cli-connect-timeout", SECONDS, AT(connect_ms), EVERY, 0},
    {"--cli-read-timeout", SECONDS, AT(read_ms), EVERY, 0},
    {"--deadline", SECONDS, AT(deadline_ms), EVERY, 0},
    {"--max-attempts", INTEGER, AT(max_attempts), EVERY, 0},
    {"--output", FORMAT, AT(output), EVERY, 0},
    {"--color", COLOR, 0, EVERY, 0},
    {"--no-progress", TAKEN, 0, EVERY, 0},
    {"--csv-safe", TAKEN, 0, EVERY, 0},
    {"--no-cli-pager", TAKEN, 0, EVERY, 0},
    {"--no-paginate", TAKEN, 0, EVERY, 0},
    {"--help", FLAG, AT(help), EVERY | ON(COMMAND_NONE), 0},
    {"--version", FLAG, AT(version), EVERY | ON(COMMAND_NONE), 0},
};
#define FLAGS (sizeof flags / sizeof *flags)

static const struct row variables[] = {
    {"AWS_ACCESS_KEY_ID", TEXT, AT(access_key_id), 0, 0},
    {"AWS_SECRET_ACCESS_KEY", TEXT, AT(secret_access_key), 0, 0},
    {"AWS_SESSION_TOKEN", TEXT, AT(session_token), 0, 0},
    {"AWS_SECURITY_TOKEN", TEXT, AT(session_token), 0, 0},
    {"AWS_DEFAULT_REGION", TEXT, AT(region), 0, 0}, /* of two the later one wins */
    {"AWS_REGION", TEXT, AT(region), 0, 0},
    {"AWS_ENDPOINT_URL", TEXT, AT(endpoint_url), 0, 0},
    {"AWS_ENDPOINT_URL_IAM", TEXT, AT(endpoint_url), 0, 0},
    {"AWS_CA_BUNDLE", TEXT, AT(ca_bundle), 0, 0},
    {"AWS_MAX_ATTEMPTS", INTEGER, AT(max_attempts), 0, 0},
    {"AWS_DEFAULT_OUTPUT", FORMAT, AT(output), 0, 0},
    {"AWS_USE_FIPS_ENDPOINT", BOOLEAN, AT(fips), 0, 0},
    {"AWS_USE_DUALSTACK_ENDPOINT", BOOLEAN, AT(dualstack), 0, 0},
    {"BOARD_ADDRESS", TEXT, AT(address), 0, 0},
    {"BOARD_NETMASK", TEXT, AT(netmask), 0, 0},
    {"BOARD_GATEWAY", TEXT, AT(gateway), 0, 0},
    {"BOARD_DNS", TEXT, AT(dns), 0, 0},
    {"BOARD_FIXED_HOST", TEXT, AT(fixed), 0, 0},
    {"BOARD_SNTP", TEXT, AT(sntp), 0, 0},
    {"BOARD_RESET_AFTER", INTEGER, AT(reset_after), 0, 0},
    {"BOARD_CLOCK", CLOCK, AT(clock), 0, 0},
};

static const struct command_row {
    const char *name, *operation;
} commands[COMMAND_COUNT] = {
    [COMMAND_PAGE_ENTITIES] = {"get-service-last-accessed-details-with-entities",
                               "GetServiceLastAccessedDetailsWithEntities"},
    [COMMAND_PAGE_SERVICES] = {"get-service-last-accessed-details",
                               "GetServiceLastAccessedDetails"},
    [COMMAND_GENERATE] = {"generate-service-last-accessed-details",
                          "GenerateServiceLastAccessedDetails"},
    [COMMAND_ENTITIES] = {"entities", "GetServiceLastAccessedDetailsWithEntities"},
};

const char *options_command_name(enum command command)
{
    return commands[command].name;
}

const char *options_operation(enum command command)
{
    return commands[command].operation;
}

/* What a command line leaves to be judged when all of it has been read. */
struct parse {
    struct options *o;
    const struct args *args;
    int i;
    uint64_t given;      /* bits: rows of flags */
    const char *unknown; /* the first word that is nothing here */
};
_Static_assert(FLAGS <= 64, "a bit each");

static bool parse_integer(const char *text, uint32_t *value)
{
    uint32_t v = 0;
    while (*text == ' ')
        text++;
    bool minus = *text == '-', digits = false;
    text += *text == '-' || *text == '+';
    for (; *text >= '0' && *text <= '9'; text++, digits = true)
        v = v > MS_MAX / 10 - 9 ? MS_MAX : v * 10 + (uint32_t)(*text - '0');
    while (*text == ' ')
        text++;
    *value = minus ? 0 : v; /* below what anything takes */
    return digits && *text == '\0';
}

/* "30", "0.5": milliseconds. 0 means no limit, as with the host command. */
static bool parse_seconds(const char *text, uint32_t *ms)
{
    uint32_t v = 0, scale = 1000;
    bool digits = false, point = false;
    for (; *text != '\0'; text++) {
        if (*text == '.' && !point) {
            point = true;
        } else if (*text < '0' || *text > '9') {
            return false;
        } else if (point) {
            scale /= 10;
            v += scale * (uint32_t)(*text - '0');
            digits = true;
        } else {
            v = v > MS_MAX / 10000 ? MS_MAX / 1000 * 1000 : v * 10 + (uint32_t)(*text - '0') * 1000;
            digits = true;
        }
    }
    *ms = v == 0 ? MS_MAX : v;
    return digits;
}

/* A mistake of the command line, in the AWS CLI's first words. */
static int invalid(const char *text, const char *about)
{
    if (console_begin(CONSOLE_ERROR)) {
        console_text(&console_err, "An error occurred (ParamValidation): ");
        console_text(&console_err, text);
        console_safe(&console_err, (struct iam_span){about, strlen(about)});
        console_end();
    }
    return EXIT_USAGE;
}

/* Is it one of "a|b|c"? */
static int choose(const char *choices, const char *value)
{
    size_t n = strlen(value);
    for (const char *p = choices; p != NULL; p = strchr(p, '|'), p = p != NULL ? p + 1 : NULL)
        if (n > 0 && strncmp(p, value, n) == 0 && (p[n] == '|' || p[n] == '\0'))
            return 0;
    return invalid("Found invalid choice ", value);
}

/* 0, or an exit code after saying what is wrong. */
static int store(struct options *o, const struct row *row, const char *value)
{
    void *at = (char *)o + row->at;
    bool good = true;
    switch ((enum kind)row->kind) {
    case FILLED:
        if (*value == '\0')
            return 0;
        /* fall through */
    case TEXT:
        memcpy(at, &value, sizeof value);
        return 0;
    case FLAG:
        *(bool *)at = true;
        return 0;
    case BOOLEAN:
        *(bool *)at = strcmp(value, "true") == 0;
        return 0;
    case CLOCK:
        o->clock = strcmp(value, "unset") == 0  ? CLOCK_UNSET
                   : strcmp(value, "sntp") == 0 ? CLOCK_SNTP
                                                : CLOCK_HOST;
        return 0;
    case INTEGER:
        good = parse_integer(value, at);
        if (good && row->at == AT(max_attempts) && o->max_attempts == 0)
            return console_fail(EXIT_OTHER, "max_attempts must be one at least, not ", value);
        break;
    case SECONDS:
        good = parse_seconds(value, at);
        break;
    case FORMAT:
        memcpy(at, &value, sizeof value);
        return choose("json|text|table|jsonl|csv", value);
    case COLOR:
        return choose("auto|on|off", value);
    case TAKEN:
        return 0;
    }
    return good ? 0 : console_fail(EXIT_OTHER, "invalid literal for int() with base 10: ", value);
}

/* The row whose name is the first n bytes of text. */
static const struct row *find(const struct row *rows, size_t count, const char *text, size_t n)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(rows[i].name) == n && memcmp(rows[i].name, text, n) == 0)
            return &rows[i];
    return NULL;
}

static void note_unknown(struct parse *p, const char *word)
{
    if (p->unknown == NULL)
        p->unknown = word;
}

static int take_flag(struct parse *p, const char *word)
{
    const char *equals = strchr(word, '=');
    size_t n = equals != NULL ? (size_t)(equals - word) : strlen(word);
    const struct row *row = find(flags, FLAGS, word, n);
    const char *value = equals != NULL ? equals + 1 : NULL;

    if (row == NULL) {
        note_unknown(p, word);
        return 0;
    }
    uint64_t bit = UINT64_C(1) << (row - flags);
    if ((p->given & bit) != 0 && row->kind == TEXT && row->commands != EVERY)
        return invalid("given twice: ", row->name); /* of settings the last wins */
    p->given |= bit;
    if (row->kind == FLAG || row->kind == TAKEN)
        return equals == NULL ? store(p->o, row, "") : invalid("ignored explicit argument ", word);
    if (value == NULL) {
        const char *next = p->i + 1 < p->args->count ? p->args->word[p->i + 1] : NULL;
        if (next == NULL || (next[0] == '-' && next[1] == '-'))
            return invalid("expected one argument: ", word);
        value = next;
        p->i++;
    }
    return store(p->o, row, value);
}

static int take_variable(struct options *o, const char *word, const char *equals)
{
    const struct row *row =
        find(variables, sizeof variables / sizeof *variables, word, (size_t)(equals - word));
    if (row == NULL || equals[1] == '\0')
        return 0; /* an empty variable counts as unset */
    return store(o, row, equals + 1);
}

static int take_word(struct parse *p, const char *word)
{
    const char *equals = strchr(word, '=');
    if (strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        p->o->help = true;
    } else if (word[0] == '-' && word[1] == '-' && word[2] != '\0') {
        return take_flag(p, word);
    } else if (p->o->command == COMMAND_NONE && word[0] != '-' && p->unknown == NULL) {
        if (equals != NULL)
            return take_variable(p->o, word, equals);
        if (strcmp(word, "iam") == 0)
            return 0; /* as aws has it in front */
        for (int c = 1; c < COMMAND_COUNT; c++) {
            if (strcmp(commands[c].name, word) == 0) {
                p->o->command = (enum command)c;
                return 0;
            }
        }
        return invalid("Found invalid choice ", word);
    } else {
        note_unknown(p, word);
    }
    return 0;
}

/* Flags that belong to other commands, and those that are missing. */
static int check_given(struct parse *p)
{
    unsigned command = ON(p->o->command);
    for (size_t i = 0; i < FLAGS; i++)
        if ((p->given >> i & 1) != 0 && (flags[i].commands & command) == 0)
            note_unknown(p, flags[i].name);
    if (p->unknown != NULL)
        return console_fail(EXIT_USAGE, "Unknown options: ", p->unknown);
    if (p->o->command == COMMAND_NONE)
        return invalid("the following arguments are required: ", "command");
    for (size_t i = 0; i < FLAGS; i++)
        if ((p->given >> i & 1) == 0 && (flags[i].required & command) != 0)
            return invalid("the following arguments are required: ", flags[i].name);
    return 0;
}

static bool was_given(const struct parse *p, uint8_t at)
{
    for (size_t i = 0; i < FLAGS; i++)
        if (flags[i].at == at && flags[i].kind != TAKEN && flags[i].kind != COLOR)
            return (p->given >> i & 1) != 0;
    return false;
}

/* Values, in the order in which the host command looks at them. */
static int check_values(const struct parse *p)
{
    struct options *o = p->o;
    if (was_given(p, AT(deadline_ms)) && o->deadline_ms == MS_MAX)
        return invalid("argument --deadline: ", "more than 0 seconds are needed");
    if (o->output != NULL && strcmp(o->output, "jsonl") != 0)
        return console_fail(EXIT_USAGE, "only --output jsonl here, not ", o->output);
    if (o->region != NULL &&
        !iam_region_is_valid((struct iam_span){o->region, strlen(o->region)})) {
        return console_fail(EXIT_OTHER,
                            "Provided region_name doesn't match a supported format: ", o->region);
    }
    o->url_by_flag = was_given(p, AT(endpoint_url));
    if (!was_given(p, AT(max_items))) {
        /* one page has what the service takes, everything else is asked for in the largest pages */
        o->max_items = o->all || o->wait || o->command == COMMAND_ENTITIES ? 1000 : 0;
    } else if (o->max_items == 0 || o->max_items > UINT16_MAX) {
        o->max_items = UINT16_MAX; /* 0 means the default further on: let it be refused there */
    }
    return 0;
}

int options_parse(struct options *o, const struct args *args)
{
    struct parse p = {.o = o, .args = args};
    int code = 0;
    memset(o, 0, sizeof *o);
    for (p.i = 1; p.i < args->count && code == 0; p.i++)
        code = take_word(&p, args->word[p.i]);
    if (code != 0 || o->help || o->version)
        return code;
    code = check_given(&p);
    return code != 0 ? code : check_values(&p);
}
