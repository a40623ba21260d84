/* Where the decoder puts text of any length: append(), keep_text() and cut(), in any state of a leaf that is read. Statics
 * are set in main(): for CBMC's loop contracts they begin as anything. */
static const char *message;           /* cut(): the text, */
static unsigned long n_message, some; /* its length; any place of it, as good as every other */
#define CONTINUES(at) (((uint8_t)message[at] & 0xC0) == 0x80)
#define CUTS CONTRACT(n <= n_message && (some < n || some >= n_message || CONTINUES(some)), n, n)
#include "decode_invariant.h"

static uint32_t cut(struct iam_decode *of, const struct iam_sink *to)
{
    uint32_t n = nondet_uint();
    PROVE(of == &d && to == &b && d.tail <= b.n && d.start <= b.n - d.tail, "lies in the buffer");
    ASSUME(n <= b.n - d.tail - d.start);
    d.over = false;
    return n;
}

#ifdef CUT
static void run(void)
{
    ASSUME(d.tail <= b.n && d.start <= b.n - d.tail);
    message = b.p + d.start, n_message = b.n - d.start - d.tail, some = nondet_size();
    uint32_t n = cut_code(&d, &b);
    PROVE(n <= n_message && !d.over, "some of what there is");
    PROVE(some <= n || some >= n_message || CONTINUES(some), "the rest is of one character");
    PROVE(n == 0 || n == n_message || !CONTINUES(n) || (uint8_t)message[n - 1] < 0x80,
          "which begins there, unless this is not UTF-8");
    PROVE(n == 0 || n < n_message || (uint8_t)message[n - 1] < 0x80, "and does not end the text");
}
#elif defined APPEND
static void run(void)
{
    uint32_t tail = d.tail, used = d.used, start = d.start;
    bool over = d.over;
    append(&d, &b, input);
    PROVE(leaf_fits() && d.tail == tail && d.start == start && d.over >= over, "what fits, fits");
    PROVE(d.over || d.used == used + input.n, "all of it");
}
#else
static void run(void)
{
    struct iam_span to = {NULL, 0};
    uint32_t tail = d.tail, used = d.used, start = d.start;
    bool over = d.over;
    ASSUME(!over || !d.in_item);
    keep_text(&d, &b, &to);
    PROVE(leaf_fits() && d.start == start && d.tail >= tail, "what is kept, is kept");
    PROVE(d.in_item ? d.used == used : d.used == start, "the room is free again");
    PROVE(!d.over || (over && !d.envelope), "a message is cut");
    PROVE(d.over || to.n == 0 ||
              (d.in_item ? to.p == b.p + start && to.n == used - start
                         : to.p == b.p + (b.n - d.tail) && to.n == d.tail - tail),
          "text lies where it is kept");
}
#endif

int main(void)
{
    __CPROVER_havoc_object(&d);
    b.n = nondet_uint();
    input.n = nondet_uint();
    ASSUME(b.n <= MOST && input.n <= MOST);
    b.p = any_bytes(b.n);
    input.p = any_bytes(input.n);
    kept = nondet_uint();
    ASSUME(leaf_fits());
    run();
    REACHED();
    return 0;
}
