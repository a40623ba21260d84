/* The line of --stats. */
#include "stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/say.h"

/* Most memory that was resident, in KiB; 0: not known. getrusage() would count what called exec, too. */
static unsigned long peak_memory(void)
{
    char line[128];
    unsigned long kib = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtoul(line + 6, NULL, 10);
    if (f)
        fclose(f);
    return kib;
}

static uint32_t more_of(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

struct sum {
    struct iam_stats clients;
    unsigned long long handshakes, resumed, turns;
};

static void add(struct sum *sum, const struct line *line)
{
    const struct iam_stats *s = iam_client_stats(&line->client);
    struct iam_stats *t = &sum->clients;
    t->polls += s->polls;
    t->requests += s->requests;
    t->retries += s->retries;
    t->connections += s->connections;
    t->clock_corrections += s->clock_corrections;
    t->bytes_in += s->bytes_in;
    t->bytes_out += s->bytes_out;
    t->body_bytes += s->body_bytes;
    t->tx_peak = more_of(t->tx_peak, s->tx_peak);
    t->rx_peak = more_of(t->rx_peak, s->rx_peak);
    t->item_peak = more_of(t->item_peak, s->item_peak);
    sum->handshakes += line->net.stream->handshakes;
    sum->resumed += line->net.stream->resumed;
    sum->turns += line->net.intake.turns;
}

static void put_rows(struct say *s, const struct stats_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        say_add(s, "%s\"%s\": %llu", s->n > 1 ? ", " : "", rows[i].name, rows[i].value);
}

void stats_put(const struct caller *c, const struct stats_row *first, size_t count,
               const struct sink *sink)
{
    unsigned long long pages = first[0].value ? first[0].value : 1;
    struct sum sum = {0};
    struct say line;
    for (unsigned i = 0; i < c->count; i++)
        if (c->lines[i].open)
            add(&sum, &c->lines[i]);
    const struct iam_stats *s = &sum.clients;
    const struct stats_row rows[] = {
        {"polls", s->polls},
        {"requests", s->requests},
        {"retries", s->retries},
        {"connections", s->connections},
        {"handshakes", sum.handshakes},
        {"resumed_handshakes", sum.resumed},
        {"clock_corrections", s->clock_corrections},
        {"bytes_in", s->bytes_in},
        {"bytes_out", s->bytes_out},
        {"body_bytes", s->body_bytes},
        {"page_bytes_in", s->bytes_in / pages},
        {"page_bytes_out", s->bytes_out / pages},
        /* TCP one; TLS, and a proxy's tunnel, as many as were seen; the reply to a request one */
        {"round_trips", s->connections + sum.turns + s->requests},
        {"output_bytes", sink->taken - sink->n},
        {"tx_peak", s->tx_peak},
        {"rx_peak", s->rx_peak},
        {"item_peak", s->item_peak},
        {"milliseconds", caller_now_ms(c) - c->began_ms},
        {"peak_memory_kib", peak_memory()},
    };
    say_begin(&line, "{");
    put_rows(&line, first, count);
    put_rows(&line, rows, sizeof rows / sizeof *rows);
    /* TLS takes its memory from the heap here, not from an arena */
    say_add(&line, ", \"tls_arena_peak\": null}");
    say_end(&line);
}
