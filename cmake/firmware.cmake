# The firmware of platform/cortexm beside core/, as a build of its own: TINYIAM_FIRMWARE=ON, which the preset
# cortex-m4 sets. Sources of mbedTLS and lwIP: -DMBEDTLS_FIRMWARE_DIR, -DLWIP_SOURCE_DIR, or what
# tests/deps/fetch has put into build/deps. Where they are missing, core/ is built alone, and that is said.
include(ExternalProject)

set(deps ${PROJECT_SOURCE_DIR}/build/deps)
set(MBEDTLS_FIRMWARE_DIR ${deps}/mbedtls36 CACHE PATH "Unpacked sources of mbedTLS for the firmware")
set(LWIP_SOURCE_DIR ${deps}/lwip CACHE PATH "Unpacked sources of lwIP for the firmware")
set(TINYIAM_FIRMWARE_DIR ${CMAKE_BINARY_DIR}/firmware CACHE PATH "Where the firmware is built")

set(missing "")
foreach(name MBEDTLS_FIRMWARE_DIR LWIP_SOURCE_DIR)
  if(NOT IS_DIRECTORY ${${name}})
    string(APPEND missing "\n  ${name}=${${name}}")
  endif()
endforeach()
find_file(newlib_specs nano.specs PATHS /usr/lib/arm-none-eabi/newlib /usr/arm-none-eabi/lib
  PATH_SUFFIXES newlib NO_DEFAULT_PATH)
execute_process(COMMAND ${CMAKE_C_COMPILER} -print-file-name=nano.specs OUTPUT_VARIABLE specs
  OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT newlib_specs AND NOT IS_ABSOLUTE "${specs}")
  string(APPEND missing "\n  newlib for ${CMAKE_C_COMPILER} (Debian: libnewlib-arm-none-eabi)")
endif()
if(missing)
  message(WARNING "The firmware is left out, core/ is built alone. What is missing:${missing}\n"
    "`tests/deps/fetch build/deps mbedtls36 lwip` gets the sources; -DTINYIAM_FIRMWARE=OFF is core/ alone.")
  return()
endif()

ExternalProject_Add(firmware
  SOURCE_DIR ${PROJECT_SOURCE_DIR}/platform/cortexm
  BINARY_DIR ${TINYIAM_FIRMWARE_DIR}
  CMAKE_ARGS -DMBEDTLS_SOURCE_DIR=${MBEDTLS_FIRMWARE_DIR} -DLWIP_SOURCE_DIR=${LWIP_SOURCE_DIR}
    -DTINYIAM_CONFIG=${TINYIAM_CONFIG} -DTINYIAM_WERROR=${TINYIAM_WERROR}
  BUILD_COMMAND ${CMAKE_COMMAND} --build <BINARY_DIR> --target tinyiam_cortexm
  BUILD_ALWAYS ON
  INSTALL_COMMAND "")
