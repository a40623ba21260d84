/* As much of cmocka's interface as the unit tests use, for a machine without an operating system: the very
 * same test sources run there. Written from the documented interface. */
#ifndef CORTEXM_CMOCKA_H
#define CORTEXM_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef int (*shim_fixture)(void **state);
struct CMUnitTest {
    const char *name;
    void (*run)(void **state);
    shim_fixture setup, teardown;
    void *initial;
};

#define cmocka_unit_test(f)     \
    {                           \
#f, f, NULL, NULL, NULL \
    }
#define cmocka_unit_test_setup_teardown(f, setup, teardown) \
    {                                                       \
#f, f, setup, teardown, NULL                        \
    }
#define cmocka_unit_test_prestate(f, state) \
    {                                       \
#f, f, NULL, NULL, state            \
    }
#define cmocka_run_group_tests(tests, setup, teardown) \
    shim_run(#tests, tests, sizeof(tests) / sizeof(tests)[0], setup, teardown)
#define cmocka_run_group_tests_name(name, tests, setup, teardown) \
    shim_run(name, tests, sizeof(tests) / sizeof(tests)[0], setup, teardown)

int shim_run(const char *name, const struct CMUnitTest *tests, size_t n, shim_fixture setup,
             shim_fixture teardown);
_Noreturn void shim_fail(const char *file, int line, const char *format, ...);
void print_message(const char *format, ...);
#define print_error print_message

/* Integers and pointers of any type, as cmocka takes them. */
#define SHIM_INT(x) ((uintmax_t)(x))
#define SHIM_CHECK(condition, ...)                      \
    do {                                                \
        if (!(condition))                               \
            shim_fail(__FILE__, __LINE__, __VA_ARGS__); \
    } while (0)

static inline void shim_equal(uintmax_t a, uintmax_t b, int wanted, const char *file, int line)
{
    if ((a == b) != wanted) {
        shim_fail(file, line, "%#llx %s %#llx", (unsigned long long)a,
                  wanted ? "!=" : "==", (unsigned long long)b);
    }
}
static inline void shim_strings(const char *a, const char *b, int wanted, const char *file,
                                int line)
{
    if ((strcmp(a, b) == 0) != wanted)
        shim_fail(file, line, "\"%s\" %s \"%s\"", a, wanted ? "!=" : "==", b);
}
static inline void shim_memory(const void *a, const void *b, size_t n, int wanted, const char *file,
                               int line)
{
    if ((n == 0 || memcmp(a, b, n) == 0) != wanted)
        shim_fail(file, line, "%u bytes %s", (unsigned)n, wanted ? "differ" : "are equal");
}
static inline void shim_range(uintmax_t v, uintmax_t low, uintmax_t high, int wanted,
                              const char *file, int line)
{
    if ((v >= low && v <= high) != wanted) {
        shim_fail(file, line, "%llu is %s %llu..%llu", (unsigned long long)v,
                  wanted ? "not in" : "in", (unsigned long long)low, (unsigned long long)high);
    }
}

#define fail() shim_fail(__FILE__, __LINE__, "fail()")
#define fail_msg(...) shim_fail(__FILE__, __LINE__, __VA_ARGS__)
#define assert_true(x) SHIM_CHECK(x, "%s", #x)
#define assert_false(x) SHIM_CHECK(!(x), "!(%s)", #x)
#define assert_null(x) SHIM_CHECK((x) == NULL, "%s is not NULL", #x)
#define assert_non_null(x) SHIM_CHECK((x) != NULL, "%s is NULL", #x)
#define assert_int_equal(a, b) shim_equal(SHIM_INT(a), SHIM_INT(b), 1, __FILE__, __LINE__)
#define assert_int_not_equal(a, b) shim_equal(SHIM_INT(a), SHIM_INT(b), 0, __FILE__, __LINE__)
#define assert_ptr_equal(a, b) \
    SHIM_CHECK((const void *)(a) == (const void *)(b), "%s != %s", #a, #b)
#define assert_ptr_not_equal(a, b) \
    SHIM_CHECK((const void *)(a) != (const void *)(b), "%s == %s", #a, #b)
#define assert_string_equal(a, b) shim_strings((a), (b), 1, __FILE__, __LINE__)
#define assert_string_not_equal(a, b) shim_strings((a), (b), 0, __FILE__, __LINE__)
#define assert_memory_equal(a, b, n) shim_memory((a), (b), (n), 1, __FILE__, __LINE__)
#define assert_memory_not_equal(a, b, n) shim_memory((a), (b), (n), 0, __FILE__, __LINE__)
#define assert_in_range(v, low, high) \
    shim_range(SHIM_INT(v), SHIM_INT(low), SHIM_INT(high), 1, __FILE__, __LINE__)
#define assert_not_in_range(v, low, high) \
    shim_range(SHIM_INT(v), SHIM_INT(low), SHIM_INT(high), 0, __FILE__, __LINE__)
#define skip() return

#endif
