# -DTINYIAM_CONFIG=FILE: a Kconfig fragment becomes a header that every source includes first.
find_program(TINYIAM_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
set(TINYIAM_AUTOCONF ${CMAKE_BINARY_DIR}/tinyiam_autoconf.h)
get_filename_component(fragment ${TINYIAM_CONFIG} ABSOLUTE BASE_DIR ${PROJECT_SOURCE_DIR})
execute_process(
  COMMAND ${TINYIAM_PYTHON} -B ${CMAKE_CURRENT_LIST_DIR}/kconfig.py
          ${PROJECT_SOURCE_DIR}/Kconfig ${fragment} ${TINYIAM_AUTOCONF}
  RESULT_VARIABLE code)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "${fragment}: not a configuration; why is said above")
endif()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${fragment} ${PROJECT_SOURCE_DIR}/Kconfig)
