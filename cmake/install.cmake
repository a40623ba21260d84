# cmake --install: the command with its man page and completions, and the library. The folders are GNUInstallDirs'.
# cmake --build DIR --target uninstall: takes away what was installed last from there.
include(GNUInstallDirs)

if(TINYIAM_SANITIZE)
  return()
endif()

if(MBEDTLS_SOURCE_DIR)
  message(STATUS "tinyiam: the command is installed alone, as mbedTLS is built within this project (MBEDTLS_SOURCE_DIR)")
else()
  include(${CMAKE_CURRENT_LIST_DIR}/install_library.cmake)
endif()

if(TARGET tinyiam_command)
  set(completion ${PROJECT_SOURCE_DIR}/platform/host/completion/tinyiam)
  install(TARGETS tinyiam_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT command)
  install(FILES ${PROJECT_SOURCE_DIR}/platform/host/tinyiam.1
    DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT command)
  install(FILES ${completion}.bash
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME tinyiam COMPONENT command)
  install(FILES ${completion}.zsh
    DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions RENAME _tinyiam COMPONENT command)
  install(FILES ${completion}.fish
    DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d RENAME tinyiam.fish COMPONENT command)
endif()

if(PROJECT_IS_TOP_LEVEL)
  add_custom_target(uninstall VERBATIM COMMAND ${CMAKE_COMMAND}
    -DMANIFEST=${PROJECT_BINARY_DIR}/install_manifest.txt -P ${CMAKE_CURRENT_LIST_DIR}/uninstall.cmake)
  if(TARGET tinyiam_command AND MBEDTLS_SOURCE_DIR)
    include(${CMAKE_CURRENT_LIST_DIR}/package.cmake)
  endif()
endif()
