"""A headless Chromium driven over a pipe: the DevTools protocol needs no library, only JSON and a zero byte.

Protocol: https://chromedevtools.github.io/devtools-protocol/ with ``--remote-debugging-pipe``, messages on the
descriptors 3 (to the browser) and 4 (from it).
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

NAMES = ("chromium", "google-chrome", "chromium-browser")
_TIMEOUT = 30.0
_DOMAINS = ("Network", "Runtime", "Page", "Log")
_FLAGS = (
    "--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--disable-dev-shm-usage", "--force-color-profile=srgb", "--lang=en-US",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--proxy-server=127.0.0.1:9",  # no way out
)  # fmt: skip


def found() -> str | None:
    """The browser on this machine, None where there is none that can be driven over a pipe."""
    if os.name == "nt":
        return None
    for program in filter(
        None, map(shutil.which, NAMES)
    ):  # some systems have a stand-in that only says where to get it
        if subprocess.run([program, "--version"], capture_output=True, timeout=_TIMEOUT, check=False).returncode == 0:
            return program
    return None


class NavigatedError(Exception):
    """The page went to another one while it was asked."""


class Chromium:
    """One browser with one page. Frames of other processes are attached by themselves, each with its own session."""

    def __init__(self, program: str, profile: Path) -> None:
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()

        def place() -> None:  # only the child runs this, before it becomes the browser
            read, write = os.dup(to_browser), os.dup(from_browser)
            while min(read, write) < 5:
                read, write = os.dup(read), os.dup(write)
            os.dup2(read, 3)
            os.dup2(write, 4)

        root = ("--no-sandbox",) if os.geteuid() == 0 else ()
        command = [program, *_FLAGS, *root, f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(
            command,
            close_fds=False,
            preexec_fn=place,  # noqa: PLW1509  # nothing else puts descriptors at numbers
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._last = 0
        self._rest = b""
        self.requested: list[str] = []
        self.logged: list[str] = []
        self.frames: list[str] = []
        self.bound: Callable[[str], None] | None = None
        self._bindings: list[str] = []
        self._main = ""
        targets = self.call("Target.getTargets")["targetInfos"]
        target = next(each["targetId"] for each in targets if each["type"] == "page")
        self.page = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._prepare(self.page)

    def close(self) -> None:
        """End the browser."""
        try:
            self.call("Browser.close")
            self._process.wait(_TIMEOUT)
        finally:
            self._process.kill()
            self._process.wait()
            os.close(self._write)
            os.close(self._read)

    def _prepare(self, session: str) -> None:
        self.call("Target.setAutoAttach", session, autoAttach=True, waitForDebuggerOnStart=True, flatten=True)
        for domain in _DOMAINS:
            self.call(f"{domain}.enable", session)

    def open(self, address: str, width: int = 720, height: int = 900) -> None:
        """Load a page and wait for it."""
        self.frames.clear()
        self.call("Emulation.setDeviceMetricsOverride", self.page, width=width, height=height, deviceScaleFactor=1,
                  mobile=False)  # fmt: skip
        self.call("Page.navigate", self.page, url=address)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def run(self, expression: str, session: str | None = None) -> Any:
        """The value of an expression, in the page or in a frame."""
        found = self.call("Runtime.evaluate", session or self.page, expression=expression, returnByValue=True,
                          awaitPromise=True)  # fmt: skip
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def until(self, expression: str, session: str | None = None) -> Any:
        """Wait until an expression is true; calls of the page to the test are answered meanwhile."""
        end = time.monotonic() + _TIMEOUT
        while True:
            try:
                value = self.run(expression, session)
            except NavigatedError:
                value = None
            while self._bindings:
                assert self.bound is not None
                self.bound(self._bindings.pop(0))
                value = None
            if value:
                return value
            assert time.monotonic() < end, f"never true: {expression}; the log says {self.logged}"
            time.sleep(0.02)

    def key(self, key: str) -> None:
        """Press a key."""
        text = {"Enter": "\r", " ": " "}.get(key)
        down = {"type": "keyDown" if text else "rawKeyDown", "key": key, "code": key}
        self.call("Input.dispatchKeyEvent", self.page, **down, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", self.page, type="keyUp", key=key, code=key)

    def point(self, x: float, y: float, click: bool = False) -> None:
        """Move the pointer to a place of the page, and click there."""
        for place in ((x - 1, y), (x, y)):  # a pointer that stays where it is tells nobody
            self.call("Input.dispatchMouseEvent", self.page, type="mouseMoved", x=place[0], y=place[1])
        for kind in ("mousePressed", "mouseReleased") if click else ():
            self.call("Input.dispatchMouseEvent", self.page, type=kind, x=x, y=y, button="left", clickCount=1)

    def picture(self, path: Path) -> None:
        """The page as it looks, as PNG."""
        shot = self.call("Page.captureScreenshot", self.page, captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def call(self, method: str, session: str | None = None, /, **params: Any) -> Any:
        """One call of the protocol and its result."""
        wanted = self._send(method, session, params)
        while True:
            heard = self._hear()
            if heard.get("id") == wanted:
                if "navigated or closed" in str(heard.get("error")):
                    raise NavigatedError(method)
                assert "error" not in heard, (method, heard["error"])
                return heard["result"]

    def _send(self, method: str, session: str | None, params: dict[str, Any]) -> int:
        self._last += 1
        message = {"id": self._last, "method": method, "params": params, **({"sessionId": session} if session else {})}
        os.write(self._write, json.dumps(message).encode() + b"\0")
        return self._last

    def _hear(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], _TIMEOUT)
            assert ready, "the browser says nothing"
            more = os.read(self._read, 1 << 16)
            assert more, "the browser is gone"
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        self._noted(message.get("method"), message.get("params", {}))
        return message

    def _noted(self, method: str | None, params: dict[str, Any]) -> None:
        match method:
            case "Target.attachedToTarget" if params["targetInfo"]["type"] == "iframe":
                self.frames.append(params["sessionId"])
                for domain in _DOMAINS:
                    self._send(f"{domain}.enable", params["sessionId"], {})
                self._send("Runtime.runIfWaitingForDebugger", params["sessionId"], {})
            case "Network.requestWillBeSent":
                self.requested.append(params["request"]["url"])
            case "Runtime.bindingCalled":
                self._bindings.append(params["payload"])
            case "Runtime.exceptionThrown":
                self.logged.append(str(params["exceptionDetails"]))
            case "Log.entryAdded":
                self.logged.append(params["entry"]["text"])
