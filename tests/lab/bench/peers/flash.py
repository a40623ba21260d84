#!/usr/bin/python3
"""Flash of the function of ours that others have as well: signing and escaping by SigV4-for-AWS-IoT-embedded-sdk, HTTP by
coreHTTP and its llhttp, XML by yxml, for a Cortex-M4, linked as tests/size links ours: what is called and what that calls,
without a C library. One number.

    flash.py FOLDER

FOLDER has the sources of github.com/aws/SigV4-for-AWS-IoT-embedded-sdk, FreeRTOS/coreHTTP, nodejs/llhttp (the commit that
coreHTTP names) and getdnsapi/yxml, as sigv4, corehttp, llhttp and yxml. They are not Debian packages: put them there by hand."""

import glob
import os
import subprocess
import sys
import tempfile

CALLED = ("SigV4_GenerateHTTPAuthorization", "SigV4_EncodeURI", "HTTPClient_InitializeRequestHeaders", "HTTPClient_AddHeader",
          "HTTPClient_Send", "HTTPClient_ReadHeader", "yxml_init", "yxml_parse", "yxml_eof")
PROGRAM = '#include "sigv4.h"\n#include "core_http_client.h"\n#include "yxml.h"\nvoid start(void);\nvoid start(void)\n{\n' + "".join(
    f"    ((void (*)(void))(void *){name})();\n" for name in CALLED) + "}\n"
CPU = ("arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb")
FLAGS = ("-Os", "-ffunction-sections", "-fdata-sections", "-std=gnu99", "-w", "-DNDEBUG", "-DSIGV4_DO_NOT_USE_CUSTOM_CONFIG=1",
         "-DHTTP_DO_NOT_USE_CUSTOM_CONFIG=1")
HEADERS = ("sigv4/source/include", "corehttp/source/include", "corehttp/source/interface", "llhttp/include", "yxml")
SOURCES = ("sigv4/source/*.c", "corehttp/source/*.c", "llhttp/src/*.c", "yxml/yxml.c")


def text(path):
    out = subprocess.run(("arm-none-eabi-size", path), check=True, capture_output=True, text=True).stdout
    return int(out.split("\n")[1].split()[0])


def linked(folder):
    include = [f"-I{os.path.join(folder, name)}" for name in HEADERS]
    with tempfile.TemporaryDirectory() as to:
        main = os.path.join(to, "main.c")
        with open(main, "w", encoding="ascii") as f:
            f.write(PROGRAM)
        objects = []
        for source in [main] + [path for pattern in SOURCES for path in sorted(glob.glob(os.path.join(folder, pattern)))]:
            objects.append(os.path.join(to, f"{len(objects)}.o"))
            subprocess.run((*CPU, *FLAGS, *include, "-c", source, "-o", objects[-1]), check=True)
        program = os.path.join(to, "program")
        subprocess.run((*CPU, "-nostdlib", *objects, "-Wl,-e,start", "-Wl,--gc-sections", "-Wl,-O2",
                        "-Wl,--unresolved-symbols=ignore-all", "-o", program), check=True)
        return text(program) - text(objects[0])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(linked(sys.argv[1]))
