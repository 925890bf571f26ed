"""A plain socket that hears what a heart sends, and can enquire."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping

import pytest

from gadfly.telemetry.frame import Frame, Kind, decode


class Receiver:
    """A UDP socket on loopback; `to` is its address as a heart takes it."""

    def __init__(self, family: socket.AddressFamily = socket.AF_INET) -> None:
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        host, port = self.socket.getsockname()[:2]
        self.to = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.keys: Mapping[int, bytes] = {}
        self.sender: tuple[str, int] = ("", 0)

    def next(self, seconds: float = 5.0) -> Frame:
        """The next frame; TimeoutError when none comes."""
        self.socket.settimeout(seconds)
        data, self.sender = self.socket.recvfrom(4096)
        return decode(data, self.keys)

    def until(self, wanted: Callable[[Frame], bool], seconds: float = 5.0) -> Frame:
        """The next frame of the wanted sort."""
        deadline = time.monotonic() + seconds
        while not wanted(frame := self.next(max(0.001, deadline - time.monotonic()))):
            pass
        return frame

    def until_kind(self, kind: Kind) -> Frame:
        """The next frame of a kind."""
        return self.until(lambda frame: frame.kind is kind)

    def rest(self) -> list[Frame]:
        """What has arrived already."""
        self.socket.setblocking(False)
        frames = []
        try:
            while True:
                frames.append(decode(self.socket.recv(4096), self.keys))
        except BlockingIOError:
            return frames


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.socket.close()


@pytest.fixture
def receiver6() -> Iterator[Receiver]:
    made = Receiver(socket.AF_INET6)
    yield made
    made.socket.close()
