"""The webhook against real sockets on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest

from gadfly.alert.notify.destination import Destination
from gadfly.alert.notify.webhook import send
from gadfly.errors import NotifyError


@contextlib.asynccontextmanager
async def answering(answer: bytes, seen: list[bytes] | None = None) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            try:
                head = await reader.readuntil(b"\r\n\r\n")
                fields = head.lower().split(b"\r\n")
                length = next(int(line[15:]) for line in fields if line.startswith(b"content-length:"))
                body = await reader.readexactly(length)
                if seen is not None:
                    seen.extend((head, body))
                if answer == b"never":
                    await reader.read()  # until the client gives up
                writer.write(answer)
                await writer.drain()
            finally:
                writer.close()
                await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook/secret?x=1"


def to(url: str, **more: object) -> Destination:
    return Destination(kind="webhook", name="wall", url=url, **{"timeout": 5.0, **more})


async def test_it_posts_version_4(notification, context) -> None:
    seen: list[bytes] = []
    async with answering(b"HTTP/1.1 204 No Content\r\n\r\n", seen) as url:
        await send(notification, to(url, headers={"Authorization": "Bearer x"}), context)
    head = seen[0].decode().lower()
    assert head.startswith("post /hook/secret?x=1 http/1.1\r\n")
    assert "authorization: bearer x\r\n" in head
    assert "idempotency-key: k1\r\n" in head
    body = json.loads(seen[1])
    assert {
        "version",
        "groupKey",
        "truncatedAlerts",
        "status",
        "receiver",
        "groupLabels",
        "commonLabels",
    } <= set(body)
    assert {"commonAnnotations", "externalURL", "alerts"} <= set(body)
    assert (body["version"], body["receiver"], body["alerts"][0]["labels"]["component"]) == (
        "4",
        "wall",
        "shop",
    )


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        (301, True),
        (307, True),
        (400, True),
        (401, True),
        (404, True),
        (408, False),
        (429, False),
        (500, False),
        (503, False),
    ],
)
async def test_what_an_answer_means(notification, context, status: int, permanent: bool) -> None:
    async with answering(f"HTTP/1.1 {status} X\r\nlocation: http://127.0.0.1:1/\r\n\r\n".encode()) as url:
        with pytest.raises(NotifyError, match=str(status)) as caught:
            await send(notification, to(url), context)
    assert caught.value.permanent is permanent
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 20_000, b"never"]
)
async def test_garbage_endless_or_no_answer_is_tried_again(notification, context, answer: bytes) -> None:
    async with answering(answer) as url:
        with pytest.raises(NotifyError) as caught:
            await send(notification, to(url, timeout=0.5), context)
    assert not caught.value.permanent


@pytest.mark.parametrize(
    ("url", "permanent"),
    [
        ("http://127.0.0.1:1/", False),
        ("http://127.0.0.1:99999/", True),
        ("http://[::1", True),
        ("https://127.0.0.1:1/", False),
    ],
)
async def test_an_address_that_does_not_answer(notification, context, url: str, permanent: bool) -> None:
    with pytest.raises(NotifyError) as caught:
        await send(notification, to(url), context)
    assert caught.value.permanent is permanent


async def test_a_header_cannot_smuggle_a_line(notification, context) -> None:
    with pytest.raises(NotifyError) as caught:
        await send(notification, to("http://127.0.0.1:1/", headers={"x": "a\r\nevil: 1"}), context)
    assert caught.value.permanent


async def test_tls_to_a_plain_server_is_an_error_that_says_so(notification, context) -> None:
    async with answering(b"HTTP/1.1 200 OK\r\n\r\n") as url:
        server = url.replace("http:", "https:")
        with pytest.raises(NotifyError):
            await send(notification, to(server, timeout=1.0), context)
