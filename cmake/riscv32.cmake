# Toolchain: GCC for bare-metal RISC-V, rv32imac, as Debian has it (without a C library).
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv32)
set(CMAKE_C_COMPILER riscv64-unknown-elf-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_FLAGS_INIT "-march=rv32imac -mabi=ilp32 -isystem \"${CMAKE_CURRENT_LIST_DIR}/freestanding\"")
include(${CMAKE_CURRENT_LIST_DIR}/freestanding.cmake)
