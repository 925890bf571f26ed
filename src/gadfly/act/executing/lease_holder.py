"""An executor's side of the lease: asks, again and again, and keeps what its authority is in memory.

How it asks is a :class:`Line`; here that is the node's local socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import msgspec

from gadfly.act.executing.lease import (
    HOLD,
    LASTS,
    Ask,
    Authority,
    Renewal,
)
from gadfly.act.halt.stop import Act
from gadfly.clock import SystemClock

log = logging.getLogger("gadfly.act")

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 3.0
"""Seconds before asking anew after a failure; doubling, so that not all ask a node that starts at once,
and short against the lease."""
LONGEST = 1 << 20
"""Bytes of an answer: a thousand stops with long reasons."""

_answer = msgspec.json.Decoder(Renewal).decode
_encode = msgspec.json.Encoder().encode


class Line(Protocol):
    """A way to the node. OSError or ValueError: it did not answer, or not as agreed."""

    async def ask(self, ask: Ask) -> Renewal:
        """The node's answer, at once or when there is news."""

    async def close(self) -> None:
        """Let go of the connection, if there is one."""


@contextlib.contextmanager
def near(path: Path) -> Iterator[str]:
    """The same socket by a short path, through its folder's descriptor: 107 bytes is all that a socket's may
    have, and state folders are longer."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


class SocketLine:
    """The node's local socket at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, ask: Ask) -> Renewal:
        """The node's answer. OSError or ValueError: there is none."""
        if self._streams is None:
            with near(self._path) as path:
                self._streams = await asyncio.open_unix_connection(path, limit=LONGEST)
        reader, writer = self._streams
        writer.write(_encode(ask) + b"\n")
        await writer.drain()
        line = await reader.readline()
        if not line:
            raise ConnectionResetError("the node closed the connection")
        return _answer(line)

    async def close(self) -> None:
        """Let go of the connection, if there is one."""
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()


class LeaseHolder:
    """One for an executor. `now` must go on while the machine sleeps: a lease ends in sleep, too."""

    def __init__(
        self, name: str, line: Line, *, version: str = "", now: Callable[[], float] = SystemClock.boottime
    ) -> None:
        self._name = name
        self._version = version
        self._line = line
        self._now = now
        self._chance = random.Random()  # noqa: S311 - spreads tries in time
        self.authority = Authority()

    def refusal(self, act: Act) -> str | None:
        """None: the act may be done at this very moment."""
        return self.authority.refusal(act, self._now())

    async def run(self) -> None:
        """Hold the lease until cancelled. Without a connection there is no authority."""
        pause = FIRST_PAUSE
        try:
            while True:
                try:
                    await self.renew()
                    pause = FIRST_PAUSE
                except (OSError, ValueError) as error:
                    if self.authority.until is not None:
                        log.warning("%s has no authority: the node does not answer (%s)", self._name, error)
                    self.authority.drop()
                    await self._line.close()
                    await asyncio.sleep(pause * self._chance.uniform(0.5, 1.5))
                    pause = min(LONGEST_PAUSE, pause * 2)
        finally:
            self.authority.drop()
            await self._line.close()

    async def renew(self) -> None:
        """Ask once, and wait for the answer. OSError or ValueError where none comes within the lease."""
        asked = self._now()
        ask = Ask(executor=self._name, version=self._version, seen=self.authority.mark)
        async with asyncio.timeout(HOLD + LASTS):
            renewal = await self._line.ask(ask)
        self.authority.renew(asked, renewal)
