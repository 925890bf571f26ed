"""When no ear can be started, or it ends: tried again with growing pauses, and said meanwhile."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator

import pytest

from gadfly.clock import VirtualClock
from gadfly.config.heartbeat import Heartbeat
from gadfly.config.node import Node
from gadfly.errors import ConfigError
from gadfly.monitor.control import Say
from gadfly.monitor.ear_process import EarProcess
from gadfly.monitor.hearing import Hearing


class FakeChannel:
    """An ear that took its configuration and lives until told otherwise."""

    def __init__(self) -> None:
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def ask(self, say: Say, body: bytes, descriptors: list[int]) -> bytes:
        return b""

    def close(self) -> None:
        if not self.gone.done():
            self.gone.set_result(None)


class FakeProcess:
    """An ear without a process."""

    def __init__(self) -> None:
        self.channel = FakeChannel()

    async def end(self) -> None:
        self.channel.close()


class Starts:
    """Stands for the starting of processes; the first `failing` ones fail."""

    def __init__(self, clock: VirtualClock, failing: int, error: Exception) -> None:
        self.at: list[float] = []
        self.channels: list[FakeChannel] = []
        self._clock, self._failing, self._error = clock, failing, error

    def __call__(self, memory: int, notice: int) -> FakeProcess:
        self.at.append(self._clock.monotonic())
        if len(self.at) <= self._failing:
            raise self._error
        made = FakeProcess()
        self.channels.append(made.channel)
        return made


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def hearing(clock: VirtualClock) -> AsyncIterator[Hearing]:
    made = Hearing(Node(components=10), Heartbeat(groups=(), bind="127.0.0.1:0"), clock)
    yield made
    await made.stop()


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.EMFILE, errno.ENOMEM])
async def test_no_process_to_be_had_is_tried_again(
    hearing: Hearing, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    starts = Starts(clock, 4, OSError(number, "none to be had"))
    monkeypatch.setattr(EarProcess, "start", starts)
    starting = asyncio.create_task(hearing.start())
    await clock.advance(0.05)
    assert "the ear is not running" in hearing.trouble
    assert "none to be had" in hearing.trouble
    await clock.advance(10)
    await starting
    assert starts.at == pytest.approx([0.0, 0.1, 0.6, 2.6, 7.6])
    assert hearing.trouble == ""


async def test_one_that_lived_long_is_back_at_once(
    hearing: Hearing, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = Starts(clock, 0, OSError())
    monkeypatch.setattr(EarProcess, "start", starts)
    await hearing.start()
    for lived in (61.0, 1.0, 1.0):
        await clock.advance(lived)
        starts.channels[-1].close()
        await clock.advance(0.0)
        if lived < 60:
            assert "ended" in hearing.trouble
            await clock.advance(0.5)
    assert starts.at == pytest.approx([0.0, 61.0, 62.1, 63.5 + 0.5])


async def test_a_defect_in_keeping_it_is_seen_by_the_node(
    hearing: Hearing, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = Starts(clock, 0, OSError())
    monkeypatch.setattr(EarProcess, "start", starts)
    await hearing.start()
    watch = asyncio.create_task(hearing.watch())

    def broken(memory: int, notice: int) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(EarProcess, "start", broken)
    starts.channels[-1].close()
    await clock.advance(10)
    with pytest.raises(RuntimeError, match="a defect"):
        await watch
    await hearing.stop()  # closes everything all the same


async def test_stopping_ends_the_watch(
    hearing: Hearing, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EarProcess, "start", Starts(clock, 0, OSError()))
    await hearing.start()
    watch = asyncio.create_task(hearing.watch())
    await clock.advance(1)
    assert not watch.done()
    await hearing.stop()
    with pytest.raises(asyncio.CancelledError):
        await watch


async def test_a_start_that_takes_too_long_says_why(
    hearing: Hearing, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gadfly.monitor.hearing.STARTING", 0.05)
    monkeypatch.setattr(EarProcess, "start", Starts(clock, 9, OSError(11, "too many")))
    with pytest.raises(ConfigError, match=r"could not be started.*too many"):
        await hearing.start()


def test_a_process_that_cannot_be_made_leaves_no_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[socket.socket] = []
    real = socket.socketpair

    def pair(*arguments: int) -> tuple[socket.socket, socket.socket]:
        ends = real(*arguments)
        made.extend(ends)
        return ends

    def popen(*arguments: object, **more: object) -> None:
        raise OSError(errno.EAGAIN, "no process")

    monkeypatch.setattr("gadfly.monitor.ear_process.socket.socketpair", pair)
    monkeypatch.setattr("gadfly.monitor.ear_process.subprocess.Popen", popen)
    with pytest.raises(OSError, match="no process"):
        EarProcess.start(0, 0)
    assert [end.fileno() for end in made] == [-1, -1]
