# Makes the page of an audit a C array: cmake -DOUT=FILE.c -P cmake/page.cmake
# page.html gets page.css and page.js, without indentation and lines of comment, and says the SHA-256 of both in its
# Content-Security-Policy (https://www.w3.org/TR/CSP3/, hash-source): a browser runs that script and no other.
cmake_policy(VERSION 3.20)
set(folder ${CMAKE_CURRENT_LIST_DIR}/../platform/host/audit)
set(letters ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/)

# Base64 of bytes given as hexadecimal digits: 12 bits of input, 3 digits, are 2 letters. SHA-256's 32 bytes are 64
# digits; two zeros behind them make it even, and the last letter, which holds nothing else, is the "=".
function(base64_of_sha256 out hex)
  set(text "")
  foreach(at RANGE 0 63 3)
    string(SUBSTRING "${hex}00" ${at} 3 digits)
    math(EXPR high "0x${digits} >> 6")
    math(EXPR low "0x${digits} & 63")
    string(SUBSTRING ${letters} ${high} 1 high)
    string(SUBSTRING ${letters} ${low} 1 low)
    string(APPEND text ${high}${low})
  endforeach()
  string(SUBSTRING "${text}" 0 43 text)
  set(${out} "${text}=" PARENT_SCOPE)
endfunction()

file(READ ${folder}/page/page.html page)
foreach(part style:page.css script:page.js)
  string(REPLACE ":" ";" part ${part})
  list(GET part 0 name)
  list(GET part 1 file)
  file(READ ${folder}/page/${file} text)
  string(REGEX REPLACE "\n +" "\n" text "\n${text}")
  string(REGEX REPLACE "\n/[*][^\n]*[*]/" "" text "${text}")
  string(SHA256 hash "${text}")
  base64_of_sha256(hash ${hash})
  string(REPLACE "@{${name} hash}" "${hash}" page "${page}")
  string(REPLACE "@{${name}}" "${text}" page "${page}")
endforeach()
file(WRITE ${OUT}.page "${page}")
file(READ ${OUT}.page bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
string(REPEAT "0x..," 20 line)
string(REGEX REPLACE "(${line})" "\\1\n" bytes "${bytes}")
# a byte above 0x7f does not fit a char everywhere, which a cast says without a warning
string(REGEX REPLACE "(0x[89a-f].)" "(char)\\1" bytes "${bytes}")
file(WRITE ${OUT} "#include \"audit/html.h\"\n\nconst char audit_page[] = {\n${bytes}0};\n")
