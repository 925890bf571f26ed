"""The rows of the API's table where samples are written."""

from __future__ import annotations

from gadfly.web import write
from gadfly.web.auth import INGEST
from gadfly.web.route import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = tuple(
    Endpoint(
        method="POST",
        path=f"{prefix}/api/v1/write",
        handler=write.write,
        summary="Prometheus' remote write, version 1 or 2",
        scope=INGEST,
        takes=write.MEDIA,
        limit=write.BODY,
        status=204,
        errors=(400, 413, 415, 503),
        help="A snappy block of `prometheus.WriteRequest`, or of `io.prometheus.write.v2.Request` where the "
        "media type says so. 204: all samples are on disk. 400: some can never be taken, the others are on "
        "disk. 503 with Retry-After: send it again.",
    )
    for prefix in ("", "/prometheus")
)
