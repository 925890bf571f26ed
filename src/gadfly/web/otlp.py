"""Handlers: OpenTelemetry's protocol over HTTP, for metrics and logs.

200 says that what was taken is kept, and what was not: that must not be sent again. 400 says that it can
never be taken, 429 and 503 that it may be sent again, and when. Each answer is in the encoding of its
request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.responses import Response

from gadfly.errors import FormatError, LimitError, StoreError
from gadfly.telemetry import otlp_answer
from gadfly.telemetry.gunzip import gunzip
from gadfly.telemetry.otlp_answer import JSON, PROTOBUF, Counted, Taken
from gadfly.web.problem import Trouble
from gadfly.web.route import Call, read_body

BODY = 8 << 20
"""Bytes of a request as it comes; an SDK sends some kilobytes, a collector's batch a few hundred."""
UNPACKED = 16 << 20
"""Bytes of a request that came as gzip."""
SMALL = 65_536
"""Bytes that are unpacked at once; more are in a thread."""
AGAIN = {"retry-after": "2"}

Take = Callable[[Call, bytes, bool], Awaitable[Taken]]


def refusal(status: int, detail: str, headers: dict[str, str] | None, media: str = JSON) -> Response:
    """A google.rpc.Status; in JSON where it is not known what the client reads."""
    return Response(otlp_answer.status(media, status, detail), status, headers, media)


def _encoding(call: Call) -> str:
    media = call.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in (PROTOBUF, JSON):
        raise Trouble(415, f"OTLP comes as Content-Type: {PROTOBUF} or {JSON}.")
    return media


async def _body(call: Call) -> bytes:
    packing = call.request.headers.get("content-encoding", "").strip().lower()
    if packing not in ("", "identity", "gzip"):
        raise Trouble(415, "OTLP comes as it is, or with Content-Encoding: gzip.")
    body = await read_body(call.request, BODY)
    if packing != "gzip":
        return body
    if len(body) <= SMALL:
        return gunzip(body, UNPACKED)
    return await asyncio.to_thread(gunzip, body, UNPACKED)


async def _answer(call: Call, counted: Counted, take: Take) -> Response:
    try:
        media = _encoding(call)
    except Trouble as trouble:
        return refusal(trouble.status, trouble.detail, trouble.headers)
    try:
        length = call.request.headers.get("content-length", "")
        try:
            with call.node.otlp.room(int(length) if length.isdecimal() else BODY):
                try:
                    body = await _body(call)
                except LimitError as error:
                    return refusal(413, str(error), None, media)
                taken = await take(call, body, media == JSON)
        except LimitError as error:
            return refusal(429, str(error), AGAIN, media)
    except Trouble as trouble:
        return refusal(trouble.status, trouble.detail, trouble.headers, media)
    except FormatError as error:
        return refusal(400, str(error), None, media)
    except StoreError as error:
        return refusal(503, str(error), AGAIN, media)
    return Response(otlp_answer.success(media, counted, taken.rejected, taken.message), media_type=media)


def _address(call: Call) -> str:
    return call.request.client.host if call.request.client else ""


async def metrics(call: Call) -> Response:
    """An ExportMetricsServiceRequest."""

    async def take(call: Call, body: bytes, json: bool) -> Taken:
        otlp = call.node.otlp
        return await otlp.metrics(body, json=json, sender=call.who.name, address=_address(call))

    return await _answer(call, "rejectedDataPoints", take)


async def logs(call: Call) -> Response:
    """An ExportLogsServiceRequest."""

    async def take(call: Call, body: bytes, json: bool) -> Taken:
        return await call.node.otlp.logs(body, json=json, address=_address(call))

    return await _answer(call, "rejectedLogRecords", take)


async def traces(call: Call) -> Response:
    """Nobody shall wait for what is not kept: an SDK gives up at once and says why."""
    said = "gadfly keeps metrics and logs, no traces: set OTEL_TRACES_EXPORTER=none, or send them elsewhere."
    media = call.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return refusal(404, said, {"connection": "close"}, PROTOBUF if media == PROTOBUF else JSON)
