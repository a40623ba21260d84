# The library for other projects: public headers, tinyiamConfig.cmake, tinyiam.pc. The installed tree may be moved as a
# whole.
include(CMakePackageConfigHelpers)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/tinyiam)

install(TARGETS tinyiam tinyiam_client EXPORT tinyiamTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
# port_lwip.h and port_sntp.h belong to sources that a host library does not hold.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/core/include/tinyiam ${PROJECT_SOURCE_DIR}/port/include/tinyiam
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h"
  PATTERN "*_lwip.h" EXCLUDE PATTERN "*_sntp.h" EXCLUDE PATTERN "*_zephyr.h" EXCLUDE)
install(EXPORT tinyiamTargets NAMESPACE tinyiam:: DESTINATION ${package})

# For a port of one's own: the template to copy, and the rules it has to pass.
set(TINYIAM_PORT_FILES ${CMAKE_INSTALL_DATADIR}/tinyiam)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/port/template ${PROJECT_SOURCE_DIR}/tests/ports/port_conformance
  DESTINATION ${TINYIAM_PORT_FILES})

# A configuration of one's own (TINYIAM_CONFIG) goes with the headers: both must be compiled alike.
set(TINYIAM_PC_CONFIG "")
if(TINYIAM_CONFIG)
  install(FILES ${TINYIAM_AUTOCONF} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tinyiam RENAME autoconf.h)
  set(TINYIAM_PC_CONFIG " -include \${includedir}/tinyiam/autoconf.h")
endif()
if(TINYIAM_MBEDTLS_MAJOR GREATER_EQUAL 4)
  string(APPEND TINYIAM_PC_CONFIG " -DIAM_SHA256_PSA")
endif()

# Where mbedTLS was found: pkg-config has no way to look for it (Debian 12's has no .pc file).
set(TINYIAM_PC_MBEDTLS_CFLAGS "")
set(TINYIAM_PC_MBEDTLS_LIBS "-lmbedtls -lmbedx509 -lmbedcrypto")
if(MBEDTLS_ROOT)
  set(TINYIAM_PC_MBEDTLS_CFLAGS " -I${TINYIAM_MBEDTLS_INCLUDE}")
  get_filename_component(dir ${TINYIAM_LIB_mbedtls} DIRECTORY)
  set(TINYIAM_PC_MBEDTLS_LIBS "-L${dir} ${TINYIAM_PC_MBEDTLS_LIBS}")
endif()

# prefix is written as the way up from the .pc file, so that the tree can be moved.
set(TINYIAM_PC_PREFIX ${CMAKE_INSTALL_PREFIX})
if(NOT IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
  file(RELATIVE_PATH up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  string(REGEX REPLACE "/$" "" up ${up})
  set(TINYIAM_PC_PREFIX "\${pcfiledir}/${up}")
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/package/tinyiam.pc.in
  ${PROJECT_BINARY_DIR}/package/tinyiam.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/package/tinyiam.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/package/tinyiamConfig.cmake.in
  ${PROJECT_BINARY_DIR}/package/tinyiamConfig.cmake INSTALL_DESTINATION ${package}
  PATH_VARS TINYIAM_PORT_FILES)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/tinyiamConfigVersion.cmake
  VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/package/tinyiamConfig.cmake
  ${PROJECT_BINARY_DIR}/package/tinyiamConfigVersion.cmake DESTINATION ${package})
