# The host command, build/<preset>/tinyiam.
if(EXISTS ${PROJECT_SOURCE_DIR}/platform/host/sources.cmake)
  include(${PROJECT_SOURCE_DIR}/platform/host/sources.cmake)
  include(${PROJECT_SOURCE_DIR}/platform/common/sources.cmake)
  set(THREADS_PREFER_PTHREAD_FLAG ON)
  find_package(Threads REQUIRED) # platform/host/net/resolve.c
  tinyiam_sources(host_files platform/host ${TINYIAM_HOST_SOURCES})
  tinyiam_sources(common_files platform/common ${TINYIAM_COMMON_SOURCES})
  # the page of an audit as a C array
  file(GLOB page_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/platform/host/audit/page/*)
  add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/audit_page.c
    COMMAND ${CMAKE_COMMAND} -DOUT=${PROJECT_BINARY_DIR}/audit_page.c -P ${PROJECT_SOURCE_DIR}/cmake/page.cmake
    DEPENDS ${page_files} ${PROJECT_SOURCE_DIR}/cmake/page.cmake ${PROJECT_SOURCE_DIR}/cmake/bytes.cmake VERBATIM)
  # the shells' scripts, and the lists that they offer
  file(GLOB completion_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/platform/host/completion/*)
  add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/completion.c
    COMMAND ${CMAKE_COMMAND} -DOUT=${PROJECT_BINARY_DIR}/completion.c -P ${PROJECT_SOURCE_DIR}/cmake/bytes.cmake
    DEPENDS ${completion_files} ${PROJECT_SOURCE_DIR}/cmake/bytes.cmake VERBATIM)
  add_executable(tinyiam_command ${host_files} ${common_files}
    ${PROJECT_BINARY_DIR}/audit_page.c ${PROJECT_BINARY_DIR}/completion.c)
  set_target_properties(tinyiam_command PROPERTIES OUTPUT_NAME tinyiam)
  target_include_directories(tinyiam_command PRIVATE ${PROJECT_SOURCE_DIR}/platform/host ${PROJECT_SOURCE_DIR}/platform)
  target_link_libraries(tinyiam_command PRIVATE tinyiam tinyiam_warnings Threads::Threads)
  # platform/host/examples, each with what it asks of mbedTLS: the target example_NAME
  set(examples "")
  if(TINYIAM_EXAMPLES)
    set(examples ${TINYIAM_HOST_EXAMPLES})
  endif()
  foreach(source ${examples})
    get_filename_component(name ${source} NAME_WE)
    add_executable(example_${name} EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/platform/host/${source})
    target_link_libraries(example_${name} PRIVATE tinyiam tinyiam_warnings)
  endforeach()
elseif(NOT TINYIAM_PARTIAL)
  message(FATAL_ERROR "platform/host/sources.cmake is missing")
endif()
