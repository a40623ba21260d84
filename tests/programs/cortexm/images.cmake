# Images that only tests run; included by platform/cortexm/CMakeLists.txt. `unit_images` builds one for each
# tests/core/unit/test_*.c.
set(dir ${CORTEXM_ROOT}/tests/programs/cortexm)
cortexm_image(probe ${dir}/probe.c)
target_link_libraries(probe PRIVATE cortexm_core) # SHA-256, for sessions
set_target_properties(probe PROPERTIES EXCLUDE_FROM_ALL ON)

find_program(CORTEXM_PYTHON python3)
set(gen ${CMAKE_CURRENT_BINARY_DIR}/gen)
include(${CORTEXM_ROOT}/cmake/vectors.cmake)
tinyiam_vectors(${CORTEXM_ROOT}/tests/core/unit ${gen} ${CORTEXM_PYTHON} unit_vectors)
add_custom_target(unit_images)

# newlib in full (64-bit numbers in printf, a heap), which the firmware does without.
add_library(unit_system OBJECT EXCLUDE_FROM_ALL ${dir}/unit/system.c ${dir}/unit/cmocka.c ${dir}/unit/print.c
    ${dir}/unit/ucontext.c
    ${CORTEXM_ROOT}/platform/cortexm/startup.c
    ${CORTEXM_ROOT}/platform/cortexm/vectors.c
    ${CORTEXM_ROOT}/platform/cortexm/guard_mpu.c
    ${CORTEXM_ROOT}/platform/cortexm/semihost.c
    ${CORTEXM_ROOT}/platform/cortexm/clock.c
    ${CORTEXM_ROOT}/platform/cortexm/entropy.c)
target_include_directories(unit_system PUBLIC ${dir}/unit ${CORTEXM_ROOT}/platform/cortexm)
target_compile_definitions(unit_system PUBLIC _DEFAULT_SOURCE TEST_STEP=13)
target_link_libraries(unit_system PUBLIC cortexm_flags)

file(GLOB programs CONFIGURE_DEPENDS ${CORTEXM_ROOT}/tests/core/unit/test_*.c)
foreach(source ${programs})
    get_filename_component(name ${source} NAME_WE)
    string(REGEX REPLACE "^test_" "unit_" target ${name})
    add_executable(${target} EXCLUDE_FROM_ALL ${source})
    add_dependencies(${target} unit_vectors)
    target_include_directories(${target} PRIVATE ${dir}/unit ${gen} ${CORTEXM_ROOT}/tests/core/unit
        ${CORTEXM_ROOT}/core ${CORTEXM_ROOT}/core/include)
    target_link_libraries(${target} PRIVATE unit_system cortexm_core cortexm_mbedtls)
    # a test may stand in for a function of mbedTLS that it counts: the first definition, its own, holds
    target_link_options(${target} PRIVATE -T${dir}/unit/unit.ld LINKER:--allow-multiple-definition)
    set_target_properties(${target} PROPERTIES SUFFIX .elf)
    add_dependencies(unit_images ${target})
endforeach()

# Instruction counts of the engine.
cortexm_image(bench ${dir}/bench.c)
target_include_directories(bench PRIVATE ${CORTEXM_ROOT}/tests/lab/bench)
target_link_libraries(bench PRIVATE cortexm_core)
set_target_properties(bench PROPERTIES EXCLUDE_FROM_ALL ON)
