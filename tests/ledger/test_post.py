"""A witness is asked with one POST; whatever is at the other end, it ends in time and within its size."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from gadfly.errors import LedgerError
from gadfly.ledger.post import post

Serve = Callable[[bytes, float], Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    servers: list[asyncio.Server] = []
    got: list[bytes] = []
    done = asyncio.Event()

    async def make(answer: bytes, pause: float = 0.0) -> str:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            got.append(head + await reader.readexactly(length))
            try:
                await asyncio.sleep(pause)
                writer.write(answer)
                await writer.drain()
            except ConnectionError:
                pass
            finally:
                writer.transport.close()
                done.set()

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/w/add-checkpoint"

    make.got = got  # type: ignore[attr-defined]
    yield make
    if servers:
        await asyncio.wait_for(done.wait(), 5)
    for server in servers:
        server.close()


async def test_status_and_body(serve: Serve) -> None:
    url = await serve(b"HTTP/1.1 409 Conflict\r\ncontent-length: 2\r\n\r\n5\n", 0.0)
    assert await post(url, b"old 0\n", 5.0, 100) == (409, b"5\n")
    (asked,) = serve.got  # type: ignore[attr-defined]
    assert asked.startswith(b"POST /w/add-checkpoint HTTP/1.1\r\n")
    assert asked.endswith(b"\r\n\r\nold 0\n")


async def test_a_body_without_a_length_ends_with_the_connection(serve: Serve) -> None:
    assert await post(await serve(b"HTTP/1.1 200 OK\r\n\r\nline\n", 0.0), b"", 5.0, 100) == (200, b"line\n")


async def test_no_more_is_read_than_is_wanted(serve: Serve) -> None:
    status, body = await post(await serve(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 500_000, 0.0), b"", 5.0, 100)
    assert (status, len(body)) == (200, 100)


async def test_a_redirect_is_an_answer_like_another(serve: Serve) -> None:
    url = await serve(
        b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n", 0.0
    )
    assert await post(url, b"", 5.0, 100) == (302, b"")


async def test_one_who_does_not_answer_is_left(serve: Serve) -> None:
    with pytest.raises(LedgerError, match=r"no answer within 0\.1 s"):
        await post(await serve(b"", 0.5), b"", 0.1, 100)


@pytest.mark.parametrize(
    "answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx"]
)
async def test_what_is_not_http_is_said(serve: Serve, answer: bytes) -> None:
    with pytest.raises(LedgerError, match="not HTTP"):
        await post(await serve(answer, 0.0), b"", 5.0, 100)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "http://127.0.0.1:99999/", "http://[::1", "http:///x"]
)
async def test_an_address_where_nobody_is(url: str) -> None:
    with pytest.raises(LedgerError, match=r"cannot be (reached|used)"):
        await post(url, b"", 5.0, 100)
