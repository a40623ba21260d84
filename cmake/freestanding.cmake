# Common to the cross toolchains: optimise for size, let the linker drop what is unused, and write stack
# use (*.su) and call graph (*.ci) beside each object for tests/size.
string(APPEND CMAKE_C_FLAGS_INIT " -ffreestanding -ffunction-sections -fdata-sections")
string(APPEND CMAKE_C_FLAGS_INIT " -fstack-usage -fcallgraph-info=su")
set(CMAKE_C_FLAGS_MINSIZEREL "-Os -g" CACHE STRING "")
