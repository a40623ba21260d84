# One row a board: QEMU machine | compiler flags | LAN9118 base | its IRQ | CPU clock in Hz | code | RAM | guard.
# Each has 4 MB for code and 4 MB of RAM, at these addresses; image.ld uses what a small part has. guard: what
# stops the stack at its end, the MPU (guard_mpu.c) or the stack pointer's limit of Armv8-M (guard_limit.c).
# mps2-an505 (Cortex-M33) runs in the secure state that it starts in: these are its secure addresses.
set(CORTEXM_BOARDS
    "mps2-an385|-mcpu=cortex-m3|0x40200000|13|25000000|0x00000000|0x20000000|mpu"
    "mps2-an386|-mcpu=cortex-m4|0x40200000|13|25000000|0x00000000|0x20000000|mpu"
    "mps2-an500|-mcpu=cortex-m7|0xA0000000|13|25000000|0x00000000|0x20000000|mpu"
    "mps2-an505|-mcpu=cortex-m33|0x52000000|48|20000000|0x10000000|0x38000000|limit")

set(CORTEXM_BOARD mps2-an386 CACHE STRING "Board, a row of boards.cmake")

foreach(row IN LISTS CORTEXM_BOARDS)
    string(REPLACE "|" ";" row "${row}")
    list(GET row 0 name)
    if(name STREQUAL CORTEXM_BOARD)
        list(GET row 1 BOARD_CPU)
        list(GET row 2 base)
        list(GET row 3 irq)
        list(GET row 4 hz)
        list(GET row 5 BOARD_CODE)
        list(GET row 6 BOARD_RAM)
        list(GET row 7 BOARD_GUARD)
        set(BOARD_DEFINES BOARD_LAN9118_BASE=${base}u BOARD_LAN9118_IRQ=${irq} BOARD_CPU_HZ=${hz}u)
    endif()
endforeach()
if(NOT BOARD_CPU)
    message(FATAL_ERROR "CORTEXM_BOARD=${CORTEXM_BOARD} is not in boards.cmake")
endif()
