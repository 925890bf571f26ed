"""What the listeners are given in tests: a real store, and whoever writes down what was seen."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from gadfly.clock import VirtualClock
from gadfly.config.series import Series as Settings
from gadfly.promql.query import instant
from gadfly.promql.values import Vector
from gadfly.store.series import Series


def free() -> int:
    """A port that is free for UDP and for TCP."""
    while True:
        with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            with contextlib.suppress(OSError):
                udp.bind(tcp.getsockname())
                return int(udp.getsockname()[1])


class World:
    """Around a listener."""

    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock()
        self.port = free()
        self.store: Series | None = Series(folder, Settings(), self.clock)
        self.discovered: list[tuple[str, str]] = []
        self.lines: list[Any] = []
        self.task: asyncio.Task[None] | None = None

    def seen(self, name: str, kind: str, **more: Any) -> bool:
        self.discovered.append((name, kind))
        return True

    def take(self, lines: Any) -> int:
        self.lines += lines
        return len(lines)

    def send(self, *datagrams: bytes) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            for data in datagrams:
                one.sendto(data, ("127.0.0.1", self.port))

    async def until(self, seen: Callable[[], Any]) -> None:
        """Let the loop turn until something is so."""
        deadline = time.monotonic() + 10
        while not seen():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.005)

    async def pass_until(self, seen: Callable[[], Any]) -> None:
        """The same, while a second passes at each turn."""
        deadline = time.monotonic() + 10
        while not seen():
            assert time.monotonic() < deadline
            await self.clock.advance(1.0)
            await asyncio.sleep(0.005)

    def ask(self, text: str) -> dict[tuple[tuple[str, str], ...], float]:
        assert self.store is not None
        told = instant(self.store, text, int(self.clock.wall() * 1000))
        assert isinstance(told, Vector)
        found: dict[tuple[tuple[str, str], ...], float] = {}
        for one in told.samples:
            labels: Mapping[str, str] = dict(one.labels)
            found[tuple(sorted(labels.items()))] = one.value
        return found


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    found = World(tmp_path)
    store = found.store
    assert store is not None
    await store.open()
    yield found
    if found.task is not None:
        found.task.cancel()
        await asyncio.gather(found.task, return_exceptions=True)
    await store.close()
