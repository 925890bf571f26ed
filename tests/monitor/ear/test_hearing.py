"""The node's handle on a real ear process: detection, rotation, restart, and what the ear gave up."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gadfly.clock import SystemClock
from gadfly.config.heartbeat import Heartbeat
from gadfly.config.node import Node
from gadfly.errors import ConfigError
from gadfly.monitor.hearing import Hearing
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.why import Why
from gadfly.telemetry.frame import Frame, Kind, component_id, decode, encode, key_id

pytestmark = pytest.mark.slow
OLD, NEW = "old-old-old-old-old", "new-new-new-new-new"


class Known(NamedTuple):
    name: str
    card: bytes
    interval: float
    last_seen: float
    liveness: int
    status: int = 0
    incarnation: int = 0


class Wire:
    """One component's socket."""

    def __init__(self, hearing: Hearing) -> None:
        self._made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._made.connect(hearing.addresses[0])
        self._made.setblocking(False)
        self.sequence = 0

    def beat(
        self, name: str, secret: str | None = None, *, every: float = 0.2, kind: Kind = Kind.beat
    ) -> None:
        self.sequence += 1
        payload = b'{"name":"%s"}' % name.encode() if kind is not Kind.beat else b""
        frame = Frame(
            kind, component_id(name), 7, self.sequence, time.time_ns(), int(every * 1000), payload=payload
        )
        self._made.send(encode(frame, secret.encode() if secret else None))

    def answer(self, name: str) -> None:
        while True:
            try:
                enquiry = decode(self._made.recv(2000), {})
            except OSError:
                return
            self.sequence += 1
            payload = b'{"name":"%s","nonce":%d}' % (name.encode(), enquiry.sequence)
            frame = Frame(
                Kind.reply, component_id(name), 7, self.sequence, time.time_ns(), 200, payload=payload
            )
            self._made.send(encode(frame))

    def close(self) -> None:
        self._made.close()


def settings(**more: Any) -> Heartbeat:
    return Heartbeat(groups=(), **{"bind": "127.0.0.1:0", **more})


@pytest.fixture
async def hearing() -> AsyncIterator[Hearing]:
    made = Hearing(Node(components=1000), settings(), SystemClock())
    await made.start()
    yield made
    await made.stop()


async def until(true: Any, seconds: float = 10.0) -> float:
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < seconds
        await asyncio.sleep(0.005)
    return time.monotonic() - start


def liveness(hearing: Hearing, name: str) -> Liveness | None:
    import numpy as np

    slot = int(hearing.members.find(np.array([component_id(name)], np.uint64))[0])
    return Liveness(hearing.members.liveness[slot]) if slot >= 0 else None


async def beats(hearing: Hearing, wire: Wire, count: int = 8, *, answering: bool = False) -> None:
    for _ in range(count):
        wire.beat("a", kind=Kind.announce if wire.sequence == 0 else Kind.beat)
        await asyncio.sleep(0.2)
        if answering:
            wire.answer("a")


@pytest.mark.alone
async def test_a_closed_socket_is_dead_within_an_interval_and_a_half(hearing: Hearing) -> None:
    wire = Wire(hearing)
    await beats(hearing, wire)
    wire.close()
    took = await until(lambda: liveness(hearing, "a") is Liveness.silent)
    assert took < 0.3
    assert hearing.members.reason[0] == Why.refused


async def test_one_that_stops_answering_is_silent_soon(hearing: Hearing) -> None:
    wire = Wire(hearing)
    await beats(hearing, wire, 12, answering=True)
    assert await until(lambda: liveness(hearing, "a") is Liveness.silent) < 3
    assert hearing.members.reason[0] in (Why.no_answer, Why.overdue)
    wire.close()


async def test_transitions_come_as_events(hearing: Hearing) -> None:
    wire = Wire(hearing)
    wire.beat("a", kind=Kind.announce)
    async for batch in hearing.transitions():
        assert batch["after"][0] == Liveness.alive
        break
    assert hearing.members.card(0) == b'{"name":"a"}'
    wire.close()


def status_of(pid: int | None) -> str:
    return Path(f"/proc/{pid}/status").read_text()


def command_of(pid: int | None) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


async def test_it_gave_up_what_it_does_not_need(hearing: Hearing) -> None:
    counters = hearing.counters()
    assert [name for name, n in counters.items() if name.startswith("confined_") and not n] == []
    status, command = status_of(hearing.pid), command_of(hearing.pid)
    assert "NoNewPrivs:\t1" in status
    assert "Seccomp:\t2" in status
    assert "CapEff:\t0000000000000000" in status
    assert "CapBnd:\t0000000000000000" in status or os.geteuid() != 0
    if os.geteuid() == 0:
        assert "Uid:\t65534\t65534\t65534\t65534" in status
    assert b"gadfly.monitor.ear" in command


