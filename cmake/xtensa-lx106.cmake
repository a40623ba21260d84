# Toolchain: GCC for the ESP8266's Xtensa lx106, as Debian has it (without a C library).
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR xtensa)
set(CMAKE_C_COMPILER xtensa-lx106-elf-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_FLAGS_INIT "-mlongcalls -isystem \"${CMAKE_CURRENT_LIST_DIR}/freestanding\"")
include(${CMAKE_CURRENT_LIST_DIR}/freestanding.cmake)
