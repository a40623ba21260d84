# C tests, by what lies in tests/core/<folder> and its like:
#   test_NAME.c      a program and the ctest test <folder>/NAME
#   gen_NAME.py      gets the vectors folder as its argument, prints gen/NAME_vectors.h for the programs
#   any other *.c    if it has a main(), a program without a test of its own; if not, like support/*.c
#                    linked into each test of the folder
#   oracle_NAME.py   the ctest test <folder>/oracle_NAME, with the program oracle and a seed as arguments

if(NOT TINYIAM_CMOCKA)
  message(FATAL_ERROR "cmocka not found (Debian: apt-get install libcmocka-dev; or -DTINYIAM_TESTS=OFF)")
endif()
find_program(TINYIAM_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(NOT TINYIAM_PYTHON)
  find_program(TINYIAM_PYTHON NAMES python3 REQUIRED)
endif()

include(${CMAKE_CURRENT_LIST_DIR}/vectors.cmake)

function(tinyiam_test_program target room folder)
  set(dir ${PROJECT_SOURCE_DIR}/tests/${room}/${folder})
  add_executable(${target} ${ARGN})
  add_dependencies(${target} tests_${folder}_vectors)
  target_compile_definitions(${target} PRIVATE _DEFAULT_SOURCE
    TINYIAM_VECTORS="${PROJECT_SOURCE_DIR}/tests/vectors")
  target_include_directories(${target} PRIVATE ${PROJECT_BINARY_DIR}/tests/${folder}/gen ${dir}
    ${dir}/support ${PROJECT_SOURCE_DIR}/tests/core/unit ${PROJECT_SOURCE_DIR}/core ${PROJECT_SOURCE_DIR}/port)
  target_link_libraries(${target} PRIVATE ${${folder}_libraries} tinyiam ${TINYIAM_CMOCKA} tinyiam_warnings)
  set_target_properties(${target} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/${folder})
endfunction()

function(tinyiam_tests room folder)
  set(dir ${PROJECT_SOURCE_DIR}/tests/${room}/${folder})
  tinyiam_vectors(${dir} ${PROJECT_BINARY_DIR}/tests/${folder}/gen ${TINYIAM_PYTHON} tests_${folder}_vectors)
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.c)
  set(programs "")
  file(GLOB support CONFIGURE_DEPENDS ${dir}/support/*.c)
  foreach(source ${sources})
    file(STRINGS ${source} main REGEX "^int main\\(" LIMIT_COUNT 1)
    if(main)
      list(APPEND programs ${source})
    else()
      list(APPEND support ${source})
    endif()
  endforeach()
  foreach(source ${programs})
    get_filename_component(name ${source} NAME_WE)
    if(name MATCHES "^test_(.*)")
      set(test ${folder}/${CMAKE_MATCH_1})
      tinyiam_test_program(${folder}_${name} ${room} ${folder} ${source} ${support})
      add_test(NAME ${test} COMMAND ${folder}_${name})
      set_tests_properties(${test} PROPERTIES TIMEOUT 1500)
    else()
      tinyiam_test_program(${folder}_${name} ${room} ${folder} ${source})
    endif()
  endforeach()
  file(GLOB oracles CONFIGURE_DEPENDS ${dir}/oracle_*.py)
  foreach(script ${oracles})
    get_filename_component(name ${script} NAME_WE)
    add_test(NAME ${folder}/${name} COMMAND ${TINYIAM_PYTHON} -B ${script} $<TARGET_FILE:${folder}_oracle> 1)
    set_tests_properties(${folder}/${name} PROPERTIES TIMEOUT 1500)
  endforeach()
endfunction()

# What tests/ports/port runs beside the library: the rules, and the template of a port.
tinyiam_sources(template_files port ${TINYIAM_PORT_TEMPLATE_SOURCES})
add_library(tinyiam_port_template STATIC EXCLUDE_FROM_ALL ${template_files})
target_include_directories(tinyiam_port_template PUBLIC ${PROJECT_SOURCE_DIR}/port/template)
target_link_libraries(tinyiam_port_template PRIVATE tinyiam tinyiam_warnings)
set(port_libraries tinyiam_port_conformance tinyiam_port_template)

foreach(folder unit creds laws options)
  tinyiam_tests(core ${folder})
endforeach()
tinyiam_tests(ports port)
tinyiam_tests(lab storm)

# The program that tests/core/boards runs on other machines, on this one: every board says what it says.
include(${PROJECT_SOURCE_DIR}/tests/core/boards/sources.cmake)
list(TRANSFORM TINYIAM_BOARDS_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/tests/core/)
tinyiam_test_program(laws_boards core laws ${TINYIAM_BOARDS_SOURCES}
  ${PROJECT_SOURCE_DIR}/tests/core/boards/say_host.c)
add_test(NAME laws/boards COMMAND laws_boards)
