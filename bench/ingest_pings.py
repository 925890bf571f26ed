"""Pings of jobs over HTTP: how many a second and core, whether it stays so with many jobs, and how long each waits.

Each ping is on disk before it is answered. A node with so many declared jobs runs in a process of its own; this
one pings it over kept connections, one ping at a time on each, each time another job; then over a new connection
each time, as curl in a crontab does. A core's second is one of the node's process. Part of `bench/ingest.py`;
runs alone as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import socket
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NamedTuple

from report import Report, arguments, quantile

CONNECTIONS = 64
SEED = 7
GOAL = 4000.0
FLAT = 1.25
"""By how much a ping may cost more with the most jobs than with the fewest."""


def ids(count: int) -> list[str]:
    """The same ids in both processes."""
    made = random.Random(SEED)
    return [str(uuid.UUID(int=made.getrandbits(128), version=4)) for _ in range(count)]


class Pace(NamedTuple):
    jobs: int
    a_second: float
    a_core_second: float
    p50: float
    p99: float


def serve(count: int, folder: Path) -> None:
    """The node's process: prints its address, runs until its standard input ends."""
    import uvloop

    from gadfly.app import Node
    from gadfly.config import Config
    from gadfly.config.component import Component
    from gadfly.config.heartbeat import Heartbeat
    from gadfly.config.node import Node as NodeSettings
    from gadfly.config.ping import Ping

    components = {
        f"job-{number}": Component(kind="job", schedule="*/10 * * * *", ping=one)
        for number, one in enumerate(ids(count))
    }
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = Config(
        node=NodeSettings(listen="127.0.0.1:0", state=str(folder), components=count + 1000, watch_host=False),
        heartbeat=Heartbeat(groups=(f"239.192.71.70:{port}",), bind="127.0.0.1"),  # on loopback only
        ping=Ping(rate=1_000_000),
        component=components,
    )

    async def run() -> None:
        async with Node(config) as node:
            print(node.server.addresses[0][1], flush=True)
            await asyncio.to_thread(sys.stdin.read)

    uvloop.run(run())


