"""The module on Zephyr: README.md beside this file tells how. Boards of QEMU take Debian's arm-none-eabi, or the
ZEPHYR_TOOLCHAIN_VARIANT that is set. native_sim takes the sockets of this machine; native_posix, of before it, gets a
network of its own: a namespace with a TAP interface, made with unshare and ip."""

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

from harness import ACCESS_KEY, ARN, OUT, ROOT, RUN, SECRET_KEY, STATE, lists, quiet, refuses, simulator, tell, watch

SAMPLE = os.path.join(ROOT, "platform/zephyr/samples/last_accessed")
UNIT = os.path.join(ROOT, "platform/zephyr/tests/unit")
GUEST, TAP = "10.0.2.100", "192.0.2.2" # where a machine of QEMU and native_posix look for the endpoint
SOCKETS, DIRECT = ("native TLS sockets", []), ("mbedTLS directly", ["overlay-direct.conf"])
KEPT = "settings and SNTP" # on native boards, which have a flash in a file
BROKEN_OFF, KEPT_AT = 120, 100 # the first page of that list, and the sample's last checkpoint in it
ACCOUNT = ("--account", "users=1,groups=1,roles=1,policies=1,services=12,used=5,entities=30")


def version_of(base):
    with open(os.path.join(base, "VERSION"), encoding="utf-8") as f:
        return ".".join(re.findall(r"^(?:VERSION_MAJOR|VERSION_MINOR|PATCHLEVEL) *= *(\d+)", f.read(), re.M))


def generation(version):
    """The overlay of this version, or of the last one before it."""
    def number(text):
        return [int(n) for n in text.split(".")[:2]]
    known = [name[1] for name in map(re.compile(r"overlay-zephyr-([\d.]+)\.conf$").match, os.listdir(SAMPLE)) if name]
    return f"overlay-zephyr-{max((v for v in known if number(v) <= number(version)), key=number)}.conf"


