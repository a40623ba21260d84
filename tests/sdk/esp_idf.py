"""The component on ESP-IDF: IDF_PATH names it, as after its export.sh. Nothing is downloaded."""

import os
import re
import shutil
import socket
import sys

from harness import ACCESS_KEY, OUT, ROOT, SECRET_KEY, lists, quiet, refuses, simulator, tell, watch


def idf_version(base):
    with open(os.path.join(base, "tools/cmake/version.cmake"), encoding="utf-8") as f:
        return ".".join(re.findall(r"IDF_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", f.read()))


def idf_build(base, target, defaults):
    build = os.path.join(OUT, f"esp-idf-{target}")
    os.makedirs(build, exist_ok=True)
    own = os.path.join(build, "defaults")
    with open(own, "w", encoding="utf-8") as f:
        f.write("".join(line + "\n" for line in defaults))
    if os.path.exists(os.path.join(build, "sdkconfig")):
        os.remove(os.path.join(build, "sdkconfig")) # defaults are read only where there is none
    source = os.path.join(ROOT, "platform/esp_idf/examples/last_accessed")
    options = [f"-DIDF_TARGET={target}", "-DPYTHON_DEPS_CHECKED=1", f"-DSDKCONFIG={build}/sdkconfig",
               f"-DSDKCONFIG_DEFAULTS={source}/sdkconfig.defaults;{own}"]
    if "IDF_PYTHON_ENV_PATH" not in os.environ:
        options.append("-DPYTHON=/usr/bin/python3")
    env = {**os.environ, "IDF_COMPONENT_MANAGER": "0", "IDF_TARGET": target,
           "ESP_IDF_VERSION": ".".join(idf_version(base).split(".")[:2])}
    broken = (quiet(build + "/configure.log", "cmake", "-G", "Ninja", "-S", source, "-B", build, *options, env=env)
              or quiet(build + "/build.log", "ninja", "-C", build, "-j", "2", env=env))
    return os.path.join(build, "last_accessed.elf") if tell(f"{target}: builds", broken) else None


def idf_linux(base):
    with socket.socket() as s: # the endpoint is a setting of the build
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    with simulator("--port", port) as sim:
        image = idf_build(base, "linux", [
            f'CONFIG_EXAMPLE_ENDPOINT="localhost:{port}"', f'CONFIG_EXAMPLE_ACCESS_KEY_ID="{ACCESS_KEY}"',
            f'CONFIG_EXAMPLE_SECRET_ACCESS_KEY="{SECRET_KEY}"', "CONFIG_EXAMPLE_POLL_SECONDS=1", "CONFIG_TINYIAM_CREDS=y",
            "CONFIG_EXAMPLE_RESET_AFTER=120", "CONFIG_MBEDTLS_CERTIFICATE_BUNDLE_DEFAULT_NONE=y",
            "CONFIG_MBEDTLS_CUSTOM_CERTIFICATE_BUNDLE=y",
            f'CONFIG_MBEDTLS_CUSTOM_CERTIFICATE_BUNDLE_PATH="{sim.ca}"'])
        if not image:
            return
        text, _ = watch([image], None, 120)
        lists("linux", text, repeated=20) # broken off at 120, the last checkpoint was at 100
    with simulator("--port", port, "--bad-cert", "unknown-ca"):
        refuses("linux", watch([image], None, 60)[0])


def run(targets):
    base = os.environ.get("IDF_PATH")
    if not base:
        sys.exit("tests/sdk/run: IDF_PATH is not set: the folder of ESP-IDF; see its export.sh")
    print(f"ESP-IDF {idf_version(base)} in {base}")
    compilers = {"esp32": "xtensa-esp32-elf-gcc", "esp32s3": "xtensa-esp32s3-elf-gcc",
                 "esp32c3": "riscv32-esp-elf-gcc"}
    for target in targets or ["linux", *compilers]:
        compiler = compilers.get(target)
        if target == "linux":
            idf_linux(base)
        elif compiler and not shutil.which(compiler) and not targets:
            print(f"not built: {target}, there is no {compiler} on the PATH")
        else:
            idf_build(base, target, [])
