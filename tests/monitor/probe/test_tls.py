"""TLS: the handshake and the certificate."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.config.probe import TlsProbe
from gadfly.monitor.probe.result import Outcome
from gadfly.monitor.probe.tls import probe


@pytest.mark.parametrize(
    ("days", "spec", "outcome", "reason"),
    [
        (60, {}, Outcome.passing, "TLSv1.3, certificate is good"),
        (9.5, {}, Outcome.warn, "certificate ends in 9 days"),
        (-1.5, {}, Outcome.fail, "certificate has expired"),
        (-1.5, {"verify": False}, Outcome.fail, "certificate ended 1 day ago"),
        (60, {"server_name": "other.test"}, Outcome.fail, "Hostname mismatch"),
        (60, {"ca": ""}, Outcome.fail, "the certificate is not trusted"),
        (60, {"ca": "/nonexistent.pem"}, Outcome.unknown, "No such file"),
        (60, {"certificate": "14"}, Outcome.unknown, "not a bound"),
    ],
)
async def test_judgement(
    context: Any, serve: Any, authority: Any, days: float, spec: dict[str, Any], outcome: Outcome, reason: str
) -> None:
    async def handle(reader: Any, writer: Any) -> None:
        await reader.read(1)

    port = await serve(handle, tls=authority.server(days))
    result = await probe(TlsProbe(address=f"127.0.0.1:{port}", **{"ca": authority.file, **spec}), context)
    assert result.outcome is outcome, result.reason
    assert reason in result.reason
    assert (result.certificate_expires is not None) == (
        "certificate ends" in result.reason or "ended" in reason or outcome is Outcome.passing
    )


async def test_the_server_sees_a_whole_handshake(context: Any, serve: Any, authority: Any) -> None:
    seen = []

    async def handle(reader: Any, writer: Any) -> None:
        seen.append(writer.get_extra_info("ssl_object").version())
        await reader.read(1)

    port = await serve(handle, tls=authority.server(name="shop.test"))
    spec = TlsProbe(address=f"127.0.0.1:{port}", ca=authority.file, server_name="shop.test")
    assert (await probe(spec, context)).outcome is Outcome.passing
    for _ in range(100):
        if seen:
            break
        await context.clock.sleep(0.01)
    assert seen == ["TLSv1.3"]


async def test_a_spec_that_cannot_be_used(context: Any) -> None:
    result = await probe(TlsProbe(address="a b"), context)
    assert result.outcome is Outcome.unknown
    assert "not an address" in result.reason


async def test_a_certificate_that_cannot_be_read(
    context: Any, serve: Any, authority: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def handle(reader: Any, writer: Any) -> None:
        await reader.read(1)

    def fail(der: bytes) -> float:
        raise ValueError("odd")

    monkeypatch.setattr("gadfly.monitor.probe.certificate.ends", fail)
    port = await serve(handle, tls=authority.server())
    result = await probe(TlsProbe(address=f"127.0.0.1:{port}", ca=authority.file), context)
    assert result.outcome is Outcome.fail
    assert "the certificate cannot be read" in result.reason
