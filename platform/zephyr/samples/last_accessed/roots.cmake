# find_roots(NAME): SAMPLE_ROOTS becomes the file of that name. A relative one counts from where west or cmake was run,
# else from this folder. What was found stays: ninja runs cmake again, from elsewhere.
function(find_roots name)
  if(SAMPLE_ROOTS_NAME STREQUAL name AND EXISTS "${SAMPLE_ROOTS}")
    return()
  endif()
  # A script's CMAKE_BINARY_DIR is the folder it was started in, and that is ours.
  set(script ${CMAKE_CURRENT_BINARY_DIR}/here.cmake)
  file(WRITE ${script} "message(\${CMAKE_BINARY_DIR})\n")
  execute_process(COMMAND ${CMAKE_COMMAND} -P ${script} ERROR_VARIABLE here ERROR_STRIP_TRAILING_WHITESPACE)
  foreach(folder "${here}" ${CMAKE_CURRENT_SOURCE_DIR})
    get_filename_component(file "${name}" ABSOLUTE BASE_DIR "${folder}")
    if(EXISTS "${file}" AND NOT IS_DIRECTORY "${file}")
      message(STATUS "Roots to trust: ${file}")
      set(SAMPLE_ROOTS "${file}" CACHE INTERNAL "CONFIG_SAMPLE_CA_FILE, where it was found")
      set(SAMPLE_ROOTS_NAME "${name}" CACHE INTERNAL "the name that SAMPLE_ROOTS was found by")
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "CONFIG_SAMPLE_CA_FILE=\"${name}\": no such file in ${here} or ${CMAKE_CURRENT_SOURCE_DIR}; "
                      "for AWS take the roots of Amazon Trust Services in PEM form")
endfunction()
