/* Parts of the command alone: configuration files, command line, addresses, formats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <tinyiam/tinyiam.h>

#include "args/args.h"
#include "audit/hold.h"
#include "config/ini.h"
#include "config/settings.h"
#include "net/trace.h"
#include "out/out.h"
#include "text/sink.h"
#include "text/terminal.h"
#include "text/values.h"
#include "text/wanted.h"

/* ---- configuration files ---- */

static struct ini ini;

static enum ini_result parse(const char *text)
{
    size_t n = strlen(text), line;
    char *copy = malloc(n + 1);
    memcpy(copy, text, n + 1);
    ini_end(&ini);
    return ini_parse(&ini, copy, n, &line);
}

static const char *value(const char *profile, const char *key)
{
    const char *v = ini_get(&ini, ini_profile(&ini, profile), key);
    return v ? v : "(none)";
}

static void ini_values(void **state)
{
    (void)state;
    assert_int_equal(
        parse("[default]\nregion = us-east-1\n# a comment\n  ; another\nOutput: text\r\n"
              "[profile dev]\nregion=eu-west-1 # no comment\n"
              "aws_secret_access_key = a=b:c == \n"),
        INI_OK);
    assert_string_equal(value("default", "region"), "us-east-1");
    assert_string_equal(value("default", "output"), "text");
    assert_string_equal(value("dev", "region"), "eu-west-1 # no comment");
    assert_string_equal(value("dev", "aws_secret_access_key"), "a=b:c ==");
    assert_string_equal(value("dev", "output"), "(none)");
    assert_string_equal(value("other", "region"), "(none)");
}

static void ini_sections(void **state)
{
    (void)state;
    assert_int_equal(
        parse("[profile \"a b\"]\nx=1\n[profile 'c'\"d\"e]\nx=2\n[profile f\\ g]\nx=3\n"
              "[ profile h]\nx=4\n[profile i j]\nx=5\n[profile  \t k ]\nx=6\n[l]\nx=7\n"
              "[profile \"m]\nx=8\n[sso-session n]\nx=9\n[services o]\nx=10\n[default]\nx=11\n"
              "[profile default] behind it\nx=12\n"),
        INI_OK);
    assert_string_equal(value("a b", "x"), "1");
    assert_string_equal(value("cde", "x"), "2");
    assert_string_equal(value("f g", "x"), "3");
    assert_string_equal(value("h", "x"), "(none)");
    assert_string_equal(value("i", "x"), "(none)");
    assert_string_equal(value("k", "x"), "6");
    assert_string_equal(value("l", "x"), "(none)");
    assert_string_equal(value("m", "x"), "(none)");
    assert_string_equal(value("n", "x"), "(none)");
    assert_string_equal(value("default", "x"), "12");
    assert_string_equal(ini_get(&ini, ini_typed_section(&ini, "services", "o"), "x"), "10");
    assert_int_equal(ini_section(&ini, "l") != 0, 1);
}

static void ini_nested_blocks(void **state)
{
    (void)state;
    assert_int_equal(parse("[services mine]\ns3 =\n  endpoint_url = http://s3\niam =\n"
                           "    endpoint_url =  http://127.0.0.1:1/ \n\n    # not\n    other=\n"
                           "[profile p]\nregion = a\n   b\n\n c\n"),
                     INI_OK);
    const char *block = ini_get(&ini, ini_section(&ini, "services mine"), "iam");
    struct iam_span url = ini_nested(block, "endpoint_url"), other = ini_nested(block, "other");
    assert_int_equal(block[0], '\n');
    assert_int_equal(url.n, strlen("http://127.0.0.1:1/"));
    assert_memory_equal(url.p, "http://127.0.0.1:1/", url.n);
    assert_int_equal(other.n, 0);
    assert_non_null(other.p);
    assert_null(ini_nested(block, "none").p);
    assert_string_equal(value("p", "region"), "a\nb\n\nc");
}

