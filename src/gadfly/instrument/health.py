"""Health checks, answered as ``application/health+json`` (draft-inadarei-api-health-check-06)."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from gadfly.instrument.checking import verdict
from gadfly.instrument.heart import Heart
from gadfly.instrument.vitals import SEVERITY

CONTENT_TYPE = "application/health+json"
Scope = Literal["live", "ready", "all"]
Check = Callable[[], Any]


class Health:
    """The checks of one program.

    `/livez` asks those added with ``live=True``: only what a restart would mend. `/readyz` and `/healthz`
    ask all of them. A heart, where there is one, adds its own word: stalled fails all three.

    A check is a function or coroutine function, called at most once in `every` seconds and never twice at a
    time; it returns what :class:`gadfly.Heart`'s check may: a status word, a pair of status and reason, True,
    False or None (fine). One that raises or needs more than `timeout` seconds is a failed one; of an
    exception only the type is shown, because its text may hold a secret.
    """

    def __init__(self, service: str = "", version: str = "", *, heart: Heart | None = None) -> None:
        self._service = service
        self._version = version
        self._heart = heart
        self._asked: list[_Asked] = []

    def add(
        self, name: str, check: Check, *, live: bool = False, timeout: float = 2.0, every: float = 1.0
    ) -> None:
        """Add a check under a name of its own."""
        if any(asked.name == name for asked in self._asked):
            raise ValueError(f"there is a check named {name} already")
        self._asked.append(_Asked(name, check, live, timeout, every))

    def check(self, name: str, *, live: bool = False, timeout: float = 2.0) -> Callable[[Check], Check]:
        """Decorate a function: it becomes the check of that name."""

        def added(check: Check) -> Check:
            self.add(name, check, live=live, timeout=timeout)
            return check

        return added

    def report(self, scope: Scope = "all", loop: asyncio.AbstractEventLoop | None = None) -> dict[str, Any]:
        """Ask, and give the document as a dict. Waits for the slowest check, at most for its timeout.

        `loop` is where coroutine checks run; without one each gets a loop of its own.
        """
        asked = [one for one in self._asked if scope != "live" or one.live]
        for one in asked:
            one.begin(time.monotonic(), loop)
        checks = {one.name: [one.result()] for one in asked}
        found = [
            (name, results[0]["status"], results[0].get("output", "")) for name, results in checks.items()
        ]
        if self._heart is not None:
            status, reason = self._heart.state
            if scope != "live" or status == "stalled":
                found.append(("heart", _in_draft(status), reason or status))
        worst = max((status for _, status, _ in found), key=SEVERITY.index, default="pass")
        document: dict[str, Any] = {"status": worst}
        if self._version:
            document["version"] = self._version
        if self._service:
            document["description"] = f"health of {self._service}"
        if checks:
            document["checks"] = checks
        if worst != "pass":
            document["output"] = "; ".join(
                [f"{name}: {why}" for name, status, why in found if status == worst]
            )
        return document

    def body(self, scope: Scope, loop: asyncio.AbstractEventLoop | None = None) -> tuple[int, bytes]:
        """HTTP status (200 for pass and warn, 503 for fail) and the document as JSON."""
        document = self.report(scope, loop)
        return 503 if document["status"] == "fail" else 200, json.dumps(document).encode()


def _in_draft(status: str) -> str:
    """The draft knows pass, warn and fail only. Starting and stopping are not ready, so they fail."""
    return status if status in ("pass", "warn") else "fail"


class _Asked:
    """One check, its last result, and the call in flight."""

    def __init__(self, name: str, check: Check, live: bool, timeout: float, every: float) -> None:
        self.name = name
        self.live = live
        self._check = check
        self._timeout = timeout
        self._every = every
        self._began = float("-inf")
        self._last: dict[str, Any] = {}
        self._ended = threading.Event()
        self._ended.set()
        self._lock = threading.Lock()

    def begin(self, now: float, loop: asyncio.AbstractEventLoop | None) -> None:
        """Call it, unless a call is in flight or the last one is fresh."""
        with self._lock:
            if not self._ended.is_set() or now - self._began < self._every:
                return
            self._began = now
            self._ended.clear()
        threading.Thread(
            target=self._call, args=(loop,), name=f"gadfly-check-{self.name}", daemon=True
        ).start()

    def result(self) -> dict[str, Any]:
        """The draft's object for this check; waits until it returns or its time is up."""
        if not self._ended.wait(max(0.0, self._began + self._timeout - time.monotonic())):
            why = f"no answer within {self._timeout:g} s"
            return {"status": "fail", "output": why, "time": _utc_now()}
        return self._last

    def _call(self, loop: asyncio.AbstractEventLoop | None) -> None:
        start = time.perf_counter()
        try:
            found = self._check()
            if isinstance(found, Awaitable):
                found = _wait_for(found, loop, self._timeout)
            status, reason = verdict(found)
        except Exception as error:  # of whatever kind: it is the check's, and means that it failed
            status, reason = "fail", f"raised {type(error).__name__}"
        took = round((time.perf_counter() - start) * 1000, 3)
        last = {"status": _in_draft(status), "observedValue": took, "observedUnit": "ms", "time": _utc_now()}
        self._last = {**last, "output": reason} if reason else last
        self._ended.set()


def _wait_for(found: Awaitable[Any], loop: asyncio.AbstractEventLoop | None, timeout: float) -> Any:
    async def awaited() -> Any:
        return await asyncio.wait_for(found, timeout)

    if loop is None:
        return asyncio.run(awaited())
    return asyncio.run_coroutine_threadsafe(awaited(), loop).result()


def _utc_now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
