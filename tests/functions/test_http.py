"""One request of a function: where it connects, what it takes, and what it never follows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from gadfly.errors import LimitError
from gadfly.functions.http import HttpError, exchange
from gadfly.functions.reach import Reach
from gadfly.functions.world import Request

Serve = Callable[[bytes], Awaitable[int]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Answer each connection with these bytes; gives the port."""
    servers = []

    async def start(answer: bytes) -> int:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            heard.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(answer)
            writer.close()

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    heard.clear()
    yield start
    for server in servers:
        server.close()
        await server.wait_closed()


heard: list[bytes] = []


def request(port: int, host: str = "127.0.0.1", most: int = 1000, method: str = "GET") -> Request:
    return Request(method, "http", host, port, "/a?b=c", {"x-a": "b"}, b"", 30.0, most)


async def test_it_sends_what_it_was_given_and_reads_the_answer(serve: Serve) -> None:
    port = await serve(b"HTTP/1.1 201 Made\r\nX-B: c\r\nContent-Length: 2\r\n\r\nhi")
    answer = await exchange(request(port), Reach())
    assert (answer.status, answer.headers["x-b"], answer.body) == (201, "c", b"hi")
    assert heard[0].startswith(b"GET /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"x-a: b\r\n" in heard[0]
    assert b"Accept-Encoding: identity\r\n" in heard[0]


async def test_a_redirect_is_an_answer(serve: Serve) -> None:
    port = await serve(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
    assert (await exchange(request(port), Reach())).status == 302


async def test_a_large_answer_is_not_taken(serve: Serve) -> None:
    port = await serve(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000)
    with pytest.raises(LimitError, match="more than the 1000"):
        await exchange(request(port), Reach())


@pytest.mark.parametrize(
    ("answer", "words"),
    [(b"", "without an answer"), (b"SSH-2.0-x\r\n\r\n", "did not answer in HTTP")],
    ids=["nothing", "ssh"],
)
async def test_what_is_no_answer(serve: Serve, answer: bytes, words: str) -> None:
    port = await serve(answer)
    with pytest.raises(HttpError, match=words):
        await exchange(request(port), Reach())


async def test_a_name_is_looked_up_once_and_its_address_is_checked(serve: Serve) -> None:
    port = await serve(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    asked: list[str] = []

    async def find(host: str, _port: int) -> list[str]:
        asked.append(host)
        # The first answer is harmless and a second one would not be: there is no second one.
        return ["127.0.0.1"] if len(asked) > 1 or host == "localhost" else ["10.0.0.1", "127.0.0.1"]

    with pytest.raises(HttpError, match=r"h\.example leads to 10\.0\.0\.1, which is not of the public net"):
        await exchange(request(port, "h.example"), Reach(), find)
    assert heard == []
    assert (await exchange(request(port, "localhost"), Reach(), find)).status == 200
    assert asked == ["h.example", "localhost"]


async def test_a_silent_server_is_not_waited_for() -> None:
    async def find(_host: str, _port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    with pytest.raises(HttpError, match="did not answer within"):
        await exchange(request(1)._replace(seconds=0.01), Reach(), find)


async def test_nobody_there_is_said(serve: Serve) -> None:
    async def nowhere(_host: str, _port: int) -> list[str]:
        return []

    with pytest.raises(HttpError, match="nowhere"):
        await exchange(request(1), Reach(), nowhere)


async def test_a_header_that_cannot_be_sent_is_not(serve: Serve) -> None:
    with pytest.raises(HttpError, match="header"):
        await exchange(request(1)._replace(headers={"x": "a\r\nb: c"}), Reach())


async def test_the_next_address_is_tried_and_the_first_failure_told(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = await serve(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    tried: list[str] = []
    real = asyncio.open_connection

    async def connect(host: str, port: int, **more: Any) -> Any:
        tried.append(host)
        if host == "203.0.114.9":
            return await real("127.0.0.1", port, **more)
        raise OSError(113, "No route to host")

    monkeypatch.setattr(asyncio, "open_connection", connect)

    async def find(_host: str, _port: int) -> list[str]:
        return places

    places = ["203.0.114.1", "203.0.114.1", "10.0.0.1", "203.0.114.9"]
    assert (await exchange(request(port, "h.example"), Reach(), find)).status == 200
    assert tried == ["203.0.114.1", "203.0.114.9"]
    places = ["203.0.114.1", "203.0.114.2", "203.0.114.3", "203.0.114.9"]
    with pytest.raises(HttpError, match="cannot be reached: No route to host"):
        await exchange(request(port, "h.example"), Reach(), find)


async def test_a_server_that_speaks_no_tls_is_said() -> None:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(HttpError, match="TLS failed"):
            await exchange(request(port)._replace(scheme="https"), Reach())


async def test_the_systems_own_names_are_asked(serve: Serve) -> None:
    port = await serve(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert (await exchange(request(port, "localhost"), Reach())).status == 204
