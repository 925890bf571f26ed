"""Targets that want to harm their prober: each costs at most its timeout and a bounded amount of memory."""

from __future__ import annotations

import asyncio
import itertools
import resource
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
import pytest

from gadfly.clock import SystemClock
from gadfly.config import Config
from gadfly.config.probe import (
    GrpcProbe,
    HttpProbe,
    TcpProbe,
    TlsProbe,
)
from gadfly.monitor.check import Check
from gadfly.monitor.probe import PROBERS
from gadfly.monitor.probe.context import Context
from gadfly.monitor.probe.result import Outcome, Result
from gadfly.monitor.schedule import Prober

TIMEOUT = 0.5
PATIENCE = 10.0
SLACK = 1.5
"""Seconds beyond the timeout that a busy test machine may add."""
Write = Callable[[bytes], Awaitable[None]]
HEAD = b"HTTP/1.1 200 OK\r\n"


async def endless(write: Write, first: bytes, piece: bytes) -> None:
    await write(first)
    while True:
        # It shares the loop with its victim, and drain() alone does not let others go on.
        await write(piece)
        await asyncio.sleep(0)


async def drip(write: Write, first: bytes, piece: bytes, pause: float = 0.02) -> None:
    await write(first)
    for byte in itertools.cycle(piece):
        await write(bytes([byte]))
        await asyncio.sleep(pause)


async def silence(write: Write) -> None:
    await asyncio.sleep(60)


async def once(write: Write, *words: bytes) -> None:
    for word in words:
        await write(word)


def headed(*fields: bytes) -> bytes:
    return HEAD + b"".join(field + b"\r\n" for field in fields) + b"\r\n"


CHUNKED = headed(b"Transfer-Encoding: chunked")
FOUND = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n"
PASS, FAIL = Outcome.passing, Outcome.fail

HOSTILE: dict[str, tuple[Callable[[Write], Awaitable[None]], Outcome]] = {
    "silence": (silence, FAIL),
    "nothing": (once, FAIL),
    "zero bytes": (lambda w: once(w, b"\0" * 10_000), FAIL),
    "endless status line": (lambda w: endless(w, b"", b"A" * 4096), FAIL),
    "endless headers": (lambda w: endless(w, HEAD, b"X: " + b"a" * 1000 + b"\r\n"), FAIL),
    "endless short headers": (lambda w: endless(w, HEAD, b"A:b\r\n" * 100), FAIL),
    "endless one header": (lambda w: endless(w, HEAD + b"X: ", b"a" * 4096), FAIL),
    "endless interim answers": (lambda w: endless(w, b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 50), FAIL),
    "slow drip of headers": (lambda w: drip(w, HEAD, b"X: y\r\n"), FAIL),
    "slow drip of body": (lambda w: drip(w, headed(b"Content-Length: 9999999"), b"z"), FAIL),
    "slow drip of chunks": (lambda w: drip(w, CHUNKED, b"1\r\nz\r\n"), FAIL),
    "impossible chunk": (lambda w: once(w, CHUNKED + b"f" * 40), FAIL),
    "negative length": (lambda w: once(w, headed(b"Content-Length: -1") + b"x"), FAIL),
    "two lengths": (lambda w: once(w, headed(b"Content-Length: 1", b"Content-Length: 9") + b"x"), FAIL),
    "length and chunks": (
        lambda w: once(w, headed(b"Content-Length: 1", b"Transfer-Encoding: chunked") + b"0\r\n\r\n"),
        FAIL,
    ),
    "redirect loop": (lambda w: once(w, FOUND % b"/"), FAIL),
    "redirect to a file": (lambda w: once(w, FOUND % b"file:///etc/passwd"), FAIL),
    "redirect with a control letter": (lambda w: once(w, FOUND % b"/a\x01b"), FAIL),
    # What lies behind the limit is not looked at, so these are answers like others.
    "10 GB body": (lambda w: endless(w, headed(b"Content-Length: 10737418240"), b"z" * 65_536), PASS),
    "endless body": (lambda w: endless(w, headed(), b"z" * 65_536), PASS),
    "endless chunks of a byte": (lambda w: endless(w, CHUNKED, b"1\r\nz\r\n" * 5000), PASS),
    "huge chunk": (lambda w: endless(w, CHUNKED + b"fffffffff\r\n", b"z" * 65_536), PASS),
    "gzip bomb": (
        lambda w: once(w, headed(b"Content-Encoding: gzip", b"Content-Length: 3") + b"\x1f\x8b\x08"),
        PASS,
    ),
    "deep json": (
        lambda w: once(
            w, headed(b"Content-Type: application/health+json", b"Content-Length: 500000") + b"[" * 500_000
        ),
        PASS,
    ),
}


@pytest.fixture
async def context() -> AsyncIterator[Context]:
    context = Context()
    yield context
    await context.close()


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[int]]]:
    servers: list[asyncio.Server] = []
    running: set[asyncio.Task[None]] = set()

    async def start(
        behave: Callable[[Write], Awaitable[None]],
        reads: bool = True,
        hosts: tuple[str, ...] = ("127.0.0.1",),
    ) -> int:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            running.add(task)

            async def write(data: bytes) -> None:
                writer.write(data)
                await writer.drain()

            try:
                if reads:
                    await reader.read(65_536)
                await behave(write)
            except (OSError, asyncio.CancelledError):
                pass
            finally:
                running.discard(task)
                writer.close()

        port = 0
        for host in hosts:
            server = await asyncio.start_server(handle, host, port, backlog=512)
            servers.append(server)
            port = int(server.sockets[0].getsockname()[1])
        return port

    yield start
    for server in servers:
        server.close()
    for task in tuple(running):
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    for server in servers:
        await server.wait_closed()


