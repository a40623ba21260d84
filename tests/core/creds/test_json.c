/* The documents of the sources, whole and damaged: each is taken or refused as Python's json and the shape
 * have it, with the member at fault by name, its values where they should be, and no secret left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "world.h"

#include <tinyiam/parts/json.h>

#include "creds_vectors.h"

#include <cmocka.h>

static size_t row;

static void serve(struct world_stream *s)
{
    const char *document = creds_vectors[row].document;
    size_t n = creds_vectors[row].n;
    if (world_asked(s, "PUT /latest/api/token")) {
        world_answer(s, "200 OK", "T");
    } else if (world_asked(s, "GET /latest/meta-data/iam/security-credentials/ ")) {
        world_answer(s, "200 OK", "role");
    } else {
        world_printf(s, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n%s\r\n", n,
                     world_date(s->world));
        world_put(s, document, n);
    }
}

static int give(void *context, struct iam_creds *p)
{
    (void)context;
    (void)iam_creds_give_document(
        p, (struct iam_span){creds_vectors[row].document, creds_vectors[row].n});
    return IAM_OK;
}

static bool is(struct iam_span s, const char *text)
{
    return s.n == strlen(text) && memcmp(s.p ? s.p : "", text, s.n) == 0;
}

/* What is left in a buffer: nothing but what may be told. */
static bool any(const struct guard *g, size_t from)
{
    for (; from < g->n; from++)
        if (g->p[from] != 0)
            return true;
    return false;
}

static void every_document(void **state)
{
    unsigned taken = 0, refused = 0;
    (void)state;
    for (row = 0; row < sizeof creds_vectors / sizeof *creds_vectors; row++) {
        static const enum iam_creds_kind kinds[] = {IAM_CREDS_IOT, IAM_CREDS_CONTAINER,
                                                    IAM_CREDS_IMDS, IAM_CREDS_APPLICATION};
        struct iam_creds_config c = {.kind = kinds[creds_vectors[row].shape]};
        struct world w;
        int want = creds_vectors[row].result, r;
        c.endpoint = c.kind == IAM_CREDS_IOT ? iam_span_of("e") : iam_span_of(NULL);
        if (c.kind == IAM_CREDS_IOT)
            c.from.iot.role_alias = iam_span_of("a");
        else if (c.kind == IAM_CREDS_CONTAINER)
            c.from.container.relative_uri = iam_span_of("/");
        c.ask = c.kind == IAM_CREDS_APPLICATION ? give : NULL;
        world_init(&w, serve);
        w.keys_size = creds_vectors[row].n + 5;
        assert_int_equal(world_creds(&w, 0, &c), IAM_OK);
        r = world_run(&w, 0);
        const struct iam_creds *p = w.creds[0];
        if (want == 1 ? r != IAM_OK && r != IAM_ERR_VALUE : r != want)
            fail_msg("row %zu, shape %d: %d, not %d: %s", row, creds_vectors[row].shape, r, want,
                     creds_vectors[row].document);
        if (r == IAM_OK) {
            taken++;
            if (!is(p->keys.access_key_id, creds_vectors[row].id) ||
                !is(p->keys.secret_access_key, creds_vectors[row].secret) ||
                !is(p->keys.session_token, creds_vectors[row].token))
                fail_msg("row %zu: other keys: %s", row, creds_vectors[row].document);
            assert_false(any(&w.keys[0], p->used));
            assert_false(any(&w.rx[0], 0));
        } else {
            refused++;
            assert_int_equal(p->exchange.fault.error, r);
            assert_int_equal(p->error, r);
            assert_int_equal(p->exchange.fault.status, c.kind == IAM_CREDS_APPLICATION ? 0 : 200);
            if (creds_vectors[row].what != NULL &&
                !is(p->exchange.fault.what, creds_vectors[row].what))
                fail_msg("row %zu: %.*s, not %s: %s", row, (int)p->exchange.fault.what.n,
                         p->exchange.fault.what.p, creds_vectors[row].what,
                         creds_vectors[row].document);
            assert_int_equal(p->keys.access_key_id.n, 0);
            assert_false(any(&w.keys[0], world_words(p)));
        }
        assert_false(any(&w.tx[0], 0) && c.kind != IAM_CREDS_APPLICATION);
        world_end(&w);
    }
    assert_true(taken > 500 && refused > 3000);
}

