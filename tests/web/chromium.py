"""A node in a thread and a browser that looks at it, for the tests of the pages."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gadfly.monitor.verdict import Verdict
from gadfly.web.server import Server

CHROMIUM = Path("/usr/bin/chromium")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Running:
    """A node and its server on a loop of their own, so that the browser's calls may block this one."""

    def __init__(self, make: Callable[..., Any], **named: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.node = make(**named)
        self.server = Server(self.node)
        self.do(self.server.start())
        self.url = self.server.url

    def do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def call(self, work: Callable[[], Any]) -> Any:
        async def run() -> Any:
            return work()

        return self.do(run())

    def set(self, slot: int, verdict: Verdict) -> None:
        self.call(lambda: self.node.picture.set([slot], [verdict], self.node.clock.wall()))

    def restart(self) -> None:
        self.server = Server(self.node)
        self.do(self.server.start())

    def close(self) -> None:
        self.do(self.server.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()


class Opened:
    """A page, and everything it asked for or complained about."""

    def __init__(self, browser: Any, running: Running, **context: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **context})
        self.page = self.context.new_page()
        self.page.set_default_timeout(8000)
        self.requested: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requested.append(request.url))
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.url = running.url

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning") and "getImageData" not in message.text:  # our own `pixels`
            self.complaints.append(message.text)

    def go(self, fragment: str = "", shown: str = "#rows tr") -> Any:
        """Open the page, and wait until it follows the node and has shown something."""
        self.page.goto(self.url + fragment)
        until(self.page, "document.getElementById('live')?.textContent === 'live'")
        self.page.wait_for_selector(shown)
        return self.page


def until(page: Any, expression: str, timeout: float = 8000) -> None:
    """Poll from outside: Playwright's own waiting evaluates in the page, which the page's policy forbids."""
    deadline = time.monotonic() + timeout / 1000
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, f"never true: {expression}"
        page.wait_for_timeout(20)


def has_no_sideways_scroll(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