static void ini_broken(void **state)
{
    static const char *const texts[] = {
        "x = 1\n",             /* before any section */
        "[a]\nx = 1\nx = 2\n", /* a key twice */
        "[a]\nX = 1\nx = 2\n", /* the same but for its case */
        "[a]\n[b]\n[a]\n",     /* a section twice */
        "[a]\nnothing\n",
        "[a]\n= 1\n",
        "[]\n",                  /* no key, no name */
        "[a]\nx =\n  nothing\n", /* a block's line without '=' */
        "[a]\nx = \xff\n",
        "[a]\nx = \xed\xa0\x80\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(parse(texts[i]), INI_BROKEN);
    assert_int_equal(parse(""), INI_OK);
    assert_int_equal(parse("\n  \n# only\n"), INI_OK);
    assert_int_equal(parse("\xEF\xBB\xBF[default]\nregion=x"), INI_OK);
    assert_string_equal(value("default", "region"), "x");
}

static void ini_defaults(void **state)
{
    (void)state;
    assert_int_equal(
        parse("[DEFAULT]\nregion = far\n[default]\noutput = text\n[profile p]\nregion = near\n"
              "[DEFAULT]\noutput = json\n"),
        INI_OK);
    assert_string_equal(value("default", "region"), "far");
    assert_string_equal(value("default", "output"), "text");
    assert_string_equal(value("p", "region"), "near");
    assert_string_equal(value("p", "output"), "json");
}

/* ---- command line ---- */

static struct args args;

static int parse_args(const char *const *words)
{
    int n = 0;
    while (words[n])
        n++;
    return args_parse(&args, n, (char **)(uintptr_t)words);
}

#define PARSE(...) parse_args((const char *const[]){"tinyiam", __VA_ARGS__, NULL})
#define JOB "examplef-1305-c245-eba4-71fe298bcda7"

static void args_taken(void **state)
{
    (void)state;
    assert_int_equal(PARSE("--region", "x", "get-service-last-accessed-details", "--job-id=" JOB,
                           "--all", "--max-items", " 7 ", "--no-cli-pager", "--color", "off",
                           "--marker", "-x"),
                     0);
    assert_int_equal(args.command, COMMAND_PAGE_SERVICES);
    assert_string_equal(args.text[OPT_JOB_ID], JOB);
    assert_int_equal(args.number[OPT_MAX_ITEMS], 7);
    assert_string_equal(args.text[OPT_MARKER], "-x");
    assert_true(args_has(&args, OPT_ALL));
    assert_false(args_has(&args, OPT_WAIT));
    assert_int_equal(args_check(&args), 0);
    assert_int_equal(PARSE("entities", "--help"), 0);
    assert_int_equal(PARSE("help"), 0);
    assert_int_equal(PARSE("get-service-last-accessed-details", "--job-id", JOB, "--marker=--x"),
                     0);
}

static void args_refused(void **state)
{
    (void)state;
    assert_int_equal(PARSE("nothing"), 252);
    assert_int_equal(PARSE("iam"), 252);
    assert_int_equal(PARSE("entities"), 252);
    assert_int_equal(PARSE("entities", "--arn"), 252);
    assert_int_equal(PARSE("entities", "--arn", "--service-namespace", "s3"), 252);
    assert_int_equal(PARSE("entities", "--arn", "x", "--service-namespace", "s3", "--job-id", JOB),
                     252);
    assert_int_equal(PARSE("entities", "--arn", "x", "--service-namespace", "s3", "more"), 252);
    assert_int_equal(PARSE("entities", "--arn", "x", "--service-namespace", "s3", "--query", "x"),
                     252);
    assert_int_equal(PARSE("entities", "--arn", "x", "--service-namespace", "s3", "--output", "js"),
                     252);
    assert_int_equal(
        PARSE("entities", "--arn", "x", "--service-namespace", "s3", "--max-items", "x"), 255);
    assert_int_equal(
        PARSE("get-service-last-accessed-details", "--job-id", JOB, "--checkpoint", "f"), 252);
    assert_int_equal(PARSE("get-service-last-accessed-details", "--job-id", JOB, "--all=yes"), 252);
}

static void args_limits(void **state)
{
    char long_marker[700];
    (void)state;
    assert_int_equal(PARSE("get-service-last-accessed-details", "--job-id", "short"), 0);
    assert_int_equal(args_check(&args), 252);
    for (int i = 0; i < 320; i++)
        memcpy(long_marker + 2 * i, "\xC3\xA9", 3);
    assert_int_equal(
        PARSE("get-service-last-accessed-details", "--job-id", JOB, "--marker", long_marker), 0);
    assert_int_equal(args_check(&args), 0); /* characters, not bytes */
    memcpy(long_marker + 640, "x", 2);
    assert_int_equal(args_check(&args), 252);
    assert_int_equal(
        PARSE("get-service-last-accessed-details", "--job-id", JOB, "--marker", "\xC4\x80"), 0);
    assert_int_equal(args_check(&args), 252);
    assert_int_equal(
        PARSE("get-service-last-accessed-details", "--job-id", JOB, "--max-items", "1001"), 0);
    assert_int_equal(args_check(&args), 252);
}

static const char *const names[] = {"--job-id", "--marker", "--max-items", "--service-namespace"};
static const char *name(size_t i)
{
    return names[i];
}

static void args_nearest_name(void **state)
{
    (void)state;
    assert_string_equal(args_nearest("--job_id", name, 4), "--job-id");
    assert_string_equal(args_nearest("--maxitems", name, 4), "--max-items");
    assert_string_equal(args_nearest("--makrer", name, 4), "--marker");
    assert_string_equal(args_nearest("--service", name, 4), "--service-namespace");
    assert_null(args_nearest("--bogus", name, 4));
    assert_null(args_nearest("--x", name, 4));
}

/* ---- addresses ---- */

static void urls(void **state)
{
    struct url u;
    static const char *const bad[] = {
        "localhost:1",     "ftp://x",     "https://",        "https://a b",  "https://u@x",
        "https://u:p@x/",  "https://x:0", "https://x:65536", "https://x:1x", "https://[::1",
        "https://[::1]x",  "https://[x]", "https://x?y",     "https://x#y",  "https://x/a b",
        "https://x/%zz",   "https://-x",  "https://x-",      "https://a..b", "https://x/\xC3\xA9",
        "https://\xC3\xA9"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_non_null(url_parse(&u, bad[i]));
    assert_null(url_parse(&u, "HTTPS://Example.COM:8443/a/%2F"));
    assert_int_equal(u.plain, 0);
    assert_int_equal(u.port, 8443);
    assert_int_equal(u.authority.n, 16);
    assert_memory_equal(u.authority.p, "example.com:8443", 16);
    assert_memory_equal(u.host.p, "example.com", u.host.n);
    assert_memory_equal(u.path.p, "/a/%2F", u.path.n);
    assert_null(url_parse(&u, "http://[::1]:80"));
    assert_int_equal(u.plain, 1);
    assert_memory_equal(u.host.p, "::1", u.host.n);
    assert_memory_equal(u.authority.p, "[::1]:80", u.authority.n);
    assert_memory_equal(u.path.p, "/", u.path.n);
    assert_true(url_is_loopback(u.host));
    assert_null(url_parse(&u, "https://x:"));
    assert_int_equal(u.authority.n, 1);
    assert_true(url_is_loopback(IAM_SPAN("localhost")));
    assert_true(url_is_loopback(IAM_SPAN("127.0.0.1")));
    assert_true(url_is_loopback(IAM_SPAN("127.255.0.9")));
    assert_false(url_is_loopback(IAM_SPAN("127.0.0.1.example.com")));
    assert_false(url_is_loopback(IAM_SPAN("127.0.0")));
    assert_false(url_is_loopback(IAM_SPAN("127.0.0.256")));
    assert_false(url_is_loopback(IAM_SPAN("128.0.0.1")));
    assert_false(url_is_loopback(IAM_SPAN("localhost.example.com")));
}

/* ---- the tables ---- */

/* Whatever an operation can be told has an option in its command; entities chooses some of it itself. */
static void every_parameter_has_an_option(void **state)
{
    (void)state;
    for (unsigned c = 0; c < command_count; c++) {
        const struct iam_operation *op = command_defs[c].op;
        for (unsigned i = 0; op && c != COMMAND_ENTITIES && i < op->param_count; i++) {
            bool found = false;
            for (int o = 0; o < OPT_COUNT; o++)
                found |= args_param((enum option)o, c) == &op->params[i];
            if (!found)
                fail_msg("%s: no option for %s", command_defs[c].name, op->params[i].name);
        }
    }
}

/* CSV has every field once, the table has a time in its first column, nothing under the age of it, and a name
 * that may be cut. */
static void fields_have_columns(void **state)
{
    (void)state;
    for (unsigned c = 0; c < command_count; c++) {
        const struct reply *r = command_defs[c].reply;
        const struct fields *both[] = {r && r->list ? r->item : NULL,
                                       r && r->list ? r->item->sub : NULL};
        for (size_t k = 0; k < 2; k++) {
            const struct fields *f = both[k];
            for (unsigned column = 1; f && column <= f->count; column++)
                assert_true(out_csv_column(f, column) >= 0);
            if (!f)
                continue;
            assert_int_equal(f->field[out_table_column(f, 1)].type, FIELD_TIME);
            assert_int_equal(out_table_column(f, 2), -1);
            assert_int_equal(f->field[out_table_column(f, 4)].type, FIELD_TEXT);
            assert_true(fields_of(f->kind) != NULL && fields_of(f->kind)->kind == f->kind);
        }
    }
}

/* ---- formats ---- */

static struct sink sink;
static struct out out;
static struct iam_report report;
static char written[1 << 20];

static void begin(enum command command, const char *format, const char *option)
{
    static struct settings settings;
    memset(&args, 0, sizeof args);
    args.command = command;
    if (option && strcmp(option, "--csv-safe") == 0)
        args.text[OPT_CSV_SAFE] = "";
    if (option && strcmp(option, "--all") == 0)
        args.text[OPT_ALL] = "";
    settings.output = format_find(format, command);
    memset(&report, 0, sizeof report);
    report.status = IAM_JOB_COMPLETED;
    report.status_text = IAM_SPAN("COMPLETED");
    report.present = 1u << IAM_MEMBER_JOB_STATUS | 1u << IAM_MEMBER_LIST;
    FILE *f = tmpfile();
    sink_open(&sink, dup(fileno(f)));
    fclose(f);
    out_free(&out);
    out_begin(&out, &args, &settings, &sink);
}

static const char *end(void)
{
    out_end(&out, &report);
    assert_int_equal(out_error(&out), 0);
    assert_true(sink_flush(&sink));
    ssize_t n = pread(sink.fd, written, sizeof written - 1, 0);
    assert_true(n >= 0);
    written[n] = '\0';
    sink_close(&sink);
    return written;
}

static void put_entity(struct iam_entity e)
{
    struct iam_item item = {.kind = IAM_ITEM_ENTITY};
    e.info = true;
    item.u.entity = e;
    out_item(&out, &item, &report);
}

static void put_service(struct iam_service s, const char *const *actions)
{
    struct iam_item item = {.kind = IAM_ITEM_SERVICE};
    s.has_actions = actions != NULL;
    item.u.service = s;
    out_item(&out, &item, &report);
    for (; actions && *actions; actions++) {
        memset(&item, 0, sizeof item);
        item.kind = IAM_ITEM_ACTION;
        item.u.action.name = (struct iam_span){*actions, strlen(*actions)};
        out_item(&out, &item, &report);
    }
    item.kind = IAM_ITEM_SUBLIST_END;
    if (s.has_actions)
        out_item(&out, &item, &report);
}

static void end_service(void)
{
    struct iam_item item = {.kind = IAM_ITEM_END};
    out_item(&out, &item, &report);
}

static void json_escapes(void **state)
{
    (void)state;
    begin(COMMAND_PAGE_ENTITIES, "jsonl", NULL);
    put_entity(
        (struct iam_entity){.name = IAM_SPAN("\"\\/\b\f\n\r\t\x01\x1f\x7f\xC3\xA9 &<>' plain")});
    assert_string_equal(
        end(), "{\"Name\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xC3\xA9 &<>' plain\"}\n");
}

static void csv_cells(void **state)
{
    (void)state;
    for (int safe = 0; safe < 2; safe++) {
        begin(COMMAND_PAGE_ENTITIES, "csv", safe ? "--csv-safe" : NULL);
        put_entity((struct iam_entity){.arn = IAM_SPAN("=1+1"),
                                       .name = IAM_SPAN("a,\"b\""),
                                       .id = IAM_SPAN("@x"),
                                       .path = IAM_SPAN("/\r\n")});
        assert_string_equal(end(), safe ? "Arn,Name,Type,Id,Path,LastAuthenticated\r\n"
                                          "\"'=1+1\",\"a,\"\"b\"\"\",,\"'@x\",\"/\r\n\",\r\n"
                                        : "Arn,Name,Type,Id,Path,LastAuthenticated\r\n"
                                          "=1+1,\"a,\"\"b\"\"\",,@x,\"/\r\n\",\r\n");
    }
    /* behind another's separator, in wide letters, and what is no formula */
    begin(COMMAND_PAGE_ENTITIES, "csv", "--csv-safe");
    put_entity((struct iam_entity){.arn = IAM_SPAN("\xEF\xBC\x9D"
                                                   "1"),
                                   .name = IAM_SPAN("a;=1\t@b\r\n-c"),
                                   .id = IAM_SPAN("a=b+c-d@e;f\xEF\xBC\x9D"),
                                   .path = IAM_SPAN("\t=\xEF\xBC")});
    assert_string_equal(end(),
                        "Arn,Name,Type,Id,Path,LastAuthenticated\r\n\"'\xEF\xBC\x9D"
                        "1\","
                        "\"a;'=1\t'@b\r\n'-c\",,a=b+c-d@e;f\xEF\xBC\x9D,\"'\t'=\xEF\xBC\",\r\n");
}

/* Hours and years from now no use can lie. */
static void table_of_the_future(void **state)
{
    (void)state;
    begin(COMMAND_PAGE_ENTITIES, "table", NULL);
    put_entity((struct iam_entity){.name = IAM_SPAN("a"),
                                   .last_authenticated = {253402300799000000, 0, true}});
    const char *text = end();
    assert_non_null(strstr(text, "9999-12-31 23:59:59  in the future"));
    assert_null(strstr(text, "just now"));
}

static void empty_objects(void **state)
{
    struct iam_item item = {.kind = IAM_ITEM_ENTITY};
    (void)state;
    begin(COMMAND_PAGE_ENTITIES, "json", NULL);
    out_item(&out, &item, &report);
    put_entity((struct iam_entity){.type = IAM_TYPE_OTHER});
    assert_string_equal(
        end(), "{\n    \"JobStatus\": \"COMPLETED\",\n    \"EntityDetailsList\": [\n        {},\n"
               "        {\n            \"EntityInfo\": {}\n        }\n    ]\n}\n");
    begin(COMMAND_GENERATE, "json", NULL);
    report.present = 0;
    assert_string_equal(end(), "");
}

/* Actions that come before other members of their service. */
static void late_members(void **state)
{
    static const char *const actions[] = {"GetUser", NULL};
    static const char want[] =
        "{\n    \"JobStatus\": \"COMPLETED\",\n    \"ServicesLastAccessed\": [\n        {\n"
        "            \"ServiceName\": \"S\",\n            \"ServiceNamespace\": \"s3\",\n"
        "            \"TotalAuthenticatedEntities\": 2,\n"
        "            \"TrackedActionsLastAccessed\": [\n                {\n"
        "                    \"ActionName\": \"GetUser\"\n                }\n            ]\n       "
        " },\n"
        "        {\n            \"ServiceNamespace\": \"iam\",\n"
        "            \"TrackedActionsLastAccessed\": []\n        }\n    ]\n}\n";
    static const char *const none[] = {NULL};
    struct iam_item item = {.kind = IAM_ITEM_SERVICE};
    (void)state;
    begin(COMMAND_PAGE_SERVICES, "json", NULL);
    put_service((struct iam_service){.namespace_ = IAM_SPAN("s3")}, actions);
    item.u.service = (struct iam_service){
        .name = IAM_SPAN("S"), .late = true, .has_total = true, .total_entities = 2};
    out_item(&out, &item, &report);
    assert_false(out_settled(&out));
    end_service();
    assert_true(out_settled(&out));
    put_service((struct iam_service){.namespace_ = IAM_SPAN("iam")}, none);
    end_service();
    assert_string_equal(end(), want);
}

static void text_columns(void **state)
{
    struct iam_time t = {.us = 1540408200000000, .present = true};
    (void)state;
    begin(COMMAND_PAGE_ENTITIES, "text", NULL);
    put_entity((struct iam_entity){.name = IAM_SPAN("a")});
    put_entity((struct iam_entity){.name = IAM_SPAN("b"), .arn = IAM_SPAN("x")});
    assert_string_equal(end(), "COMPLETED\nENTITYINFO\ta\nENTITYINFO\tx\tb\n");
    begin(COMMAND_PAGE_ENTITIES, "text", "--all");
    put_entity((struct iam_entity){.name = IAM_SPAN("a")});
    put_entity((struct iam_entity){.name = IAM_SPAN("b"), .last_authenticated = t});
    assert_string_equal(end(), "False\tCOMPLETED\nENTITYDETAILSLIST\t\nENTITYINFO\ta\n"
                               "ENTITYDETAILSLIST\t2018-10-24T19:10:00+00:00\nENTITYINFO\tb\n");
}

/* More than memory is given: the temporary file, and everything in its order. */
static void text_spills(void **state)
{
    char name_text[16], *at = written;
    (void)state;
    begin(COMMAND_PAGE_ENTITIES, "text", NULL);
    for (int i = 0; i < 5000; i++) {
        int n = snprintf(name_text, sizeof name_text, "name-%05d", i);
        put_entity((struct iam_entity){.name = {name_text, (size_t)n}});
    }
    assert_non_null(out.held.file);
    end();
    assert_memory_equal(at, "COMPLETED\n", 10);
    at += 10;
    for (int i = 0; i < 5000; i++) {
        char want[32];
        int n = snprintf(want, sizeof want, "ENTITYINFO\tname-%05d\n", i);
        assert_memory_equal(at, want, (size_t)n);
        at += n;
    }
}

static void table_is_harmless(void **state)
{
    (void)state;
    begin(COMMAND_PAGE_ENTITIES, "table", NULL);
    put_entity(
        (struct iam_entity){.name = IAM_SPAN("\x1b[31mred\xC2\x9B"), .arn = IAM_SPAN("a\nb")});
    const char *text = end();
    assert_null(strchr(text, 0x1b));
    assert_null(strstr(text, "\xC2\x9B"));
    assert_non_null(strstr(text, "never"));
    assert_non_null(strstr(text, "a\\nb\n"));
    assert_non_null(strstr(text, "1 entity, 1 never\n"));
}

static void table_fits(void **state)
{
    char arn[300];
    (void)state;
    memset(arn, 'x', sizeof arn);
    for (unsigned width = 1; width < 200; width += 7) {
        begin(COMMAND_PAGE_ENTITIES, "table", NULL);
        out.width = width;
        put_entity((struct iam_entity){
            .name = {arn, 64}, .arn = {arn, 300}, .type_text = IAM_SPAN("USER")});
        const char *line = strchr(end(), '\n') + 1;
        size_t n = strcspn(line, "\n"), bytes = 0;
        for (size_t i = 0; i < n; i++)
            bytes += (line[i] & 0xC0) == 0x80;
        if (width >= 40)
            assert_in_range(n - bytes, width - 1, width);
    }
}

/* Actions say whose they are, in any width, also of a service without a name and of one whose name is no text. */
static void table_of_actions(void **state)
{
    static const char *const actions[] = {"GetUser", "", "\xff\xfe", NULL};
    static const struct iam_span spaces[] = {{"iam", 3}, {"", 0}, {NULL, 0}, {"\xf0\x9f", 2}};
    (void)state;
    for (unsigned width = 0; width < 200; width += 13) {
        begin(COMMAND_PAGE_SERVICES, "table", NULL);
        out.width = width;
        for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
            put_service((struct iam_service){.namespace_ = spaces[i]}, actions);
            end_service();
        }
        const char *text = end();
        assert_non_null(strstr(text, "4 services, 4 never\n"));
        if (width == 0 || width >= 39) {
            assert_non_null(strstr(text, "iam"));
            assert_non_null(strstr(text, "  GetUser"));
        }
    }
}

/* The first rows wait in memory, but not more than some of it: a table of a few long names begins sooner. */
static void table_waits_within_bounds(void **state)
{
    static char long_name[60000];
    (void)state;
    memset(long_name, 'x', sizeof long_name);
    begin(COMMAND_PAGE_ENTITIES, "table", NULL);
    for (int i = 0; i < 4; i++)
        put_entity((struct iam_entity){.name = {long_name, sizeof long_name}});
    assert_false(out_settled(&out));
    put_entity((struct iam_entity){.name = {long_name, sizeof long_name}});
    assert_true(out_settled(&out));
    assert_non_null(strstr(end(), "5 entities, 5 never\n"));
}

/* A format goes on where a checkpoint left it. */
static void states_resume(void **state)
{
    static const char *const names[] = {"json", "jsonl", "csv", "table", "text"};
    struct iam_entity e = {.name = IAM_SPAN("a"), .last_authenticated = {.us = 0, .present = true}};
    (void)state;
    for (size_t f = 0; f < sizeof names / sizeof *names; f++) {
        char whole[4096], first[4096];
        struct out_state saved;
        for (int cut = 0; cut < 2; cut++) {
            begin(COMMAND_PAGE_ENTITIES, names[f], "--all");
            report.present |=
                1u << IAM_MEMBER_JOB_CREATION_DATE | 1u << IAM_MEMBER_JOB_COMPLETION_DATE;
            report.job_creation.present = report.job_completion.present = true;
            put_entity(e);
            out_pause(&out);
            assert_true(out_settled(&out));
            if (cut) {
                out_save(&out, &saved);
                memcpy(first, sink.buf, sink.n);
                size_t n = sink.n;
                begin(COMMAND_PAGE_ENTITIES, names[f], "--all");
                out_load(&out, &saved);
                sink_put(&sink, first, n);
            }
            put_entity(e);
            end();
            if (!cut)
                memcpy(whole, written, strlen(written) + 1);
        }
        assert_string_equal(written, whole);
    }
}

/* Of what is written page by page, a place is kept at a page's end and nowhere else: whoever goes on hears of that end
 * once more, and passes it over. A signal between the beginning of the next page and its first item made that page's
 * end the one that was passed over. */
static void pages_end_where_places_are(void **state)
{
    static const enum iam_item_kind behind[] = {IAM_ITEM_LIST, IAM_ITEM_ENTITY};
    struct iam_item item = {.kind = IAM_ITEM_PAGE_END};
    (void)state;
    begin(COMMAND_PAGE_ENTITIES, "yaml-stream", "--all");
    assert_false(out_settled(&out));
    put_entity((struct iam_entity){.name = IAM_SPAN("a")});
    assert_false(out_settled(&out));
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        item.kind = IAM_ITEM_PAGE_END;
        out_item(&out, &item, &report);
        assert_true(out_settled(&out));
        item.kind = behind[i];
        out_item(&out, &item, &report);
        assert_false(out_settled(&out));
    }
}

