/* How an error is written that has a code and a message: those of the service, of parameters and of configuration. The
 * names are the AWS CLI's (--cli-error-format); what has no code is always one line of words. */
#ifndef HOST_ERROR_FORMAT_H
#define HOST_ERROR_FORMAT_H

#include <tinyiam/types.h>

#include "sink.h"

struct error_format {
    const char *name;
    /* The whole of it; a member whose text is absent is left out. NULL: the line of words. */
    void (*put)(struct sink *, struct iam_span code, struct iam_span message);
    bool bare; /* the line begins with the message where the error is none of the service's */
    const char *note; /* said behind it; or NULL */
};
#define ERROR_FORMATS "legacy|json|yaml|text|table|enhanced"

/* By its name in letters of either case; NULL: there is none. */
const struct error_format *error_format_find(const char *name);

#endif
