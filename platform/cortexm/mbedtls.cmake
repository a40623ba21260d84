# mbedTLS from the sources in MBEDTLS_SOURCE_DIR, whichever generation they are of, for this platform: the
# objects cortexm_mbedtls, and CORTEXM_SHA256, the sources of core/ that use it.
#
#   2.28   TLS 1.2; configured by include/tls_config_2.h
#   3.6    TLS 1.2 and 1.3; include/tls_config.h, include/psa_config.h
#   4.x    likewise; include/tls_config_4.h, include/psa_config_4.h. A release archive, which holds the
#          files that the git repository makes: it is built by its own CMake files.
set(major "")
foreach(name version.h build_info.h)
    if(major STREQUAL "" AND EXISTS ${MBEDTLS_SOURCE_DIR}/include/mbedtls/${name})
        file(STRINGS ${MBEDTLS_SOURCE_DIR}/include/mbedtls/${name} line
            REGEX "define MBEDTLS_VERSION_(MAJOR|STRING) +[0-9\"]+")
        if(line MATCHES "MAJOR +([0-9]+)")
            set(major ${CMAKE_MATCH_1})
        endif()
    endif()
endforeach()
if(NOT major MATCHES "^[234]$")
    message(FATAL_ERROR "MBEDTLS_SOURCE_DIR=${MBEDTLS_SOURCE_DIR}: not the sources of mbedTLS 2.28, 3.6 or 4.x")
endif()

set(CORTEXM_SHA256 ${TINYIAM_CORE_SHA256_MBEDTLS})
if(major EQUAL 4)
    set(CORTEXM_SHA256 ${TINYIAM_CORE_SHA256_PSA})
    target_compile_definitions(cortexm_flags INTERFACE IAM_SHA256_PSA MBEDTLS_CONFIG_FILE="tls_config_4.h"
        TF_PSA_CRYPTO_CONFIG_FILE="psa_config_4.h")
    target_include_directories(cortexm_flags SYSTEM INTERFACE ${MBEDTLS_SOURCE_DIR}/include
        ${MBEDTLS_SOURCE_DIR}/tf-psa-crypto/include
        ${MBEDTLS_SOURCE_DIR}/tf-psa-crypto/drivers/builtin/include)
    set(ENABLE_PROGRAMS OFF CACHE BOOL "" FORCE)
    set(ENABLE_TESTING OFF CACHE BOOL "" FORCE)
    set(DISABLE_PACKAGE_CONFIG_AND_INSTALL ON CACHE BOOL "" FORCE)
    set(MBEDTLS_FATAL_WARNINGS OFF CACHE BOOL "" FORCE)
    set(TF_PSA_CRYPTO_FATAL_WARNINGS OFF CACHE BOOL "" FORCE)
    link_libraries(cortexm_flags) # for the targets of its folders, which know nothing of this platform
    add_subdirectory(${MBEDTLS_SOURCE_DIR} mbedtls EXCLUDE_FROM_ALL)
    set_property(DIRECTORY PROPERTY LINK_LIBRARIES "")
    add_library(cortexm_mbedtls INTERFACE)
    target_link_libraries(cortexm_mbedtls INTERFACE mbedtls mbedx509 tfpsacrypto cortexm_flags)
else()
    set(configuration "tls_config.h")
    if(major EQUAL 2)
        set(configuration "tls_config_2.h")
    endif()
    target_compile_definitions(cortexm_flags INTERFACE MBEDTLS_CONFIG_FILE="${configuration}")
    file(GLOB mbedtls_files ${MBEDTLS_SOURCE_DIR}/library/*.c)
    list(FILTER mbedtls_files EXCLUDE REGEX "/(net_sockets|timing|entropy_poll)[.]c$")
    if(EXISTS ${MBEDTLS_SOURCE_DIR}/library/ssl_tls12_client.c)
        list(FILTER mbedtls_files EXCLUDE REGEX "/ssl_tls12_client[.]c$")
        list(APPEND mbedtls_files ${CMAKE_CURRENT_LIST_DIR}/tls12_client.c)
    endif()
    add_library(cortexm_mbedtls OBJECT ${mbedtls_files})
    # half of what a page costs: 468 bytes for a fifth of all instructions. (aes.c: 144 more for a hundredth.)
    set_source_files_properties(${MBEDTLS_SOURCE_DIR}/library/gcm.c ${MBEDTLS_SOURCE_DIR}/library/chacha20.c
        ${MBEDTLS_SOURCE_DIR}/library/poly1305.c PROPERTIES COMPILE_OPTIONS
        "-O2;-fno-inline-functions;-fno-inline-small-functions")
    target_include_directories(cortexm_mbedtls PRIVATE ${MBEDTLS_SOURCE_DIR}/library)
    target_link_libraries(cortexm_mbedtls PUBLIC cortexm_flags)
    target_include_directories(cortexm_flags SYSTEM INTERFACE ${MBEDTLS_SOURCE_DIR}/include)
endif()

# What mbedTLS's tables of functions name, so that the linker keeps it, and no client calls that has ECDHE suites
# alone: RSA encryption, comparing the halves of a key pair, computing what is missing of an RSA key (one from a
# file has all of it). In an image tls_never() (tls_platform.c) stands for each, and fails.
set(CORTEXM_NEVER mbedtls_rsa_pkcs1_decrypt mbedtls_rsa_pkcs1_encrypt mbedtls_rsa_check_pub_priv
    mbedtls_ecp_check_pub_priv mbedtls_rsa_deduce_primes mbedtls_rsa_deduce_private_exponent)
# Likewise where the client has no certificate of its own (iam_tls_shared_config.own_certificate): signing.
set(CORTEXM_NEVER_SIGNS mbedtls_rsa_pkcs1_sign mbedtls_ecdsa_write_signature
    mbedtls_ecdsa_write_signature_restartable mbedtls_pk_sign_ext mbedtls_pk_sign_restartable
    mbedtls_ssl_tls13_write_certificate_verify)

function(cortexm_never image)
    foreach(name ${ARGN})
        target_link_options(${image} PRIVATE LINKER:--wrap=${name} LINKER:--defsym=__wrap_${name}=tls_never)
    endforeach()
endfunction()
