"""The rows of the API's table that are OpenTelemetry's protocol."""

from __future__ import annotations

from gadfly.telemetry.otlp_answer import PROTOBUF
from gadfly.web import otlp
from gadfly.web.auth import INGEST
from gadfly.web.route import Endpoint

PREFIXES = ("/v1", "/otlp/v1", "/api/v1/otlp/v1", "/prometheus/api/v1/otlp/v1")
"""Where an SDK sends by itself, where collectors are told to, and where Prometheus has it."""

_KEPT = (
    ("metrics", otlp.metrics, "Metrics of OpenTelemetry's, as OTLP", "`ExportMetricsServiceRequest`"),
    ("logs", otlp.logs, "Logs of OpenTelemetry's, as OTLP", "`ExportLogsServiceRequest`"),
)

ENDPOINTS: tuple[Endpoint, ...] = (
    *(
        Endpoint(
            method="POST",
            path=f"{prefix}/{path}",
            handler=handler,
            summary=summary,
            scope=INGEST,
            takes=PROTOBUF,
            media=PROTOBUF,
            limit=otlp.BODY,
            errors=(400, 413, 415, 429, 503),
            refusal=otlp.refusal,
            help=f"An {what}, as protobuf or JSON, plain or as gzip; answered in the same encoding. 200: "
            "what `partial_success` does not name is kept. 429 and 503 with Retry-After: send it again.",
        )
        for prefix in PREFIXES
        for path, handler, summary, what in _KEPT
    ),
    *(
        Endpoint(
            method="POST",
            path=f"{prefix}/traces",
            handler=otlp.traces,
            summary="Traces are not kept: 404, with the words for it",
            scope="",
            takes=PROTOBUF,
            media=PROTOBUF,
            limit=otlp.BODY,
            status=404,
            refusal=otlp.refusal,
        )
        for prefix in PREFIXES
    ),
)
