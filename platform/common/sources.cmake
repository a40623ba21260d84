# What the programs of platform/ share, as data: the host command and the firmware list it. Paths are relative to this
# folder.
set(TINYIAM_COMMON_SOURCES audit_grants.c audit_row.c fields.c fields_lists.c given.c url.c)
