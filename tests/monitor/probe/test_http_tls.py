"""HTTPS: phases, certificates, trust and sessions."""

from __future__ import annotations

import ssl
import time
from typing import Any

import pytest

from gadfly.config.probe import HttpProbe
from gadfly.monitor.probe.certificate import DAY
from gadfly.monitor.probe.http import RESUME, probe
from gadfly.monitor.probe.result import Outcome

PASS, WARN, FAIL, UNKNOWN = Outcome.passing, Outcome.warn, Outcome.fail, Outcome.unknown


@pytest.mark.parametrize(
    ("days", "spec", "outcome", "reason"),
    [
        (60, {}, PASS, "GET / answered 200"),
        (9.5, {"certificate": "> 14d"}, WARN, "certificate ends in 9 days"),
        (-2.5, {}, FAIL, "the certificate is not trusted: certificate has expired"),
        (-2.5, {"verify": False}, FAIL, "certificate ended 2 days ago"),
        (60, {"ca": ""}, FAIL, "the certificate is not trusted: "),
        (60, {"ca": "", "verify": False}, PASS, "GET / answered 200"),
        (60, {"ca": "/nonexistent.pem"}, UNKNOWN, 'ca = "/nonexistent.pem": No such file'),
    ],
)
async def test_certificates(
    context: Any, serve: Any, answer: Any, authority: Any,
    days: float, spec: dict[str, Any], outcome: Outcome, reason: str,
) -> None:  # fmt: skip
    port = await serve(answer(200, b"x"), tls=authority.server(days))
    result = await probe(
        HttpProbe(url=f"https://127.0.0.1:{port}/", **{"ca": authority.file, **spec}), context
    )
    assert result.outcome is outcome, result.reason
    assert reason in result.reason
    if outcome in (PASS, WARN):
        assert set(result.phases) == {"dns", "connect", "tls", "first_byte", "body"}
        assert result.certificate_expires == pytest.approx(time.time() + days * DAY, abs=60)


async def test_a_file_without_certificates(context: Any, authority: Any) -> None:
    empty = authority.folder / "empty.pem"
    empty.write_text("")
    result = await probe(HttpProbe(url="https://127.0.0.1:9/", ca=str(empty)), context)
    assert result.outcome is UNKNOWN or result.refused


async def test_another_name(context: Any, serve: Any, answer: Any, authority: Any) -> None:
    port = await serve(answer(), tls=authority.server(60, "127.0.0.9"))
    result = await probe(HttpProbe(url=f"https://127.0.0.1:{port}/", ca=authority.file), context)
    assert result.outcome is FAIL
    assert "IP address mismatch" in result.reason


async def test_not_tls_at_all(context: Any, serve: Any) -> None:
    async def handle(reader: Any, writer: Any) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    port = await serve(handle)
    result = await probe(HttpProbe(url=f"https://127.0.0.1:{port}/"), context)
    assert result.outcome is FAIL
    assert "TLS: wrong version number" in result.reason


async def test_closed_in_the_handshake(context: Any, serve: Any) -> None:
    async def handle(reader: Any, writer: Any) -> None:
        await reader.read(10_000)

    port = await serve(handle)
    result = await probe(HttpProbe(url=f"https://127.0.0.1:{port}/"), context)
    assert result.outcome is FAIL
    assert "closed during the TLS handshake" in result.reason


async def test_a_session_is_resumed_for_a_while(
    context: Any, serve: Any, answer: Any, authority: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = authority.server()
    resumed: list[bool] = []

    async def handle(reader: Any, writer: Any) -> None:
        resumed.append(writer.get_extra_info("ssl_object").session_reused)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer(200))

    port = await serve(handle, tls=server)
    spec = HttpProbe(url=f"https://127.0.0.1:{port}/", ca=authority.file, resume=True)
    for _ in range(3):
        result = await probe(spec, context)
        assert result.outcome is PASS, result.reason
        assert result.certificate_expires is not None
    monkeypatch.setattr(context, "now", lambda: time.monotonic() + RESUME)
    await probe(spec, context)
    assert resumed == [False, True, True, False]


async def test_kept_over_tls(context: Any, serve: Any, answer: Any, authority: Any) -> None:
    connections = 0

    async def handle(reader: Any, writer: Any) -> None:
        nonlocal connections
        connections += 1
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(answer(200))

    port = await serve(handle, tls=authority.server())
    spec = HttpProbe(url=f"https://127.0.0.1:{port}/", ca=authority.file, keep_alive=True)
    for _ in range(3):
        result = await probe(spec, context)
        assert result.outcome is PASS, result.reason
        assert result.certificate_expires is not None
    assert connections == 1


async def test_tls_1_2(context: Any, serve: Any, answer: Any, authority: Any) -> None:
    server = authority.server()
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    port = await serve(answer(), tls=server)
    result = await probe(HttpProbe(url=f"https://127.0.0.1:{port}/", ca=authority.file), context)
    assert result.outcome is PASS


async def test_a_certificate_that_cannot_be_read_is_passed_over(
    context: Any, serve: Any, answer: Any, authority: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(der: bytes) -> float:
        raise ValueError("odd")

    monkeypatch.setattr("gadfly.monitor.probe.certificate.ends", fail)
    port = await serve(answer(), tls=authority.server())
    result = await probe(HttpProbe(url=f"https://127.0.0.1:{port}/", ca=authority.file), context)
    assert result.outcome is PASS
    assert result.certificate_expires is None


async def test_reset_in_the_middle(context: Any, serve: Any, authority: Any) -> None:
    async def handle(reader: Any, writer: Any) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")
        await writer.drain()
        writer.transport.abort()

    port = await serve(handle, tls=authority.server())
    result = await probe(HttpProbe(url=f"https://127.0.0.1:{port}/", ca=authority.file), context)
    assert result.outcome is FAIL
    assert not result.refused
