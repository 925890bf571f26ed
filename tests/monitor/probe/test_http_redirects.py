"""Redirects: followed so far and no further."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.config.probe import HttpProbe
from gadfly.monitor.probe.http import probe
from gadfly.monitor.probe.result import Outcome


async def test_followed(context: Any, serve: Any, answer: Any) -> None:
    port = await serve(answer(302, Location="/b"), answer(301, Location="c?x=1"), answer(200))
    result = await probe(HttpProbe(url=f"http://127.0.0.1:{port}/a"), context)
    assert result.outcome is Outcome.passing
    assert result.reason == "GET /c answered 200"


async def test_a_loop_ends(context: Any, serve: Any, answer: Any) -> None:
    port = await serve(answer(302, Location="/a"))
    result = await probe(HttpProbe(url=f"http://127.0.0.1:{port}/a"), context)
    assert result.outcome is Outcome.fail
    assert result.reason == f"127.0.0.1:{port} redirects more than 3 times, last to /a"


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://:99999/"])
async def test_not_to_other_schemes(context: Any, serve: Any, answer: Any, location: str) -> None:
    port = await serve(answer(302, Location=location))
    result = await probe(HttpProbe(url=f"http://127.0.0.1:{port}/"), context)
    assert result.outcome is Outcome.fail
    assert "redirects to where a probe does not go" in result.reason


@pytest.mark.parametrize("spec", [{"redirects": 0, "status": 302}, {"status": (302,)}])
async def test_not_followed_where_not_asked(
    context: Any, serve: Any, answer: Any, spec: dict[str, Any]
) -> None:
    port = await serve(answer(302, Location="/b"))
    result = await probe(HttpProbe(url=f"http://127.0.0.1:{port}/a", **spec), context)
    assert result.outcome is Outcome.passing
    assert result.reason == "GET /a answered 302"


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [(307, b"POST", b"hi"), (308, b"POST", b"hi"), (302, b"GET", b""), (303, b"GET", b"")],
)
async def test_method_and_body(
    context: Any, serve: Any, answer: Any, status: int, method: bytes, body: bytes
) -> None:
    seen = []

    async def handle(reader: Any, writer: Any) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.partition(b"Content-Length: ")[2].partition(b"\r")[0] or 0)
        seen.append((head.split()[0], await reader.readexactly(length)))
        writer.write(answer(status, Location="/b") if len(seen) == 1 else answer(200))

    port = await serve(handle)
    result = await probe(HttpProbe(url=f"http://127.0.0.1:{port}/", method="POST", body="hi"), context)
    assert result.outcome is Outcome.passing
    assert seen == [(b"POST", b"hi"), (method, body)]


async def test_headers_stay_with_their_origin(context: Any, serve: Any, answer: Any) -> None:
    heads: list[bytes] = []

    async def other(reader: Any, writer: Any) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer(200))

    second = await serve(other)
    first = await serve(answer(302, Location=f"http://127.0.0.1:{second}/"))
    spec = HttpProbe(url=f"http://127.0.0.1:{first}/", headers={"Authorization": "Bearer secret"})
    assert (await probe(spec, context)).outcome is Outcome.passing
    assert b"secret" not in heads[0]
