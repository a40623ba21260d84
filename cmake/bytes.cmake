# Text as C arrays. bytes_write(OUT HEADER NAME FILE [NAME FILE]...) writes the source OUT, which includes HEADER
# and has of each file an array of that name, with a NUL behind it. As a script, of the files for completion:
#   cmake -DOUT=FILE.c -P cmake/bytes.cmake
cmake_policy(VERSION 3.20)

function(bytes_write out header)
  set(source "#include \"${header}\"\n")
  string(REPEAT "0x..," 20 line)
  list(LENGTH ARGN last)
  math(EXPR last "${last} - 1")
  foreach(at RANGE 0 ${last} 2)
    math(EXPR next "${at} + 1")
    list(GET ARGN ${at} name)
    list(GET ARGN ${next} file)
    file(READ ${file} bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(REGEX REPLACE "(${line})" "\\1\n" bytes "${bytes}")
    # a byte above 0x7f does not fit a char everywhere, which a cast says without a warning
    string(REGEX REPLACE "(0x[89a-f].)" "(char)\\1" bytes "${bytes}")
    string(APPEND source "\nconst char ${name}[] = {\n${bytes}0};\n")
  endforeach()
  file(WRITE ${out} "${source}")
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  set(folder ${CMAKE_CURRENT_LIST_DIR}/../platform/host/completion)
  bytes_write(${OUT} complete.h
    complete_bash ${folder}/tinyiam.bash complete_zsh ${folder}/tinyiam.zsh complete_fish ${folder}/tinyiam.fish
    complete_services ${folder}/services.txt complete_regions ${folder}/regions.txt)
endif()
