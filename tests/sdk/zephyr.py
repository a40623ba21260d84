"""The module on Zephyr: ZEPHYR_BASE names it, ZEPHYR_MODULES mbedtls (and cmsis) where there is no west.
Boards of QEMU need qemu-system-arm and ZEPHYR_TOOLCHAIN_VARIANT (default: Debian's arm-none-eabi). The native
board gets a network of its own: a namespace with a TAP interface, made with unshare and ip."""

import json
import os
import random
import re
import socket
import struct
import subprocess
import sys
import threading
import time

from harness import (ACCESS_KEY, ARN, OUT, ROOT, RUN, SECRET_KEY, counts, lists, quiet, refuses, simulator, tell,
                     watch)

QEMU = {"mps2_an385": "mps2-an385"}
ENDPOINT = {"mps2_an385": "10.0.2.100:443"}
VARIANTS = {"native TLS sockets": ["overlay-mbedtls3.conf"],
            "mbedTLS directly": ["overlay-mbedtls3.conf", "overlay-direct.conf"]}
KEPT = "settings and SNTP" # on the native board, which has a flash in a file


def zephyr_version(base):
    with open(os.path.join(base, "VERSION"), encoding="utf-8") as f:
        return ".".join(re.findall(r"^(?:VERSION_MAJOR|VERSION_MINOR|PATCHLEVEL) *= *(\d+)", f.read(), re.M))


def zephyr_place(board, what):
    return os.path.join(OUT, f"zephyr-{board}-{re.sub(r'[^a-z]', '', what.lower())}")


def zephyr_image(board, what):
    return os.path.join(zephyr_place(board, what), "zephyr", "zephyr.elf" if board in QEMU else "zephyr.exe")


def zephyr_build(board, what, source, overlays):
    build = zephyr_place(board, what)
    os.makedirs(build, exist_ok=True)
    options = [f"-DBOARD={board}", f"-DOVERLAY_CONFIG={';'.join(overlays)}"]
    if "ZEPHYR_MODULES" in os.environ:
        options.append(f"-DZEPHYR_MODULES={os.environ['ZEPHYR_MODULES']}")
    env = dict(os.environ)
    if board not in QEMU:
        env["ZEPHYR_TOOLCHAIN_VARIANT"] = "host"
    elif "ZEPHYR_TOOLCHAIN_VARIANT" not in env:
        env.update(ZEPHYR_TOOLCHAIN_VARIANT="cross-compile", CROSS_COMPILE="/usr/bin/arm-none-eabi-")
    broken = (quiet(build + "/configure.log", "cmake", "-G", "Ninja", "-S", source, "-B", build, *options, env=env)
              or quiet(build + "/build.log", "ninja", "-C", build, "-j", "2", env=env))
    if tell(f"{board}, {what}: builds", broken):
        with open(build + "/build.log", encoding="utf-8") as f:
            for name, used in re.findall(r"^ *(FLASH|RAM): *(\d+) B", f.read(), re.M):
                print(f"       {name} {int(used):,} bytes")


def zephyr_build_all(boards):
    os.makedirs(OUT, exist_ok=True)
    with simulator() as sim:
        ca = sim.ca
    for board in boards:
        own = os.path.join(OUT, f"zephyr-{board}.conf")
        with open(own, "w", encoding="utf-8") as f:
            f.write(f'CONFIG_SAMPLE_ENDPOINT="{ENDPOINT.get(board, "192.0.2.2:443")}"\n'
                    'CONFIG_SAMPLE_SERVER_NAME="iam.amazonaws.com"\n'
                    f'CONFIG_SAMPLE_CA_FILE="{ca}"\nCONFIG_SAMPLE_ACCESS_KEY_ID="{ACCESS_KEY}"\n'
                    f'CONFIG_SAMPLE_SECRET_ACCESS_KEY="{SECRET_KEY}"\nCONFIG_SAMPLE_SNTP_SERVER="192.0.2.2"\n')
        sample = os.path.join(ROOT, "platform/zephyr/samples/last_accessed")
        for what, overlays in VARIANTS.items():
            zephyr_build(board, what, sample, [*overlays, own])
        if board not in QEMU:
            zephyr_build(board, KEPT, sample, ["overlay-mbedtls3.conf", "overlay-settings.conf", "overlay-sntp.conf", own])
        zephyr_build(board, "unit tests", os.path.join(ROOT, "platform/zephyr/tests/unit"), [])


