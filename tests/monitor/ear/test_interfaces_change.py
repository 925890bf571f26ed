"""Interfaces come up, go and are made anew while a node hears, and settings change what is bound: in a
namespace."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import numpy as np
import pytest

from gadfly.clock import SystemClock
from gadfly.config.heartbeat import Heartbeat
from gadfly.config.node import Node, Preset
from gadfly.errors import ConfigError
from gadfly.monitor import hearing as module
from gadfly.monitor.hearing import Hearing
from gadfly.telemetry.frame import Frame, Kind, component_id, encode

pytestmark = [pytest.mark.slow, pytest.mark.netns]
SOON = 5.0
BEATING = """
import sys, time, gadfly
with gadfly.Heart(sys.argv[1], every=0.1, to=sys.argv[2]):
    time.sleep(60)
"""
V4, V6 = "239.192.71.70:7170", "[ff15::4766]:7170"


@contextlib.asynccontextmanager
async def hearing(preset: Preset = "lan", **settings: Any) -> AsyncIterator[Hearing]:
    made = Hearing(Node(components=100, preset=preset), Heartbeat(**settings), SystemClock())
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


@contextlib.contextmanager
def beating(hosts: Any, name: str, group: str) -> Any:
    """A program in the other namespace."""
    command = [sys.executable, "-c", BEATING, name, f"{group}%gf0"]
    process = subprocess.Popen(["ip", "netns", "exec", hosts.there, *command], stdin=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def beats(hearing: Hearing, name: str) -> int:
    slot = int(hearing.members.find(np.array([component_id(name)], np.uint64))[0])
    return int(hearing.members.beats[slot]) if slot >= 0 else 0


async def until(true: Callable[[], bool], seconds: float = SOON) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def more(hearing: Hearing, name: str) -> None:
    """Beats go on arriving."""
    before = beats(hearing, name)
    await until(lambda: beats(hearing, name) > before + 3)


async def quiet(hearing: Hearing, name: str) -> None:
    """None arrives any more."""
    for _ in range(50):
        before = beats(hearing, name)
        await asyncio.sleep(0.3)
        if beats(hearing, name) == before:
            return
    raise AssertionError("beats still arrive")


def run(hosts: Any, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    hosts.inside(hosts.here, lambda: asyncio.run(work()))


@pytest.mark.parametrize("group", [V4, V6])
def test_one_that_comes_up_is_heard_on(
    hosts: Any, group: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "LOOK", 0.3)
    caplog.set_level("INFO", "gadfly")

    async def work() -> None:
        async with hearing() as made:
            hosts.connect()
            with beating(hosts, "far", group):
                await more(made, "far")
                hosts.ip("-n", hosts.here, "link", "set", "gf0", "down")
                await quiet(made, "far")
                await until(lambda: "no longer heard on gf0" in caplog.text)
                hosts.ip("-n", hosts.here, "link", "set", "gf0", "up")
                with contextlib.suppress(subprocess.CalledProcessError):  # it left with the link
                    hosts.ip("-n", hosts.here, "addr", "add", "fd71::1/64", "dev", "gf0", "nodad")
                await more(made, "far")
                hosts.connect()  # another interface, of the same name
                await more(made, "far")
        said = [record.getMessage() for record in caplog.records if "interfaces" in record.getMessage()]
        assert said[:3] == [
            f"interfaces changed: groups are {how}"
            for how in ("now heard on gf0", "no longer heard on gf0", "now heard on gf0")
        ]
        assert 4 <= len(said) <= 5, said

    run(hosts, work)


def test_a_named_one_may_go_and_come_back(hosts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK", 0.3)

    async def work() -> None:
        with pytest.raises(ConfigError, match="there is no interface gf0"):
            async with hearing(interfaces=("gf0",)):
                pass
        hosts.connect()
        async with hearing(interfaces=("gf0",)) as made:
            with beating(hosts, "far", V4):
                await more(made, "far")
                hosts.ip("-n", hosts.here, "link", "del", "gf0")
                await quiet(made, "far")
                hosts.connect()
                await more(made, "far")

    run(hosts, work)


def test_settings_change_where_it_is_bound_without_a_gap(hosts: Any) -> None:
    """From one interface to two, from loopback to everywhere, and back, while one beats all the time."""
    count = 0

    async def beat(address: tuple[str, int], ended: asyncio.Event) -> None:
        nonlocal count
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not ended.is_set():
                count += 1
                frame = Frame(Kind.beat, component_id("near"), 7, count, time.time_ns(), 100)
                sender.sendto(encode(frame), address)
                await asyncio.sleep(0.002)

    async def work() -> None:
        async with hearing("local") as made:
            ended = asyncio.Event()
            address = ("127.0.0.1", 7170)
            beater = asyncio.create_task(beat(address, ended))
            for turn in range(6):
                if turn == 2:
                    hosts.connect()  # another plan for the same addresses
                for preset in ("lan", "local"):
                    await made.reconfigure(Heartbeat(), preset)
                    await asyncio.sleep(0.03)
            await made.reconfigure(Heartbeat(interfaces=("lo",)), "lan")
            await made.reconfigure(Heartbeat(interfaces=("lo", "gf0")), "lan")
            assert made.addresses[0] == ("0.0.0.0", 7170)
            with beating(hosts, "far", V4):
                await more(made, "far")
                await made.reconfigure(Heartbeat(interfaces=("lo",)), "lan")
                await quiet(made, "far")
            ended.set()
            await beater
            await until(lambda: beats(made, "near") == count)

    run(hosts, work)


def test_one_whose_bind_is_taken_keeps_what_it_had(hosts: Any) -> None:
    async def work() -> None:
        hosts.connect()
        async with hearing(interfaces=("lo",)) as made:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other, beating(hosts, "far", V4):
                other.bind(("127.0.0.1", 7999))
                wrong = Heartbeat(
                    interfaces=("lo", "gf0"), groups=(V4, "239.1.1.1:7999"), bind="127.0.0.1:7999"
                )
                with pytest.raises(ConfigError, match=r"cannot listen on 127\.0\.0\.1 port 7999"):
                    await made.reconfigure(wrong, "lan")
                await quiet(made, "far")
                assert beats(made, "far") == 0
                await made.reconfigure(Heartbeat(interfaces=("gf0",)), "lan")
                await more(made, "far")

    run(hosts, work)
