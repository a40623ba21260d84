/* The loop over a stream that computes: it has its turn at once, and the application in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <tinyiam/tinyiam.h>

static struct {
    int opens, idles, closes;
} seen;

/* Computes for five calls, waits for the network in two, and is there. */
static int open_(struct iam_stream *s, struct iam_span host, uint16_t port)
{
    (void)host, (void)port;
    seen.opens++;
    s->busy = seen.opens <= 5;
    return seen.opens <= 7 ? IAM_AGAIN : IAM_OK;
}

static int send_(struct iam_stream *s, const void *p, size_t n)
{
    (void)s, (void)p, (void)n;
    return IAM_ERR_IO;
}

static int recv_(struct iam_stream *s, void *p, size_t n)
{
    (void)s, (void)p, (void)n;
    return 0;
}

static void close_(struct iam_stream *s)
{
    s->busy = false;
    seen.closes++;
}

static uint32_t now_ms;

static uint32_t mono_ms(struct iam_system *s)
{
    (void)s;
    return now_ms;
}

static int64_t unix_ms(struct iam_system *s)
{
    (void)s;
    return 1540000000000 + now_ms;
}

static int entropy(struct iam_system *s, void *p, size_t n)
{
    (void)s;
    memset(p, 7, n);
    return IAM_OK;
}

static void idle(struct iam_system *s, uint32_t ms)
{
    (void)s;
    seen.idles++;
    now_ms += ms < 10 ? ms : 10; /* the network stirs */
}

static const struct iam_stream_ops stream_ops = {open_, send_, recv_, close_};
static const struct iam_system_ops system_ops = {mono_ms, unix_ms, entropy, idle};
static struct iam_stream stream;
static struct iam_system machine;
static struct iam_client client;

static void start(void)
{
    static char tx[512], rx[512], item[1024];
    static const struct iam_credentials keys = {.access_key_id = IAM_LITERAL("AKIDEXAMPLE"),
                                                .secret_access_key = IAM_LITERAL("secret")};
    static const struct iam_entities_request ask = {
        .job_id = IAM_LITERAL("examplef-1305-c245-eba4-71fe298bcda7"),
        .service_namespace = IAM_LITERAL("iam")};
    struct iam_config config = {.tx = tx,
                                .tx_size = sizeof tx,
                                .rx = rx,
                                .rx_size = sizeof rx,
                                .item = item,
                                .item_size = sizeof item,
                                .stream = &stream,
                                .system = &machine,
                                .credentials = &keys,
                                .region = IAM_LITERAL("us-east-1"),
                                .max_attempts = 1};

    memset(&seen, 0, sizeof seen);
    stream = (struct iam_stream){.ops = &stream_ops};
    machine.ops = &system_ops;
    assert_int_equal(iam_client_init(&client, &config), IAM_OK);
    assert_int_equal(iam_entities_start(&client, &ask), IAM_OK);
}

static void a_turn_for_each_step(void **state)
{
    (void)state;
    start();
    for (int i = 1; i <= 7; i++) {
        assert_int_equal(iam_step(&client), IAM_AGAIN);
        assert_int_equal(seen.opens, i);
        assert_int_equal(iam_idle_ms(&client) == 0, i <= 5);
    }
    assert_int_equal(iam_step(&client), IAM_ERR_IO);
    iam_client_end(&client);
    assert_false(stream.busy);
}

static void no_sleep_while_it_computes(void **state)
{
    (void)state;
    start();
    assert_int_equal(iam_run(&client, 1000000), IAM_ERR_IO);
    assert_int_equal(seen.idles, 2);
    assert_int_equal(seen.opens, 8);
    iam_client_end(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_turn_for_each_step),
        cmocka_unit_test(no_sleep_while_it_computes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
