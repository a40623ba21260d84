# Run by cpack when a package's files are laid out, before they are packed. Folders are for everybody, whatever the
# umask of whoever packs; and what Debian has otherwise.
file(CHMOD_RECURSE ${CPACK_TEMPORARY_INSTALL_DIRECTORY} DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
if(NOT CPACK_GENERATOR STREQUAL DEB)
  return()
endif()
file(GLOB_RECURSE pages ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/tinyiam.1)
list(LENGTH pages count)
if(NOT count EQUAL 1)
  message(FATAL_ERROR "not one tinyiam.1 in ${CPACK_TEMPORARY_INSTALL_DIRECTORY}: ${pages}")
endif()
string(REGEX REPLACE "/${CPACK_TINYIAM_MANDIR}/.*" "" root ${pages})
set(doc ${root}/${CPACK_TINYIAM_DOCDIR})
file(REMOVE ${doc}/LICENSE.mbedtls) # Debian has it in /usr/share/common-licenses
configure_file(${CPACK_TINYIAM_CHANGELOG} ${doc}/changelog.Debian COPYONLY)
execute_process(COMMAND gzip -9n ${pages} ${doc}/changelog.Debian RESULT_VARIABLE code)
if(code)
  message(FATAL_ERROR "gzip: ${code}")
endif()
file(MAKE_DIRECTORY ${root}/${CPACK_TINYIAM_DATADIR}/zsh)
file(RENAME ${root}/${CPACK_TINYIAM_DATADIR}/zsh/site-functions ${root}/${CPACK_TINYIAM_DATADIR}/zsh/vendor-completions)
