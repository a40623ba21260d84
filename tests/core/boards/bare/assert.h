/* mbedTLS includes it for static_assert, which is a keyword's other name in C11. */
#undef assert
#define assert(condition) ((void)0)
#define static_assert _Static_assert
