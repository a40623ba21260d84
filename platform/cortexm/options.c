/* The command line and the board's settings. */
#include "options.h"

#include "common/given.h"
#include "console.h"

#include <stddef.h>
#include <string.h>
#include <tinyiam/endpoint.h>

/* GCC copies such a function into each of its callers: 28 bytes. */
#define ONCE __attribute__((noinline))

/* Kinds that only this machine's variables have. */
enum { KIND_BOOLEAN = KIND_COUNT, /* "true" */ KIND_CLOCK };

/* Where a value goes in struct options. */
struct variable {
    const char *name;
    uint8_t kind, at;
};
/* A flag: the common row, and the same; it begins as a variable does. */
struct row {
    const char *name;
    uint8_t kind, at;
    uint8_t commands, takers;
    union {
        const char *param, *choices;
    };
};
#define PLACE(field) (uint8_t) offsetof(struct options, field)
#define AT(field) .at = PLACE(field)
_Static_assert(sizeof(struct options) <= 255, "offsets fit a byte");

static const struct row flags[] = {
    {ROW_ARN, AT(arn)},
    {ROW_GRANULARITY, AT(granularity)},
    {ROW_JOB_ID, AT(job_id)},
    {ROW_SERVICE_NAMESPACE, AT(service_namespace)},
    {ROW_MAX_ITEMS, AT(max_items)},
    {ROW_MARKER, AT(marker)},
#if OPTIONS_AUDIT
    {ROW_ROWS, AT(rows)},
#endif
    {ROW_ALL, AT(all)},
    {ROW_WAIT, AT(wait)},
    {ROW_WAIT_TIMEOUT, AT(job_ms)},
    {ROW_STATS, AT(stats)},
    {ROW_DEBUG, AT(debug)},
    {ROW_REGION, AT(region)},
    {ROW_ENDPOINT_URL, AT(endpoint_url)},
    {ROW_CA_BUNDLE, AT(ca_bundle)},
#if defined(CORTEXM_IOT)
    {ROW_IOT_ENDPOINT, AT(iot_endpoint)},
    {ROW_IOT_ROLE_ALIAS, AT(iot_role_alias)},
    {ROW_IOT_THING_NAME, AT(iot_thing_name)},
    {ROW_IOT_CERT, AT(iot_cert)},
    {ROW_IOT_KEY, AT(iot_key)},
#endif
    {ROW_CONNECT_TIMEOUT, AT(connect_ms)},
    {ROW_READ_TIMEOUT, AT(read_ms)},
    {ROW_DEADLINE, AT(deadline_ms)},
    {ROW_MAX_ATTEMPTS, AT(max_attempts)},
    {ROW_OUTPUT, .kind = KIND_CHOICE, .choices = "json|text|table|jsonl|csv", AT(output)},
    {ROW_COLOR, AT(no_matter)},
    {ROW_NO_PROGRESS, AT(no_matter_either)},
    {ROW_CSV_SAFE, AT(no_matter_either)},
    {ROW_NO_CLI_PAGER, AT(no_matter_either)},
    {ROW_NO_PAGINATE, AT(no_matter_either)},
    {ROW_HELP, AT(help)},
    {ROW_VERSION, AT(version)},
};
#define FLAGS (sizeof flags / sizeof *flags)

static const struct variable variables[] = {
    {"AWS_ACCESS_KEY_ID", KIND_TEXT, AT(access_key_id)},
    {"AWS_SECRET_ACCESS_KEY", KIND_TEXT, AT(secret_access_key)},
    {"AWS_SESSION_TOKEN", KIND_TEXT, AT(session_token)},
    {"AWS_SECURITY_TOKEN", KIND_TEXT, AT(session_token)},
    {"AWS_DEFAULT_REGION", KIND_TEXT, AT(region)}, /* of two the later one wins */
    {"AWS_REGION", KIND_TEXT, AT(region)},
    {"AWS_ENDPOINT_URL", KIND_TEXT, AT(endpoint_url)},
    {"AWS_ENDPOINT_URL_IAM", KIND_TEXT, AT(endpoint_url)},
    {"AWS_CA_BUNDLE", KIND_TEXT, AT(ca_bundle)},
    {"AWS_MAX_ATTEMPTS", KIND_INTEGER, AT(max_attempts)},
    {"AWS_DEFAULT_OUTPUT", KIND_TEXT, AT(output)},
    {"AWS_USE_FIPS_ENDPOINT", KIND_BOOLEAN, AT(fips)},
    {"AWS_USE_DUALSTACK_ENDPOINT", KIND_BOOLEAN, AT(dualstack)},
    {"BOARD_ADDRESS", KIND_TEXT, AT(address)},
    {"BOARD_NETMASK", KIND_TEXT, AT(netmask)},
    {"BOARD_GATEWAY", KIND_TEXT, AT(gateway)},
    {"BOARD_DNS", KIND_TEXT, AT(dns)},
    {"BOARD_FIXED_HOST", KIND_TEXT, AT(fixed)},
    {"BOARD_SNTP", KIND_TEXT, AT(sntp)},
    {"BOARD_RESET_AFTER", KIND_INTEGER, AT(reset_after)},
    {"BOARD_CLOCK", KIND_CLOCK, AT(clock)},
};