/* ---- --debug ---- */

/* What the server below is to say, and how much of it at once. */
static struct {
    struct iam_stream stream;
    const char *reply;
    size_t at, n, piece;
} below;

static int below_open(struct iam_stream *s, struct iam_span host, uint16_t port)
{
    (void)s, (void)host, (void)port;
    return IAM_OK;
}

static int below_send(struct iam_stream *s, const void *p, size_t n)
{
    (void)s, (void)p;
    return (int)(n < below.piece ? n : below.piece);
}

static int below_recv(struct iam_stream *s, void *p, size_t n)
{
    (void)s;
    size_t rest = below.n - below.at;
    n = n < rest ? n : rest;
    n = n < below.piece ? n : below.piece;
    memcpy(p, below.reply + below.at, n);
    below.at += n;
    return n ? (int)n : IAM_EOF;
}

static void below_close(struct iam_stream *s)
{
    (void)s;
}

/* What --debug says of a request and its reply, moved in pieces of this size: malloc'ed. */
static char *trace_of(const char *request, size_t request_n, const char *reply, size_t reply_n,
                      size_t piece, enum trace_login login)
{
    static const struct iam_stream_ops ops = {below_open, below_send, below_recv, below_close,
                                              NULL};
    static char text[65536], in[1024];
    struct trace t;
    int saved = dup(2);
    FILE *f = tmpfile();
    below.stream.ops = &ops;
    below.reply = reply;
    below.at = 0;
    below.n = reply_n;
    below.piece = piece;
    assert_true(f && saved >= 0 && dup2(fileno(f), 2) == 2);
    struct iam_stream *s = trace_stream(&t, &below.stream, login);
    for (size_t at = 0; at < request_n;)
        at += (size_t)s->ops->send(s, request + at, request_n - at);
    while (s->ops->recv(s, in, sizeof in) > 0)
        ;
    s->ops->close(s);
    assert_int_equal(dup2(saved, 2), 2);
    close(saved);
    rewind(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return text;
}

/* No 8 characters of it in a row are there. */
static void hidden(const char *text, const char *secret)
{
    char part[9] = "";
    for (size_t i = 0; i + 8 <= strlen(secret); i++) {
        memcpy(part, secret + i, 8);
        if (strstr(text, part))
            fail_msg("%s is in\n%s", part, text);
    }
}

#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define HEAD "HTTP/1.1 200 OK\r\n"

static void trace_hides(void **state)
{
    static const char *const replies[] = {
        "{\"SecretAccessKey\": \"" SECRET "\"}\n",
        "{\n \"SecretAccessKey\": \"" SECRET "\",\n \"Token\": \"" SECRET "\"\n}\n",
        SECRET "\n",
        SECRET "\r\n\r\n",
        SECRET,
        ":" SECRET "\n",
        "SecretAccessKey: " SECRET "\n",
        "Date: " SECRET "\n",
        "HTTP/1.1 200 " SECRET "\r\n",
        "HTTP/1.1 " SECRET "\r\n",
        "HTTP/" SECRET " 200 OK\r\n",
        "HTTP/1.1 200" SECRET "\r\n",
        "HTTP/1.1 2" SECRET "\r\nDate: " SECRET "\r\n",
        "ICY 200 OK\r\nDate: " SECRET "\r\n",
        "\r\n" SECRET "\n",
        "\n\n" HEAD SECRET "\n",
        HEAD SECRET "\r\nDate: " SECRET "\r\n",
        HEAD " " SECRET "\r\n",
        HEAD ": " SECRET "\n",
        HEAD "\t" SECRET "\n",
        HEAD "Date : " SECRET "\r\n",
        HEAD "Content-Type: x\r\n " SECRET "\r\n",
        HEAD "Content-Type: a\x01" SECRET "\r\n",
        HEAD "Set-Cookie: " SECRET "\r\n",
        HEAD "X-Amz-Security-Token: " SECRET "\r\n",
        HEAD "X-Amz-Other: " SECRET "\r\n",
        HEAD "wJalrXUtnFEMIK7MDENG: x\r\n",
        HEAD "SecretAccessKey: " SECRET "\r\n",
        HEAD "Location: https://h/?t=" SECRET "\r\n",
        HEAD "Authorization: AWS4-HMAC-SHA256 Credential=A, Signature=" SECRET "\r\n",
        HEAD "WWW-Authenticate: Negotiate " SECRET "\r\n",
        HEAD "\r\nDate: " SECRET "\r\n",
        HEAD "\r\n" HEAD "Date: " SECRET "\r\n\r\n"};
    static const char *const requests[] = {
        "GET /path?token=" SECRET " HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /path?" SECRET " HTTP/1.1\r\n\r\n",
        "GET /x HTTP/1.1\r\nAuthorization: " SECRET "\r\n\r\n",
        "GET /x HTTP/1.1\r\nAuthorization: Bearer " SECRET "Signature=x\r\n\r\n",
        "GET /x HTTP/1.1\r\nAuthorization: Bearer Signature=" SECRET "\r\n\r\n",
        "GET /x HTTP/1.1\r\nX-aws-ec2-metadata-token: " SECRET "\r\n\r\n",
        "GET /x HTTP/1.1\r\nProxy-Authorization: Basic " SECRET "\r\n\r\n",
        "CONNECT " SECRET "@h:443 HTTP/1.1\r\nProxy-Authorization: Basic " SECRET "\r\n\r\n",
        "POST / HTTP/1.1\r\nX-Amz-Security-Token: " SECRET "\r\n\r\nWebIdentityToken=" SECRET,
        "POST / HTTP/1.1\r\n\r\nDate: " SECRET "\n",
        "WebIdentityToken=" SECRET "\n"};
    (void)state;
    for (size_t piece = 1; piece < 200; piece += piece < 16 ? 1 : piece) {
        for (size_t i = 0; i < sizeof replies / sizeof *replies; i++)
            hidden(trace_of("GET / HTTP/1.1\r\n\r\n", 18, replies[i], strlen(replies[i]), piece,
                            TRACE_BEARER),
                   SECRET);
        for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
            hidden(trace_of(requests[i], strlen(requests[i]), HEAD "\r\n", 19, piece, TRACE_SIGNED),
                   SECRET);
    }
    /* what looks like the library's own is somebody's token on a way where nothing is signed */
    static const char own[] = "GET / HTTP/1.1\r\nAuthorization: AWS4-HMAC-SHA256 Credential=" SECRET
                              ", SignedHeaders=host, Signature=" SECRET "\r\n\r\n";
    hidden(trace_of(own, sizeof own - 1, HEAD "\r\n", 19, 7, TRACE_BEARER), SECRET);
}

static void trace_shows(void **state)
{
    static const char request[] =
        "POST /a?b HTTP/1.1\r\nHost: iam.amazonaws.com\r\nAuthorization: AWS4-HMAC-SHA256 "
        "Credential=AKID/20260102/us-east-1/iam/aws4_request, SignedHeaders=host, "
        "Signature=0123456789abcdef\r\nX-Amz-Security-Token: t\r\nX-Other: o\r\n\r\nAction=x";
    static const char reply[] = "HTTP/1.1 404 Not Found\r\nDate: today\r\nx-amzn-RequestId: 1-2\r\n"
                                "A: b\r\nB: c\r\n\r\n<xml/>";
    static const char want[] =
        "tinyiam: debug: > POST /a?(hidden) HTTP/1.1\n"
        "tinyiam: debug: > Host: iam.amazonaws.com\n"
        "tinyiam: debug: > Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260102/us-east-1/iam/"
        "aws4_request, SignedHeaders=host, Signature= (hidden)\n"
        "tinyiam: debug: > X-Amz-Security-Token: (hidden)\n"
        "tinyiam: debug: > [1 other field]\n"
        "tinyiam: debug: > [8 bytes of body]\n"
        "tinyiam: debug: < HTTP/1.1 404 Not Found\n"
        "tinyiam: debug: < Date: today\n"
        "tinyiam: debug: < x-amzn-RequestId: 1-2\n"
        "tinyiam: debug: < [2 other fields]\n"
        "tinyiam: debug: < [6 bytes of body]\n";
    (void)state;
    for (size_t piece = 1; piece < sizeof request; piece++) {
        char *text =
            trace_of(request, sizeof request - 1, reply, sizeof reply - 1, piece, TRACE_SIGNED);
        char *end = strstr(text, "tinyiam: debug: * the server closed");
        assert_non_null(end);
        assert_string_equal(strchr(end, '\n') + 1, "tinyiam: debug: < [2 other fields]\n"
                                                   "tinyiam: debug: < [6 bytes of body]\n");
        *end = '\0';
        assert_memory_equal(text, want, strlen(text));
    }
    assert_non_null(strstr(trace_of(request, sizeof request - 1, "{\"a\":\n1}", 8, 3, TRACE_SIGNED),
                           "< [8 bytes that are no HTTP head]\n"));
}

/* ---- configuration files of any size ---- */

/* One profile with n keys, n profiles, a value of n lines, DEFAULT opened again and again. */
static void ini_large(void **state)
{
    enum { N = 2000 };
    static char text[N * 200];
    char key[40];
    size_t n = 0;
    (void)state;
    for (int i = 0; i < N; i++)
        n += (size_t)sprintf(text + n, "[DEFAULT]\nd%d = %d\n[profile p%d]\nk = %d\n", i, i, i, i);
    n += (size_t)sprintf(text + n, "[profile one]\n");
    for (int i = 0; i < N; i++)
        n += (size_t)sprintf(text + n, "k%d = %d\n", i, i);
    n += (size_t)sprintf(text + n, "long = 0\n");
    for (int i = 1; i < N; i++)
        n += (size_t)sprintf(text + n, "  %d\n", i);
    assert_int_equal(parse(text), INI_OK);
    for (int i = 0; i < N; i++) {
        char number[20];
        sprintf(number, "%d", i);
        sprintf(key, "k%d", i);
        assert_string_equal(value("one", key), number);
        sprintf(key, "d%d", i);
        assert_string_equal(value("one", key), number);
        sprintf(key, "p%d", i);
        assert_string_equal(value(key, "k"), number);
    }
    const char *at = value("one", "long");
    for (int i = 0; i < N; i++, at = strchr(at, '\n') ? strchr(at, '\n') + 1 : "")
        assert_int_equal(atoi(at), i);
    sprintf(text + n, "k7 = again\n");
    assert_int_equal(parse(text), INI_BROKEN);
    sprintf(text + n, "[profile p7]\n");
    assert_int_equal(parse(text), INI_BROKEN);
    sprintf(text + n, "[DEFAULT]\nd7 = 7\n");
    assert_int_equal(parse(text), INI_BROKEN);
}

static const char *quote(const char *text)
{
    static char out[64];
    return terminal_quote(iam_span_of(text), out, sizeof out) ? out : "(none)";
}

static void shell_words(void **state)
{
    char out[8];
    (void)state;
    assert_string_equal(quote(""), "''");
    assert_string_equal(quote("a b"), "'a b'");
    assert_string_equal(quote("x'; rm"), "'x'\\''; rm'");
    assert_string_equal(quote("$(a)`b`\\"), "'$(a)`b`\\'");
    assert_string_equal(quote("\xC3\xA9"), "'\xC3\xA9'");
    assert_string_equal(quote("\xC2\x9B'\\7"), "$'\\302\\233\\'\\\\7'");
    assert_false(terminal_quote(IAM_SPAN("a\0b"), out, sizeof out));
    char room[12];
    for (size_t size = 4; size <= sizeof room; size++) /* whole, or not at all */
        if (terminal_quote(IAM_SPAN("abc"), room, size))
            assert_string_equal(room, "'abc'");
    assert_true(terminal_quote(IAM_SPAN("abc"), room, sizeof room));
}

static void damaged_text(void **state)
{
    static const char *const bad[] = {"\xFF",
                                      "\xC3",
                                      "\xC0\xAF",
                                      "\xE0\x80\x80",
                                      "\xED\xA0\x80",
                                      "\xF0\x80\x80\x80",
                                      "\xF4\x90\x80\x80",
                                      "\xE2\x80"};
    struct terminal_char shown;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(terminal_char(bad[i], strlen(bad[i]), &shown), 1);
        assert_int_equal(shown.columns, 4);
        assert_ptr_equal(shown.p, shown.escape);
    }
    assert_int_equal(terminal_columns(IAM_SPAN("a\xC3\xA9\xE2\x80\xAE\n")), 2 + 12 + 2);
}