def forward(port):
    """192.0.2.2:443, where the native board looks, leads to the simulator on loopback."""
    def pump(a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            a.close()
            b.close()

    def serve():
        try:
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", port))
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()
        except OSError:
            listener.close()

    listener = socket.create_server(("192.0.2.2", 443), reuse_port=True)
    threading.Thread(target=serve, daemon=True).start()
    return listener


def time_server():
    """SNTP on 192.0.2.2, to whom every second question does not arrive."""
    def serve():
        asked = 0
        while True:
            question, who = server.recvfrom(512)
            asked += 1
            if asked % 2 == 0:
                now = time.time() + 2208988800 # since 1900
                stamp = struct.pack(">II", int(now), int(now % 1 * 2**32))
                server.sendto(b"\x24\x01\x00\xec" + bytes(12) + stamp + question[40:48] + stamp + stamp, who)

    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("192.0.2.2", 123))
    threading.Thread(target=serve, daemon=True).start()


def zephyr_kept(board, image):
    """Killed in the middle of the list, it goes on from its settings; its clock is a time server's."""
    time_server()
    flash = os.path.join(OUT, f"zephyr-{board}-flash.bin")
    if os.path.exists(flash):
        os.remove(flash)
    with simulator() as sim:
        listener = forward(sim.port)
        first, _ = watch([*zephyr_command(board, image, sim.port), f"--flash={flash}"], ARN.pattern, 120, times=120)
        second, _ = watch([*zephyr_command(board, image, sim.port), f"--flash={flash}"], r"complete: |failed: ", 120)
        listener.shutdown(socket.SHUT_RDWR)
        clock = [r for r in sim.requests() if r.get("event") == "request" and r.get("operation") == ""]
    lists(f"{board}, {KEPT}, killed after 120 entities", first + second, repeated=20)
    tell(f"{board}, {KEPT}: the place was kept", None if "going on where it was" in second else second[-1500:])
    tell(f"{board}, {KEPT}: the time is the time server's",
         f"the endpoint was asked for it {len(clock)} times\n{first[:600]}" if clock or "no answer" in first else None)


def zephyr_command(board, image, port=None):
    if board not in QEMU: # another seed: other TCP ports than in the run before, whose end was not seen
        return [image, "-rt", f"--seed={random.getrandbits(31)}"] if port else [image]
    net = "user,restrict=on"
    if port:
        relay = os.path.join(OUT, "relay")
        subprocess.run(["cc", "-O2", "-o", relay, os.path.join(ROOT, "platform/cortexm/relay.c")], check=True)
        net += f",guestfwd=tcp:10.0.2.100:443-cmd:'{relay}' 127.0.0.1 {port}"
    return ["qemu-system-arm", "-M", QEMU[board], "-display", "none", "-monitor", "none", "-serial", "stdio",
            "-kernel", image, "-nic", net]


def zephyr_watch(board):
    for what in VARIANTS:
        image = zephyr_image(board, what)
        if not os.path.exists(image):
            continue
        for bad in ((), ("--bad-cert", "unknown-ca")):
            with simulator(*bad) as sim:
                listener = forward(sim.port) if board not in QEMU else None
                text, _ = watch(zephyr_command(board, image, sim.port), r"complete: |failed: ", 120)
                if listener:
                    listener.shutdown(socket.SHUT_RDWR) # ends the thread that accepts
            (refuses if bad else lists)(f"{board}, {what}", text)
    if os.path.exists(zephyr_image(board, KEPT)):
        zephyr_kept(board, zephyr_image(board, KEPT))
    image = zephyr_image(board, "unit tests")
    if os.path.exists(image):
        text, _ = watch(zephyr_command(board, image), r"PROJECT EXECUTION (SUCCESSFUL|FAILED)", 900)
        passed = len(re.findall(r"^ *PASS - ", text, re.M))
        good = "PROJECT EXECUTION SUCCESSFUL" in text and passed
        if tell(f"{board}, unit tests", None if good else "the console ends in\n" + text[-2500:]):
            print(f"       {passed} test programs")


def run(boards):
    base = os.environ.get("ZEPHYR_BASE")
    if not base:
        sys.exit("tests/sdk/run: ZEPHYR_BASE is not set: the folder of Zephyr; see its zephyr-env.sh")
    boards = boards or ["native_posix", "mps2_an385"]
    inside = os.environ.get("TINYIAM_SDK_INSIDE")
    if not inside:
        print(f"Zephyr {zephyr_version(base)} in {base}")
        zephyr_build_all(boards)
        sys.stdout.flush()
        env = {**os.environ, "TINYIAM_SDK_INSIDE": json.dumps(counts)}
        os.execvpe("unshare", ["unshare", "-rn", sys.executable, RUN, "zephyr", *boards], env)
    counts.update(json.loads(inside))
    for command in ("ip link set lo up", "ip tuntap add zeth mode tap", "ip addr add 192.0.2.2/24 dev zeth",
                    "ip link set zeth up"):
        subprocess.run(command.split(), check=True)
    for board in boards:
        zephyr_watch(board)
