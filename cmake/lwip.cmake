# lwIP's own list of sources (src/Filelists.cmake), without what it does besides: it writes lwip/init.h, and
# files for its documentation, into the folder of the sources. Two builds that share that folder then race, and
# a folder that may not be written to cannot be used. Here they are written to the build.
#   in: LWIP_SOURCE_DIR    out: LWIP_DIR, lwipcore_SRCS and its like, and LWIP_INCLUDE_DIRS
set(LWIP_DIR ${LWIP_SOURCE_DIR})
set(tinyiam_lwip ${CMAKE_CURRENT_BINARY_DIR}/lwip)
file(READ ${LWIP_DIR}/src/Filelists.cmake tinyiam_lists)
string(REGEX REPLACE "(configure_file|find_package)\\([^)]*\\)" "" tinyiam_lists "${tinyiam_lists}")
file(CONFIGURE OUTPUT ${tinyiam_lwip}/Filelists.cmake CONTENT "${tinyiam_lists}" @ONLY)
set(DOXYGEN_FOUND OFF)
include(${tinyiam_lwip}/Filelists.cmake)
if(EXISTS ${LWIP_DIR}/src/include/lwip/init.h.cmake.in)
    configure_file(${LWIP_DIR}/src/include/lwip/init.h.cmake.in ${tinyiam_lwip}/include/lwip/init.h)
endif()
# the build's init.h first: an older one may lie among the sources
set(LWIP_INCLUDE_DIRS ${tinyiam_lwip}/include ${LWIP_DIR}/src/include)