@contextlib.asynccontextmanager
async def node(count: int) -> AsyncIterator[tuple[int, int]]:
    """A running node with so many jobs: its port and its process."""
    folder = Path(tempfile.mkdtemp(prefix="gadfly-pings-"))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        __file__,
        "--serve",
        str(count),
        str(folder),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "GADFLY_RUN": str(folder / "run"), "GADFLY_TO": "127.0.0.1:9"},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 120)
        yield int(line), process.pid
    finally:
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 20)
        except TimeoutError:
            process.kill()
            await process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def cpu(pid: int) -> float:
    """Seconds that a process has worked so far, all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Client(asyncio.Protocol):
    """One connection: a ping, its answer, the next."""

    def __init__(self, names: Iterator[str], waits: list[float]) -> None:
        self._names = names
        self._waits = waits
        self._sent = 0.0
        self._data = b""
        self.going = True
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def _next(self) -> None:
        name = next(self._names, None)
        if name is None:
            self._end(None)
            return
        self._sent = time.perf_counter()
        self._transport.write(b"GET /ping/%s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % name.encode())

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._data.endswith(b"\r\n\r\nOK"):
            if len(self._data) > 4096:
                self._end(RuntimeError(self._data[:300].decode()))
            return
        self._data = b""
        self._waits.append(time.perf_counter() - self._sent)
        if self.going:
            self._next()
        else:
            self._end(None)

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or RuntimeError(self._data[:300].decode() or "the node hung up"))

    def _end(self, error: Exception | None) -> None:
        if not self.done.done():
            if error is None:
                self.done.set_result(None)
            else:
                self.done.set_exception(error)
            self._transport.close()


async def clients(port: int, names: Iterator[str], waits: list[float]) -> list[Client]:
    """Connections that ping these, one after the other."""
    loop = asyncio.get_running_loop()
    pairs = [
        await loop.create_connection(lambda: Client(names, waits), "127.0.0.1", port)
        for _ in range(CONNECTIONS)
    ]
    return [client for _, client in pairs]


async def first(port: int, pid: int, count: int) -> Pace:
    """The first ping of every job, which changes what is known of it."""
    waits = list[float]()
    began, worked = time.perf_counter(), cpu(pid)
    await asyncio.gather(*(one.done for one in await clients(port, iter(ids(count)), waits)))
    took, work = time.perf_counter() - began, cpu(pid) - worked
    return Pace(count, count / took, count / work, quantile(waits, 0.5), quantile(waits, 0.99))


async def kept(port: int, pid: int, count: int, seconds: float) -> Pace:
    """Pings over kept connections."""
    names, waits = ids(count), list[float]()
    pinging = await clients(port, iter(lambda: random.choice(names), ""), waits)
    await asyncio.sleep(1.0)  # until all are under way
    waits.clear()
    began, worked = time.perf_counter(), cpu(pid)
    await asyncio.sleep(seconds)
    took, work = time.perf_counter() - began, cpu(pid) - worked
    seen = list(waits)
    for client in pinging:
        client.going = False
    await asyncio.gather(*(client.done for client in pinging))
    return Pace(count, len(seen) / took, len(seen) / work, quantile(seen, 0.5), quantile(seen, 0.99))


async def anew(port: int, pid: int, count: int, seconds: float) -> Pace:
    """Pings over a new connection each, so many at once."""
    names, waits = ids(count), list[float]()
    end = time.perf_counter() + seconds

    async def one() -> None:
        while time.perf_counter() < end:
            sent = time.perf_counter()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            name = random.choice(names)
            writer.write(f"GET /ping/{name} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
            answer = await reader.read()
            if not answer.endswith(b"\r\n\r\nOK"):
                raise RuntimeError(answer[:300].decode())
            writer.close()
            waits.append(time.perf_counter() - sent)

    began, worked = time.perf_counter(), cpu(pid)
    await asyncio.gather(*(one() for _ in range(CONNECTIONS // 2)))
    took, work = time.perf_counter() - began, cpu(pid) - worked
    return Pace(count, len(waits) / took, len(waits) / work, quantile(waits, 0.5), quantile(waits, 0.99))


async def pings(report: Report) -> None:
    """The whole part: its table and its goals."""
    counts = (200, 2_000) if report.quick else (1_000, 100_000)
    seconds = 0.6 if report.quick else 8.0
    found: list[tuple[str, Pace]] = []
    for count in counts:
        async with node(count) as (port, pid):
            found.append(("the first of each", await first(port, pid, count)))
            found.append(("kept connections", await kept(port, pid, count, seconds)))
            found.append(("a new connection each", await anew(port, pid, count, seconds / 2)))
    report.table(
        ("pings over", "jobs", "a second", "a core's second", "p50 ms", "p99 ms"),
        [
            (way, one.jobs, one.a_second, one.a_core_second, one.p50 * 1e3, one.p99 * 1e3)
            for way, one in found
        ],
        "Pings over HTTP, each on disk before its answer",
    )
    few, many = found[1][1], found[4][1]
    report.at_least(f"pings a core's second, {many.jobs:,} jobs", GOAL, many.a_core_second, "/s")
    report.at_most(
        f"cost of a ping, {many.jobs:,} jobs to {few.jobs:,}",
        FLAT,
        few.a_core_second / many.a_core_second,
        "×",
    )
    report.figures["pings"] = {way + f", {one.jobs} jobs": one._asdict() for way, one in found}


async def _alone() -> None:
    report = Report("ingest_pings", quick=arguments(__doc__ or "").parse_args().quick)
    await pings(report)
    report.finish()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]), Path(sys.argv[3]))
    else:
        asyncio.run(_alone())
