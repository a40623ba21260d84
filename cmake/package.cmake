# cmake --build DIR --target package: a tarball and, where dpkg is, a Debian package of the command alone. mbedTLS is
# linked in, the C library is not: a static glibc resolves no names.
set(CPACK_GENERATOR TGZ)
find_program(TINYIAM_DPKG dpkg-shlibdeps)
if(TINYIAM_DPKG)
  list(APPEND CPACK_GENERATOR DEB)
endif()

# Whom to ask: Debian's variables, or whoever made the last commit (SECURITY.md).
set(maintainer "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
set(date "")
find_package(Git QUIET)
if(GIT_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} log -1 "--format=%an <%ae>%n%cD" WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(commit MATCHES "^([^\n]*)\n(.*)")
    set(date ${CMAKE_MATCH_2})
    if("$ENV{DEBEMAIL}" STREQUAL "")
      set(maintainer ${CMAKE_MATCH_1})
    endif()
  endif()
endif()
if(maintainer STREQUAL " <>")
  set(maintainer "tinyiam contributors <nobody@localhost>")
endif()
if(date STREQUAL "")
  string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
endif()

# What Debian wants beside it, and the licence of what is linked in.
set(TINYIAM_MAINTAINER ${maintainer})
set(TINYIAM_DATE ${date})
file(READ ${PROJECT_SOURCE_DIR}/LICENSE TINYIAM_LICENSE)
string(REGEX REPLACE "^.*\n(Permission is)" "\\1" TINYIAM_LICENSE "${TINYIAM_LICENSE}")
string(STRIP "${TINYIAM_LICENSE}" TINYIAM_LICENSE)
string(REPLACE "\n\n" "\n.\n" TINYIAM_LICENSE "${TINYIAM_LICENSE}")
string(REPLACE "\n" "\n " TINYIAM_LICENSE "${TINYIAM_LICENSE}")
foreach(file copyright changelog)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/package/${file}.in ${PROJECT_BINARY_DIR}/package/${file} @ONLY)
endforeach()
install(FILES ${PROJECT_BINARY_DIR}/package/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT command)
install(FILES ${MBEDTLS_SOURCE_DIR}/LICENSE
  DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME LICENSE.mbedtls COMPONENT command)

set(CPACK_PACKAGE_NAME tinyiam)
set(CPACK_PACKAGE_VENDOR "tinyiam contributors")
set(CPACK_PACKAGE_CONTACT ${maintainer})
set(CPACK_PACKAGE_FILE_NAME tinyiam-${PROJECT_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "who used which AWS service, and when")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_COMPONENTS_ALL command)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_CURRENT_LIST_DIR}/package/formats.cmake)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/package/staged.cmake)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"tinyiam reads the service last accessed reports of AWS IAM, of one policy or
of a whole account, pages and retries on its own and prints what it reads as
it arrives, in constant memory. Configuration, output and exit codes are those
of version 2 of the AWS CLI.")
set(CPACK_VERBATIM_VARIABLES ON)
# for staged.cmake
set(CPACK_TINYIAM_CHANGELOG ${PROJECT_BINARY_DIR}/package/changelog)
set(CPACK_TINYIAM_DOCDIR ${CMAKE_INSTALL_DOCDIR})
set(CPACK_TINYIAM_MANDIR ${CMAKE_INSTALL_MANDIR})
set(CPACK_TINYIAM_DATADIR ${CMAKE_INSTALL_DATADIR})
include(CPack)
