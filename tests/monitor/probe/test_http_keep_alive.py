"""Connections that are kept between enquiries."""

from __future__ import annotations

import asyncio
from typing import Any

from gadfly.config.probe import HttpProbe
from gadfly.monitor.probe.http import probe
from gadfly.monitor.probe.result import Outcome


class Server:
    """Counts connections; answers ``each`` requests on one, then closes it."""

    def __init__(self, answer: bytes, each: int = 1000) -> None:
        self.connections = 0
        self.requests = 0
        self.answer = answer
        self.each = each

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        for _ in range(self.each):
            await reader.readuntil(b"\r\n\r\n")
            self.requests += 1
            writer.write(self.answer)


async def ask(context: Any, spec: HttpProbe, times: int) -> list[Any]:
    results = []
    for _ in range(times):
        results.append(await probe(spec, context))
        await asyncio.sleep(0.02)
    assert all(result.outcome is Outcome.passing for result in results), results
    return results


async def test_kept_where_asked(context: Any, serve: Any, answer: Any) -> None:
    server = Server(answer(200, b"x"))
    port = await serve(server)
    results = await ask(context, HttpProbe(url=f"http://127.0.0.1:{port}/", keep_alive=True), 3)
    assert (server.connections, server.requests) == (1, 3)
    assert "connect" in results[0].phases
    assert "connect" not in results[1].phases


async def test_not_kept_where_not_asked(context: Any, serve: Any, answer: Any) -> None:
    server = Server(answer(200, b"x"))
    port = await serve(server)
    await ask(context, HttpProbe(url=f"http://127.0.0.1:{port}/"), 3)
    assert server.connections == 3
    assert not len(context.poller)


async def test_a_connection_closed_meanwhile_is_replaced(context: Any, serve: Any, answer: Any) -> None:
    server = Server(answer(200, b"x"), each=1)
    port = await serve(server)
    await ask(context, HttpProbe(url=f"http://127.0.0.1:{port}/", keep_alive=True), 3)
    assert (server.connections, server.requests) == (3, 3)


async def test_a_connection_that_closes_on_the_next_request_is_replaced(
    context: Any, serve: Any, answer: Any
) -> None:
    connections = 0

    async def handle(reader: Any, writer: Any) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer(200))
        await reader.readuntil(b"\r\n\r\n")

    port = await serve(handle)
    await ask(context, HttpProbe(url=f"http://127.0.0.1:{port}/", keep_alive=True), 2)
    assert connections == 2


async def test_not_kept_when_the_server_says_close(context: Any, serve: Any, answer: Any) -> None:
    server = Server(answer(200, b"x", Connection="close"))
    port = await serve(server)
    await ask(context, HttpProbe(url=f"http://127.0.0.1:{port}/", keep_alive=True), 2)
    assert server.connections == 2


async def test_kept_over_a_redirect_and_closed_on_reload(context: Any, serve: Any, answer: Any) -> None:
    connections = 0

    async def handle(reader: Any, writer: Any) -> None:
        nonlocal connections
        connections += 1
        while head := await reader.readuntil(b"\r\n\r\n"):
            writer.write(answer(200) if head.startswith(b"GET /b") else answer(302, Location="/b"))

    port = await serve(handle)
    spec = HttpProbe(url=f"http://127.0.0.1:{port}/a", keep_alive=True)
    await ask(context, spec, 2)
    assert connections == 1
    context.forget()
    assert not len(context.poller)
    await ask(context, spec, 1)
    assert connections == 2
