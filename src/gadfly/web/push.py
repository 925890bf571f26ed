"""Handlers: pushes as to Prometheus' Pushgateway."""

from __future__ import annotations

from starlette.responses import Response

from gadfly.errors import FormatError, LimitError, StoreError
from gadfly.telemetry.push import BASE64
from gadfly.web.problem import Trouble
from gadfly.web.route import Call, read_body

BODY = 4_000_000
"""Bytes of a push: some 40,000 samples."""
AGAIN = {"retry-after": "2"}
ENCODED = ("/metrics/job@base64/", "/push/metrics/job@base64/")
TEXT = ("text/plain", "application/x-www-form-urlencoded", "application/octet-stream", "")
"""Media types that are read as text: the right one, and what curl and others say who say nothing."""


async def put(call: Call) -> Response:
    """Replace a whole group."""
    return await _push(call, replace=True)


async def post(call: Call) -> Response:
    """Replace the families of these names in a group."""
    return await _push(call, replace=False)


async def delete(call: Call) -> Response:
    """Let go of a group."""
    try:
        await call.node.pushes.delete(_group(call))
    except FormatError as error:
        raise Trouble(400, str(error)) from None
    except StoreError as error:
        raise Trouble(503, str(error), AGAIN) from None
    return Response(status_code=202)


def _group(call: Call) -> str:
    """What stands behind `/metrics/job`."""
    encoded = call.request.url.path.startswith(ENCODED)
    return f"{BASE64 if encoded else ''}{'/' if encoded else ''}{call.path('group')}"


async def _push(call: Call, *, replace: bool) -> Response:
    headers = call.request.headers
    if headers.get("content-type", "").partition(";")[0].strip().lower() not in TEXT:
        raise Trouble(415, "A push is Prometheus' text format: Content-Type: text/plain; version=0.0.4.")
    if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise Trouble(415, "A push is not packed; send it without Content-Encoding.")
    body = await read_body(call.request, BODY)
    try:
        await call.node.pushes.push(_group(call), body, replace=replace)
    except FormatError as error:
        raise Trouble(400, str(error)) from None
    except LimitError as error:
        raise Trouble(429, str(error)) from None
    except StoreError as error:
        raise Trouble(503, str(error), AGAIN) from None
    return Response(status_code=200)