/* A document that breaks off is none, and told is the last name of the shape that had come. */
static void cut_anywhere(void **state)
{
    static const struct iam_json_member members[] = {{"first", 0, IAM_JSON_REQUIRED},
                                                     {"second", 1, IAM_JSON_REQUIRED}};
    static const struct iam_json_shape plain = {NULL, members, 2}, inside = {"in", members, 2};
    static const char document[] = "{\"other\":[{\"first\":1}],\"first\":\"a\",\"second\":\"b\"}",
                      deep[] = "{\"in\":";
    (void)state;
    for (int nested = 0; nested < 2; nested++) {
        char text[128], cut[128];
        int whole =
            snprintf(text, sizeof text, "%s%s%s", nested ? deep : "", document, nested ? "}" : "");
        const char *names[] = {"in", "first", "second"};
        const char *known[] = {strstr(text, "\"in\"") + 3, strstr(text, "\"first\":\"") + 6,
                               strstr(text, "\"second\"") + 7}; /* their quotation marks */
        for (int n = 0; n < whole; n++) {
            struct iam_span out[2], what;
            const char *want = "";
            for (int i = nested ? 0 : 1; i < 3; i++)
                if (known[i] < text + n)
                    want = names[i];
            memcpy(cut, text, (size_t)n);
            assert_int_equal(iam_json_read(nested ? &inside : &plain, cut, (size_t)n, out, &what),
                             n == 0 ? IAM_ERR_FOREIGN : IAM_ERR_JSON);
            if (!is(what, want))
                fail_msg("%.*s: %.*s, not %s", n, text, (int)what.n, what.p, want);
        }
    }
}