static const char *meant(const char *given, const char *const *services)
{
    static struct wanted w;
    wanted_begin(&w, given);
    for (; *services; services += 2) {
        struct iam_service s = {.namespace_ = {services[0], strlen(services[0])},
                                .name = {services[1], strlen(services[1])}};
        wanted_look(&w, &s);
    }
    return w.found ? "(there)" : w.best;
}

static void services_meant(void **state)
{
    static const char *const some[] = {"sns",
                                       "Amazon SNS",
                                       "s3",
                                       "Amazon S3",
                                       "sts",
                                       "AWS Security Token Service",
                                       "elasticloadbalancing",
                                       "AWS Elastic Load Balancing",
                                       "ec2",
                                       "Amazon EC2",
                                       "dynamodb",
                                       "Amazon DynamoDB",
                                       NULL};
    (void)state;
    assert_string_equal(meant("s3", some), "(there)");
    assert_string_equal(meant("amazons3", some), "s3");
    assert_string_equal(meant("S3", some), "s3");
    assert_string_equal(meant("aws-s3", some), "s3");
    assert_string_equal(meant("dynamo", some), "dynamodb");
    assert_string_equal(meant("dynamodbb", some), "dynamodb");
    assert_string_equal(meant("ElasticLoadBalancing", some), "elasticloadbalancing");
    assert_string_equal(meant("securitytokenservice", some), "sts");
    assert_string_equal(meant("quicksight", some), "");
    assert_string_equal(meant("aws", some), "");
}

