"""When it looks at the interfaces, and what the ear is told of them: without processes or real time."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator

import pytest

from gadfly.clock import VirtualClock
from gadfly.config.heartbeat import Heartbeat
from gadfly.config.node import Node
from gadfly.monitor.control import Say, Settings
from gadfly.monitor.ear_process import EarProcess
from gadfly.monitor.hearing import LOOK, Hearing

LO = socket.if_nametoindex("lo")
GROUP = "239.192.71.76"


class FakeChannel:
    """An ear that takes its configuration when it is let."""

    def __init__(self) -> None:
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.told: list[Settings] = []
        self.takes = asyncio.Event()
        self.takes.set()

    async def ask(self, say: Say, body: bytes, descriptors: list[int]) -> bytes:
        self.told.append(Settings.unpack(body))
        await self.takes.wait()
        return b""

    def close(self) -> None:
        if not self.gone.done():
            self.gone.set_result(None)


class FakeProcess:
    def __init__(self, channel: FakeChannel) -> None:
        self.channel = channel

    async def end(self) -> None:
        self.channel.close()


class Machine:
    """The interfaces that are up, as the plan sees them."""

    def __init__(self) -> None:
        self.up: tuple[int, ...] = (LO,)
        self.trouble: OSError | None = None

    def __call__(self, names: object, *, local: bool, missing: bool) -> tuple[int, ...]:
        if self.trouble is not None:
            raise self.trouble
        return self.up


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setattr("gadfly.monitor.sockets._interfaces", made)
    return made


@pytest.fixture
async def channel(monkeypatch: pytest.MonkeyPatch) -> FakeChannel:
    made = FakeChannel()
    monkeypatch.setattr(EarProcess, "start", lambda memory, notice: FakeProcess(made))
    return made


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def hearing(clock: VirtualClock, machine: Machine, channel: FakeChannel) -> AsyncIterator[Hearing]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    made = Hearing(Node(components=10), Heartbeat(groups=(f"{GROUP}:{port}",), bind="127.0.0.1:0"), clock)
    yield made
    channel.takes.set()
    await made.stop()


def heard_on(settings: Settings) -> list[int]:
    return [index for _, _, indexes in settings.groups for index in indexes]


async def test_the_ear_is_told_when_they_change_and_only_then(
    hearing: Hearing,
    clock: VirtualClock,
    machine: Machine,
    channel: FakeChannel,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "gadfly")
    await hearing.start()
    await clock.advance(3 * LOOK)
    assert [heard_on(one) for one in channel.told] == [[LO]]
    machine.up = ()
    await clock.advance(LOOK)
    machine.up = (LO,)
    await clock.advance(LOOK / 2)
    assert [heard_on(one) for one in channel.told] == [[LO], []]
    await clock.advance(LOOK / 2)
    assert [heard_on(one) for one in channel.told] == [[LO], [], [LO]]
    assert [record.getMessage() for record in caplog.records] == [
        "interfaces changed: groups are no longer heard on lo",
        "interfaces changed: groups are now heard on lo",
    ]


async def test_what_changes_while_an_ear_begins_is_told_to_it(
    hearing: Hearing, clock: VirtualClock, machine: Machine, channel: FakeChannel
) -> None:
    channel.takes.clear()
    starting = asyncio.create_task(hearing.start())
    await clock.advance(0.1)
    machine.up = ()
    await clock.advance(LOOK)
    assert [heard_on(one) for one in channel.told] == [[LO]], "it has not answered yet"
    channel.takes.set()
    await clock.advance(0.1)
    await starting
    assert [heard_on(one) for one in channel.told] == [[LO], []]


async def test_without_a_descriptor_to_look_with_it_stays_as_it_is(
    hearing: Hearing, clock: VirtualClock, machine: Machine, channel: FakeChannel
) -> None:
    await hearing.start()
    machine.up, machine.trouble = (), OSError(errno.EMFILE, "Too many open files")
    await clock.advance(LOOK)
    assert [heard_on(one) for one in channel.told] == [[LO]]
    machine.trouble = None
    await clock.advance(LOOK)
    assert [heard_on(one) for one in channel.told] == [[LO], []]


async def test_a_defect_in_looking_is_seen_by_the_node(
    hearing: Hearing, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hearing.start()
    watch = asyncio.create_task(hearing.watch())

    def broken(*arguments: object, **more: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr("gadfly.monitor.listeners.rejoin", broken)
    await clock.advance(LOOK)
    with pytest.raises(RuntimeError, match="a defect"):
        await watch
