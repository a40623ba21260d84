# The program of this folder, without what says it: say_host.c or say_board.c.
set(TINYIAM_BOARDS_SOURCES boards/boards.c boards/world.c laws/transcript.c)
