"""Drives a headless Chromium through its own protocol, over pipes: no driver, no sockets, no package besides."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.browser import Chromium, resolve

WITHIN = 60.0
FLAGS = (
    "--headless",
    "--no-sandbox",  # root has none, and only our own pages are opened
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-component-update",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
)
KEYS = {"Tab": 9, "Enter": 13, " ": 32, "Escape": 27}


class Browser:
    """One Chromium process."""

    def __init__(self, chromium: Chromium, folder: Path) -> None:
        ours, theirs = os.pipe(), os.pipe()  # we write to theirs[1], and read from ours[0]
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (theirs[0], ours[1])]
        os.close(theirs[0])
        os.close(ours[1])
        self._read, self._write = ours[0], theirs[1]
        self._pid = os.posix_spawn(
            chromium.command,
            [chromium.command, *FLAGS, "--remote-debugging-pipe", f"--user-data-dir={folder}", "about:blank"],
            {**os.environ, **chromium.environment},
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_DUP2, ends[0], 3),
                (os.POSIX_SPAWN_DUP2, ends[1], 4),
            ],
            setsid=True,
        )
        for end in ends:
            os.close(end)
        self._buffer = b""
        self._count = 0
        self._pages: dict[str, Page] = {}

    def command(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """One command of the protocol, and its result."""
        self._count += 1
        number = self._count
        message = {"id": number, "method": method, "params": params}
        data = json.dumps({**message, "sessionId": session} if session else message).encode() + b"\0"
        while data:
            data = data[os.write(self._write, data) :]
        while True:
            said = self.next()
            if said.get("id") == number:
                if "error" in said:
                    raise AssertionError(f"{method}: {said['error']['message']}")
                return dict(said["result"])

    def next(self) -> dict[str, Any]:
        """The next message; events go to their page."""
        until = time.monotonic() + WITHIN
        while b"\0" not in self._buffer:
            if not select.select([self._read], [], [], max(0, until - time.monotonic()))[0]:
                raise AssertionError(f"Chromium said nothing for {WITHIN} seconds")
            more = os.read(self._read, 1 << 20)
            if not more:
                raise AssertionError("Chromium ended")
            self._buffer += more
        text, _, self._buffer = self._buffer.partition(b"\0")
        said: dict[str, Any] = json.loads(text)
        if "id" not in said and (page := self._pages.get(said.get("sessionId", ""))):
            page.events.append((said["method"], said["params"]))
        return said

    @contextmanager
    def page(self, *, width: int = 1280, height: int = 900, dark: bool = False, scripts: bool = True) -> Iterator[Page]:
        """A page of its own, with nothing of other pages in it."""
        context = self.command("Target.createBrowserContext")["browserContextId"]
        target = self.command("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.command("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self._pages[session] = Page(self, session)
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            page.command(f"{domain}.enable")
        page.command("Emulation.setScriptExecutionDisabled", value=not scripts)
        page.resize(width, height)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        page.command("Emulation.setEmulatedMedia", features=[scheme])
        try:
            yield page
        finally:
            del self._pages[session]
            self.command("Target.disposeBrowserContext", browserContextId=context)

    def close(self) -> None:
        """End the process and all its children."""
        os.killpg(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._read)
        os.close(self._write)


class Page:
    """One page, as a person uses it: by pointer and by keyboard."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session
        self.events: list[tuple[str, dict[str, Any]]] = []

    def command(self, method: str, **params: Any) -> dict[str, Any]:
        return self._browser.command(method, self._session, **params)

    def open(self, file: Path) -> None:
        """Open a file, and wait until it is loaded."""
        self.events.clear()
        self.command("Page.navigate", url=file.absolute().as_uri())
        while not any(method == "Page.loadEventFired" for method, _ in self.events):
            self._browser.next()

    def resize(self, width: int, height: int, scale: float = 1) -> None:
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False
        )

    def run(self, script: str) -> Any:
        """The value of an expression in the page; promises are waited for."""
        done = self.command("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in done:
            raise AssertionError(done["exceptionDetails"].get("exception", {}).get("description", script))
        return done["result"].get("value")

    def until(self, script: str) -> None:
        """Wait until an expression is true."""
        until = time.monotonic() + WITHIN
        while not self.run(script):
            assert time.monotonic() < until, f"it never came true: {script}"
            time.sleep(0.02)

    def click(self, selector: str) -> None:
        """Press the middle of an element with the pointer."""
        spot = self.run(
            f"(e => {{ e.scrollIntoView({{block: 'center'}}); const b = e.getBoundingClientRect();"
            f"return [b.x + b.width / 2, b.y + b.height / 2] }})(document.querySelector({json.dumps(selector)}))"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.command("Input.dispatchMouseEvent", type=kind, x=spot[0], y=spot[1], button="left", clickCount=1)

    def press(self, key: str) -> None:
        """Press one of KEYS."""
        text = {"Enter": "\r", " ": " "}.get(key, "")
        named = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": KEYS[key]}
        self.command("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **named)
        self.command("Input.dispatchKeyEvent", type="keyUp", **named)

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.command("Input.insertText", text=text)

    def picture(self, *, whole: bool = False) -> bytes:
        """What the page looks like, as PNG."""
        shot = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return base64.b64decode(shot["data"])

    def nodes(self) -> list[dict[str, Any]]:
        """What a screen reader is given."""
        self.command("Accessibility.enable")
        tree = self.command("Accessibility.getFullAXTree")["nodes"]
        return [node for node in tree if not node["ignored"]]

    @property
    def requests(self) -> list[str]:
        """The addresses that the page asked for, those left out that its own policy refused."""
        reported = [
            said for method, said in self.events if method in {"Network.requestWillBeSent", "Network.loadingFailed"}
        ]
        refused = {said["requestId"] for said in reported if said.get("blockedReason") == "csp"}
        return [said["request"]["url"] for said in reported if "request" in said and said["requestId"] not in refused]

    @property
    def complaints(self) -> list[str]:
        """What went wrong in the page: errors, warnings, refused parts."""
        read = {
            "Runtime.exceptionThrown": lambda said: said["exceptionDetails"]["text"],
            "Runtime.consoleAPICalled": lambda said: str(said["args"]),
            "Log.entryAdded": lambda said: said["entry"]["text"],
            "Audits.issueAdded": lambda said: f"{said['issue']['code']} {said['issue']['details']}",
            "Page.javascriptDialogOpening": lambda said: said["message"],
        }
        return [read[method](said) for method, said in self.events if method in read]


@contextmanager
def browsing() -> Iterator[Browser]:
    """A Chromium for as long as it is wanted; SandboxError where there is none to be had."""
    chromium = resolve()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = Browser(chromium, Path(folder))
        try:
            yield browser
        finally:
            browser.close()
