"""A headless Chromium for tests, driven over its DevTools protocol.

It keeps what pages print to the console, what fails in them, and which addresses they request, so
that a test can say that there was nothing of that.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

NAMES = ("chromium", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
SECONDS = 30.0
"""How long the browser may take to start, to answer, or to make a condition true."""


@dataclass
class Page:
    """A tab of the browser."""

    socket: aiohttp.ClientWebSocketResponse[Any]
    console: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the DevTools protocol; keep the events until its answer."""
        number = next(self._ids)
        await self.socket.send_json({"id": number, "method": method, "params": parameters})
        while True:
            message = await self.socket.receive_json(timeout=SECONDS)
            if message.get("id") == number:
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result
            self._keep(message)

    def _keep(self, event: dict[str, Any]) -> None:
        parameters = event.get("params", {})
        match event.get("method"):
            case "Network.requestWillBeSent":
                self.requested.append(parameters["request"]["url"])
            case "Runtime.consoleAPICalled":
                self.console.append(str(parameters["args"]))
            case "Runtime.exceptionThrown":
                self.console.append(str(parameters["exceptionDetails"]))
            case "Log.entryAdded":
                self.console.append(str(parameters["entry"]))

    async def open(self, url: str) -> None:
        """Open an address, and wait until it is loaded."""
        await self.send("Page.navigate", url=url)
        await self.wait_for(f"location.href === {url!r} && document.readyState === 'complete'")

    async def evaluate(self, expression: str) -> Any:
        """Return the value of an expression in JavaScript."""
        answer = await self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def wait_for(self, expression: str) -> Any:
        """Wait until an expression in JavaScript is true; return its value."""
        loop = asyncio.get_running_loop()
        end = loop.time() + SECONDS
        while not (value := await self.evaluate(expression)):
            assert loop.time() < end, f"Never true: {expression}"
            await asyncio.sleep(0.05)
        return value

    async def show(self, *, width: int, height: int, dark: bool = False) -> None:
        """Set the size of the window, and whether the reader prefers dark pages."""
        await self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.send("Emulation.setEmulatedMedia", features=[scheme])

    async def picture(self) -> bytes:
        """Return a picture of the window as PNG."""
        answer = await self.send("Page.captureScreenshot", format="png")
        return base64.b64decode(answer["data"])


@asynccontextmanager
async def browser_page(profile: Path) -> AsyncIterator[Page]:
    """Start a browser with an empty profile, and yield its page.

    Without a browser on the machine, the test is skipped.
    """
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"There is no browser: install one of {', '.join(NAMES)}")
    process = await asyncio.create_subprocess_exec(
        program,
        *FLAGS,
        f"--user-data-dir={profile}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{await _address(process)}/json/list") as answer:
                (target,) = [tab for tab in await answer.json() if tab["type"] == "page"]
            async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                page = Page(socket)
                for domain in ("Page", "Runtime", "Network", "Log"):
                    await page.send(f"{domain}.enable")
                yield page
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def _address(process: asyncio.subprocess.Process) -> str:
    """Return the address of the DevTools, which the browser prints."""
    assert process.stderr is not None
    async for line in process.stderr:
        if found := re.search(rb"ws://([\w.:]+)/", line):
            return f"http://{found[1].decode()}"
    message = "The browser ended before it was ready"
    raise AssertionError(message)