static const struct command_row commands[OPTIONS_COMMANDS] = {
    [COMMAND_NONE] = {ROW_NONE},
    [COMMAND_PAGE_ENTITIES] = {ROW_PAGE_ENTITIES},
    [COMMAND_PAGE_SERVICES] = {ROW_PAGE_SERVICES},
    [COMMAND_GENERATE] = {ROW_GENERATE},
    [COMMAND_ENTITIES] = {ROW_ENTITIES},
#if OPTIONS_AUDIT
    [COMMAND_AUDIT] = {ROW_AUDIT},
#endif
};

const struct command_row *options_command(enum command command)
{
    return &commands[command];
}

/* The parameter that a flag stands for in this command; NULL: none. */
static const struct iam_param *param_here(const struct row *row, const struct command_row *command)
{
    if ((row->takers & command->kind) == 0)
        return NULL;
    const struct iam_param *p = param_of(command->op, row->param);
    return p != NULL ? p : param_of(command->first, row->param);
}

/* What the row's place holds. */
static const char *text_at(const struct options *o, const struct row *row)
{
    const char *text;
    memcpy(&text, (const char *)o + row->at, sizeof text);
    return text;
}
/* MaxItems: one page has what the service takes, everything else is asked for in the largest pages. */
static uint32_t page_items(const struct options *o, const struct iam_param *p)
{
    bool largest = o->all || o->wait || o->command == COMMAND_ENTITIES;
    return o->max_items != 0 || !largest ? o->max_items : p->max;
}

void options_request(const struct options *o, const struct iam_operation *op,
                     union iam_request *request)
{
    memset(request, 0, sizeof *request);
    for (const struct row *row = flags; row < flags + FLAGS; row++) {
        const struct iam_param *p = row->takers != 0 ? param_of(op, row->param) : NULL;
        if (p == NULL)
            continue;
        if (param_kind(p) == IAM_PARAM_COUNT)
            param_put(p, request, NULL, (long)page_items(o, p));
        else
            param_put(p, request, text_at(o, row), 0);
    }
}

/* What a command line leaves to be judged when all of it has been read. */
struct parse {
    struct options *o;
    const struct args *args;
    int i;
    const char *unknown; /* the first word that is nothing here */
    bool given[FLAGS];   /* rows of flags */
};

/* A mistake of the command line, in the AWS CLI's first words. */
static int invalid(const char *text, const char *about)
{
    if (console_begin(CONSOLE_ERROR)) {
        console_text(&console_err, "An error occurred (ParamValidation): ");
        console_text(&console_err, text);
        console_safe(&console_err, iam_span_of(about));
        console_end();
    }
    return EXIT_USAGE;
}

/* A number, in the range that anything takes. 0 seconds mean no limit, as with the host command. */
static bool parse(uint8_t kind, const char *value, uint32_t *number)
{
    long v = 0;
    if (!(kind == KIND_SECONDS ? args_seconds : args_integer)(value, &v))
        return false;
    *number = v < 0 ? 0 : kind == KIND_SECONDS && v == 0 ? INT32_MAX : (uint32_t)v;
    return true;
}

/* 0, or an exit code after saying what is wrong. */
static int store(struct options *o, const struct variable *variable, const char *value)
{
    void *at = (char *)o + variable->at;
    switch (variable->kind) {
    case KIND_FLAG:
        *(bool *)at = true;
        break;
    case KIND_BOOLEAN:
        *(bool *)at = strcmp(value, "true") == 0;
        break;
    case KIND_CLOCK:
        o->clock = strcmp(value, "unset") == 0  ? CLOCK_UNSET
                   : strcmp(value, "sntp") == 0 ? CLOCK_SNTP
                                                : CLOCK_HOST;
        break;
    case KIND_INTEGER:
    case KIND_SECONDS:
        if (!parse(variable->kind, value, at))
            return console_fail(EXIT_OTHER, "invalid literal for int() with base 10: ", value);
        if (at == &o->max_attempts && o->max_attempts == 0)
            return console_fail(EXIT_OTHER, "max_attempts must be one at least, not ", value);
        break;
    default:
        memcpy(at, &value, sizeof value);
    }
    return 0;
}

