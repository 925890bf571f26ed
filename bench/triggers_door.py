"""Webhooks at a steady pace over HTTP: how long until each is acknowledged, which is after it is on disk.

A process of its own serves one path on loopback as a node does (uvicorn, the receiver, the queue, and somebody who
makes the calls that were taken); this one signs and sends at fixed times, whatever the answers take, over a few
kept connections. A delivery that must wait for a free connection waits from its time on.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from gadfly.clock import SystemClock
from gadfly.functions.function import Function
from gadfly.functions.queue import Outcome, Queue
from gadfly.functions.trigger.event import Reply, Request
from gadfly.functions.trigger.receive import Receiver
from gadfly.store.sqlite import Database

KEY = b"0123456789abcdef0123456789abcdef"
CONNECTIONS = 32
BODY = 1_000
WARM = 1.0
"""Seconds at the begin that are not counted: the interpreter and the file are cold once in a node's life."""


class Paced(NamedTuple):
    """Seconds until the acknowledgement, of each delivery; beside it a bare fsync in the same folder."""

    waits: list[float]
    refused: int
    kept: int
    """Rows that are on disk afterwards."""
    synchronous: int
    """SQLite's setting on the connection that writes: 2 is FULL."""
    syncs: list[float]
    cpu: float
    """Seconds of processor time a delivery: taking it, and making its call, which does nothing."""


def paced(rate: int, seconds: float) -> Paced:
    """So many deliveries a second, for so long."""
    folder = Path(tempfile.mkdtemp(prefix="gadfly-door-"))
    # With its protocol named, as the node does: else asyncio leaves Nagle's delay on.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen(256)
    pid = 0
    try:
        syncs = _syncs(folder, 200)
        pid = os.fork()
        if pid == 0:
            try:
                asyncio.run(_serve(folder, listening))
            finally:
                os._exit(0)
        port = listening.getsockname()[1]
        listening.close()
        waits, refused = asyncio.run(_send(port, rate, seconds))
        os.kill(pid, signal.SIGTERM)
        used = os.wait4(pid, 0)[2]
        pid = 0
        kept, synchronous = (int(one) for one in (folder / "kept").read_text().split())
        return Paced(waits, refused, kept, synchronous, syncs, (used.ru_utime + used.ru_stime) / max(1, kept))
    finally:
        if pid:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        shutil.rmtree(folder)


def _syncs(folder: Path, count: int) -> list[float]:
    found = []
    with (folder / "bare").open("ab", buffering=0) as file:
        for _ in range(count):
            began = time.perf_counter()
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
            found.append(time.perf_counter() - began)
    return found


async def _serve(folder: Path, listening: socket.socket) -> None:
    import uvicorn

    os.environ["GADFLY_BENCH_HOOK"] = "whsec_" + base64.b64encode(KEY).decode()
    store, clock = Database(folder / "gadfly.db"), SystemClock()
    queue = Queue(store, clock)
    await queue.open()
    receiver = Receiver(queue, clock)
    receiver.declare(
        [
            Function(
                name="hook", path="/f.py", module="f", handler="h", owner="o", purpose="p",
                on=("webhook: standard env:GADFLY_BENCH_HOOK",),
            )
        ]
    )  # fmt: skip
    synchronous = await store.write(lambda connection: connection.execute("PRAGMA synchronous").fetchone()[0])

    async def door(scope, receive, send) -> None:  # type: ignore[no-untyped-def]  # ASGI
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        headers = [(name.decode(), value.decode()) for name, value in scope["headers"]]
        request = Request(scope["method"], scope["path"], "", headers, body, scope["client"][0])
        found = await receiver.take("hook", request)
        assert isinstance(found, Reply)
        head = [(name.encode(), value.encode()) for name, value in found.headers]
        head.append((b"content-length", str(len(found.body)).encode()))
        await send({"type": "http.response.start", "status": found.status, "headers": head})
        await send({"type": "http.response.body", "body": found.body})

    async def run() -> None:
        while True:
            works = await queue.claim({"hook": 16})
            await asyncio.gather(*(queue.end(work, Outcome(ended="ok")) for work in works))
            await queue.changed()

    class Server(uvicorn.Server):
        """Without its own signal handlers: it would end the process before it has counted."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    server = Server(uvicorn.Config(door, log_level="error", lifespan="off", access_log=False))
    asyncio.get_running_loop().add_signal_handler(
        signal.SIGTERM, lambda: setattr(server, "should_exit", True)
    )
    running = asyncio.create_task(run())
    await server.serve([listening])
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    kept = await store.read(
        lambda connection: connection.execute("SELECT COUNT(*) FROM invocation").fetchone()[0]
    )
    (folder / "kept").write_text(f"{kept} {synchronous}")
    store.close()


async def _send(port: int, rate: int, seconds: float) -> tuple[list[float], int]:
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    waits: list[float] = []
    refused = 0
    began = time.perf_counter() + 0.2

    async def one(number: int, due: float) -> None:
        nonlocal refused
        connection = await free.get()
        reader, writer = connection
        writer.write(_request(f"msg_{number}"))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        wait = time.perf_counter() - due
        free.put_nowait(connection)
        refused += b" 202 " not in head[:16]
        if due - began >= WARM:
            waits.append(wait)

    async with asyncio.TaskGroup() as tasks:
        for number in range(int(rate * (seconds + WARM))):
            due = began + number / rate
            if (pause := due - time.perf_counter()) > 0:
                await asyncio.sleep(pause)
            tasks.create_task(one(number, due))
    while not free.empty():
        free.get_nowait()[1].close()
    return waits, refused


def _request(name: str) -> bytes:
    at = str(int(time.time()))
    body = b'{"event": "' + b"x" * (BODY - 13) + b'"}'
    signed = hmac.new(KEY, f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
    return (
        f"POST /fn/hook HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nwebhook-id: {name}\r\n"
        f"webhook-timestamp: {at}\r\nwebhook-signature: v1,{base64.b64encode(signed).decode()}\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    ).encode() + body