/* Escapes at the ends of each length of UTF-8, and surrogates. */
static void escapes(void **state)
{
    static const struct {
        const char *escape, *utf8;
    } rows[] = {
        {"\\u0001", "\x01"},
        {"\\u007F", "\x7F"},
        {"\\u0080", "\xC2\x80"},
        {"\\u07ff", "\xDF\xBF"},
        {"\\u0800", "\xE0\xA0\x80"},
        {"\\uD7FF", "\xED\x9F\xBF"},
        {"\\uE000", "\xEE\x80\x80"},
        {"\\uffff", "\xEF\xBF\xBF"},
        {"\\uD800\\uDC00", "\xF0\x90\x80\x80"},
        {"\\ud83d\\uDe00", "\xF0\x9F\x98\x80"},
        {"\\uDBFF\\uDFFF", "\xF4\x8F\xBF\xBF"},
        {"\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t"},
        {"\\uD800", NULL},
        {"\\uD800\\uDBFF", NULL},
        {"\\uD800\\uE000", NULL},
        {"\\uD800\\n", NULL},
        {"\\uDC00", NULL},
        {"\\uDC00\\uDC00", NULL},
        {"\\uD83D\\nDE00", NULL},
        {"\\uD83DxuDE00", NULL},
        {"\\uDBFF\\uDFFG", NULL},
        {"\\uDFFF", NULL},
        {"\\u00G0", NULL},
        {"\\u00@0", NULL},
        {"\\u00`0", NULL},
        {"\\u00/0", NULL},
        {"\\u00:0", NULL},
        {"\\u12", NULL},
        {"\\a", NULL},
    };
    static const struct iam_json_member members[] = {{"m", 0, IAM_JSON_REQUIRED}};
    static const struct iam_json_shape shape = {NULL, members, 1};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[64];
        struct iam_span out[1], what;
        int n = snprintf(text, sizeof text, "{\"m\":\"a%sb\"}", rows[i].escape), r;
        r = iam_json_read(&shape, text, (size_t)n, out, &what);
        if (r != (rows[i].utf8 != NULL ? IAM_OK : IAM_ERR_JSON))
            fail_msg("%s: %d", rows[i].escape, r);
        if (rows[i].utf8 == NULL) {
            assert_null(out[0].p); /* no text, not an empty one */
            continue;
        }
        size_t length = strlen(rows[i].utf8);
        assert_int_equal(out[0].n, length + 2);
        assert_memory_equal(out[0].p + 1, rows[i].utf8, length);
        assert_int_equal(out[0].p[length + 1], 'b');
    }
    /* characters that may not stand there as they are: those of control alone */
    for (int c = 1; c < 0x80; c++) {
        char text[] = "{\"m\":\"a.b\"}";
        struct iam_span out[1], what;
        if (c == '"' || c == '\\')
            continue;
        text[7] = (char)c;
        assert_int_equal(iam_json_read(&shape, text, strlen(text), out, &what),
                         c < 0x20 ? IAM_ERR_JSON : IAM_OK);
        if (c >= 0x20)
            assert_int_equal(out[0].p[1], c);
    }
    /* every byte behind a backslash, NUL among them */
    for (int c = 0; c < 256; c++) {
        char text[] = "{\"m\":\"a\\.b\"}";
        struct iam_span out[1], what;
        text[8] = (char)c;
        assert_int_equal(iam_json_read(&shape, text, sizeof text - 1, out, &what),
                         c != 0 && strchr("\"\\/bfnrt", c) != NULL ? IAM_OK : IAM_ERR_JSON);
    }
    /* an escape that is too short, just before its string, and the document, ends */
    static const char *const short_ones[] = {"\\u",     "\\u1",       "\\u12",        "\\u123",
                                             "\\uD83D", "\\uD83D\\u", "\\uD83D\\uDE0"};
    for (size_t i = 0; i < sizeof short_ones / sizeof *short_ones; i++) {
        char text[64];
        struct iam_span out[1], what;
        int n = snprintf(text, sizeof text, "{\"m\":\"%s\"}", short_ones[i]);
        assert_int_equal(iam_json_read(&shape, text, (size_t)n, out, &what), IAM_ERR_JSON);
    }
    /* cut anywhere, at the end of what may be read */
    static const char whole[] = "{\"m\":\"\\uD83d\\uDe00\"}";
    for (size_t n = 1; n < sizeof whole - 1; n++) {
        struct guard g = guard_copy(whole, n);
        struct iam_span out[1], what;
        assert_int_equal(iam_json_read(&shape, (char *)g.p, n, out, &what), IAM_ERR_JSON);
        if (n < sizeof whole - 2)
            assert_null(out[0].p);
        guard_free(&g);
    }
}

