#include "options.h"

#include "console.h"

#include <string.h>

#define MS_MAX 2147483647u

enum kind { TEXT, FLAG, NUMBER, SECONDS, CLOCK, TAKEN, TAKEN_VALUE, OUTPUT, REFUSED };

/* Fields of struct options by offset: one row an option or variable. */
struct row {
    const char *name;
    uint8_t kind, at;
};
#define AT(field) ((uint8_t)offsetof(struct options, field))
_Static_assert(sizeof(struct options) <= 255, "offsets fit a byte");

static const struct row flags[] = {
    {"--job-id", TEXT, AT(job_id)},
    {"--service-namespace", TEXT, AT(service_namespace)},
    {"--marker", TEXT, AT(marker)},
    {"--max-items", NUMBER, AT(max_items)},
    {"--all", FLAG, AT(all)},
    {"--wait", FLAG, AT(wait)},
    {"--arn", TEXT, AT(arn)},
    {"--stats", FLAG, AT(stats)},
    {"--region", TEXT, AT(region)},
    {"--ca-bundle", TEXT, AT(ca_bundle)},
    {"--cli-connect-timeout", SECONDS, AT(connect_ms)},
    {"--cli-read-timeout", SECONDS, AT(read_ms)},
    {"--deadline", SECONDS, AT(deadline_ms)},
    {"--max-attempts", NUMBER, AT(max_attempts)},
    {"--output", OUTPUT, 0},
    {"--no-progress", TAKEN, 0},
    {"--debug", TAKEN, 0},
    {"--csv-safe", TAKEN, 0},
    {"--no-cli-pager", TAKEN, 0},
    {"--no-paginate", TAKEN, 0},
    {"--color", TAKEN_VALUE, 0},
};

static const struct row variables[] = {
    {"AWS_ACCESS_KEY_ID", TEXT, AT(access_key_id)},
    {"AWS_SECRET_ACCESS_KEY", TEXT, AT(secret_access_key)},
    {"AWS_SESSION_TOKEN", TEXT, AT(session_token)},
    {"AWS_DEFAULT_REGION", TEXT, AT(region)}, /* before AWS_REGION: the later one wins */
    {"AWS_REGION", TEXT, AT(region)},
    {"AWS_CA_BUNDLE", TEXT, AT(ca_bundle)},
    {"AWS_MAX_ATTEMPTS", NUMBER, AT(max_attempts)},
    {"AWS_USE_FIPS_ENDPOINT", FLAG, AT(fips)},
    {"AWS_USE_DUALSTACK_ENDPOINT", FLAG, AT(dualstack)},
    {"BOARD_ADDRESS", TEXT, AT(address)},
    {"BOARD_NETMASK", TEXT, AT(netmask)},
    {"BOARD_GATEWAY", TEXT, AT(gateway)},
    {"BOARD_DNS", TEXT, AT(dns)},
    {"BOARD_FIXED_HOST", TEXT, AT(fixed)},
    {"BOARD_SNTP", TEXT, AT(sntp)},
    {"BOARD_RESET_AFTER", NUMBER, AT(reset_after)},
    {"BOARD_CLOCK", CLOCK, AT(clock)},
};

static int complain(const char *text, const char *about)
{
    struct console out, err;
    console_open(&out, &err);
    console_text(&err, "tinyiam: [ERROR]: ");
    console_text(&err, text);
    console_text(&err, about);
    console_text(&err, "\n");
    console_flush(&err);
    return EXIT_USAGE;
}

static bool parse_number(const char *text, uint32_t max, uint32_t *value)
{
    uint32_t v = 0;
    if (*text == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || v > max / 10) {
            return false;
        }
        v = v * 10 + (uint32_t)(*text - '0');
    }
    *value = v;
    return v <= max;
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

static bool store(struct options *o, const struct row *row, const char *value)
{
    void *at = (char *)o + row->at;
    switch ((enum kind)row->kind) {
    case TEXT:
        memcpy(at, &value, sizeof value);
        return true;
    case FLAG:
        *(bool *)at = value == NULL || strcmp(value, "true") == 0;
        return true;
    case NUMBER:
        return parse_number(value, 1000000, at);
    case SECONDS:
        return parse_seconds(value, at);
    case CLOCK:
        o->clock = strcmp(value, "unset") == 0  ? CLOCK_UNSET
                   : strcmp(value, "sntp") == 0 ? CLOCK_SNTP
                                                : CLOCK_HOST;
        return true;
    case OUTPUT:
        return strcmp(value, "jsonl") == 0;
    default:
        return true;
    }
}

/* The row whose name is the first n bytes of text. */
static const struct row *find(const struct row *rows, size_t count, const char *text, size_t n)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(rows[i].name) == n && memcmp(rows[i].name, text, n) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

static int take_flag(struct options *o, const struct args *args, int *i)
{
    const char *word = args->word[*i];
    const char *equals = strchr(word, '=');
    size_t n = equals != NULL ? (size_t)(equals - word) : strlen(word);
    const struct row *row = find(flags, sizeof flags / sizeof *flags, word, n);
    const char *value = equals != NULL ? equals + 1 : NULL;

    if (row == NULL) {
        return complain("Unknown options: ", word);
    }
    bool bare = row->kind == FLAG || row->kind == TAKEN;
    if (!bare && value == NULL) {
        if (*i + 1 >= args->count) {
            return complain("An error occurred (ParamValidation): expected one argument: ", word);
        }
        value = args->word[++*i];
    }
    if (bare && equals != NULL) {
        return complain("An error occurred (ParamValidation): ignored explicit argument: ", word);
    }
    if (!store(o, row, value)) {
        return complain(row->kind == OUTPUT ? "this image prints jsonl only, not " : "not usable: ",
                        value);
    }
    return 0;
}

static int take_variable(struct options *o, const char *word, const char *equals)
{
    const struct row *row =
        find(variables, sizeof variables / sizeof *variables, word, (size_t)(equals - word));
    if (row == NULL || equals[1] == '\0') {
        return 0; /* an empty variable counts as unset */
    }
    return store(o, row, equals + 1) ? 0 : complain("not usable: ", word);
}

int options_parse(struct options *o, const struct args *args)
{
    memset(o, 0, sizeof *o);
    for (int i = 1; i < args->count; i++) {
        const char *word = args->word[i];
        const char *equals = strchr(word, '=');
        int code = 0;
        if (word[0] == '-') {
            code = take_flag(o, args, &i);
        } else if (o->command == NULL && equals != NULL) {
            code = take_variable(o, word, equals);
        } else if (o->command == NULL) {
            o->command = word;
        } else {
            code = complain("Unknown options: ", word);
        }
        if (code != 0) {
            return code;
        }
    }
    if (o->command == NULL) {
        return complain(
            "An error occurred (ParamValidation): the following arguments are required: ",
            "command");
    }
    return 0;
}
