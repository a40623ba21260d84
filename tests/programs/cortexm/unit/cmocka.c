#include "cmocka.h"

#include "semihost.h"

#include <stdlib.h>

static jmp_buf where;

void print_message(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
}

_Noreturn void shim_fail(const char *file, int line, const char *format, ...)
{
    va_list list;
    printf("%s:%d: ", file, line);
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    printf("\n");
    longjmp(where, 1);
}

static int run_one(const struct CMUnitTest *test)
{
    void *state = test->initial;
    if (setjmp(where) != 0)
        return 1;
    if (test->setup != NULL && test->setup(&state) != 0) {
        printf("%s: set-up failed\n", test->name);
        return 1;
    }
    test->run(&state);
    if (test->teardown != NULL && test->teardown(&state) != 0) {
        printf("%s: clean-up failed\n", test->name);
        return 1;
    }
    return 0;
}

int shim_run(const char *name, const struct CMUnitTest *tests, size_t n, shim_fixture setup,
             shim_fixture teardown)
{
    void *state = NULL;
    int failed = 0;
    if (setup != NULL && setup(&state) != 0)
        return (int)n;
    for (size_t i = 0; i < n; i++) {
        uint32_t began = semihost_clock();
        int bad = run_one(&tests[i]);
        printf("%s %s, %u0 ms\n", bad ? "[  FAILED  ]" : "[       OK ]", tests[i].name,
               (unsigned)(semihost_clock() - began));
        failed += bad;
    }
    if (teardown != NULL)
        (void)teardown(&state);
    printf("%s: %d passed, %d failed\n", name, (int)n - failed, failed);
    return failed;
}