def peak() -> float:
    """Megabytes this process has ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("name", HOSTILE)
async def test_http(context: Context, serve: Any, name: str) -> None:
    behave, outcome = HOSTILE[name]
    port = await serve(behave)
    # What is to be read to its limit may take its time on a busy machine; what never ends may not.
    timeout = PATIENCE if outcome is PASS else TIMEOUT
    memory, begin = peak(), time.monotonic()
    result = await PROBERS["http"](HttpProbe(url=f"http://127.0.0.1:{port}/", timeout=timeout), context)
    assert time.monotonic() - begin < timeout + SLACK
    assert result.outcome is outcome, result.reason
    assert peak() - memory < 30
    assert not len(context.poller)
    assert result.reason.isprintable()
    assert len(result.reason) < 300
    assert len(result.output) <= 4096


@pytest.mark.parametrize(
    ("spec", "behave"),
    [
        (TcpProbe(address="", timeout=TIMEOUT, expect="never"), lambda w: endless(w, b"", b"x" * 65_536)),
        (TcpProbe(address="", timeout=TIMEOUT, expect="never"), lambda w: drip(w, b"", b"x", 0.0)),
        (TcpProbe(address="", timeout=TIMEOUT, expect="(x+)+y"), lambda w: endless(w, b"", b"x" * 100)),
        (TcpProbe(address="", timeout=TIMEOUT, tls=True), silence),
        (TlsProbe(address="", timeout=TIMEOUT), silence),
        (TlsProbe(address="", timeout=TIMEOUT),
         lambda w: endless(w, b"\x16\x03\x03\x40\x00", b"\x02\x00\xff\xff" * 4096)),
        (TlsProbe(address="", timeout=TIMEOUT), lambda w: drip(w, b"\x16\x03\x03\x00\x7a", b"\x02")),
        (GrpcProbe(address="", timeout=TIMEOUT), silence),
        (GrpcProbe(address="", timeout=TIMEOUT),
         lambda w: endless(w, b"", (b"\0\0\x08\x06\0\0\0\0\0" + b"p" * 8) * 99)),
        (GrpcProbe(address="", timeout=TIMEOUT),
         lambda w: endless(w, b"", b"\0\x00\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64" * 99)),
        (GrpcProbe(address="", timeout=TIMEOUT), lambda w: endless(w, b"", b"\xff" * 4096)),
    ],
)  # fmt: skip
async def test_other_kinds(context: Context, serve: Any, spec: Any, behave: Any) -> None:
    kind = type(spec).__name__.removesuffix("Probe").lower()
    port = await serve(behave, reads=kind != "tcp" or spec.tls)
    spec = msgspec.structs.replace(spec, address=f"127.0.0.1:{port}")
    memory, begin = peak(), time.monotonic()
    result = await PROBERS[kind](spec, context)
    assert time.monotonic() - begin < TIMEOUT + SLACK
    assert result.outcome in (Outcome.fail, Outcome.unknown), result.reason
    assert peak() - memory < 30
    assert not len(context.poller)


async def test_a_malicious_body_against_a_careless_expression(context: Context, serve: Any) -> None:
    body = b"a" * 100_000 + b"!"
    port = await serve(lambda w: once(w, HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body))
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.01)

    ticking = asyncio.create_task(tick())
    spec = HttpProbe(url=f"http://127.0.0.1:{port}/", contains="^(a+)+$", timeout=TIMEOUT)
    result = await PROBERS["http"](spec, context)
    ticking.cancel()
    assert result.outcome is Outcome.unknown
    assert "takes too long" in result.reason
    assert ticks > 10


async def test_many_hanging_targets_delay_nobody_else(serve: Any) -> None:
    """300 enquiries to targets that say nothing, beside one target that is well."""
    hosts = tuple(f"127.0.1.{number}" for number in range(1, 13))
    hanging = await serve(silence, hosts=hosts)
    good = await serve(lambda w: once(w, headed(b"Content-Length: 0")))
    told: list[tuple[str, Result]] = []
    prober = Prober(Config(), SystemClock(), lambda check, result: told.append((check.component, result)))
    checks = [Check("good", "http", "", HttpProbe(url=f"http://127.0.0.1:{good}/", every=0.5))]
    for number in range(300):
        url = f"http://{hosts[number % len(hosts)]}:{hanging}/"
        checks.append(Check(f"hang{number}", "http", "", HttpProbe(url=url, every=2.0, timeout=2.0)))
    prober.replace(checks)
    running = asyncio.create_task(prober.run())
    most = 0
    for _ in range(80):
        await asyncio.sleep(0.05)
        most = max(most, prober.counters()["asking"])
    assert most >= 250
    await prober.stop()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    results = [result for component, result in told if component == "good"]
    assert len(results) >= 5
    assert all(result.outcome is Outcome.passing for result in results)
    assert sorted(result.seconds for result in results)[len(results) // 2] < 0.25