async def test_a_killed_ear_is_replaced_and_nothing_is_forgotten(hearing: Hearing) -> None:
    wire = Wire(hearing)
    wire.beat("a", every=30)
    await until(lambda: liveness(hearing, "a") is Liveness.alive)
    first = hearing.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    wire.beat("b", every=30)  # while there is no ear
    question = asyncio.create_task(hearing.expect(["c"], [1.0]))
    await until(lambda: liveness(hearing, "b") is Liveness.alive)
    assert hearing.pid != first
    assert liveness(hearing, "a") is Liveness.alive
    assert (await question)[0] in (1, 2)  # before or after b, whichever the new ear saw first
    assert hearing.counters()["ear_starts"] == 2
    wire.close()


async def test_keys_rotate_without_a_gap(hearing: Hearing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLD", OLD)
    monkeypatch.setenv("NEW", NEW)
    wire = Wire(hearing)
    await hearing.reconfigure(settings(keys=("env:OLD",)), "local")
    assert hearing.key == OLD.encode()
    wire.beat("a", OLD, every=30)
    await until(lambda: liveness(hearing, "a") is Liveness.alive)
    await hearing.reconfigure(settings(keys=("env:NEW", "env:OLD")), "local")
    wire.beat("b", OLD, every=30)
    wire.beat("c", NEW, every=30)
    await until(lambda: liveness(hearing, "c") is Liveness.alive)
    assert liveness(hearing, "b") is Liveness.alive
    await hearing.reconfigure(settings(keys=("env:NEW",)), "local")
    wire.beat("d", OLD)
    await until(lambda: hearing.counters()["dropped_key"] == 1)
    assert key_id(OLD.encode()) not in {0}
    wire.close()


async def test_settings_that_cannot_be_change_nothing(
    hearing: Hearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHORT", "short")
    monkeypatch.setenv("OLD", OLD)
    before = hearing.addresses
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        for wrong, said in (
            ({"keys": ("env:SHORT",)}, "16 bytes"),
            ({"keys": ("env:OLD",) * 3}, "two keys"),
            ({"mistakes": "few"}, "heartbeat.mistakes"),
            ({"bind": taken}, "another node"),
        ):
            with pytest.raises(ConfigError, match=said):
                await hearing.reconfigure(settings(**wrong), "local")
    assert hearing.addresses == before
    assert hearing.key is None
    wire = Wire(hearing)
    wire.beat("a")
    await until(lambda: liveness(hearing, "a") is Liveness.alive)
    wire.close()


async def test_another_address(hearing: Hearing) -> None:
    await hearing.reconfigure(settings(bind="[::1]:0"), "local")
    if not hearing.addresses:
        pytest.skip("this machine has no IPv6")
    assert hearing.udp.startswith("[::1]:")


async def test_memory_forgetting_evidence_and_beats_by_http(hearing: Hearing) -> None:
    rows = [
        Known(f"n{n}", b'{"name":"n%d","x":"%s"}' % (n, b"x" * 900), 60.0, 5.0, Liveness.alive)
        for n in range(300)
    ]
    slots = await hearing.restore(rows)
    assert sorted(slots.tolist()) == list(range(300))
    assert hearing.members.card(slots[299]).startswith(b'{"name":"n299"')
    hearing.evidence(int(slots[5]), 0, Why.exited)
    await until(lambda: liveness(hearing, "n5") is Liveness.silent)
    await hearing.forget([int(slots[7])])
    assert liveness(hearing, "n7") is None
    hearing.inject(encode(Frame(Kind.beat, component_id("http"), 1, 1, time.time_ns(), 0)), ("10.0.0.9", 55))
    await until(lambda: liveness(hearing, "http") is Liveness.alive)
    assert (await hearing.restore([])).tolist() == []
    assert (await hearing.expect([], [])).tolist() == []


async def test_an_ear_that_cannot_start_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Hearing(Node(components=10), settings(), SystemClock())
    monkeypatch.setattr("gadfly.monitor.ear_process.sys.executable", "/bin/false")
    monkeypatch.setattr("gadfly.monitor.hearing.STARTING", 0.5)
    with pytest.raises(ConfigError, match="did not start"):
        await made.start()
    await made.stop()
