/* Completion at TAB. A shell's script (the folder completion) is the same for every version of the command: it asks
 * the command itself what may stand at the cursor, which reads the tables of commands and options for that, and the
 * user's files for the names of profiles.
 *
 *   tinyiam --complete bash LINE WORD   LINE: the line up to the cursor as it stands there, with its quotes.
 *                                       WORD: its end, what bash replaces
 *   tinyiam --complete zsh|fish WORD... the words up to the cursor without quotes, the last one perhaps begun only
 *
 * A line of the answer is what the word may become, for zsh and fish with a tab and a text behind it; for bash it is
 * what WORD may become, quoted as the line has begun it. Where files are meant the answer is two lines: a tab, "files",
 * a tab, and what of the word stands before the file's name ("--checkpoint=", "@"); the name as far as it is there. */
#ifndef HOST_COMPLETE_H
#define HOST_COMPLETE_H

#include "config/settings.h"

#define COMPLETE_LINE "--complete"

/* Made of the files of the folder completion by cmake/bytes.cmake. */
extern const char complete_bash[], complete_zsh[], complete_fish[];
extern const char complete_services[], complete_regions[];

/* Prints the script of a shell: bash, zsh, or fish. */
void complete_script(const char *shell);
/* The words behind --complete. 0, or an exit code. The settings are a place for the files. */
int complete_line(struct settings *, int n, char **words);

#endif