/* ---- rows that wait ---- */

#define ARNS 7u

/* A row that says who it is of, and which one; every fifth is longer than a block of the file. */
static struct audit_row held_row(unsigned arn, unsigned n, char *text, size_t size)
{
    struct audit_row row = {.status_number = STATUS_NEVER,
                            .days_ago = n,
                            .has_days_ago = true,
                            .total = arn,
                            .has_total = true};
    size_t length = n % 5 == 4 ? size - 1 : 1 + n % 60;
    memset(text, 'a' + (int)(n % 26), length);
    row.service_namespace = (struct iam_span){text, length};
    row.error_message = (struct iam_span){text, 0};
    row.last = (struct iam_time){.us = (int64_t)n * 1000, .present = n % 2 == 0};
    return row;
}

static void check_held(struct hold *h, const struct held *rows, unsigned arn, unsigned count)
{
    static char text[HOLD_BLOCK * 2 + 100];
    static struct hold_reader reader;
    struct audit_row row;
    unsigned n = 0;
    for (hold_read(&reader, h, rows); hold_next_row(&reader, &row); n++) {
        struct audit_row want = held_row(arn, n, text, sizeof text);
        assert_int_equal(row.service_namespace.n, want.service_namespace.n);
        assert_memory_equal(row.service_namespace.p, text, row.service_namespace.n);
        assert_int_equal(row.days_ago, n);
        assert_int_equal(row.total, arn);
        assert_int_equal(row.last.present, n % 2 == 0);
        assert_int_equal(row.last.us, (int64_t)n * 1000);
        assert_true(row.error_message.p != NULL && row.error_message.n == 0);
        assert_null(row.arn.p);
        assert_string_equal(row.status.p, "never");
    }
    assert_int_equal(n, count);
    assert_int_equal(h->error, 0);
}