def boards_of(base):
    has_sim = os.path.isdir(os.path.join(base, "boards/native/native_sim"))
    return ["native_sim/native/64", "mps2/an385"] if has_sim else ["native_posix_64", "mps2_an385"]


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Board:
    """A board of a version: what is built for it, where it looks for the endpoint, how it runs."""

    def __init__(self, base, name):
        self.name, self.version = name, version_of(base)
        self.overlay = generation(self.version)
        self.is_tap, self.is_sim = name.startswith("native_posix"), name.startswith("native_sim")
        self.is_native = self.is_tap or self.is_sim
        self.port = free_port() if self.is_sim else 443 # the endpoint is a setting of the build
        self.time_port = free_port(socket.SOCK_DGRAM) if self.is_sim else 123
        host = "localhost" if self.is_sim else TAP if self.is_tap else GUEST
        self.time_host = "127.0.0.1" if self.is_sim else TAP
        self.settings = {"ENDPOINT": f"{host}:{self.port}", "SERVER_NAME": "" if self.is_sim else "iam.amazonaws.com",
                         "ACCESS_KEY_ID": ACCESS_KEY, "SECRET_ACCESS_KEY": SECRET_KEY,
                         "SNTP_SERVER": f"{self.time_host}:{self.time_port}"}

    def place(self, what):
        return os.path.join(OUT, f"zephyr-{self.version}-{re.sub('[^a-z0-9]', '_', self.name)}-"
                                 f"{re.sub('[^a-z]', '', what.lower())}")

    def image(self, what):
        return os.path.join(self.place(what), "zephyr", "zephyr.exe" if self.is_native else "zephyr.elf")

    def build(self, what, source, overlays=(), **settings):
        build = self.place(what)
        os.makedirs(build, exist_ok=True)
        overlays = [self.overlay, *overlays] if os.path.exists(os.path.join(source, self.overlay)) else [*overlays]
        if settings:
            own = os.path.join(build, "own.conf")
            with open(own, "w", encoding="utf-8") as f:
                f.writelines(f'CONFIG_SAMPLE_{name}={value if value == "y" else json.dumps(value)}\n'
                             for name, value in settings.items())
            overlays.append(own)
        options = [f"-DBOARD={self.name}", f"-DEXTRA_CONF_FILE={';'.join(overlays)}", "-DBUILD_VERSION=tinyiam"]
        if not self.is_native and self.version.startswith("3."):
            # gcc 14 drops a store of 3.4's arch_switch_to_main_thread(), after which asm never returns: no boot
            options.append("-DEXTRA_CFLAGS=-fno-tree-dse")
        if "ZEPHYR_MODULES" in os.environ:
            options.append(f"-DZEPHYR_MODULES={os.environ['ZEPHYR_MODULES']}")
        env = dict(os.environ)
        if self.is_native:
            env["ZEPHYR_TOOLCHAIN_VARIANT"] = "host"
        elif "ZEPHYR_TOOLCHAIN_VARIANT" not in env:
            env.update(ZEPHYR_TOOLCHAIN_VARIANT="cross-compile", CROSS_COMPILE="/usr/bin/arm-none-eabi-")
        # run as west would be, from a folder that holds the roots
        broken = (quiet(build + "/configure.log", "cmake", "-G", "Ninja", "-S", source, "-B", build, *options, env=env,
                        cwd=STATE)
                  or quiet(build + "/build.log", "ninja", "-C", build, "-j", "2", env=env))
        if tell(f"{self.name}, {what}: builds", broken):
            with open(build + "/build.log", encoding="utf-8") as f:
                for name, used in re.findall(r"^ *(FLASH|RAM): *(\d+) B", f.read(), re.M):
                    print(f"       {name} {int(used):,} bytes")
        return not broken

    def build_all(self):
        with simulator(*ACCOUNT) as sim:
            roots = os.path.relpath(sim.ca, STATE)
            self.audited = next(member for member in sim.account() if member["Type"] == "POLICY")
        settings = {**self.settings, "CA_FILE": roots}
        for what, overlays in (SOCKETS, DIRECT):
            self.build(what, SAMPLE, overlays, **settings)
            self.build(f"audit, {what}", SAMPLE, overlays, **settings, AUDIT="y", ARN=self.audited["Arn"])
        if self.is_native:
            self.build(KEPT, SAMPLE, ["overlay-settings.conf", "overlay-sntp.conf"], **settings,
                       PAGE_ITEMS=BROKEN_OFF)
        self.build("unit tests", UNIT)

    def command(self, what, port=None):
        image = self.image(what)
        if self.is_tap and port: # another seed: other TCP ports than in the run before, whose end was not seen
            return [image, "-rt", f"--seed={random.getrandbits(31)}"]
        if self.is_native:
            return [image]
        net = "user,restrict=on"
        if port:
            relay = os.path.join(self.place(what), "relay")
            subprocess.run(["cc", "-O2", "-o", relay, os.path.join(ROOT, "platform/cortexm/relay.c")], check=True)
            net += f",guestfwd=tcp:{GUEST}:443-cmd:'{relay}' 127.0.0.1 {port}"
        return ["qemu-system-arm", "-M", re.sub("[/_]", "-", self.name), "-display", "none", "-monitor", "none",
                "-serial", "stdio", "-kernel", image, "-nic", net]

    def endpoint(self, *options, **more):
        return simulator(*options, *(["--port", self.port] if self.is_sim else []), **more)

    def watch(self, what, port, *more, until=r"complete: |failed: ", times=1):
        """What the console shows, up to a line."""
        listener = forward(port) if self.is_tap else None
        text, _ = watch([*self.command(what, port), *more], until, 300, times=times)
        if listener:
            listener.shutdown(socket.SHUT_RDWR) # ends the thread that accepts
        # the console of native boards breaks lines after 255 characters; ARNs are longer
        return re.sub(r"^(.{255})\n", r"\1", text, flags=re.M) if self.is_native else text

    def run(self, what, *options):
        """What the console shows before an endpoint with these options."""
        with self.endpoint(*options) as sim:
            return self.watch(what, sim.port)


