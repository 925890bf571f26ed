"""The standard gRPC health service, over HTTP/2 (needs h2, the extra ``gadfly[grpc]``)."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote

from gadfly.address import split
from gadfly.config.probe import GrpcProbe
from gadfly.monitor.probe import certificate, grpc_message
from gadfly.monitor.probe.context import Context
from gadfly.monitor.probe.failure import Unable, explain
from gadfly.monitor.probe.poller import Link
from gadfly.monitor.probe.result import Outcome, Result
from gadfly.monitor.probe.stopwatch import Stopwatch
from gadfly.monitor.probe.tls_link import TlsLink
from gadfly.monitor.probe.wording import line

LIMIT = 16_384
"""Bytes of an answer that is a dozen long."""
MISSING = "the grpc probe needs h2; install gadfly[grpc]"


class Plan(NamedTuple):
    host: str
    port: int


class Reply(NamedTuple):
    http: int
    code: int | None
    """gRPC's status code; None where the answer had none."""
    message: str
    data: bytes


def plan(spec: GrpcProbe) -> Plan:
    return Plan(*split(spec.address))


async def probe(spec: GrpcProbe, context: Context) -> Result:
    """Ask once; only SERVING passes."""
    watch = Stopwatch(context.now, "dns")
    link: Link | None = None
    ends: float | None = None
    try:
        target = context.plan(spec, plan)
        link = await context.connect(target.host, target.port, watch, watch.began + spec.timeout)
        stream: Link | TlsLink = link
        if spec.tls:
            watch.start("tls")
            stream = TlsLink(link, context.trust.get(spec.verify, spec.ca, "h2"), target.host)
            await stream.handshake()
            ends = _ends(stream.certificate)
        watch.start("first_byte")
        reply = await _call(stream, spec)
    except OSError as error:
        return explain(error, watch, spec.timeout, spec.address)
    finally:
        if link is not None:
            link.close()
    seconds = watch.stop()
    outcome, words = judge(reply, spec.service)
    return Result(
        outcome=outcome,
        reason=f"{spec.address} {words}",
        seconds=seconds,
        phases=watch.phases,
        certificate_expires=ends,
    )


def judge(reply: Reply, service: str) -> tuple[Outcome, str]:
    """What an answer means, in words that follow the address."""
    of = f" for {line(service, 60)}" if service else ""
    if reply.http != 200:
        return Outcome.fail, f"answered HTTP {reply.http} instead of gRPC"
    if reply.code is None or not 0 <= reply.code < len(grpc_message.CODES):
        return Outcome.fail, "answered without a gRPC status"
    if reply.code:
        name = grpc_message.CODES[reply.code]
        if name == "NOT_FOUND":
            return Outcome.fail, f"knows no service {line(service, 60)}"
        if name == "UNIMPLEMENTED":
            return Outcome.fail, "has no gRPC health service"
        return Outcome.fail, f"answered {name}{of}" + (f": {line(reply.message)}" if reply.message else "")
    status = grpc_message.status(reply.data)
    if status is None:
        return Outcome.fail, "answered without a health status"
    return Outcome.passing if status == "SERVING" else Outcome.fail, f"is {status}{of}"


def _ends(der: bytes) -> float | None:
    try:
        return certificate.ends(der)
    except ValueError:
        return None


async def _call(stream: Link | TlsLink, spec: GrpcProbe) -> Reply:
    """:raises OSError: from the edge, and where the answer is not HTTP/2."""
    try:
        import h2.config
        import h2.connection
        import h2.events
        import h2.exceptions
    except ImportError:
        raise Unable(MISSING) from None
    wire = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
    wire.initiate_connection()
    fields = [
        (":method", "POST"),
        (":scheme", "https" if spec.tls else "http"),
        (":authority", spec.address),
        (":path", grpc_message.PATH),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
        ("user-agent", "gadfly-probe"),
    ]
    wire.send_headers(1, fields)
    wire.send_data(1, grpc_message.request(spec.service), end_stream=True)
    told: dict[str, str] = {}
    data = bytearray()
    received = 0
    while True:
        await stream.send(wire.data_to_send())
        piece = await stream.receive(16_384)
        received += len(piece)
        if not piece:
            raise ConnectionAbortedError("closed the connection without a gRPC answer")
        if received == len(piece) and piece.startswith(b"HTTP/1"):
            raise ConnectionAbortedError("did not answer in HTTP/2, but in HTTP/1")
        if received > LIMIT:
            raise ConnectionAbortedError(f"sent more than {LIMIT} bytes instead of a health status")
        try:
            events = wire.receive_data(piece)
        except (h2.exceptions.H2Error, UnicodeDecodeError) as error:
            raise ConnectionAbortedError(f"did not answer in HTTP/2: {line(str(error))}") from None
        for event in events:
            if isinstance(event, h2.events.ResponseReceived | h2.events.TrailersReceived):
                told.update((str(name), str(value)) for name, value in event.headers or ())
            elif isinstance(event, h2.events.DataReceived):
                data += event.data or b""
            elif isinstance(event, h2.events.StreamReset | h2.events.ConnectionTerminated):
                raise ConnectionAbortedError("ended the call without a gRPC answer")
            elif isinstance(event, h2.events.StreamEnded):
                return _reply(told, bytes(data))


def _reply(told: dict[str, str], data: bytes) -> Reply:
    status, code = told.get(":status", ""), told.get("grpc-status", "")
    return Reply(
        int(status) if status.isascii() and status.isdigit() else 0,
        int(code) if code.isascii() and code.isdigit() and len(code) < 4 else None,
        unquote(told.get("grpc-message", "")[:400]),
        data,
    )
