"""TCP: connecting, sending and expecting."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from gadfly.config.probe import TcpProbe
from gadfly.monitor.probe.result import Outcome
from gadfly.monitor.probe.tcp import probe, unescape

PASS, FAIL, UNKNOWN = Outcome.passing, Outcome.fail, Outcome.unknown


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("PING\\r\\n", b"PING\r\n"),
        ("\\x00\\xfF\\t\\0\\\\n", b"\x00\xff\t\x00\\n"),
        ("\\q", b"\\q"),
        ("ü", b"\xc3\xbc"),
        ("", b""),
        ("a\\", b"a\\"),
    ],
)
def test_unescape(text: str, wanted: bytes) -> None:
    assert unescape(text) == wanted


def redis(*words: bytes, pause: float = 0.0, greet: bytes = b"") -> Any:
    async def handle(reader: Any, writer: Any) -> None:
        if greet:
            writer.write(greet)
        else:
            await reader.readuntil(b"\r\n")
        for word in words:
            writer.write(word)
            await writer.drain()
            await asyncio.sleep(pause)

    return handle


@pytest.mark.parametrize(
    ("server", "spec", "outcome", "reason"),
    [
        (redis(), {}, PASS, "accepts connections"),
        (redis(b"+PONG\r\n"), {"send": "PING\\r\\n", "expect": "^\\+PO"}, PASS, "as expected: +PONG"),
        (redis(b"+PO", b"NG\r\n", pause=0.05), {"send": "\\r\\n", "expect": "PONG"}, PASS, "as expected"),
        (redis(greet=b"SSH-2.0-x\r\n"), {"expect": "^SSH-2"}, PASS, "answered as expected: SSH-2.0-x"),
        (redis(b"-ERR\r\n"), {"send": "PING\\r\\n", "expect": "PONG"}, FAIL, 'did not say "PONG", but: -ERR'),
        (redis(), {"send": "PING\\r\\n", "expect": "PONG"}, FAIL, "closed the connection without an answer"),
        (redis(b"x", pause=9), {"send": "PING\\r\\n", "expect": "PONG", "timeout": 0.2}, FAIL,
         'did not say "PONG" within 0.2 s, but: x'),
        (redis(pause=9), {"expect": "PONG", "timeout": 0.2}, FAIL, "no answer within 0.2 s"),
        (redis(b"y" * 500), {"send": "\\r\\n", "expect": "Z", "limit": 100}, FAIL, 'not say "Z", but: yyy'),
        (redis(b"a" * 60 + b"b"), {"send": "\\r\\n", "expect": "(a+)+$"}, UNKNOWN, "takes too long"),
    ],
)  # fmt: skip
async def test_judgement(
    context: Any, serve: Any, server: Any, spec: dict[str, Any], outcome: Outcome, reason: str
) -> None:
    port = await serve(server)
    result = await probe(TcpProbe(address=f"127.0.0.1:{port}", **spec), context)
    assert result.outcome is outcome, result.reason
    assert reason in result.reason
    assert sum(result.phases.values()) == pytest.approx(result.seconds)


async def test_over_tls(context: Any, serve: Any, authority: Any) -> None:
    port = await serve(redis(b"+PONG\r\n"), tls=authority.server())
    result = await probe(TcpProbe(address=f"127.0.0.1:{port}", tls=True, send="\\r\\n"), context)
    assert result.outcome is FAIL
    assert "the certificate is not trusted" in result.reason
    context.trust.get(True, "").load_verify_locations(authority.file)
    for expect in ("", "PONG"):
        spec = TcpProbe(address=f"127.0.0.1:{port}", tls=True, send="\\r\\n", expect=expect)
        result = await probe(spec, context)
        assert result.outcome is PASS, result.reason
        assert "tls" in result.phases


async def test_refused(context: Any) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    result = await probe(TcpProbe(address=f"127.0.0.1:{port}"), context)
    assert result.refused
    assert result.reason == f"127.0.0.1:{port}: connection refused"


@pytest.mark.parametrize("spec", [{"address": "db1"}, {"address": "db1:5432", "expect": "("}])
async def test_a_spec_that_cannot_be_used(context: Any, spec: dict[str, Any]) -> None:
    result = await probe(TcpProbe(**spec), context)
    assert result.outcome is UNKNOWN
    assert "cannot be asked" in result.reason


async def test_the_second_address_is_tried(context: Any, serve: Any) -> None:
    """A name with two addresses, the first of which refuses."""
    port = await serve(redis())
    places = (*context.resolver.known("127.0.0.99"), *context.resolver.known("127.0.0.1"))
    context.resolver._known["two.test"] = (context.now() + 60, places)
    result = await probe(TcpProbe(address=f"two.test:{port}"), context)
    assert result.outcome is PASS
    context.resolver._known["two.test"] = (context.now() + 60, (places[0], places[0]))
    result = await probe(TcpProbe(address=f"two.test:{port}"), context)
    assert result.refused
