"""Changes as they happen, as server-sent events. One serialisation a tick, shared by all who watch.

- ``hello``, first: ``version``, ``size``, ``counts`` (in the order of ``Verdict``), ``alerts`` as below.
- ``change``: ``n`` the size, ``c`` the counts, ``s`` base64 of packed pairs, little-endian: slot (u32),
  verdict (u8; 255: freed).
- ``alerts``: an alert, incident, silence or dead letter changed; their ``version`` and how many there are.
- ``resync``: too much changed, or this watcher was too slow: load ``/grid`` and go on from its version.

The id of every event is the picture's version; Last-Event-ID (or ``since``) resumes from there. A watcher who
does not keep up loses what waits for it and is told ``resync``; no more than :data:`BACKLOG` is kept for it.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from gadfly.monitor.verdict import Verdict
from gadfly.web.node import Node
from gadfly.web.problem import Trouble
from gadfly.web.route import Call

LOOK = 0.015
"""Seconds between looks at the version while somebody watches: one comparison of numbers."""
TICK = 0.05
"""Seconds between two events at least: what changes again in that time is told together."""
HEARTBEAT = 5.0
"""Seconds of silence before a comment; the page believes the connection lost after two and a half of them."""
WATCHERS = 2000
"""Streams at once; 100 cost some megabytes."""
BACKLOG = 32
"""Events that wait for one watcher at most: 1.6 s of a busy picture."""
SHARE = 0.1
"""More than this share of the picture changed at once: loading it whole is less than telling the changes."""
STUCK = 60.0
"""Seconds one event may take to be sent before the watcher is given up."""

PAIR = np.dtype([("slot", "<u4"), ("verdict", "u1")])


def event(name: str, id: int, data: Any) -> bytes:
    return b"event: %s\nid: %d\ndata: %s\n\n" % (name.encode(), id, msgspec.json.encode(data))


def pack(slots: NDArray[Any], verdicts: NDArray[Any]) -> str:
    """Slots with their verdicts, five bytes each, in base64."""
    pairs = np.empty(len(slots), PAIR)
    pairs["slot"] = slots
    pairs["verdict"] = verdicts
    return base64.b64encode(pairs.tobytes()).decode()


class Watcher:
    """One who watches: the events that wait for it, and whether it lost some."""

    def __init__(self) -> None:
        self.waiting: deque[bytes] = deque()
        self.lost = False
        self.closed = False
        self.woken = asyncio.Event()

    def give(self, data: bytes) -> None:
        if self.lost:
            return
        if len(self.waiting) >= BACKLOG:
            self.waiting.clear()
            self.lost = True
        else:
            self.waiting.append(data)
        self.woken.set()

    def take(self) -> bytes | None:
        """All that waits, in one piece; None when it was lost."""
        self.woken.clear()
        if self.lost:
            self.lost = False
            return None
        data = b"".join(self.waiting)
        self.waiting.clear()
        return data

    def close(self) -> None:
        self.closed = True
        self.woken.set()


class Stream:
    """The picture told to everybody who watches. Looks at it only while somebody does."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._watchers: set[Watcher] = set()
        self._ticking: asyncio.Task[None] | None = None
        self._version = 0
        self._alerts_version = 0
        self._told = 0.0
        self._closed = False

    @property
    def watchers(self) -> int:
        return len(self._watchers)

    def counts(self) -> list[int]:
        counts = self._node.picture.counts()
        return [counts.get(verdict.name, 0) for verdict in Verdict]

    def change(self, since: int) -> tuple[int, bytes]:
        """The version now, and the event that tells what happened after ``since``; empty for nothing."""
        picture = self._node.picture
        found = picture.since(since)
        if found is None:
            return picture.version, event("resync", picture.version, {})
        version, slots, verdicts = found
        if len(slots) > max(1000, SHARE * picture.size):
            return version, event("resync", version, {})
        if version == since:
            return version, b""
        data = {"n": picture.size, "c": self.counts(), "s": pack(slots, verdicts)}
        return version, event("change", version, data)

    def alerts(self) -> dict[str, Any]:
        return {"version": self._node.alerts_version, **self._node.alert_counts()}

    def tick(self) -> None:
        """Look once, and give everybody the same bytes."""
        if self._node.picture.version != self._version:
            self._version, data = self.change(self._version)
            if data:
                self._give(data)
        if self._node.alerts_version != self._alerts_version:
            self._alerts_version = self._node.alerts_version
            self._give(event("alerts", self._version, self.alerts()))

    def _give(self, data: bytes) -> None:
        self._told = self._node.clock.monotonic()
        for watcher in self._watchers:
            watcher.give(data)

    async def _tick(self) -> None:
        clock = self._node.clock
        while self._watchers:
            await clock.sleep(LOOK)
            quiet = clock.monotonic() - self._told
            if quiet >= TICK:
                self.tick()
            if quiet >= HEARTBEAT:
                self._give(b":\n\n")

    def _enter(self, since: int | None) -> tuple[Watcher, bytes]:
        """A new watcher and its first bytes, which end exactly where the shared ticks go on."""
        if self._closed or len(self._watchers) >= WATCHERS:
            raise Trouble(503, f"{WATCHERS} watch already, or the node is stopping; try again later.")
        self.tick()
        if not self._watchers:
            self._version = self._node.picture.version
            self._alerts_version = self._node.alerts_version
        hello = {
            "version": self._version,
            "size": self._node.picture.size,
            "counts": self.counts(),
            "alerts": self.alerts(),
        }
        first = b"retry: 1000\n" + event("hello", self._version, hello)
        if since is not None:
            first += self.change(since)[1]
        watcher = Watcher()
        self._watchers.add(watcher)
        if self._ticking is None or self._ticking.done():
            self._ticking = asyncio.create_task(self._tick(), name="web stream")
        return watcher, first

    async def _events(self, watcher: Watcher, first: bytes) -> AsyncIterator[bytes]:
        yield first
        while not watcher.closed:
            await watcher.woken.wait()
            data = watcher.take()
            if data is None:
                yield event("resync", self._version, {})
            elif data:
                yield data

    def answer(self, since: int | None) -> Response:
        watcher, first = self._enter(since)
        return Streaming(self._events(watcher, first), lambda: self._watchers.discard(watcher))

    async def close(self) -> None:
        """End every stream now; called before the server waits for its connections."""
        self._closed = True
        for watcher in self._watchers:
            watcher.close()
        if self._ticking is not None:
            self._ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticking


class Streaming(StreamingResponse):
    """A stream whose single sends may not take for ever: a peer that reads nothing is given up."""

    def __init__(self, events: AsyncIterator[bytes], leave: Callable[[], None]) -> None:
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        super().__init__(events, headers=headers, media_type="text/event-stream")
        self._leave = leave

    async def stream_response(self, send: Send) -> None:
        async def bounded(message: Any) -> None:
            async with asyncio.timeout(STUCK):
                await send(message)

        with contextlib.suppress(TimeoutError):
            await super().stream_response(bounded)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            # A watcher is discarded now, not when its generator is collected (or was never begun).
            self._leave()


def resume_from(text: str) -> int | None:
    """Last-Event-ID as a version; anything else is as if it had not been sent."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


async def stream(call: Call) -> Response:
    since = resume_from(call.request.headers.get("last-event-id", ""))
    if since is None:
        since = call.query["since"]
    streaming: Stream = call.request.app.state.stream
    return streaming.answer(since)