/* Rows of several ARNs come in turns, wait in the file or in memory, and are read in any order; the file has as many
 * blocks after a hundred rounds as after the first two. */
static void rows_wait(void **state)
{
    static char text[HOLD_BLOCK * 2 + 100];
    struct hold hold = {.fd = -1};
    struct held rows[ARNS] = {{0}};
    uint32_t blocks = 0;
    (void)state;
    for (unsigned round = 0; round < 100; round++) {
        for (unsigned n = 0; n < 40; n++)
            for (unsigned arn = 0; arn < ARNS; arn++)
                if (n < 1 + 6 * arn) {
                    struct audit_row row = held_row(arn, n, text, sizeof text);
                    hold_row(&hold, &rows[arn], &row);
                }
        for (unsigned arn = 0; arn < ARNS; arn += 2)
            hold_seal(&hold, &rows[arn]);
        for (unsigned i = 0; i < ARNS; i++) {
            unsigned arn = (i * 3 + round) % ARNS;
            check_held(&hold, &rows[arn], arn, 1 + 6 * arn);
            hold_drop(&hold, &rows[arn]);
        }
        if (round == 1)
            blocks = hold.blocks;
    }
    assert_int_equal(hold.blocks, blocks);
    assert_true(blocks > 10);
    hold_end(&hold);
}

