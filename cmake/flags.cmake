# Two interface libraries: tinyiam_warnings for every source of the project, tinyiam_flags for hardening
# and sanitizers, which must be the same in all of them.

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(tinyiam_warnings INTERFACE)
target_compile_options(tinyiam_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes
  $<$<BOOL:${TINYIAM_WERROR}>:-Werror>)

add_library(tinyiam_flags INTERFACE)
if(TINYIAM_SANITIZE)
  target_compile_options(tinyiam_flags INTERFACE
    -fsanitize=${TINYIAM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(tinyiam_flags INTERFACE -fsanitize=${TINYIAM_SANITIZE})
endif()
if(TINYIAM_HARDEN)
  include(CheckPIESupported)
  check_pie_supported(LANGUAGES C)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  target_compile_options(tinyiam_flags INTERFACE -fstack-protector-strong)
  target_compile_definitions(tinyiam_flags INTERFACE _FORTIFY_SOURCE=2)
  target_link_options(tinyiam_flags INTERFACE LINKER:-z,relro,-z,now)
  if(PROJECT_IS_TOP_LEVEL)
    add_compile_options(-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=) # asserts tell nothing of the builder's folders
  endif()
endif()
