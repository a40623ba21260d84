# tinyiam_vectors(SOURCE GEN PYTHON TARGET): TARGET makes, in the folder GEN, the NAME_vectors.h of each gen_NAME.py
# of the folder SOURCE out of tests/vectors. For whatever builds these tests: hosts, Cortex-M, SDKs.
get_filename_component(TINYIAM_VECTORS ${CMAKE_CURRENT_LIST_DIR}/../tests/vectors ABSOLUTE)

function(tinyiam_vectors source gen python target)
  file(GLOB_RECURSE vectors CONFIGURE_DEPENDS ${TINYIAM_VECTORS}/*)
  file(GLOB generators CONFIGURE_DEPENDS ${source}/gen_*.py)
  file(GLOB modules CONFIGURE_DEPENDS ${source}/*.py) # what they import
  set(headers "")
  foreach(script ${generators})
    get_filename_component(name ${script} NAME_WE)
    string(REGEX REPLACE "^gen_" "" name ${name})
    set(header ${gen}/${name}_vectors.h)
    add_custom_command(OUTPUT ${header}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${gen}
      COMMAND ${python} -B ${script} ${TINYIAM_VECTORS} > ${header}.tmp
      COMMAND ${CMAKE_COMMAND} -E rename ${header}.tmp ${header}
      DEPENDS ${script} ${modules} ${vectors}
      COMMENT "Generating ${name}_vectors.h" VERBATIM)
    list(APPEND headers ${header})
  endforeach()
  add_custom_target(${target} DEPENDS ${headers})
endfunction()
