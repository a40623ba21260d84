/* Loops that try every cut, day or depth go by TEST_STEP: 1 on the host, more where a slow machine runs the
 * same tests. Vectors are never left out. */
#ifndef TEST_STEP_H
#define TEST_STEP_H

#ifndef TEST_STEP
#define TEST_STEP 1
#endif
/* For a loop over n places; short ones are cheap. */
#define TEST_STEP_OF(n) ((n) > 200 ? (size_t)TEST_STEP : (size_t)1)

#endif
