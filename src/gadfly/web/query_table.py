"""The rows of the API's table that are Prometheus' own: under its prefix in whole, and without where free.

A data source is given ``http://NODE/prometheus``. Under ``/api/v1`` stands the same except ``alerts``, which
is ours there.
"""

from __future__ import annotations

from typing import Literal

from gadfly.web import prometheus, query
from gadfly.web.query import FORM
from gadfly.web.route import Endpoint

PREFIXES = ("/prometheus/api/v1", "/api/v1")

_ROWS: tuple[tuple[str, query.Handler, str, str], ...] = (
    ("query", query.instant, "A PromQL expression at one time", "`query`, `time`, `timeout`."),
    (
        "query_range",
        query.ranged,
        "A PromQL expression at many times",
        "`query`, `start`, `end`, `step`, `timeout`; at most 11,000 steps.",
    ),
    ("labels", query.labels, "Names of labels", "`match[]`, `start`, `end`."),
    ("series", query.series, "Label sets of the series that match", "`match[]`, `start`, `end`."),
)
_ONLY_GET: tuple[tuple[str, query.Handler, str, str], ...] = (
    ("label/{name}/values", query.label_values, "Values of a label", "`match[]`, `start`, `end`."),
    ("metadata", query.metadata, "What the metrics are", "`metric`, `limit`."),
    ("rules", query.rules, "Rules in PromQL", "None are loaded: the groups are empty."),
    ("status/buildinfo", query.buildinfo, "The Prometheus whose API this is", ""),
)


def _row(method: Literal["GET", "POST"], prefix: str, row: tuple[str, query.Handler, str, str]) -> Endpoint:
    path, handler, summary, about = row
    return Endpoint(
        method=method,
        path=f"{prefix}/{path}",
        handler=handler,
        summary=f"{summary}, as Prometheus answers",
        takes=FORM if method == "POST" else "",
        gives=dict,
        errors=(400, 422, 503),
        refusal=prometheus.refusal,
        help=f"{about} Errors are in Prometheus' form.".strip(),
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    *(_row("GET", prefix, row) for prefix in PREFIXES for row in (*_ROWS, *_ONLY_GET)),
    *(_row("POST", prefix, row) for prefix in PREFIXES for row in _ROWS),
    _row("GET", PREFIXES[0], ("alerts", query.alerts, "What fires now", "")),
)
