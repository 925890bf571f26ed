"""The rows of the API's table where metrics are pushed: the Pushgateway's paths, also under `/push`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

from starlette.responses import Response

from gadfly.web import push
from gadfly.web.auth import INGEST
from gadfly.web.route import Call, Endpoint

Handler = Callable[[Call], Awaitable[Response]]

_ROWS: tuple[tuple[Literal["PUT", "POST", "DELETE"], Handler, str, int], ...] = (
    ("PUT", push.put, "Push a group of metrics; what it had before is replaced", 200),
    ("POST", push.post, "Push metrics; those of the same names in the group are replaced", 200),
    ("DELETE", push.delete, "Let go of a group of metrics that were pushed", 202),
)

ENDPOINTS: tuple[Endpoint, ...] = tuple(
    Endpoint(
        method=method,
        path=path,
        handler=handler,
        summary=summary,
        scope=INGEST,
        takes="" if method == "DELETE" else "text/plain",
        limit=push.BODY,
        status=status,
        errors=(400, 503) if method == "DELETE" else (400, 413, 415, 429, 503),
        media="text/plain",
        help="`group` is the job's name, then labels and values in turn, as to Prometheus' Pushgateway; "
        "`LABEL@base64` before a value that is so encoded. What was answered with success is on disk.",
    )
    for path in (
        "/metrics/job/{group:path}",
        "/metrics/job@base64/{group:path}",
        "/push/metrics/job/{group:path}",
        "/push/metrics/job@base64/{group:path}",
    )
    for method, handler, summary, status in _ROWS
)
