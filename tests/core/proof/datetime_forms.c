/* The forms in which dates come: datetime.c's, by runs with -DFORM=N, in a plan of their own for the contract of their
 * loop. */
#include "datetime.c"
