"""gRPC health, against a server that speaks HTTP/2."""

from __future__ import annotations

import struct
import sys
from typing import Any

import h2.config
import h2.connection
import h2.events
import pytest

from gadfly.config.probe import GrpcProbe
from gadfly.monitor.probe.grpc import probe
from gadfly.monitor.probe.result import Outcome

PASS, FAIL, UNKNOWN = Outcome.passing, Outcome.fail, Outcome.unknown


class Health:
    """``grpc.health.v1.Health/Check`` for the services it knows; other behaviours by service name."""

    known: dict[bytes, int] = {b"": 1, b"shop": 1, b"cart": 2}  # noqa: RUF012
    seen: list[str]

    def __init__(self) -> None:
        self.seen = []

    async def __call__(self, reader: Any, writer: Any) -> None:
        wire = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
        )
        wire.initiate_connection()
        asked = b""
        while True:
            writer.write(wire.data_to_send())
            data = await reader.read(65_536)
            if not data:
                return
            for event in wire.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    self.seen.append(dict(event.headers)[":path"])
                elif isinstance(event, h2.events.DataReceived):
                    asked += event.data
                elif isinstance(event, h2.events.StreamEnded):
                    self.answer(wire, event.stream_id, asked[7:])

    def answer(self, wire: Any, stream: int, service: bytes) -> None:
        kind = ("content-type", "application/grpc")
        if service == b"reset":
            wire.reset_stream(stream)
        elif service == b"web":
            wire.send_headers(stream, [(":status", "404")], end_stream=True)
        elif service == b"bare":
            wire.send_headers(stream, [(":status", "200")], end_stream=True)
        elif service in self.known:
            message = b"\x08" + bytes([self.known[service]])
            wire.send_headers(stream, [(":status", "200"), kind])
            wire.send_data(stream, struct.pack("!BI", 0, len(message)) + message)
            wire.send_headers(stream, [("grpc-status", "0")], end_stream=True)
        elif service == b"empty":
            wire.send_headers(stream, [(":status", "200"), kind, ("grpc-status", "0")], end_stream=True)
        elif service == b"large":
            wire.send_headers(stream, [(":status", "200"), kind])
            for _ in range(4):
                wire.send_data(stream, b"x" * 16_000)
        else:
            code = {b"unimplemented": "12", b"tired": "14"}.get(service, "5")
            fields = [(":status", "200"), kind, ("grpc-status", code), ("grpc-message", "so%20tired")]
            wire.send_headers(stream, fields, end_stream=True)


@pytest.mark.parametrize(
    ("service", "outcome", "reason"),
    [
        ("", PASS, "is SERVING"),
        ("shop", PASS, "is SERVING for shop"),
        ("cart", FAIL, "is NOT_SERVING for cart"),
        ("nobody", FAIL, "knows no service nobody"),
        ("unimplemented", FAIL, "has no gRPC health service"),
        ("tired", FAIL, "answered UNAVAILABLE for tired: so tired"),
        ("empty", FAIL, "answered without a health status"),
        ("bare", FAIL, "answered without a gRPC status"),
        ("web", FAIL, "answered HTTP 404 instead of gRPC"),
        ("reset", FAIL, "ended the call without a gRPC answer"),
        ("large", FAIL, "instead of a health status"),
    ],
)
async def test_judgement(
    context: Any, serve: Any, service: str, outcome: Outcome, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gadfly.monitor.probe.grpc.LIMIT", 60_000)
    server = Health()
    port = await serve(server)
    result = await probe(GrpcProbe(address=f"127.0.0.1:{port}", service=service), context)
    assert result.outcome is outcome, result.reason
    assert reason in result.reason
    assert server.seen == ["/grpc.health.v1.Health/Check"]


async def test_over_tls(context: Any, serve: Any, authority: Any) -> None:
    tls = authority.server()
    tls.set_alpn_protocols(["h2"])
    port = await serve(Health(), tls=tls)
    address = f"127.0.0.1:{port}"
    result = await probe(GrpcProbe(address=address, tls=True, ca=authority.file), context)
    assert result.outcome is PASS, result.reason
    assert result.certificate_expires is not None
    assert (await probe(GrpcProbe(address=address, tls=True), context)).outcome is FAIL


async def test_not_http_2(context: Any, serve: Any) -> None:
    async def handle(reader: Any, writer: Any) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    port = await serve(handle)
    result = await probe(GrpcProbe(address=f"127.0.0.1:{port}"), context)
    assert result.outcome is FAIL
    assert "did not answer in HTTP/2" in result.reason


async def test_closed_without_a_word(context: Any, serve: Any) -> None:
    async def handle(reader: Any, writer: Any) -> None:
        await reader.read(10_000)

    port = await serve(handle)
    result = await probe(GrpcProbe(address=f"127.0.0.1:{port}"), context)
    assert result.outcome is FAIL


async def test_without_h2(context: Any, serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h2.connection", None)
    port = await serve(Health())
    result = await probe(GrpcProbe(address=f"127.0.0.1:{port}"), context)
    assert result.outcome is UNKNOWN
    assert "install gadfly[grpc]" in result.reason


async def test_an_answer_that_is_no_http_at_all(context: Any, serve: Any) -> None:
    async def handle(reader: Any, writer: Any) -> None:
        await reader.read(1000)
        writer.write(b"\0\0\x04\x08\0\0\0\0\0\0\0\0\0" * 4)
        await reader.read(1000)

    port = await serve(handle)
    result = await probe(GrpcProbe(address=f"127.0.0.1:{port}"), context)
    assert result.outcome is FAIL
    assert "did not answer in HTTP/2: " in result.reason


async def test_a_spec_that_cannot_be_used(context: Any) -> None:
    result = await probe(GrpcProbe(address="cart"), context)
    assert result.outcome is UNKNOWN
