# Plays Zephyr's build for platform/zephyr/CMakeLists.txt and prints what it adds, one word a line:
#   cmake -DCONFIG_TINYIAM=y ... -P zephyr.cmake
function(record name)
  foreach(word IN LISTS ARGN)
    message(STATUS "${name} ${word}")
  endforeach()
endfunction()

foreach(name zephyr_library_named zephyr_library_sources zephyr_library_include_directories
    zephyr_include_directories zephyr_compile_definitions zephyr_library_compile_definitions
    zephyr_library_link_libraries)
  cmake_language(EVAL CODE "function(${name})\n  record(${name} \${ARGN})\nendfunction()")
endforeach()

include(${CMAKE_CURRENT_LIST_DIR}/../../../platform/zephyr/CMakeLists.txt)
