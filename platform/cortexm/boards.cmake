# One row a board: QEMU machine | compiler flags | LAN9118 base | its IRQ | CPU clock in Hz.
# All three have 4 MB for code at 0 and 4 MB of RAM at 0x20000000; image.ld uses what a small part has.
set(CORTEXM_BOARDS
    "mps2-an385|-mcpu=cortex-m3|0x40200000|13|25000000"
    "mps2-an386|-mcpu=cortex-m4|0x40200000|13|25000000"
    "mps2-an500|-mcpu=cortex-m7|0xA0000000|13|25000000")

set(CORTEXM_BOARD mps2-an386 CACHE STRING "Board, a row of boards.cmake")

foreach(row IN LISTS CORTEXM_BOARDS)
    string(REPLACE "|" ";" row "${row}")
    list(GET row 0 name)
    if(name STREQUAL CORTEXM_BOARD)
        list(GET row 1 BOARD_CPU)
        list(GET row 2 base)
        list(GET row 3 irq)
        list(GET row 4 hz)
        set(BOARD_DEFINES BOARD_LAN9118_BASE=${base}u BOARD_LAN9118_IRQ=${irq} BOARD_CPU_HZ=${hz}u)
    endif()
endforeach()
if(NOT BOARD_CPU)
    message(FATAL_ERROR "CORTEXM_BOARD=${CORTEXM_BOARD} is not in boards.cmake")
endif()
