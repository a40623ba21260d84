# tinyiam_core: core/ alone, for those who bring their own loop. tinyiam: core/ and port/.

include(GNUInstallDirs)
include(${PROJECT_SOURCE_DIR}/core/sources.cmake)
include(${PROJECT_SOURCE_DIR}/port/sources.cmake OPTIONAL)

# Absolute paths of the sources in the folder that exist; a missing one stops the build unless
# TINYIAM_PARTIAL is set.
function(tinyiam_sources out folder)
  set(list "")
  foreach(name ${ARGN})
    if(EXISTS ${PROJECT_SOURCE_DIR}/${folder}/${name})
      list(APPEND list ${PROJECT_SOURCE_DIR}/${folder}/${name})
    elseif(TINYIAM_PARTIAL)
      message(WARNING "${folder}/${name} is missing")
    else()
      message(FATAL_ERROR "${folder}/${name} is missing")
    endif()
  endforeach()
  set(${out} ${list} PARENT_SCOPE)
endfunction()

if(TINYIAM_MBEDTLS_MAJOR GREATER_EQUAL 4)
  list(APPEND TINYIAM_CORE_SOURCES ${TINYIAM_CORE_SHA256_PSA})
else()
  list(APPEND TINYIAM_CORE_SOURCES ${TINYIAM_CORE_SHA256_MBEDTLS})
endif()

include(${CMAKE_CURRENT_LIST_DIR}/options.cmake)

tinyiam_sources(core_files core ${TINYIAM_CORE_SOURCES})
add_library(tinyiam_core_objects OBJECT ${core_files})
target_include_directories(tinyiam_core_objects
  PUBLIC ${PROJECT_SOURCE_DIR}/core/include PRIVATE ${PROJECT_SOURCE_DIR}/core)
target_link_libraries(tinyiam_core_objects
  PUBLIC tinyiam_mbedtls tinyiam_flags PRIVATE tinyiam_warnings)

if(TINYIAM_CONFIG)
  target_compile_options(tinyiam_core_objects PUBLIC "SHELL:-include \"${TINYIAM_AUTOCONF}\"")
endif()

add_library(tinyiam_core STATIC $<TARGET_OBJECTS:tinyiam_core_objects>)
add_library(tinyiam::core ALIAS tinyiam_core)
target_include_directories(tinyiam_core PUBLIC ${PROJECT_SOURCE_DIR}/core/include)
target_link_libraries(tinyiam_core PUBLIC tinyiam_mbedtls tinyiam_flags)

# tinyiam_client: core/ and the loop over it, for a port of one's own; tinyiam: with all that a POSIX host takes.
function(tinyiam_library target name)
  tinyiam_sources(files port ${ARGN})
  add_library(${target} STATIC $<TARGET_OBJECTS:tinyiam_core_objects> ${files})
  add_library(tinyiam::${name} ALIAS ${target}) # the name that find_package gives it
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/core/include>
           $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/port/include>
    PRIVATE ${PROJECT_SOURCE_DIR}/port)
  target_link_libraries(${target}
    PUBLIC $<BUILD_INTERFACE:tinyiam_mbedtls> $<BUILD_INTERFACE:tinyiam_flags>
           $<INSTALL_INTERFACE:tinyiam::mbedtls>
    PRIVATE $<BUILD_INTERFACE:tinyiam_warnings>)
  if(TINYIAM_CONFIG)
    target_compile_options(${target} PUBLIC "$<BUILD_INTERFACE:SHELL:-include \"${TINYIAM_AUTOCONF}\">"
      "$<INSTALL_INTERFACE:SHELL:-include \"$<INSTALL_PREFIX>/${CMAKE_INSTALL_INCLUDEDIR}/tinyiam/autoconf.h\">")
  endif()
endfunction()

tinyiam_library(tinyiam_client client ${TINYIAM_PORT_DRIVE_SOURCES})
if(NOT CMAKE_CROSSCOMPILING)
  tinyiam_library(tinyiam tinyiam ${TINYIAM_PORT_SOURCES})
  add_dependencies(tinyiam tinyiam_client) # they are installed together
endif()

# The rules of tinyiam/port.h as functions, for any port: tests/ports/port_conformance/README.md.
add_library(tinyiam_port_conformance STATIC EXCLUDE_FROM_ALL
  ${PROJECT_SOURCE_DIR}/tests/ports/port_conformance/conformance.c)
target_include_directories(tinyiam_port_conformance
  PUBLIC ${PROJECT_SOURCE_DIR}/tests/ports/port_conformance ${PROJECT_SOURCE_DIR}/core/include
         ${PROJECT_SOURCE_DIR}/port/include)
target_link_libraries(tinyiam_port_conformance PUBLIC tinyiam_flags PRIVATE tinyiam_warnings)