/* What fits into a block and whose turn comes at once never meets the file. */
static void few_rows_stay_in_memory(void **state)
{
    struct hold hold = {.fd = -1};
    struct held rows = {0};
    char text[100];
    (void)state;
    for (unsigned n = 0; n < 4; n++) {
        struct audit_row row = held_row(3, n, text, sizeof text);
        hold_row(&hold, &rows, &row);
    }
    check_held(&hold, &rows, 3, 4);
    assert_int_equal(hold.fd, -1);
    hold_drop(&hold, &rows);
    hold_end(&hold);
}

/* ---- values ---- */

static void same_time(int64_t us, int offset_min)
{
    struct iam_time t = {.us = us, .offset_min = (int16_t)offset_min, .present = true};
    char ours[40], theirs[40];
    struct iam_span text = time_text(&t, ours);
    size_t n = iam_time_text(&t, theirs);
    assert_int_equal(text.n, n);
    assert_memory_equal(text.p, theirs, n);
}

/* The library's own, which has no division, says the same of every time. */
static void times(void **state)
{
    static const int offsets[] = {0, 1, -1, 330, -570, 840, -720};
    static const int64_t edges[] = {INT64_C(-62135596800000000),
                                    INT64_C(253402300799999999),
                                    0,
                                    INT64_C(951782400000000),
                                    INT64_C(951868800000000),
                                    INT64_MIN,
                                    INT64_MAX};
    (void)state;
    for (size_t e = 0; e < sizeof edges / sizeof *edges; e++)
        for (int k = -2; k <= 2; k++)
            for (size_t o = 0; o < sizeof offsets / sizeof *offsets; o++)
                if ((edges[e] > INT64_MIN / 2 || k >= 0) && (edges[e] < INT64_MAX / 2 || k <= 0))
                    same_time(edges[e] + k, offsets[o]);
    for (int64_t day = -719162; day < 2932896; day += 17) /* of every year, and its leap days */
        same_time(day * INT64_C(86400000000) + day % 2, offsets[(day & 7) % 7]);
    for (int64_t day = 10957; day < 10957 + 1500; day++)
        same_time(day * INT64_C(86400000000) + 86399999999, 0);
}

