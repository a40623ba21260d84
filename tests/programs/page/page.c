/* The page of an audit from rows on stdin, to stdout, as `tinyiam audit --output html` writes it. A line is a call of
 * its format; its fields are separated by tabs, with %XX for a byte that is one of these; one with no text is absent.
 *
 *     begin  ACCOUNT COMMAND THRESHOLD-SECONDS NOW-SECONDS
 *     arn    ARN TYPE CREATED-SECONDS young? unknown? SERVICES USED UNUSED NEVER
 *     row    NAMESPACE NAME STATUS-NUMBER LAST-SECONDS DAYS ENTITY REGION ENTITIES ERROR-CODE ERROR-MESSAGE
 *     end    ARNS READ GONE FAILED YOUNG SERVICES USED UNUSED NEVER ROWS */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tinyiam/tinyiam.h>

#include "audit/row.h"

#define FIELDS 11

static struct sink sink;
static struct audit_out out = {.ops = &audit_html, .sink = &sink};
static struct iam_span field[FIELDS];

static unsigned from_hex(const char *p)
{
    char digits[3] = {p[0], p[1], 0};
    return (unsigned)strtoul(digits, NULL, 16);
}

/* Into fields, %XX undone where it lies. */
static void split(char *p)
{
    memset(field, 0, sizeof field);
    for (size_t i = 0; i < FIELDS; i++) {
        char *to = p, *begin = p;
        for (; *p && *p != '\t' && *p != '\n'; p++) {
            if (*p == '%') {
                *to++ = (char)from_hex(p + 1);
                p += 2;
            } else {
                *to++ = *p;
            }
        }
        bool last = *p != '\t';
        if (to > begin)
            field[i] = (struct iam_span){begin, (size_t)(to - begin)};
        p++;
        if (last)
            return;
    }
}

/* A span's text ends where a tab was. */
static int64_t integer(size_t i)
{
    char buf[32] = "";
    if (field[i].p)
        memcpy(buf, field[i].p, field[i].n < 31 ? field[i].n : 31);
    return strtoll(buf, NULL, 10);
}

static struct iam_time moment(size_t i)
{
    return (struct iam_time){.us = integer(i) * 1000000, .present = field[i].p != NULL};
}

static const char *copy(size_t i)
{
    return field[i].p ? strndup(field[i].p, field[i].n) : NULL;
}

static void tell_arn(struct audit_arn *a)
{
    *a = (struct audit_arn){.arn = field[1],
                            .type = field[2],
                            .create_date = moment(3),
                            .young = integer(4),
                            .unknown = integer(5),
                            .services = (uint64_t)integer(6),
                            .used = (uint64_t)integer(7),
                            .unused = (uint64_t)integer(8),
                            .never = (uint64_t)integer(9)};
    out.ops->arn(&out, a);
}

static void tell_row(const struct audit_arn *a)
{
    struct audit_row row = {.report_arn = a->arn,
                            .report_type = a->type,
                            .create_date = a->create_date,
                            .service_namespace = field[1],
                            .service_name = field[2],
                            .status = audit_status_text((enum audit_status)integer(3)),
                            .status_number = (uint8_t)integer(3),
                            .last = moment(4),
                            .days_ago = integer(5),
                            .has_days_ago = field[5].p != NULL,
                            .last_entity = field[6],
                            .last_region = field[7],
                            .total = integer(8),
                            .has_total = field[8].p != NULL,
                            .error_code = field[9],
                            .error_message = field[10]};
    out.ops->row(&out, &row);
}

static void tell_end(void)
{
    struct audit_totals totals;
    uint64_t *const to[] = {&totals.arns,  &totals.read,     &totals.gone, &totals.failed,
                            &totals.young, &totals.services, &totals.used, &totals.unused,
                            &totals.never, &totals.rows};
    for (size_t i = 0; i < 10; i++)
        *to[i] = (uint64_t)integer(i + 1);
    out.ops->end(&out, &totals);
}

int main(void)
{
    char *line = NULL, *arn_line = NULL; /* the ARN's own stays while its rows come */
    size_t room = 0;
    struct audit_arn a = {0};
    bool inside = false;
    sink_open(&sink, STDOUT_FILENO);
    while (getline(&line, &room, stdin) > 0) {
        split(line);
        bool is_row = field[0].n == 3 && memcmp(field[0].p, "row", 3) == 0;
        if (inside && !is_row) {
            out.ops->arn_end(&out);
            inside = false;
        }
        if (is_row) {
            tell_row(&a);
        } else if (memcmp(field[0].p, "begin", 5) == 0) {
            out.options = (struct audit_format_options){.account = copy(1),
                                                        .command = copy(2),
                                                        .unused_for_s = integer(3),
                                                        .now_us = integer(4) * 1000000};
            out.ops->begin(&out);
        } else if (memcmp(field[0].p, "arn", 3) == 0) {
            free(arn_line);
            arn_line = line;
            line = NULL;
            room = 0;
            inside = true;
            tell_arn(&a);
        } else {
            tell_end();
        }
    }
    out.ops->free(&out);
    free(line);
    free(arn_line);
    free((void *)(uintptr_t)out.options.account);
    free((void *)(uintptr_t)out.options.command);
    return sink_close(&sink) ? 0 : 1;
}
