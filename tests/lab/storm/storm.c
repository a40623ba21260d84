/* The storm: seeded plans of faults against the whole client, core and drive, on a server in memory.
 *
 *   storm [--seed S] [--plans N] [--seconds T] [--table] [--verbose]
 *
 * Plan number i has the seed S + i: `storm --seed X --plans 1 --verbose` replays one. Of every plan it holds:
 * the list is exact, or there is a named error after an exact prefix; an error that the plan does not call for
 * is wrong; nothing hangs, by virtual time or by turns; nothing is written outside of a buffer; and from the
 * place where it failed, with the faults gone, another client finishes the exact list. */
#include "storm.h"
#include "guard.h"
#include "stream.h"

enum { MOST_ITEMS = 16384, ANY_REPLY = -1000, ANY_TIME = -1001 };

static const struct {
    const char *name;
    enum where where;
    int16_t results
        [3]; /* what one such fault, with attempts left, may lead to; IAM_OK: the exact list */
} kinds[FAULTS] = {
    [OPEN_RESOLVE] = {"name not resolved, once", AT_OPEN, {IAM_OK}},
    [OPEN_REFUSED] = {"connection refused, once", AT_OPEN, {IAM_OK}},
    [OPEN_HANGS] = {"connection never made, once", AT_OPEN, {IAM_OK}},
    [OPEN_TLS] = {"TLS handshake fails, once", AT_OPEN, {IAM_OK}},
    [OPEN_VERIFY] = {"certificate refused", AT_OPEN, {IAM_ERR_TLS_VERIFY}},
    [OPEN_NEVER] = {"every connection refused", AT_SERVER, {IAM_ERR_CONNECT}},
    [EARLY_REPLY] = {"reply before the request", AT_OPEN, {IAM_OK}},
    [SEND_RESET] = {"reset while sending", AT_SEND, {IAM_OK}},
    [SEND_EOF] = {"end of stream while sending", AT_SEND, {IAM_OK}},
    [SEND_IO] = {"I/O error while sending", AT_SEND, {IAM_OK}},
    [SEND_STUCK] = {"peer takes no more of a request", AT_SEND, {IAM_OK}},
    [CUT_EOF] = {"reply ends at any byte", AT_REPLY, {IAM_OK}},
    [CUT_RESET] = {"reset at any byte of a reply", AT_REPLY, {IAM_OK}},
    [CUT_TRUNCATED] = {"TLS truncated at any byte", AT_REPLY, {IAM_OK}},
    [CUT_IO] = {"I/O error at any byte", AT_REPLY, {IAM_OK}},
    [CUT_TLS] = {"TLS record damaged at any byte", AT_REPLY, {IAM_OK}},
    [SILENCE] = {"no reply", AT_REPLY, {IAM_OK}},
    [STALL_SHORT] = {"reply stalls, within the deadline", AT_REPLY, {IAM_OK}},
    [STALL_LONG] = {"reply stalls for an hour", AT_REPLY, {IAM_OK}},
    [DRIBBLE] = {"a byte every 25 seconds", AT_REPLY, {IAM_OK}},
    [DEAD_AFTER] = {"kept connection dies between replies", AT_REPLY, {IAM_OK}},
    [STRAY_AFTER] = {"bytes after a reply", AT_REPLY, {IAM_OK}},
    [DOUBLED] = {"reply twice", AT_REPLY, {IAM_OK}},
    [LATE_COPY] = {"reply again, behind the next request",
                   AT_REPLY,
                   {IAM_ERR_PAGE_REPEATED, IAM_ERR_MARKER_REPEATED}},
    [THROTTLED] = {"throttled", AT_REPLY, {IAM_OK}},
    [RETRY_AFTER] = {"503 with x-amz-retry-after", AT_REPLY, {IAM_OK}},
    [ERROR_500] = {"500 of the service", AT_REPLY, {IAM_OK}},
    [HTML_502] = {"502 with a proxy's HTML", AT_REPLY, {IAM_OK}},
    [EMPTY_503] = {"503 without a body", AT_REPLY, {IAM_OK}},
    [BARE_504] = {"504 with plain text", AT_REPLY, {IAM_OK}},
    [ALWAYS_500] = {"500 for ever", AT_SERVER, {IAM_ERR_SERVICE}},
    [ALWAYS_THROTTLED] = {"throttled for ever", AT_SERVER, {IAM_ERR_SERVICE}},
    [ALWAYS_LATER] = {"x-amz-retry-after of 49 days, for ever", AT_SERVER, {IAM_ERR_SERVICE}},
    [DENIED] = {"access denied", AT_REPLY, {IAM_ERR_SERVICE}},
    [NO_ENTITY] = {"job unknown", AT_REPLY, {IAM_ERR_SERVICE}},
    [REDIRECT] = {"302 with HTML", AT_REPLY, {IAM_ERR_SERVICE}},
    [GARBAGE] = {"random bytes for a reply", AT_REPLY, {IAM_ERR_HTTP}},
    [ILLEGAL_BYTE] = {"one illegal byte in the body", AT_REPLY, {ANY_REPLY}},
    [SHORT_BODY] = {"body cut, length to match", AT_REPLY, {IAM_ERR_XML_TRUNCATED}},
    [LENGTH_MORE] = {"length larger than the body", AT_REPLY, {IAM_OK}},
    [LENGTH_LESS] = {"length smaller than the body", AT_REPLY, {IAM_ERR_XML_TRUNCATED}},
    [LENGTHS_DIFFER] = {"lengths that conflict", AT_REPLY, {IAM_ERR_HTTP_LENGTH, IAM_ERR_HTTP}},
    [BAD_CHUNK] = {"chunk size that is no number", AT_REPLY, {IAM_ERR_HTTP, IAM_ERR_HTTP_LENGTH}},
    [FOLDED] = {"folded header field", AT_REPLY, {IAM_ERR_HTTP}},
    [ENCODED] = {"compressed body", AT_REPLY, {IAM_ERR_HTTP_ENCODING}},
    [PORTAL] = {"captive portal's page", AT_REPLY, {IAM_ERR_FOREIGN}},
    [JSON] = {"JSON", AT_REPLY, {IAM_ERR_FOREIGN}},
    [EMPTY_200] = {"200 with nothing in it", AT_REPLY, {IAM_OK, IAM_ERR_XML_TRUNCATED}},
    [OTHER_OPERATION] = {"reply to another operation", AT_REPLY, {IAM_ERR_FOREIGN}},
    [SISTER_OPERATION] = {"reply to the other list", AT_REPLY, {IAM_ERR_FOREIGN}},
    [ERROR_WITH_PAGE] = {"page with status 301 or 404",
                         AT_REPLY,
                         {IAM_ERR_SERVICE, IAM_ERR_FOREIGN}},
    [ERROR_AS_200] = {"error envelope with status 200", AT_REPLY, {IAM_ERR_FOREIGN}},
    [DOCTYPE] = {"document type declaration", AT_REPLY, {IAM_ERR_XML_DOCTYPE}},
    [SAME_MARKER] = {"Marker repeated", AT_REPLY, {IAM_ERR_MARKER_REPEATED}},
    [NO_MARKER] = {"IsTruncated without Marker", AT_REPLY, {IAM_ERR_MARKER_MISSING}},
    [BAD_MARKER] = {"Marker outside of U+0020..U+00FF", AT_REPLY, {IAM_ERR_MARKER_INVALID}},
    [CIRCLE] = {"Markers in a circle of 1, 2, 3, 7 or 100",
                AT_SERVER,
                {IAM_ERR_MARKER_REPEATED, IAM_ERR_PAGE_REPEATED}},
    [ENDLESS_PAGES] = {"pages without end", AT_SERVER, {IAM_ERR_PAGES}},
    [ENDLESS_EMPTY] = {"empty pages without end", AT_SERVER, {IAM_ERR_PAGES}},
    [NOT_DONE] = {"IN_PROGRESS, perhaps after COMPLETED", AT_REPLY, {IAM_OK, IAM_ERR_JOB_STATUS}},
    [NEVER_DONE] = {"IN_PROGRESS for ever", AT_SERVER, {IAM_ERR_TIMEOUT_JOB}},
    [JOB_FAILED] = {"job failed", AT_REPLY, {IAM_ERR_JOB_FAILED}},
    [FAILED_LATER] = {"FAILED after COMPLETED", AT_REPLY, {IAM_ERR_JOB_STATUS}},
    [FAILED_WITH_LIST] = {"FAILED beside items", AT_REPLY, {IAM_ERR_JOB_STATUS}},
    [UNDONE_WITH_LIST] = {"IN_PROGRESS beside items", AT_REPLY, {IAM_ERR_JOB_STATUS}},
    [ODD_STATUS] = {"status that is not known", AT_REPLY, {IAM_ERR_JOB_STATUS}},
    [NO_STATUS] = {"no status", AT_REPLY, {IAM_ERR_JOB_STATUS}},
    [BAD_BOOLEAN] = {"IsTruncated that is no boolean", AT_REPLY, {IAM_ERR_VALUE}},
    [NO_BOOLEAN] = {"Marker without IsTruncated", AT_REPLY, {IAM_ERR_TRUNCATED_MISSING}},
    [BOOLEAN_DIGIT] = {"IsTruncated as 1 or 0", AT_REPLY, {IAM_OK}},
    [BAD_DATE] = {"JobCreationDate that is no date", AT_REPLY, {IAM_ERR_VALUE}},
    [BAD_ITEM] = {"item with a date or a number that is none", AT_REPLY, {IAM_ERR_VALUE}},
    [TWO_STATUSES] = {"two statuses that differ", AT_REPLY, {IAM_ERR_MEMBER}},
    [TWO_BOOLEANS] = {"IsTruncated true and false", AT_REPLY, {IAM_ERR_MEMBER}},
    [TWO_MARKERS] = {"two Markers", AT_REPLY, {IAM_ERR_MEMBER}},
    [TWO_RESULTS] = {"two Results", AT_REPLY, {IAM_ERR_MEMBER}},
    [OTHER_JOB] = {"page of another job", AT_REPLY, {IAM_ERR_CHANGED}},
    [ODD_2XX] = {"page with status 201, 206 or 299", AT_REPLY, {IAM_OK}},
    [SOME_1XX] = {"interim replies", AT_REPLY, {IAM_OK}},
    [ENDLESS_1XX] = {"interim replies without end", AT_REPLY, {IAM_ERR_HTTP_LIMIT}},
    [ENDLESS_HEADERS] = {"header fields without end", AT_REPLY, {IAM_ERR_HTTP_LIMIT}},
    [ENDLESS_EXTENSION] = {"chunk extension without end", AT_REPLY, {IAM_ERR_HTTP_LIMIT}},
    [ENDLESS_TRAILERS] = {"trailers without end", AT_REPLY, {IAM_ERR_HTTP_LIMIT}},
    [CHANGED_BEFORE] = {"page cut, then its first item is another",
                        AT_SERVER,
                        {IAM_OK, IAM_ERR_CHANGED}},
    [CHANGED_BEHIND] = {"page cut, then its last item is another",
                        AT_SERVER,
                        {IAM_OK, IAM_ERR_CHANGED}},
    [SHORTER] = {"page cut, then it is shorter", AT_SERVER, {IAM_OK, IAM_ERR_CHANGED}},
    [LONGER] = {"page cut, then it is longer", AT_SERVER, {IAM_OK, IAM_ERR_CHANGED}},
    [CLOCK_OFF] = {"our clock ten years off", AT_CLIENT, {IAM_OK}},
    [CLOCK_UNSET] = {"our clock unset", AT_CLIENT, {IAM_OK}},
    [CLOCK_OFF_NO_DATE] = {"our clock off, no Date", AT_CLIENT, {IAM_ERR_SERVICE}},
    [CLOCK_UNSET_NO_DATE] = {"our clock unset, no Date", AT_CLIENT, {IAM_ERR_CLOCK}},
    [CLOCK_OFF_AGED] = {"our clock off, Date of a cache", AT_CLIENT, {IAM_ERR_SERVICE}},
    [CLOCK_REFUSED] = {"refused for its time although it is right", AT_SERVER, {IAM_ERR_SERVICE}},
    [WALL_JUMPS] = {"wall clock set in the middle", AT_CLOCK, {IAM_OK}},
    [MONO_JUMPS] = {"milliseconds jump", AT_CLOCK, {IAM_OK, IAM_ERR_TIMEOUT_JOB}},
    [MONO_BACK] = {"milliseconds run backwards", AT_CLIENT, {IAM_OK}},
    [MONO_WRAPS] = {"milliseconds wrap at 2^32", AT_CLIENT, {IAM_OK}},
    [POWER_LOSS] = {"client reset, resumed from a checkpoint", AT_CLIENT, {IAM_OK}},
    [SMALL_ITEM] = {"item buffer too small", AT_CLIENT, {IAM_OK, IAM_ERR_SPACE}},
    [ONE_BYTE] = {"buffers and reads of one byte", AT_CLIENT, {IAM_OK}},
    [DEADLINE] = {"deadline of the operation", AT_CLIENT, {IAM_OK, ANY_TIME}},
};

