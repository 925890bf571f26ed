"""What an HTTP probe makes of answers."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from gadfly.config.probe import HttpProbe
from gadfly.monitor.probe.http import probe
from gadfly.monitor.probe.result import Outcome

PASS, WARN, FAIL, UNKNOWN = Outcome.passing, Outcome.warn, Outcome.fail, Outcome.unknown
HEALTH = "application/health+json"


@pytest.mark.parametrize(
    ("spec", "status", "body", "kind", "outcome", "reason"),
    [
        ({}, 200, b"", "", PASS, "GET /x answered 200"),
        ({}, 204, b"", "", PASS, "GET /x answered 204"),
        ({}, 503, b"", "", FAIL, "GET /x answered 503"),
        ({}, 302, b"", "", FAIL, "GET /x answered 302"),
        ({"status": 503}, 503, b"", "", PASS, "GET /x answered 503"),
        ({"status": (200, 404)}, 404, b"", "", PASS, "GET /x answered 404"),
        ({"status": (200, 404)}, 201, b"", "", FAIL, "GET /x answered 201"),
        ({"contains": "well"}, 200, b"all is well", "", PASS, "GET /x answered 200"),
        ({"contains": "well$"}, 200, b"bad", "", FAIL, 'GET /x: the body lacks "well$"'),
        ({"contains": "^(a+)+$"}, 200, b"aaa", "", PASS, "GET /x answered 200"),
        ({"lacks": "panic"}, 200, b"no panic", "", FAIL, 'GET /x: the body contains "panic"'),
        ({"contains": "b", "limit": 3}, 200, b"aaab", "", FAIL, 'GET /x: the body lacks "b"'),
        ({"json": {"a.b[0]": 1}}, 200, b'{"a":{"b":[1]}}', "", PASS, "GET /x answered 200"),
        ({"json": {"a.b[0]": 2}}, 200, b'{"a":{"b":[1]}}', "", FAIL, "GET /x: a.b[0] is 1, not 2"),
        ({"json": {"a.c": None}}, 200, b'{"a":{"b":[1]}}', "", FAIL, "GET /x: a.c is not in the answer"),
        ({"json": {"a": 1}}, 200, b"{", "", FAIL, "GET /x answered 200, but its body is not JSON"),
        ({"json": {"a": 1}}, 200, b"[" * 90_000, "", FAIL, "GET /x answered 200, but its body is not JSON"),
        ({"json": {"a": 1}, "limit": 2}, 200, b'{"a":1}', "", FAIL,
         "GET /x answered 200, but its body is longer than the limit"),
        ({}, 200, b'{"status":"pass"}', HEALTH, PASS, "GET /x answered 200"),
        ({}, 200, b'{"status":"warn"}', HEALTH, WARN, "GET /x answered 200, health warn"),
        ({}, 200, b'{"status":"fail","checks":{"db":[{"status":"fail","output":"full"}]}}', HEALTH, FAIL,
         "GET /x answered 200: db is fail (full)"),
        ({}, 503, b'{"status":"fail","output":"db"}', HEALTH, FAIL, "GET /x answered 503: db"),
        ({}, 503, b'{"status":"pass"}', HEALTH, FAIL, "GET /x answered 503"),
        ({}, 200, b"nonsense", HEALTH, PASS, "GET /x answered 200"),
        ({"health": False}, 200, b'{"status":"fail"}', HEALTH, PASS, "GET /x answered 200"),
        ({"slow": 1e-9}, 200, b"", "", WARN, "GET /x took"),
        ({"slow": 1e-9}, 500, b"", "", FAIL, "GET /x answered 500"),
        ({"contains": "(a+)+$"}, 200, b"a" * 60 + b"b", "", UNKNOWN, "takes too long"),
    ],
)  # fmt: skip
async def test_judgement(
    context: Any, serve: Any, answer: Any,
    spec: dict[str, Any], status: int, body: bytes, kind: str, outcome: Outcome, reason: str,
) -> None:  # fmt: skip
    port = await serve(answer(status, body, Content_Type=kind) if kind else answer(status, body))
    result = await probe(HttpProbe(url=f"http://127.0.0.1:{port}/x?secret=1", **spec), context)
    assert result.outcome is outcome, result.reason
    assert reason in result.reason
    assert set(result.phases) == {"dns", "connect", "first_byte", "body"}
    assert sum(result.phases.values()) == pytest.approx(result.seconds)
    assert bool(result.output) is (outcome is not PASS and bool(body))


async def test_compression_that_was_not_asked_for_is_told(context: Any, serve: Any, answer: Any) -> None:
    port = await serve(answer(200, b"\x1f\x8b bomb", Content_Encoding="gzip"))
    result = await probe(HttpProbe(url=f"http://127.0.0.1:{port}/", contains="well"), context)
    assert result.reason == 'GET /: the body lacks "well" (it is gzip, which we did not ask for)'


@pytest.mark.parametrize(
    ("spec", "sent"),
    [
        ({"method": "HEAD"}, b"HEAD / HTTP/1.1\r\n"),
        ({"method": "POST", "body": "hi"}, b"Content-Length: 2\r\nConnection: close\r\n\r\n"),
        ({"headers": {"X-A": "1"}}, b"\r\nX-A: 1\r\n"),
    ],
)
async def test_what_is_sent(context: Any, serve: Any, answer: Any, spec: dict[str, Any], sent: bytes) -> None:
    seen = []

    async def handle(reader: Any, writer: Any) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n" + (b"" if seen[0][:1] == b"H" else b"1234567")
        )

    port = await serve(handle)
    result = await probe(HttpProbe(url=f"http://127.0.0.1:{port}", **spec), context)
    assert result.outcome is PASS, result.reason
    assert sent in seen[0]


async def test_refused(context: Any) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    result = await probe(HttpProbe(url=f"http://127.0.0.1:{port}/"), context)
    assert result.outcome is FAIL
    assert result.refused
    assert result.reason == f"127.0.0.1:{port}: connection refused"


async def test_a_name_is_resolved(context: Any, serve: Any, answer: Any) -> None:
    port = await serve(answer())
    result = await probe(HttpProbe(url=f"http://localhost:{port}/"), context)
    assert result.outcome is PASS, result.reason
    assert result.phases["dns"] > 0


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"url": "ftp://a/"}, "not a URL of http"),
        ({"url": "http://a/", "contains": "("}, "not a regular expression"),
        ({"url": "http://a/", "json": {"a..b": 1}}, "not a JSON path"),
        ({"url": "http://a/", "certificate": "14"}, "not a bound"),
        ({"url": "http://a/", "headers": {"A": "b\r\nC: d"}}, "not a header"),
        ({"url": "https://127.0.0.1:9/", "ca": "/nonexistent/ca.pem"}, ""),
    ],
)
async def test_a_spec_that_cannot_be_used_is_not_the_targets_failure(
    context: Any, spec: dict[str, Any], words: str
) -> None:
    result = await probe(HttpProbe(**spec), context)
    if words:
        assert result.outcome is UNKNOWN
    assert words in result.reason
