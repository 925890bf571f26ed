"""Garbage, truncated, oversized and replayed datagrams by the million: counted, dropped, and nothing else."""

from __future__ import annotations

import asyncio
import random
import socket
import time

import numpy as np
import pytest

from gadfly.clock import SystemClock
from gadfly.config.heartbeat import Heartbeat
from gadfly.config.node import Node
from gadfly.monitor.hearing import Hearing
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.members import pack_address
from gadfly.monitor.receive import pack_names, send_many
from gadfly.telemetry.frame import Frame, Kind, component_id, encode

pytestmark = pytest.mark.slow
SECRET = "a secret of the fire test"
MILLION = 1_000_000


def rows(datagrams: list[bytes], size: int) -> np.ndarray:
    """Datagrams cut or padded to one size."""
    joined = b"".join(one[:size].ljust(size, b"\xa5") for one in datagrams)
    return np.frombuffer(joined, np.uint8).reshape(len(datagrams), size)


def kinds_of_fire() -> list[tuple[str, np.ndarray]]:
    random_ = random.Random(3)
    good = [
        encode(Frame(Kind.beat, component_id(f"n{n}"), 1, 1, time.time_ns(), 60_000), SECRET.encode())
        for n in range(512)
    ]
    card = b'{"name":"n1","x":"' + b"x" * 500 + b'"}'
    announce = encode(Frame(Kind.announce, component_id("n1"), 1, 1, time.time_ns(), 60_000, payload=card))
    flipped = []
    for one in good:
        place = random_.randrange(64)
        flipped.append(one[:place] + bytes([one[place] ^ (1 << random_.randrange(8))]) + one[place + 1 :])
    return [
        ("replayed", rows(good, 64)),
        ("a bit flipped", rows(flipped, 64)),
        ("random", rows([random_.randbytes(64) for _ in range(512)], 64)),
        ("truncated", rows(good, 40)),
        ("oversized", rows(good, 1400)),
        ("unsigned cards", rows([announce] * 512, len(announce))),
        ("empty", rows([b""] * 512, 1)),
    ]


async def test_by_the_million(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRE_KEY", SECRET)
    heartbeat = Heartbeat(groups=(), bind="127.0.0.1:0", keys=("env:FIRE_KEY",))
    hearing = Hearing(Node(components=10_000), heartbeat, SystemClock())
    await hearing.start()
    fire = kinds_of_fire()
    sent, deadline = 0, time.monotonic() + 20
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.connect(hearing.addresses[0])
            for good in fire[0][1]:
                sender.send(good.tobytes())
            while hearing.counters()["accepted"] < 512:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.01)
            host, port = hearing.addresses[0]
            address = np.frombuffer(pack_address(host) * 512, "V16")
            target = pack_names(address, np.full(512, port), np.zeros(512), int(socket.AF_INET))
            while sent < 2 * MILLION and time.monotonic() < deadline:
                for _, frames in fire:
                    sent += int(send_many(sender.fileno(), frames, target).sum())
                await asyncio.sleep(0)
        assert sent >= MILLION
        last = -1
        while (received := hearing.counters()["received"]) != last:
            last = received
            await asyncio.sleep(0.3)
        counters = hearing.counters()
        assert counters["ear_starts"] == 1
        assert counters["received"] + counters["kernel_drops"] >= 0.99 * sent
        assert hearing.members.size == 512
        assert (hearing.members.liveness[:512] == Liveness.alive).all()
        assert (hearing.members.beats[:512] == 1).all()
        dropped = sum(count for name, count in counters.items() if name.startswith("dropped_"))
        assert dropped == counters["received"] - 512
        for reason in ("replay", "mac", "magic", "short", "long", "unauthenticated"):
            assert counters[f"dropped_{reason}"] > 1000, reason
    finally:
        await hearing.stop()