/* What is a document, and whose the names are: of the object that the shape asks for, before it and behind it of nobody. */
static void shapes(void **state)
{
    static const struct iam_json_member members[] = {{"a", 0, IAM_JSON_REQUIRED},
                                                     {"b", 1, IAM_JSON_OPTIONAL}};
    static const struct iam_json_shape plain = {NULL, members, 2}, inside = {"in", members, 2};
    static const struct {
        const struct iam_json_shape *shape;
        const char *text;
        int result;
        const char *a, *b;
    } rows[] = {
        {&plain, "{\"a\":\"1\"}", IAM_OK, "1", NULL},
        {&plain, " {\t\"a\"\n:\r\"1\" , \"b\":\"2\"}\r\n", IAM_OK, "1", "2"},
        {&plain, "{\"c\":1\r,\"d\":null\t,\"e\":true\n,\"f\":[false ],\"a\":\"1\"}", IAM_OK, "1",
         NULL},
        {&plain, "{\"c\":{\"a\":\"0\"},\"a\":\"1\",\"d\":[{\"b\":\"0\"}]}", IAM_OK, "1", NULL},
        {&plain, "{\"a\":\"1\",\"b\":null}", IAM_OK, "1", NULL},
        {&inside, "{\"in\":{\"a\":\"1\"}}", IAM_OK, "1", NULL},
        {&inside, "{\"a\":\"0\",\"in\":{\"a\":\"1\"},\"a\":\"2\",\"b\":\"2\"}", IAM_OK, "1", NULL},
        {&inside, "{\"x\":{\"in\":{\"b\":\"0\"}},\"in\":{\"a\":\"1\",\"in\":{\"b\":\"0\"}}}",
         IAM_OK, "1", NULL},
        {&inside, "{\"in\":{\"a\":\"1\"},\"x\":{\"b\":\"0\",\"a\":\"0\"}}", IAM_OK, "1", NULL},
        {&plain, "{1}", IAM_ERR_JSON, NULL, NULL},
        {&plain, "{\"a\":\"1\",2}", IAM_ERR_JSON, NULL, NULL},
        {&plain, "{\"a\":\"1\",}", IAM_ERR_JSON, NULL, NULL},
        {&plain, "{,\"a\":\"1\"}", IAM_ERR_JSON, NULL, NULL},
        {&plain, "{\"a\" \"1\"}", IAM_ERR_JSON, NULL, NULL},
        {&plain, "{\"a\":\"1\" \"b\":\"2\"}", IAM_ERR_JSON, NULL, NULL},
        {&plain, "{\"a\":\"1\",\"b:\"2\"}", IAM_ERR_JSON, NULL, NULL},
        {&plain, "{\"a\":\"1}", IAM_ERR_JSON, NULL, NULL},
        {&plain, "{\"a\":\"1\"]", IAM_ERR_JSON, NULL, NULL},
        {&plain, "{\"a\":\"1\",\"c\":[0}]}", IAM_ERR_JSON, NULL, NULL},
        {&plain, "{\"a\":\"1\",\"c\":[0,]}", IAM_ERR_JSON, NULL, NULL},
        {&plain, "{\"a\":\"1\",\"c\":[,0]}", IAM_ERR_JSON, NULL, NULL},
        {&plain, "{\"a\":\"1\",\"c\":[\"x\":0]}", IAM_ERR_JSON, NULL, NULL},
        {&plain, "{\"a\":\"1\",\"c\":nul}", IAM_ERR_JSON, NULL, NULL},
        {&plain, "{\"a\":\"1\",\"c\":tru\0e}", IAM_ERR_JSON, NULL, NULL},
        {&plain, "{\"a\":\"1\",\"c\":True}", IAM_ERR_JSON, NULL, NULL},
        {&plain, "{\"a\":\"1\",\"c\":}", IAM_ERR_JSON, NULL, NULL},
        {&plain, "{\"a\":\"1\"}{}", IAM_ERR_JSON, NULL, NULL},
        {&plain, "{\"a\":\"1\"}x", IAM_ERR_JSON, NULL, NULL},
        {&plain, "{\"a\":\"1\"}}", IAM_ERR_JSON, NULL, NULL},
        {&plain, "{\"a\":\"1\",\"a\":\"2\"}", IAM_ERR_MEMBER, NULL, NULL},
        {&inside, "{\"in\":{\"a\":\"1\"},\"in\":{\"a\":\"1\"}}", IAM_ERR_MEMBER, NULL, NULL},
        {&inside, "{\"in\":[{\"a\":\"1\"}]}", IAM_ERR_VALUE, NULL, NULL},
        {&inside, "{\"a\":\"1\"}", IAM_ERR_MEMBER, NULL, NULL},
        {&plain, "{\"a\":1}", IAM_ERR_VALUE, NULL, NULL},
        {&plain, "{\"a\":{}}", IAM_ERR_VALUE, NULL, NULL},
        {&plain, "{\"a\":[\"1\"]}", IAM_ERR_VALUE, NULL, NULL},
        {&plain, "[{\"a\":\"1\"}]", IAM_ERR_FOREIGN, NULL, NULL},
        {&plain, "\"a\"", IAM_ERR_FOREIGN, NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct guard g = guard_copy(rows[i].text, strlen(rows[i].text));
        struct iam_span out[2], what;
        int r = iam_json_read(rows[i].shape, (char *)g.p, g.n, out, &what);
        if (r != rows[i].result)
            fail_msg("%s: %d", rows[i].text, r);
        if (r == IAM_OK) {
            assert_true(is(out[0], rows[i].a));
            assert_int_equal(out[1].p != NULL, rows[i].b != NULL);
            assert_true(rows[i].b == NULL || is(out[1], rows[i].b));
        }
        guard_free(&g);
    }
}

/* Objects and arrays in each other, to the deepest, at the end of what may be read. */
static void depths(void **state)
{
    static const struct iam_json_member members[] = {{"m", 0, IAM_JSON_REQUIRED}};
    static const struct iam_json_shape shape = {NULL, members, 1};
    (void)state;
    for (int of_objects = 0; of_objects < 2; of_objects++) {
        for (unsigned depth = 1; depth <= 258; depth++) {
            char text[2048];
            size_t n = (size_t)snprintf(text, sizeof text, "{\"m\":\"x\",\"n\":");
            struct iam_span out[1], what;
            for (unsigned i = 1; i < depth; i++)
                n += (size_t)snprintf(text + n, sizeof text - n, of_objects ? "{\"n\":" : "[");
            text[n++] = '0';
            for (unsigned i = 1; i < depth; i++)
                text[n++] = of_objects ? '}' : ']';
            text[n++] = '}';
            struct guard g = guard_copy(text, n);
            assert_int_equal(iam_json_read(&shape, (char *)g.p, n, out, &what),
                             depth <= 256 ? IAM_OK : IAM_ERR_JSON);
            guard_free(&g);
        }
    }
}

/* Numbers as RFC 8259 has them, each as the last value and before another. */
static void numbers(void **state)
{
    static const char *const good[] = {"0",         "-0",   "7",   "10",     "-12",  "1.5",
                                       "0.0",       "9.90", "1e5", "1E5",    "1e+5", "1e-5",
                                       "12.34E-56", "0e0",  "100", "-1.0e09"};
    static const char *const bad[] = {"-",   "+1",    "01",   "-01", "1.",   ".5",   "1.x", "1.e5",
                                      "1e",  "1e+",   "1e-",  "1x",  "1.5x", "1e5x", "--1", "1-",
                                      "0x1", "1.2.3", "1e5.", "00",  "1/",   "1:",   "1.:", "1./",
                                      "1e:", "1e/",   "/",    ":",   "1d5",  "1D5",  "1f5", "1E"};
    static const struct iam_json_member members[] = {{"m", 0, IAM_JSON_REQUIRED}};
    static const struct iam_json_shape shape = {NULL, members, 1};
    const size_t n_good = sizeof good / sizeof *good;
    (void)state;
    for (size_t i = 0; i < 2 * (n_good + sizeof bad / sizeof *bad); i++) {
        const char *number = i / 2 < n_good ? good[i / 2] : bad[i / 2 - n_good];
        char text[64];
        struct iam_span out[1], what;
        int n = snprintf(text, sizeof text,
                         i & 1 ? "{\"n\":%s,\"m\":\"1\"}" : "{\"m\":\"1\",\"n\":%s}", number);
        int r = iam_json_read(&shape, text, (size_t)n, out, &what);
        if (r != (i / 2 < n_good ? IAM_OK : IAM_ERR_JSON))
            fail_msg("%s: %d", text, r);
        /* at the end of what may be read, whole or cut */
        for (size_t cut = 5; cut <= 5 + strlen(number); cut++) {
            n = snprintf(text, sizeof text, "{\"n\":%s", number);
            struct guard g = guard_copy(text, cut);
            assert_int_equal(iam_json_read(&shape, (char *)g.p, cut, out, &what), IAM_ERR_JSON);
            guard_free(&g);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_document), cmocka_unit_test(cut_anywhere), cmocka_unit_test(escapes),
        cmocka_unit_test(shapes),         cmocka_unit_test(depths),       cmocka_unit_test(numbers),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