/* The row whose name is the first n bytes of text, in a table of struct variable or of struct row. */
static ONCE const void *find(const void *rows, size_t size, size_t count, const char *text,
                             size_t n)
{
    for (const char *row = rows; count > 0; row += size, count--) {
        const char *name = ((const struct variable *)(const void *)row)->name;
        if (strlen(name) == n && memcmp(name, text, n) == 0)
            return row;
    }
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
    const struct row *row = find(flags, sizeof *flags, FLAGS, word, n);
    const char *value = equals != NULL ? equals + 1 : NULL;

    if (row == NULL) {
        note_unknown(p, word);
        return 0;
    }
    bool *given = &p->given[row - flags];
    if (*given && row->kind == KIND_TEXT && row->param != NULL)
        return invalid("given twice: ", row->name); /* of settings the last wins */
    *given = true;
    const struct variable *place = (const struct variable *)(const void *)row;
    if (row->kind == KIND_FLAG)
        return equals == NULL ? store(p->o, place, "")
                              : invalid("ignored explicit argument ", word);
    if (value == NULL) {
        const char *next = p->i + 1 < p->args->count ? p->args->word[p->i + 1] : NULL;
        if (next == NULL || (next[0] == '-' && next[1] == '-'))
            return invalid("expected one argument: ", word);
        value = next;
        p->i++;
    }
    if (row->kind == KIND_CHOICE && !args_is_choice(row->choices, value))
        return invalid("Found invalid choice ", value);
    /* a setting that is empty counts as not given; a parameter or a URL that is, is a wrong one */
    if (*value == '\0' && row->kind == KIND_TEXT && row->param == NULL &&
        row->at != PLACE(endpoint_url))
        return 0;
    return store(p->o, place, value);
}

static int take_variable(struct options *o, const char *word, const char *equals)
{
    const struct variable *variable =
        find(variables, sizeof *variables, sizeof variables / sizeof *variables, word,
             (size_t)(equals - word));
    if (variable == NULL || equals[1] == '\0')
        return 0; /* an empty variable counts as unset */
    return store(o, variable, equals + 1);
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
        for (unsigned c = 1; c < OPTIONS_COMMANDS; c++) {
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
    const struct command_row *command = &commands[p->o->command];
    const char *missing = NULL;
    for (size_t i = 0; i < FLAGS; i++) {
        const struct iam_param *param = param_here(&flags[i], command);
        if (p->given[i] && param == NULL && (flags[i].commands & command->kind) == 0)
            note_unknown(p, flags[i].name);
        if (!p->given[i] && param != NULL && (param->kind & IAM_PARAM_REQUIRED) != 0 &&
            missing == NULL)
            missing = flags[i].name;
    }
    if (p->unknown != NULL)
        return console_fail(EXIT_USAGE, "Unknown options: ", p->unknown);
    if (p->o->command == COMMAND_NONE)
        missing = "command";
    if (OPTIONS_AUDIT && p->o->command == COMMAND_AUDIT && p->o->arn == NULL)
        missing = "--arn";
    return missing == NULL ? 0 : invalid("the following arguments are required: ", missing);
}

static bool was_given(const struct parse *p, uint8_t at)
{
    for (size_t i = 0; i < FLAGS; i++)
        if (flags[i].at == at)
            return p->given[i];
    return false;
}
#define WAS_GIVEN(p, field) was_given(p, PLACE(field))

/* Values, in the order in which the host command looks at them. */
static int check_values(const struct parse *p)
{
    struct options *o = p->o;
    if (WAS_GIVEN(p, deadline_ms) && o->deadline_ms == INT32_MAX)
        return invalid("more than 0 seconds are needed: ", "--deadline");
    if (o->output != NULL && strcmp(o->output, "jsonl") != 0)
        return console_fail(EXIT_USAGE, "only --output jsonl here, not ", o->output);
    if (o->region != NULL && !iam_region_is_valid(iam_span_of(o->region))) {
        return console_fail(EXIT_OTHER,
                            "Provided region_name doesn't match a supported format: ", o->region);
    }
    o->url_by_flag = WAS_GIVEN(p, endpoint_url);
    /* 0 means the default further on: let it be refused there */
    if (WAS_GIVEN(p, max_items) && (o->max_items == 0 || o->max_items > UINT16_MAX))
        o->max_items = UINT16_MAX;
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
