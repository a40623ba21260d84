"""The AWS CLI of this machine (/usr/bin/aws) without the two thirds of its time that go into starting: run() is like
subprocess.run(["/usr/bin/aws", ...], capture_output=True).

A process imports what /usr/bin/aws imports, once, and forks for every call; the fork has the call's arguments,
environment, folder and files in place of its own, and goes on as /usr/bin/aws does. That is right for the usual call: one
with keys in variables, in the usual locale. Another gets a process of its own: when the AWS CLI is imported, Python has
settled the locale, and it has settled where below HOME it keeps what roles and logins gave it (HOME is no folder here, so
that nothing is kept).
tests/lab/sim holds that both say the same (Fork, in checks/sdk.py)."""

import atexit
import gc
import importlib
import json
import os
import socket
import subprocess
import sys
import tempfile

PROGRAM = "/usr/bin/aws"
LOCALE = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
LOADED = (["iam", "list-users", "--generate-cli-skeleton", "output"], ["configure", "list"])


class Server:
    """The process that forks, as who calls it sees it."""

    def __init__(self):
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.process = subprocess.Popen(["/usr/bin/python3", "-B", __file__, str(theirs.fileno())], pass_fds=[theirs.fileno()],
                                        stdin=subprocess.DEVNULL, env={**LOCALE, "PATH": "/usr/bin:/bin", "HOME": os.devnull})
        theirs.close()
        atexit.register(self.stop)

    def stop(self):
        self.control.close()
        self.process.wait()

    def call(self, args, env, cwd, out, err, timeout):
        """The exit code."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            message = json.dumps({"args": args, "env": env, "cwd": cwd}).encode()
            socket.send_fds(self.control, [message], [theirs.fileno(), out.fileno(), err.fileno()])
            theirs.close()
            ours.settimeout(timeout)
            try:
                code = ours.recv(16)
            except TimeoutError:
                raise subprocess.TimeoutExpired([PROGRAM, *args], timeout) from None
        if not code:
            raise RuntimeError(f"{PROGRAM} {' '.join(args)}: nobody knows how it ended")
        return int(code)


_server = None


def usual(args, env):
    return all(env.get(name) == value for name, value in LOCALE.items()) and \
        {"HOME", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} <= set(env) and "--profile" not in args and \
        not any(name.startswith(("PYTHON", "LC_CTYPE", "TZ", "AWS_PROFILE", "AWS_DEFAULT_PROFILE")) for name in env)


def run(args, env, cwd=None, timeout=300):
    """subprocess.CompletedProcess of a call of the AWS CLI."""
    global _server
    args = [os.fspath(word) for word in args]
    if not usual(args, env):
        return subprocess.run([PROGRAM, *args], env=env, capture_output=True, timeout=timeout, check=False, cwd=cwd,
                              stdin=subprocess.DEVNULL)
    if _server is None:
        _server = Server()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        code = _server.call(args, dict(env), cwd or os.getcwd(), out, err, timeout)
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess([PROGRAM, *args], code, out.read(), err.read())


def text(done):
    """The same with text for bytes."""
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
    return done


# ---- The process that forks.

def load(driver):
    """Imports what calls import late: a fork makes some, and says which modules it has then."""
    get, put = os.pipe()
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(null, number)
        for words in LOADED:
            driver.AWSCLIEntryPoint().main(words)
        with os.fdopen(put, "w") as f:
            json.dump(list(sys.modules), f)
        os._exit(0)
    os.close(put)
    with os.fdopen(get) as f:
        names = json.load(f)
    os.waitpid(pid, 0)
    for name in [*names, "awscli.table", "awscli.text", "ruamel.yaml"]:
        try:
            importlib.import_module(name)
        except ImportError: # a name that is no module's
            pass


def become(message, answer, out, err):
    """What the kernel does for a new process. OpenSSL's own files stay open."""
    os.dup2(out, 1) # 0 is /dev/null
    os.dup2(err, 2)
    for fd in (answer, out, err):
        os.close(fd)
    os.chdir(message["cwd"])
    data = os.path.join(os.path.dirname(os.path.abspath(sys.modules["awscli"].__file__)), "data")
    more = message["env"].get("AWS_DATA_PATH") # awscli/__init__.py puts its own folder behind
    os.environ.clear()
    os.environ.update(message["env"], AWS_DATA_PATH=f"{os.path.expanduser(os.path.expandvars(more))}:{data}" if more else data)
    sys.argv = [PROGRAM, *message["args"]]


def serve(control):
    """The exit code of a call, in a fork; 0 where the caller is gone."""
    import awscli.clidriver as driver # /usr/bin/aws does no more than this and main()
    load(driver)
    gc.freeze() # nor is it looked through, which would copy its pages
    while True:
        data, fds, _, _ = socket.recv_fds(control, 1 << 20, 3)
        if not data:
            return 0
        answer, out, err = fds
        if os.fork() == 0: # waits for the call, while this process takes the next
            control.close()
            pid = os.fork()
            if pid == 0:
                become(json.loads(data), answer, out, err)
                code = driver.main()
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code) # to take down what was imported costs as much as a call
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            os.write(answer, str(code).encode())
            os._exit(0)
        for fd in fds:
            os.close(fd)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass


if __name__ == "__main__":
    sys.exit(serve(socket.socket(fileno=int(sys.argv[1]))))
