"""Debian's chromium without a window, by its debugging protocol over a pipe: JSON, each message ended by a NUL."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PATIENCE = 240  # seconds: only a browser that hangs takes as long


def find():
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


class Browser:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="tinyiam-browser-")
        there, self.out = os.pipe()
        self.into, back = os.pipe()
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                   "--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--disable-sync",
                   "--no-proxy-server", "--force-color-profile=srgb", "--remote-debugging-pipe",
                   f"--user-data-dir={self.folder}", "about:blank"]
        self.log = open(os.path.join(self.folder, "log"), "w+b")
        # the protocol's pipe is descriptors 3 and 4
        self.process = subprocess.Popen(["/bin/sh", "-c", f'exec 3<&{there} 4>&{back}; exec "$0" "$@"', find(), *options],
                                        pass_fds=(there, back), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        env={**os.environ, "HOME": self.folder, "XDG_CONFIG_HOME": self.folder})
        os.close(there)
        os.close(back)
        self.waiting, self.number, self.events = b"", 0, []
        self.version = self.call("Browser.getVersion")["product"]

    def close(self):
        try:
            self.call("Browser.close")
            self.process.wait(30)
        except (OSError, EOFError, TimeoutError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.out)
        os.close(self.into)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def read(self):
        """The next message."""
        end = time.monotonic() + PATIENCE
        while b"\0" not in self.waiting:
            if not select.select([self.into], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError(f"the browser said nothing for {PATIENCE} s")
            more = os.read(self.into, 1 << 20)
            if not more:
                self.log.seek(0)
                raise EOFError("the browser has ended: " + self.log.read().decode(errors="replace")[-2000:])
            self.waiting += more
        message, self.waiting = self.waiting.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params, **({"sessionId": session} if session else {})}
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.out, data):]
        while True:
            reply = self.read()
            if reply.get("id") == self.number:
                if "error" in reply:
                    raise RuntimeError(f"{method}: {reply['error']['message']}")
                return reply["result"]
            self.events.append(reply)


KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, "PageUp": 33, "PageDown": 34, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowUp": 38,
        "ArrowRight": 39, "ArrowDown": 40, "Backspace": 8}


class Page:
    """A page of its own; what it asked for and complained of is kept."""

    def __init__(self, browser, url, width=1280, height=800, dark=False, media="", touch=False):
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.target, self.loaded = target, False
        self.requests, self.complaints, self.seen = [], [], len(browser.events)
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(domain + ".enable")
        self.look(width, height, dark, media, touch)
        self.call("Page.navigate", url=url)
        while not self.loaded:
            browser.events.append(browser.read())
            self.listen()

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def look(self, width=1280, height=800, dark=False, media="", touch=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if touch else 1, mobile=touch)
        self.call("Emulation.setEmulatedMedia", media=media,
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def listen(self):
        for event in self.browser.events[self.seen:]:
            if event.get("sessionId") != self.session:
                continue
            name, params = event["method"], event["params"]
            self.loaded |= name == "Page.loadEventFired"
            if name == "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])
            elif name == "Runtime.consoleAPICalled":
                self.complaints.append(" ".join(str(a.get("value", a.get("description"))) for a in params["args"]))
            elif name == "Runtime.exceptionThrown":
                details = params["exceptionDetails"]
                self.complaints.append(details.get("exception", {}).get("description") or details["text"])
            elif name == "Log.entryAdded":
                self.complaints.append(params["entry"]["text"])
            elif name == "Page.javascriptDialogOpening":
                self.complaints.append("dialog: " + params["message"])
                self.call("Page.handleJavaScriptDialog", accept=True)
        self.seen = len(self.browser.events)

    def js(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description") or details["text"])
        self.listen()
        return result["result"].get("value")

    def settle(self):
        """Two frames: what an event asked for has been drawn."""
        self.js("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")

    def press(self, key, times=1, shift=False, ctrl=False):
        code = KEYS.get(key, ord(key.upper()) if len(key) == 1 else 0)
        text = "\r" if key == "Enter" else key if len(key) == 1 else ""
        for _ in range(times):
            common = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": 8 * shift + 2 * ctrl}
            self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **common)
            self.call("Input.dispatchKeyEvent", type="keyUp", **common)
        self.settle()

    def type(self, text):
        self.call("Input.insertText", text=text)
        self.settle()

    def click(self, x, y):
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.settle()

    def picture(self, path, whole=False):
        params = {}
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            params = {"captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 4000), "scale": 1}}
        with open(path, "wb") as f:
            f.write(base64.b64decode(self.call("Page.captureScreenshot", format="png", **params)["data"]))

    def pdf(self, **options):
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True, **options)["data"])

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)
