"""The server on a real socket: bounds before a request is one, and stopping with streams open."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gadfly.errors import ConfigError
from gadfly.web import protocol
from gadfly.web.server import Server, listening

pytestmark = pytest.mark.slow


@pytest.fixture
async def server(node: Any) -> AsyncIterator[Server]:
    made = Server(node)
    await made.start()
    yield made
    await made.stop()


async def talk(server: Server, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(*server.addresses[0])
    try:
        writer.write(data)
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.close()


def problem(answer: bytes) -> tuple[int, dict[str, Any]]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    return int(head.split()[1]), json.loads(body)


async def test_it_answers(server: Server) -> None:
    answer = await talk(server, b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"server:" not in answer.lower()


async def test_what_is_not_http(server: Server) -> None:
    status, told = problem(await talk(server, b"\x00\x01garbage\r\n\r\n"))
    assert (status, told["status"]) == (400, 400)


async def test_endless_headers(server: Server) -> None:
    line = b"x: " + b"y" * 1000 + b"\r\n"
    status, told = problem(await talk(server, b"GET / HTTP/1.1\r\nHost: localhost\r\n" + line * 30))
    assert (status, told["title"]) == (431, "Request Header Fields Too Large")


async def test_a_drip_of_headers_ends(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.2)
    began = time.monotonic()
    with contextlib.suppress(ConnectionResetError):
        assert await talk(server, b"GET / HTTP/1.1\r\n") == b""
    assert time.monotonic() - began < 3


async def test_too_many_connections(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "CONNECTIONS", 1)
    _, first = await asyncio.open_connection(*server.addresses[0])
    await asyncio.sleep(0)
    status, _ = problem(await talk(server, b""))
    assert status == 503
    first.close()


async def test_a_body_longer_than_it_claims_to_be_chunked(server: Server, token: str) -> None:
    chunk = b"1000\r\n" + b" " * 4096 + b"\r\n"
    head = (
        "POST /api/v1/silences HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nTransfer-Encoding: chunked\r\n\r\n"
    ).encode()
    status, told = problem(await talk(server, head + chunk * 20))
    assert status == 413
    assert "65536" in told["detail"]


async def test_it_stops_promptly_with_streams_open(node: Any) -> None:
    server = Server(node)
    await server.start()
    opened = [await asyncio.open_connection(*server.addresses[0]) for _ in range(20)]
    for reader, writer in opened:
        writer.write(b"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await reader.readuntil(b"event: hello")
    began = time.monotonic()
    await server.stop()
    assert time.monotonic() - began < 1.5
    for reader, writer in opened:
        await reader.read()
        writer.close()
    with pytest.raises(OSError):
        await asyncio.open_connection(*server.addresses[0])
    await server.stop()


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1:99999", "127.0.0.1:x", "256.1.1.1:80"])
def test_an_address_that_cannot_be(address: str) -> None:
    with pytest.raises(ConfigError, match=r"node\.listen"):
        listening(address)


def test_an_address_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match="in use"):
            listening(f"127.0.0.1:{port}")


def test_ipv6_and_names() -> None:
    for address in ("[::1]:0", "localhost:0"):
        sockets = listening(address)
        assert sockets
        assert len({one.getsockname()[1] for one in sockets}) == 1
        for one in sockets:
            one.close()