/* ---- a plan ---- */

struct plan {
    uint64_t seed;
    struct world w;
    bool single, structure, stepping;
    uint32_t losses[4], loss_count, checkpoint_every;
    uint32_t deadline_ms, max_pages;
    uint8_t attempts;
    size_t tx, rx, item;
    /* while it runs */
    struct guard memory, tx_room, rx_room, item_room;
    struct iam_client *client;
    struct iam_checkpoint saved;
    bool has_saved;
    unsigned saved_items;
    uint64_t marks[MOST_ITEMS];
    unsigned count;
    uint64_t want[2][MOST_ITEMS]; /* by version of the page that changes */
    unsigned want_count[2];
    struct fault shown[8]; /* as they were when it ended */
    unsigned shown_count;
    const char *what; /* what is wrong */
    bool hangs;
    char detail[200];
};

static const struct iam_credentials credentials = {
    .access_key_id = {"AKIDEXAMPLE", 11},
    .secret_access_key = {"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 40},
    .session_token = {"FwoGZXIvYXdzEXAMPLETOKEN==", 26},
};

static void add_fault(struct plan *p, struct dice *d, enum fault_kind kind)
{
    struct world *w = &p->w;
    struct fault *f = &w->faults[w->fault_count++];
    uint32_t spread = kinds[kind].where == AT_REPLY  ? w->report.pages + w->polls
                      : kinds[kind].where == AT_OPEN ? 1 + (p->single ? 0 : roll(d, 3))
                      : kinds[kind].where == AT_SEND ? 4 * w->report.pages
                                                     : 60;
    *f = (struct fault){.kind = kind, .at = 1 + roll(d, spread), .x = roll(d, UINT32_MAX)};
    switch (kind) {
    case OPEN_NEVER:
        w->never_open = f->done = true;
        break;
    case ALWAYS_500:
        w->always_500 = f->done = true;
        break;
    case ALWAYS_THROTTLED:
        w->always_throttled = f->done = true;
        break;
    case LATE_COPY: /* of a connection that goes on */
        w->keep = true;
        w->framing %= 2;
        w->report.pages += w->report.pages < 2;
        f->at = 1 + w->polls + roll(d, w->report.pages - 1);
        break;
    case ALWAYS_LATER:
        w->always_later = f->done = true;
        break;
    case NEVER_DONE:
        w->never_done = f->done = true;
        break;
    case CIRCLE: {
        static const unsigned lengths[] = {1, 2, 3, 7, 100};
        w->circle_to = 1 + roll(d, 4);
        w->report.pages = w->circle_to + lengths[f->x % 5];
        w->report.per_page %= w->report.pages > 20 ? 4 : 40;
        w->circle = f->done = true;
        break;
    }
    case ENDLESS_PAGES:
    case ENDLESS_EMPTY:
        w->report.pages += 30; /* nobody asks for more */
        w->report.per_page = kind == ENDLESS_EMPTY ? 0 : 1 + w->report.per_page % 8;
        p->max_pages = 2 + roll(d, 25);
        f->done = true;
        break;
    case CHANGED_BEFORE:
    case CHANGED_BEHIND:
    case LONGER:
    case SHORTER: {
        unsigned page = roll(d, w->report.pages),
                 last = w->report.per_page ? w->report.per_page - 1 : 0;
        w->changed_page = (int32_t)page;
        w->changed_place = kind == CHANGED_BEFORE   ? 0
                           : kind == CHANGED_BEHIND ? last
                                                    : roll(d, last + 1);
        w->changed_how = kind;
        w->version_from = 2;
        f->done = true;
        w->faults[w->fault_count++] = (struct fault){.kind = roll(d, 2) ? CUT_RESET : CUT_TRUNCATED,
                                                     .at = 1 + w->polls + page,
                                                     .x = roll(d, UINT32_MAX)};
        break;
    }
    case CLOCK_OFF:
    case CLOCK_OFF_NO_DATE:
    case CLOCK_OFF_AGED:
        w->wall_off = roll(d, 2) ? INT64_C(315576000000) : INT64_C(-315576000000);
        w->date = kind != CLOCK_OFF_NO_DATE;
        w->aged = kind == CLOCK_OFF_AGED;
        f->done = true;
        break;
    case CLOCK_UNSET:
    case CLOCK_UNSET_NO_DATE:
        w->wall_set = false;
        w->date = kind == CLOCK_UNSET;
        f->done = true;
        break;
    case CLOCK_REFUSED:
        w->refuses_time = f->done = true;
        break;
    case WALL_JUMPS:
        w->date = true;
        break;
    case MONO_BACK:
        w->mono_noise = (int32_t)(1 + roll(d, 3000));
        f->done = true;
        break;
    case MONO_WRAPS:
        w->mono_from = 0u - roll(d, 3000);
        f->done = true;
        break;
    case POWER_LOSS:
        p->loss_count = 1 + roll(d, 4);
        for (uint32_t i = 0; i < p->loss_count; i++)
            p->losses[i] = roll(d, 60 + 40 * w->report.pages);
        f->done = true;
        break;
    case SMALL_ITEM:
        p->item = roll(d, 200);
        f->done = true;
        break;
    case ONE_BYTE:
        p->tx = p->rx = 1;
        w->chunk = 1;
        f->done = true;
        break;
    case DEADLINE:
        p->deadline_ms = 1 + roll(d, roll(d, 2) ? 3000 : 30000);
        f->done = true;
        break;
    default:
        break;
    }
}

static void make_plan(struct plan *p, uint64_t seed)
{
    static const uint32_t chunks[] = {1, 7, 30, 100, 100, 500, 1460, 1460, 1460, 16384};
    struct dice d = {seed * UINT64_C(0xD1342543DE82EF95) + 1};
    struct world *w = &p->w;
    memset(p, 0, sizeof *p);
    p->seed = seed;
    p->single = seed % 2 == 0;
    w->report = (struct report){.seed = roll64(&d),
                                .services = roll(&d, 4) == 0,
                                .pages = 1 + roll(&d, roll(&d, 8) ? 4 : 12),
                                .per_page = roll(&d, roll(&d, 8) ? 8 : 40),
                                .rich = roll(&d, 4) == 0};
    w->dice.state = roll64(&d);
    w->framing = roll(&d, 5);
    w->keep = roll(&d, 3) != 0;
    w->rtt = roll(&d, 2) ? 0 : roll(&d, 300);
    w->chunk = chunks[roll(&d, 10)];
    w->polls = roll(&d, 3) ? 0 : roll(&d, 4);
    w->marker_style = roll(&d, 4);
    w->status_last = roll(&d, 4) == 0;
    w->changed_page = -1;
    w->date = roll(&d, 5) != 0;
    w->wall_set = true;
    w->mono_from = roll(&d, UINT32_MAX);
    p->structure = roll(&d, 4) == 0;
    p->stepping = roll(&d, 2) != 0;
    p->attempts = (uint8_t)(p->single ? 3 + roll(&d, 4) : 1 + roll(&d, 6));
    p->checkpoint_every = 1 + roll(&d, 5);
    p->tx = roll(&d, 10) ? 100 + roll(&d, 1500) : 1 + roll(&d, 100);
    p->rx = roll(&d, 10) ? 100 + roll(&d, 3000) : 1 + roll(&d, 100);
    p->item = 16384;
    if (p->single)
        add_fault(p, &d, (enum fault_kind)(seed / 2 % FAULTS));
    else
        for (uint32_t n = roll(&d, 5); n > 0 && w->fault_count < 6; n--)
            add_fault(p, &d, (enum fault_kind)roll(&d, FAULTS));
}

/* ---- what must come ---- */

static void list_wanted(struct plan *p, unsigned version)
{
    static struct thing things[MEMBER_THINGS];
    static char room[MEMBER_ROOM];
    const struct world *w = &p->w;
    unsigned count = 0, sequence = w->report.pages * (w->circle ? 4 : 1);
    for (unsigned s = 0; s < sequence; s++) {
        unsigned page = s < w->report.pages
                            ? s
                            : w->circle_to + (s - w->circle_to) % (w->report.pages - w->circle_to);
        for (unsigned place = 0; place < w->report.per_page; place++) {
            bool twice;
            int v = member_version(w, page, place, version ? 99 : 0, &twice);
            for (int times = v < 0 ? 0 : twice ? 2 : 1; times > 0; times--) {
                unsigned n = member_things(&w->report, page, place, times == 2 ? 2 : (unsigned)v,
                                           things, room);
                for (unsigned i = 0; i < n && count < MOST_ITEMS; i++)
                    p->want[version][count++] = thing_mark(&things[i]);
            }
        }
    }
    p->want_count[version] = count;
}

static bool is_prefix(const struct plan *p, unsigned version)
{
    return p->count <= p->want_count[version] &&
           memcmp(p->marks, p->want[version], p->count * sizeof p->marks[0]) == 0;
}

/* ---- running it ---- */

static void wrong(struct plan *p, const char *what, const char *format, ...)
{
    va_list a;
    if (p->what == NULL) {
        p->what = what;
        va_start(a, format);
        vsnprintf(p->detail, sizeof p->detail, format, a);
        va_end(a);
    }
}

static void client_free(struct plan *p)
{
    if (p->client == NULL)
        return;
    iam_client_end(p->client);
    if (!guard_intact(&p->memory) || !guard_intact(&p->tx_room) || !guard_intact(&p->rx_room) ||
        !guard_intact(&p->item_room))
        wrong(p, "a byte was written in front of a buffer", " ");
    guard_free(&p->memory);
    guard_free(&p->tx_room);
    guard_free(&p->rx_room);
    guard_free(&p->item_room);
    p->client = NULL;
}

/* A client, as after a reset: only the checkpoint is left. */
static int client_start(struct plan *p)
{
    struct iam_config cfg = {.tx_size = p->tx,
                             .rx_size = p->rx,
                             .item_size = p->item,
                             .stream = &p->w.stream,
                             .system = &p->w.system,
                             .credentials = &credentials,
                             .max_attempts = p->attempts,
                             .structure = p->structure,
                             .deadline_ms = p->deadline_ms,
                             .max_pages = p->max_pages};
    struct iam_entities_request e = {.job_id = IAM_SPAN(STORM_JOB),
                                     .service_namespace = IAM_SPAN("iam")};
    struct iam_services_request s = {.job_id = IAM_SPAN(STORM_JOB)};
    p->memory = guard_alloc(sizeof *p->client);
    p->tx_room = guard_alloc(p->tx);
    p->rx_room = guard_alloc(p->rx);
    p->item_room = guard_alloc(p->item);
    cfg.tx = p->tx_room.p;
    cfg.rx = p->rx_room.p;
    cfg.item = p->item_room.p;
    p->client = (struct iam_client *)(void *)p->memory.p;
    int r = iam_client_init(p->client, &cfg);
    if (r == IAM_OK && p->has_saved) {
        r = iam_resume(p->client, &p->saved);
    } else if (r == IAM_OK) {
        r = p->w.report.services ? iam_services_start(p->client, &s)
                                 : iam_entities_start(p->client, &e);
    }
    if (r != IAM_OK)
        wrong(p, "it does not start", "%s", iam_result_name(r));
    p->count = p->has_saved ? p->saved_items : 0;
    return r;
}

static void save(struct plan *p)
{
    int r = iam_client_checkpoint(p->client, &p->saved);
    if (r != IAM_OK)
        wrong(p, "no checkpoint", "%s", iam_result_name(r));
    p->has_saved = true;
    p->saved_items = p->count;
}

static void take_item(struct plan *p)
{
    const struct iam_item *item = iam_client_item(p->client);
    if (item->kind < IAM_ITEM_ENTITY || item->kind > IAM_ITEM_ACTION)
        return;
    if (p->count == MOST_ITEMS) {
        wrong(p, "more items than there are", " ");
        return;
    }
    p->marks[p->count++] = item_mark(item);
    if (p->count % p->checkpoint_every == 0)
        save(p);
}

/* One turn of whoever drives; IAM_AGAIN: time has passed. */
static int turn(struct plan *p)
{
    struct world *w = &p->w;
    if (!p->stepping)
        return iam_run(p->client, 1 + roll(&w->dice, roll(&w->dice, 2) ? 100000 : 20));
    int r = iam_step(p->client);
    if (r == IAM_AGAIN)
        world_pass(w, iam_idle_ms(p->client));
    return r;
}

static int run_client(struct plan *p)
{
    struct world *w = &p->w;
    int r = IAM_AGAIN;
    for (long turns = 0; r == IAM_AGAIN || r == IAM_ITEM; turns++) {
        r = turn(p);
        if (r == IAM_ITEM)
            take_item(p);
        if (turns > 3000000 || w->calls > 30000000 || w->now > UINT64_C(400000000)) {
            p->hangs = true;
            wrong(p, "it hangs", "%ld turns, %ld calls, %llu ms", turns, w->calls,
                  (unsigned long long)w->now);
            return IAM_AGAIN;
        }
        if (p->loss_count > 0 && w->calls >= (long)p->losses[p->loss_count - 1] &&
            (r == IAM_AGAIN || r == IAM_ITEM)) {
            p->loss_count--;
            if (p->loss_count > 0)
                p->losses[p->loss_count - 1] += (uint32_t)w->calls;
            client_free(p);
            world_close(&w->stream);
            w->mono_from = roll(&w->dice, UINT32_MAX);
            if (client_start(p) != IAM_OK)
                return IAM_AGAIN;
            r = IAM_AGAIN;
        }
        if (p->what != NULL)
            return r;
    }
    return r;
}

static bool allowed(int16_t rule, int r)
{
    return rule == r || (rule == ANY_REPLY && r <= IAM_ERR_HTTP && r >= IAM_ERR_VALUE) ||
           (rule == ANY_TIME && r <= IAM_ERR_TIMEOUT_CONNECT && r >= IAM_ERR_TIMEOUT_OPERATION);
}

/* Is this result one that the plan's faults call for? */
static bool called_for(const struct plan *p, int r)
{
    bool any = false, must_fail = false;
    for (unsigned i = 0; i < p->w.fault_count; i++) {
        const struct fault *f = &p->w.faults[i];
        const int16_t *rules = kinds[f->kind].results;
        if (!f->done)
            continue;
        any = any || allowed(rules[0], r) || (rules[1] != 0 && allowed(rules[1], r));
        must_fail = must_fail || (rules[0] != IAM_OK && p->single);
    }
    if (r == IAM_OK)
        return !must_fail;
    /* several faults on one page may use up its attempts, whatever each of them is */
    if (r == IAM_ERR_CLOCK && !p->w.wall_set && (p->w.aged || !p->w.date))
        return true;
    bool used_up = !p->single &&
                   (r == IAM_ERR_SERVICE || r == IAM_ERR_XML_TRUNCATED || r == IAM_ERR_JOB_STATUS ||
                    r == IAM_ERR_FOREIGN || (r <= IAM_EOF && r >= IAM_ERR_TLS));
    return any || used_up;
}

static void check_end(struct plan *p, int r)
{
    struct world *w = &p->w;
    const struct iam_fault *f = iam_client_fault(p->client);
    unsigned version = w->changed_page >= 0 && w->fetches[w->changed_page % 64] >= w->version_from;
    if (w->wrong != 0)
        wrong(p, "a request that no client should send, or a port misused", "%u", w->wrong);
    if (strcmp(iam_result_name(r), "IAM_ERR_UNKNOWN") == 0)
        wrong(p, "a result without a name", "%d", r);
    if (r == IAM_OK) {
        if (p->count != p->want_count[version] || !is_prefix(p, version)) {
            wrong(p, "success, but not the list", "%u of %u items", p->count,
                  p->want_count[version]);
        }
        if (!called_for(p, r))
            wrong(p, "success where there can be none", " ");
        return;
    }
    if (!is_prefix(p, 0) && !is_prefix(p, 1)) {
        wrong(p, "what was handed out is no prefix of the list", "%u items, %s", p->count,
              iam_result_name(r));
    }
    if (f->error != r || f->layer == IAM_LAYER_NONE) {
        wrong(p, "the fault is not that of the result", "%d, %d, layer %d", r, f->error,
              (int)f->layer);
    }
    if (f->delivered != p->count)
        wrong(p, "the fault miscounts", "%u, not %u", f->delivered, p->count);
    if (!called_for(p, r))
        wrong(p, "an error that the plan does not call for", "%s", iam_result_name(r));
}

/* What goes round, or goes on for ever, is given up within a few rounds, and in its time. */
static void check_bounds(struct plan *p)
{
    const struct world *w = &p->w;
    unsigned requests = w->report.pages * (w->circle ? 4 : 1) + w->polls + 3u * p->attempts + 8 +
                        (w->never_done ? 400 : 0);
    if (p->single && p->loss_count == 0 && w->replies > requests)
        wrong(p, "too many requests", "%u, not %u", w->replies, requests);
    if (p->single && w->always_later && w->now > 30000u * p->attempts)
        wrong(p, "it waited too long", "%llu ms", (unsigned long long)w->now);
}

/* The weather has cleared: from where it failed another client must get the rest. */
static void finish(struct plan *p, int r)
{
    struct world *w = &p->w;
    if (r == IAM_OK || r == IAM_ERR_CHANGED || w->circle || p->what != NULL)
        return;
    save(p);
    for (int tries = 0; tries < 200; tries++) {
        size_t need = r == IAM_ERR_SPACE ? iam_client_fault(p->client)->need : 0;
        if (need > 0 && need <= p->item)
            wrong(p, "the size that it names is not larger", "%zu, %zu", need, p->item);
        p->item = need > p->item ? need : p->item;
        client_free(p);
        world_close(&w->stream);
        w->fault_count = 0;
        w->never_open = w->always_500 = w->always_throttled = w->always_later = w->never_done =
            w->refuses_time = w->aged = false;
        p->max_pages = 0;
        w->date = w->wall_set = true;
        w->mono_noise = 0;
        p->loss_count = p->deadline_ms = 0;
        p->attempts = 3;
        if (client_start(p) != IAM_OK)
            return;
        r = run_client(p);
        if (r != IAM_ERR_SPACE)
            break;
        save(p);
    }
    unsigned version = w->changed_page >= 0 && w->fetches[w->changed_page % 64] >= w->version_from;
    if (r == IAM_ERR_CHANGED && w->changed_page >= 0)
        return;
    if (r != IAM_OK || p->count != p->want_count[version] || !is_prefix(p, version)) {
        wrong(p, "cannot be finished from where it failed", "%s, %u of %u items",
              iam_result_name(r), p->count, p->want_count[version]);
    }
}

static const struct iam_stream_ops stream_ops = {world_open, world_send, world_recv, world_close,
                                                 NULL};
static const struct iam_system_ops system_ops = {world_mono, world_unix, world_entropy, world_idle};

static int play(struct plan *p, uint64_t seed)
{
    int r = IAM_AGAIN;
    make_plan(p, seed);
    p->w.stream.ops = &stream_ops;
    p->w.system.ops = &system_ops;
    bytes_text(&p->w.request, "");
    bytes_text(&p->w.reply, "");
    list_wanted(p, 0);
    list_wanted(p, 1);
    if (client_start(p) == IAM_OK)
        r = run_client(p);
    memcpy(p->shown, p->w.faults, sizeof p->shown);
    p->shown_count = p->w.fault_count;
    if (p->what == NULL) {
        check_end(p, r);
        check_bounds(p);
        finish(p, r);
    }
    client_free(p);
    free(p->w.request.p);
    free(p->w.reply.p);
    free(p->w.ahead.p);
    return r;
}

/* ---- telling ---- */

static void describe(const struct plan *p, int r)
{
    const struct world *w = &p->w;
    printf("plan %llu: %s, %u pages of %u, %u of %u items, %s, %llu ms, %u requests\n",
           (unsigned long long)p->seed, w->report.services ? "services" : "entities",
           w->report.pages, w->report.per_page, p->count, p->want_count[0], iam_result_name(r),
           (unsigned long long)w->now, w->replies);
    printf("  tx %zu rx %zu item %zu attempts %u chunk %u framing %u polls %u%s%s\n", p->tx, p->rx,
           p->item, p->attempts, w->chunk, w->framing, w->polls, p->structure ? " structure" : "",
           p->stepping ? " stepping" : "");
    for (unsigned i = 0; i < p->shown_count; i++) {
        const struct fault *f = &p->shown[i];
        storm_tell_fault(kinds[f->kind].name, f->done, f->at, f->x);
    }
    if (p->what != NULL)
        printf("  WRONG: %s: %s\n", p->what, p->detail);
}

static const struct storm_words words = {"storm", "plans", "exact lists", "exact list", "prefix"};

int main(int argc, char **argv)
{
    static struct plan p;
    static struct storm_tally tally[FAULTS];
    struct storm s = {.words = &words, .seed = 1, .plans = 10000};
    if (!storm_begin(&s, argc, argv))
        return 2;
    while (storm_goes_on(&s)) {
        int r = play(&p, s.seed + s.done);
        if (p.single && p.shown[0].done)
            storm_count(&tally[p.shown[0].kind], r);
        if (p.what != NULL || s.verbose) {
            describe(&p, r);
            fflush(stdout);
        }
        storm_played(&s, r, p.what != NULL, p.hangs);
    }
    if (s.tell) {
        storm_table_head(&words);
        for (int k = 0; k < FAULTS; k++)
            storm_table_row(kinds[k].name, &tally[k]);
    }
    return storm_end(&s);
}
