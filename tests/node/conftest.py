"""A whole node in the test's own process, on free ports, with a real ear beside it."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from gadfly import catalogue
from gadfly.app import Node

KEEP = "import sys; open({path!r}, 'ab').write(sys.stdin.buffer.read() + bytes([10]))"


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Place:
    """A folder with a catalogue, and where its notifications end up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.toml = folder / "gadfly.toml"
        self.told = folder / "told"
        self.udp, self.tcp = free_port(socket.SOCK_DGRAM), free_port()
        self.write("")

    def write(self, more: str) -> None:
        """The catalogue: a node on free ports, the receiver `file`, and `more`."""
        keeper = KEEP.format(path=str(self.told))
        self.toml.write_text(
            f"""
            [node]
            listen = "127.0.0.1:{self.tcp}"
            state = "{self.folder / "state"}"
            [heartbeat]
            groups = ["239.192.71.70:{self.udp}"]
            [receiver.file]
            command = ["{sys.executable}", "-c", "{keeper}"]
            [owner.ops]
            contact = ["receiver:file"]
            {more}
            """
        )

    def node(self) -> Node:
        return Node(catalogue.load(self.toml), path=self.toml)

    def notifications(self) -> list[dict[str, Any]]:
        """What the owner `ops` was told, oldest first."""
        if not self.told.exists():
            return []
        return [json.loads(line) for line in self.told.read_text().splitlines()]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
async def node(place: Place) -> AsyncIterator[Node]:
    async with place.node() as node:
        yield node


async def until(seen: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Wait until `seen` gives something true, and give it back."""
    deadline = time.monotonic() + seconds
    while True:
        found = seen()
        if isinstance(found, Awaitable):
            found = await found
        if found:
            return found
        assert time.monotonic() < deadline, "it was not seen in time"
        await asyncio.sleep(0.02)


@pytest.fixture(name="until")
def _until() -> Callable[..., Awaitable[Any]]:
    return until
