/* Waiting for several streams on sockets, for the idle function of a system; see tinyiam/port_sockets.h. */
#include "sockets_api.h"

#include <tinyiam/port_sockets.h>

#include <limits.h>

#define MORE_MS 10u /* after it, streams beyond IAM_IDLE_STREAMS get their turn */

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

uint32_t iam_sockets_idle(struct iam_stream *const *streams, size_t n, uint32_t ms)
{
    struct sk_pollfd fds[IAM_IDLE_STREAMS];
    bool any = false;

    if (n > IAM_IDLE_STREAMS) {
        n = IAM_IDLE_STREAMS;
        ms = least(ms, MORE_MS);
    }
    for (size_t i = 0; i < n; i++) {
        struct iam_wait w = {.descriptor = -1};

        iam_stream_wait(streams[i], &w);
        ms = least(ms, w.ms);
        fds[i].fd = w.events != 0 ? w.descriptor : -1;
        fds[i].events = (short)(((w.events & IAM_WAIT_READ) != 0 ? SK_POLLIN : 0) |
                                ((w.events & IAM_WAIT_WRITE) != 0 ? SK_POLLOUT : 0));
        fds[i].revents = 0;
        any = any || fds[i].fd >= 0;
    }
    if (!any)
        return ms;
    if (sk_poll(fds, (sk_count)n, ms > INT_MAX ? INT_MAX : (int)ms) > 0) {
        for (size_t i = 0; i < n; i++) {
            struct iam_wait w = {.descriptor = -1, .seen = IAM_WAIT_READ | IAM_WAIT_WRITE};

            /* an error counts as both events */
            if ((fds[i].revents & ~(SK_POLLIN | SK_POLLOUT)) == 0) {
                w.seen = (uint8_t)(((fds[i].revents & SK_POLLIN) != 0 ? IAM_WAIT_READ : 0) |
                                   ((fds[i].revents & SK_POLLOUT) != 0 ? IAM_WAIT_WRITE : 0));
            }
            if (fds[i].revents != 0)
                iam_stream_wait(streams[i], &w);
        }
    }
    return 0;
}