def audits(what, text, services):
    """The console shows the services that were used, and by whom, as the simulator knows it."""
    wanted = {s["ServiceNamespace"]: [s["LastAuthenticatedEntity"]] + [e["Arn"] for e in s["Entities"]]
              for s in services if "LastAuthenticated" in s}
    shown = {}
    for namespace, who in re.findall(r"^(\S+): (arn:aws:iam::\S+) (?:\d{4}-|never)", text, re.M):
        shown.setdefault(namespace, []).append(who)
    entities = [e for s in services if "LastAuthenticated" in s for e in s["Entities"]]
    users = [e for e in entities if "LastAuthenticated" in e]
    total = (f"complete: {len(services)} services, {len(wanted)} used; "
             f"by {len(users)} of {len(entities)} entities")
    differ = [name for name in sorted({*wanted, *shown}) if wanted.get(name) != shown.get(name)]
    good = not differ and total in text
    if tell(f"{what}: what one ARN used, and who used it", None if good else
            f"wanted '{total}'; shown otherwise: {differ}; the console ends in\n{text[-1500:]}"):
        print(f"       {total}")


# ---- native_posix and the time

def forward(port):
    """192.0.2.2:443, where native_posix looks, leads to the simulator on loopback."""
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

    listener = socket.create_server((TAP, 443), reuse_port=True)
    threading.Thread(target=serve, daemon=True).start()
    return listener


def time_server(host, port):
    """SNTP, to whom every second question does not arrive."""
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
    server.bind((host, port))
    threading.Thread(target=serve, daemon=True).start()


def kept(board):
    """Killed in the middle of the list, it goes on from its settings; its clock is a time server's."""
    what = f"{board.name}, {KEPT}"
    time_server(board.time_host, board.time_port)
    flash = os.path.join(board.place(KEPT), "flash.bin")
    if os.path.exists(flash):
        os.remove(flash)
    # the second page does not come: however fast the board is, it is killed after the first
    silent = {"when": {"marker": True}, "do": {"stall": {"part": "head", "after": 0, "seconds": 3600}}}
    with board.endpoint(scenario=[silent]) as sim:
        first = board.watch(KEPT, sim.port, f"--flash={flash}", until=ARN.pattern, times=BROKEN_OFF)
        sim.scenario(None)
        second = board.watch(KEPT, sim.port, f"--flash={flash}")
        clock = [r for r in sim.requests() if r.get("operation") == ""]
    lists(f"{what}, killed after {BROKEN_OFF} entities", first + second, repeated=BROKEN_OFF - KEPT_AT)
    tell(f"{what}: the place was kept", None if "going on where it was" in second else second[-1500:])
    tell(f"{what}: the time is the time server's",
         f"the endpoint was asked for it {len(clock)} times\n{first[:600]}" if clock or "no answer" in first else None)


def run_all(board):
    for what in (SOCKETS[0], DIRECT[0]):
        if os.path.exists(board.image(what)):
            lists(f"{board.name}, {what}", board.run(what))
            refuses(f"{board.name}, {what}", board.run(what, "--bad-cert", "unknown-ca"))
        what = f"audit, {what}"
        if os.path.exists(board.image(what)):
            audits(f"{board.name}, {what}", board.run(what, *ACCOUNT), board.audited["Services"])
    if os.path.exists(board.image(KEPT)):
        kept(board)
    if os.path.exists(board.image("unit tests")):
        text, _ = watch(board.command("unit tests"), r"PROJECT EXECUTION (SUCCESSFUL|FAILED)", 3600)
        passed = len(re.findall(r"^ *PASS - ", text, re.M))
        good = "PROJECT EXECUTION SUCCESSFUL" in text and passed
        if tell(f"{board.name}, unit tests", None if good else "the console ends in\n" + text[-2500:]):
            print(f"       {passed} test programs")


def run(names):
    base = os.environ.get("ZEPHYR_BASE")
    if not base:
        sys.exit("tests/sdk/run: ZEPHYR_BASE is not set: the folder of Zephyr; see its zephyr-env.sh")
    boards = [Board(base, name) for name in names or boards_of(base)]
    if any(board.is_tap for board in boards) and "TINYIAM_SDK_TAP" not in os.environ:
        # native_posix wants a TAP interface: everything in a network of its own
        os.execvpe("unshare", ["unshare", "-rn", sys.executable, RUN, "zephyr", *names],
                   {**os.environ, "TINYIAM_SDK_TAP": "made"})
    if "TINYIAM_SDK_TAP" in os.environ:
        for command in ("ip link set lo up", "ip tuntap add zeth mode tap", f"ip addr add {TAP}/24 dev zeth",
                        "ip link set zeth up"):
            subprocess.run(command.split(), check=True)
    print(f"Zephyr {version_of(base)} in {base}")
    for board in boards:
        board.build_all()
        run_all(board)
