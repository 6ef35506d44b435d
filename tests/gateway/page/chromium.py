"""A headless Chromium, driven over the DevTools protocol: just what the tests of the page need."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.gateway.server.kit import eventually

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
    # Otherwise each new context draws three pages of the address bar that nobody sees: half of what a test costs.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup",
)
#: Keys by their name: code, number and the text that they make.
_KEYS = {
    "Tab": ("Tab", 9, ""),
    "Enter": ("Enter", 13, "\r"),
    "Escape": ("Escape", 27, ""),
    "Space": ("Space", 32, " "),
    "ArrowRight": ("ArrowRight", 39, ""),
    "ArrowDown": ("ArrowDown", 40, ""),
}


def find_chromium() -> str | None:
    """The program, from CHROMIUM or the path; None when there is none."""
    given = os.environ.get("CHROMIUM")
    return given or next((found for name in _NAMES if (found := shutil.which(name))), None)


class Chromium:
    """The browser process.

    Args:
        program: which.
        profile: a new, empty directory.
    """

    def __init__(self, program: str, profile: Path) -> None:
        self._port_file = profile / "DevToolsActivePort"
        root = ["--no-sandbox"] if os.getuid() == 0 else []
        self._process = subprocess.Popen(
            [program, *_FLAGS, *root, f"--user-data-dir={profile}", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    async def _endpoint(self) -> str:
        async def look() -> str | None:
            assert self._process.poll() is None, "Chromium has ended"
            lines = self._port_file.read_text().split() if self._port_file.exists() else []
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}" if len(lines) == 2 else None

        return str(await eventually(look, "Chromium listens"))

    @asynccontextmanager
    async def tab(
        self, *, width: int = 1440, height: int = 900, phone: bool = False, dark: bool = False
    ) -> AsyncIterator[Tab]:
        """A tab in a browser context of its own: no cookies, no storage, no cache of another."""
        async with connect(await self._endpoint(), max_size=None, compression=None, ping_interval=None) as socket:
            protocol = _Protocol(socket)
            reading = asyncio.create_task(protocol.read())
            try:
                context = (await protocol.send("Target.createBrowserContext"))["browserContextId"]
                target = await protocol.send("Target.createTarget", url="about:blank", browserContextId=context)
                attached = await protocol.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)
                tab = Tab(protocol, attached["sessionId"])
                await tab.prepare(width, height, phone=phone, dark=dark)
                yield tab
                await protocol.send("Target.disposeBrowserContext", browserContextId=context)
            finally:
                reading.cancel()
                await asyncio.wait({reading})


class _Protocol:
    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.heard: list[Callable[[str, dict[str, Any]], None]] = []

    async def read(self) -> None:
        async for text in self._socket:
            message = json.loads(text)
            if "id" in message:
                future = self._waiting.pop(message["id"])
                if "error" in message:
                    future.set_exception(AssertionError(message["error"]["message"]))
                else:
                    future.set_result(message["result"])
            else:
                for listener in self.heard:
                    listener(message["method"], message["params"])

    async def send(self, method: str, session: str | None = None, /, **params: Any) -> dict[str, Any]:
        number = next(self._ids)
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        message = {"id": number, "method": method, "params": params} | (
            {} if session is None else {"sessionId": session}
        )
        await self._socket.send(json.dumps(message))
        async with asyncio.timeout(30):
            return await future


class Tab:
    """One page, as a person has it: keys, the mouse, and what can be seen."""

    def __init__(self, protocol: _Protocol, session: str) -> None:
        self._protocol, self._session = protocol, session
        self.requests: list[str] = []
        self.errors: list[str] = []
        protocol.heard.append(self._hear)

    async def prepare(self, width: int, height: int, *, phone: bool, dark: bool) -> None:
        """Turn on what is heard of, and set the size of the screen."""
        for domain in ("Page", "Runtime", "Network", "Log"):
            await self.send(f"{domain}.enable")
        await self.screen(width, height, phone=phone)
        await self.scheme(dark=dark)

    async def screen(self, width: int, height: int, *, phone: bool = False) -> None:
        """Another size of the screen, in CSS pixels."""
        scale = 2 if phone else 1
        await self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=phone
        )

    async def scheme(self, *, dark: bool) -> None:
        """What the person prefers."""
        wanted = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.send("Emulation.setEmulatedMedia", features=[wanted])

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        """A method of the protocol."""
        return await self._protocol.send(method, self._session, **params)

    async def go(self, url: str) -> None:
        """Open an address."""
        await self.send("Page.navigate", url=url)
        await self.until("document.readyState === 'complete'")

    async def ask(self, expression: str) -> Any:
        """The value of an expression in the page."""
        answer = await self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, f"{expression}: {answer['exceptionDetails']}"
        return answer["result"].get("value")

    async def until(self, expression: str) -> Any:
        """Wait until an expression is true."""
        look = f"Promise.resolve({expression}).then((value) => value instanceof Node ? true : value)"
        return await eventually(lambda: self.ask(look), expression)

    async def press(self, key: str, *, shift: bool = False) -> None:
        """A key, down and up."""
        code, number, text = _KEYS.get(key, (key, ord(key[0].upper()), key))
        name = " " if key == "Space" else key
        shared = {"key": name, "code": code, "windowsVirtualKeyCode": number, "modifiers": 8 if shift else 0}
        await self.send("Input.dispatchKeyEvent", type="keyDown", text=text, **shared)
        await self.send("Input.dispatchKeyEvent", type="keyUp", **shared)

    async def write(self, text: str) -> None:
        """Type a text where the focus is."""
        await self.send("Input.insertText", text=text)

    async def click(self, selector: str) -> None:
        """The mouse, on the first element of that selector."""
        place = await self.until(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); if (!e) return null;"
            " e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();"
            " return r.width ? [r.x + r.width / 2, r.y + r.height / 2] : null; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self.send("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    async def rest(self) -> None:
        """The mouse in a corner, the page at its top."""
        await self.send("Input.dispatchMouseEvent", type="mouseMoved", x=0, y=0)
        await self.ask("scrollTo(0, 0)")

    async def screenshot(self, path: Path) -> None:
        """What the screen shows, as a PNG file."""
        answer = await self.send("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(answer["data"]))

    def _hear(self, method: str, params: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(params["exceptionDetails"])[:500])
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.errors.append(json.dumps(params["args"])[:500])
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.errors.append(params["entry"]["text"])