static void integers(void **state)
{
    static const int64_t values[] = {0, 9, 10, -1, -10, 99, 100, INT64_MAX, INT64_MIN, 1234567890};
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char ours[24], theirs[24];
        struct iam_span text = integer_text(values[i], ours);
        int n = snprintf(theirs, sizeof theirs, "%lld", (long long)values[i]);
        assert_int_equal(text.n, n);
        assert_memory_equal(text.p, theirs, text.n);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ini_values),
        cmocka_unit_test(ini_sections),
        cmocka_unit_test(ini_nested_blocks),
        cmocka_unit_test(ini_broken),
        cmocka_unit_test(ini_defaults),
        cmocka_unit_test(args_taken),
        cmocka_unit_test(args_refused),
        cmocka_unit_test(args_limits),
        cmocka_unit_test(args_nearest_name),
        cmocka_unit_test(urls),
        cmocka_unit_test(every_parameter_has_an_option),
        cmocka_unit_test(fields_have_columns),
        cmocka_unit_test(json_escapes),
        cmocka_unit_test(csv_cells),
        cmocka_unit_test(empty_objects),
        cmocka_unit_test(late_members),
        cmocka_unit_test(text_columns),
        cmocka_unit_test(text_spills),
        cmocka_unit_test(table_is_harmless),
        cmocka_unit_test(table_fits),
        cmocka_unit_test(table_of_actions),
        cmocka_unit_test(table_waits_within_bounds),
        cmocka_unit_test(states_resume),
        cmocka_unit_test(pages_end_where_places_are),
        cmocka_unit_test(trace_hides),
        cmocka_unit_test(trace_shows),
        cmocka_unit_test(ini_large),
        cmocka_unit_test(shell_words),
        cmocka_unit_test(damaged_text),
        cmocka_unit_test(services_meant),
        cmocka_unit_test(table_of_the_future),
        cmocka_unit_test(rows_wait),
        cmocka_unit_test(few_rows_stay_in_memory),
        cmocka_unit_test(times),
        cmocka_unit_test(integers),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ini_end(&ini);
    out_free(&out);
    return failed;
}
