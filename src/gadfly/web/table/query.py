"""The rows of the API's table that are Prometheus' own: under its prefix in whole, and without where free.

A data source is given ``http://NODE/prometheus``. Under ``/api/v1`` stands the same except ``alerts``, which
is ours there.
"""

from __future__ import annotations

from typing import Literal

from gadfly.web import prometheus, query, query_about, query_parquet, rules, sql
from gadfly.web.querying import FORM, Handler
from gadfly.web.route import Endpoint

PREFIXES = ("/prometheus/api/v1", "/api/v1")

_ROWS: tuple[tuple[str, Handler, str, str], ...] = (
    ("query", query.instant, "A PromQL expression at one time", "`query`, `time`, `timeout`."),
    (
        "query_range",
        query.ranged,
        "A PromQL expression at many times",
        "`query`, `start`, `end`, `step`, `timeout`; at most 11,000 steps.",
    ),
    ("labels", query_about.labels, "Names of labels", "`match[]`, `start`, `end`, `limit`."),
    (
        "series",
        query_about.series,
        "Label sets of the series that match",
        "`match[]`, `start`, `end`, `limit`.",
    ),
    ("query_exemplars", query_about.exemplars, "Exemplars", "`query`, `start`, `end`. None are kept."),
)
_ONLY_GET: tuple[tuple[str, Handler, str, str], ...] = (
    (
        "label/{name}/values",
        query_about.label_values,
        "Values of a label",
        "`match[]`, `start`, `end`, `limit`.",
    ),
    ("metadata", query_about.metadata, "What the metrics are", "`metric`, `limit`."),
    ("rules", rules.rules, "Rules in PromQL", "`type`, `rule_name[]`, `rule_group[]`, `file[]`."),
    (
        "targets/metadata",
        query_about.targets_metadata,
        "What the metrics are, one a row",
        "`metric`, `limit`.",
    ),
    ("status/tsdb", query_about.tsdb, "Of what there are how many series", "`limit`."),
    ("status/buildinfo", query_about.buildinfo, "The Prometheus whose API this is", ""),
)


def _row(method: Literal["GET", "POST"], prefix: str, row: tuple[str, Handler, str, str]) -> Endpoint:
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
    Endpoint(
        method="POST",
        path="/api/v1/sql",
        handler=sql.select,
        summary="Series in SQL, read-only",
        body=sql.SqlQuery,
        gives=sql.SqlAnswer,
        errors=(400, 422, 503),
        help="One SELECT over a snapshot, by DuckDB in a process of its own that reads nothing else. The "
        "views: `samples` (metric, labels, time, value), `series`; `minutes`, `hours`: what was thinned.",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/export",
        handler=query_parquet.export,
        summary="The samples that a selector reads, as a Parquet file",
        media=query_parquet.MEDIA,
        errors=(400, 422, 503),
        refusal=prometheus.refusal,
        help="`match[]` (one), `start`, `end`. Columns: metric, labels (a map), time (UTC), value.",
    ),
    _row("GET", PREFIXES[0], ("alerts", rules.alerts, "What is pending or fires", "")),
)
