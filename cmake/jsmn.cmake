# Where jsmn.h comes from: the interface library tinyiam_jsmn, for core/wire/json.c and the command.
#
#   -DJSMN_INCLUDE_DIR=DIR   the folder that holds it
#   otherwise                the system's; a cross compiler sees this one header of /usr/include

add_library(tinyiam_jsmn INTERFACE)
if(NOT JSMN_INCLUDE_DIR)
  find_path(TINYIAM_JSMN_INCLUDE jsmn.h PATHS /usr/include NO_CMAKE_FIND_ROOT_PATH)
  if(NOT TINYIAM_JSMN_INCLUDE)
    message(FATAL_ERROR "jsmn.h not found (Debian: apt-get install libjsmn-dev; or -DJSMN_INCLUDE_DIR=)")
  endif()
  set(JSMN_INCLUDE_DIR ${TINYIAM_JSMN_INCLUDE})
endif()
if(CMAKE_CROSSCOMPILING)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/jsmn_header)
  file(CREATE_LINK ${JSMN_INCLUDE_DIR}/jsmn.h ${CMAKE_BINARY_DIR}/jsmn_header/jsmn.h SYMBOLIC)
  target_include_directories(tinyiam_jsmn SYSTEM INTERFACE ${CMAKE_BINARY_DIR}/jsmn_header)
else()
  target_include_directories(tinyiam_jsmn SYSTEM INTERFACE ${JSMN_INCLUDE_DIR})
endif()
