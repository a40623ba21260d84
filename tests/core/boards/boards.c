/* The engine and the loop over it (core/, port/drive.c) on any machine, over a stream in memory: every reply body of
 * tests/vectors/cases, each held to botocore's verdict; a list of three pages with a report that is not ready, a page
 * that breaks off and a resume from a checkpoint; pages with one bit flipped; an audit. What comes out is the same
 * text everywhere, bytes of requests and all: test_boards.py compares. 0: all as it should be. */
#include "replies.h"
#include "say.h"

#include "../laws/transcript.h"

#include <string.h>
#include <tinyiam/tinyiam.h>

#include "cases_vectors.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct iam_client client;
static struct world world;
static char tx[200], rx[200], text[1024], batch[IAM_AUDIT_BATCH_MIN];

/* What is said, held to what is expected where that is known. */
static struct said {
    struct transcript transcript;
    const char *expected;
    bool as_expected;
} said;

static void put(struct transcript *t, const char *p, size_t n)
{
    (void)t;
    say(p, n);
    if (said.expected == NULL)
        return;
    if (strncmp(said.expected, p, n) == 0)
        said.expected += n;
    else
        said.as_expected = false;
}

/* A request on one line, from the pieces in which it is sent. */
static void put_request(const char *p, size_t n)
{
    static bool inside;
    if (!inside)
        transcript_text(&said.transcript, "request ");
    inside = p != NULL;
    if (inside)
        transcript_escaped(&said.transcript, (struct iam_span){p, n});
    else
        transcript_text(&said.transcript, "\n");
}

static int init(unsigned attempts, const struct world_reply *replies, size_t count)
{
    static const struct iam_credentials credentials = {
        .access_key_id = IAM_LITERAL("AKIDEXAMPLE"),
        .secret_access_key = IAM_LITERAL("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        .session_token = IAM_LITERAL("FwoGZXIvYXdzEXAMPLETOKEN==")};
    struct iam_config config = {.tx = tx,
                                .rx = rx,
                                .item = text,
                                .batch = batch,
                                .tx_size = sizeof tx,
                                .rx_size = sizeof rx,
                                .item_size = sizeof text,
                                .batch_size = sizeof batch,
                                .stream = &world.stream,
                                .system = &world.system,
                                .credentials = &credentials,
                                .region = IAM_LITERAL("us-east-1"),
                                .max_attempts = (uint8_t)attempts};
    world_begin(&world, replies, count);
    return iam_client_init(&client, &config);
}

static int ask(const struct iam_operation *o, enum iam_scope scope)
{
    union iam_request request;
    struct iam_span none = {NULL, 0};
    transcript_request(o, scope, none, &request);
    return iam_start(&client, o, &request);
}

/* To the end, or to so many items more. */
static int run(int r, unsigned items)
{
    while (r >= 0 && items > 0 && (r = iam_run(&client, UINT32_MAX)) != IAM_OK) {
        if (r != IAM_ITEM)
            continue;
        items--;
        if (iam_audit_job(&client).p != NULL) {
            transcript_text(&said.transcript, "of ");
            transcript_escaped(&said.transcript, iam_audit_namespace(&client));
            transcript_text(&said.transcript, " ");
        }
        transcript_item(&said.transcript, &client.call.query.decode);
    }
    return r;
}

static void put_end(int r)
{
    if (r == IAM_OK)
        transcript_report(&said.transcript, iam_client_report(&client));
    transcript_end(&said.transcript, r, iam_client_fault(&client));
    if (said.expected != NULL && *said.expected != '\0')
        said.as_expected = false;
    said.expected = NULL;
}

static void title(const char *a, const char *b)
{
    transcript_text(&said.transcript, "== ");
    transcript_text(&said.transcript, a);
    transcript_text(&said.transcript, b);
    transcript_text(&said.transcript, "\n");
}

/* Every reply body; how many are not as botocore has them. */
static unsigned cases(void)
{
    unsigned wrong = 0;
    world.request = NULL;
    for (size_t i = 0; i < COUNT(reply_cases); i++) {
        const struct reply_case *c = &reply_cases[i];
        const struct world_reply reply = {.head = "", .body = c->reply, .n = c->n, .cut = c->n};
        const struct iam_operation *o = transcript_operation(c->operation);
        bool refused = strcmp(c->transcript, "refused\n") == 0;
        title(c->id, "");
        world.piece = 1 + i % 60;
        int r = init(1, &reply, 1);
        r = r == IAM_OK && o != NULL ? ask(o, IAM_SCOPE_PAGE) : IAM_ERR_STATE;
        said.as_expected = true;
        said.expected = refused ? NULL : c->transcript;
        r = run(r, UINT32_MAX);
        put_end(r);
        if (refused ? r >= 0 || r == IAM_ERR_SERVICE : !said.as_expected) {
            wrong++;
            title("WRONG, botocore has: ", c->transcript);
        }
        iam_client_end(&client);
    }
    return wrong;
}

/* Whole, and from a checkpoint in its middle. */
static unsigned list(void)
{
    struct iam_checkpoint place;
    title("list", "");
    world.request = put_request;
    world.piece = 60;
    int r = init(3, list_replies, COUNT(list_replies));
    r = run(r == IAM_OK ? ask(&iam_op_entities, IAM_SCOPE_ALL) : r, 3);
    int saved = iam_client_checkpoint(&client, &place);
    r = run(r, UINT32_MAX);
    put_end(r);
    iam_client_end(&client);

    title("list, from a checkpoint", "");
    int rest = init(3, rest_replies, COUNT(rest_replies));
    rest = run(rest == IAM_OK ? iam_resume(&client, &place) : rest, UINT32_MAX);
    put_end(rest);
    iam_client_end(&client);
    return r == IAM_OK && saved == IAM_OK && rest == IAM_OK ? 0 : 1;
}

/* One bit of a page is another: it is noticed, or it was in a text. */
static void damaged(void)
{
    world.request = NULL;
    world.piece = 200;
    for (size_t at = 1; at < sizeof PAGE_1; at += 5) {
        int r = init(1, one_page, 1);
        world.damage = at;
        r = run(r == IAM_OK ? ask(&iam_op_entities, IAM_SCOPE_PAGE) : r, UINT32_MAX);
        put_end(r);
        iam_client_end(&client);
    }
}

static unsigned audit(void)
{
    const struct iam_audit_request request = {
        .arn = IAM_LITERAL("arn:aws:iam::123456789012:policy/ExamplePolicy"),
        .what = IAM_AUDIT_ENTITIES};
    title("audit", "");
    world.request = put_request;
    world.piece = 7;
    int r = init(3, audit_replies, COUNT(audit_replies));
    r = run(r == IAM_OK ? iam_audit_start(&client, &request) : r, UINT32_MAX);
    put_end(r);
    iam_client_end(&client);
    return r == IAM_OK ? 0 : 1;
}

int main(void)
{
    said.transcript.put = put;
    world.mono = 0xFFFFFF00u; /* wraps on the way */
    world.unix_ms = INT64_C(1540410451000);
    unsigned wrong = cases();
    wrong += list();
    title("damaged", "");
    damaged();
    wrong += audit();
    transcript_text(&said.transcript, "cases ");
    transcript_number(&said.transcript, COUNT(reply_cases));
    transcript_text(&said.transcript, ", wrong ");
    transcript_number(&said.transcript, wrong);
    transcript_text(&said.transcript, "\n");
    say_end();
    return wrong == 0 ? 0 : 1;
}
