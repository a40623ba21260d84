/* The page that `--output html` fills: page/page.html with its style and its script inside, made
 * into one C array by the build (cmake/page.cmake), NUL-terminated. What stands in it as @{name} is
 * written by html.c. */
#ifndef HOST_AUDIT_HTML_H
#define HOST_AUDIT_HTML_H

extern const char audit_page[];

#endif
