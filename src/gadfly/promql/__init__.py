"""PromQL: an expression over series, evaluated at one time or at many.

    instant(source, 'sum by (job) (rate(requests_total[5m]))', at=now_ms)
    range_query(source, 'up == 0', start=…, end=…, step=15_000)

The language is that of Prometheus 2.42, and so are the answers; where we differ is in docs/promql.md.
"""

from gadfly.promql.limits import Limits
from gadfly.promql.parse import parse, parse_selector
from gadfly.promql.query import instant, range_query
from gadfly.promql.source import STALE, Chunk, Matcher, Metadata, Source
from gadfly.promql.values import Matrix, Sample, Scalar, Series, String, Value, Vector

__all__ = [
    "STALE",
    "Chunk",
    "Limits",
    "Matcher",
    "Matrix",
    "Metadata",
    "Sample",
    "Scalar",
    "Series",
    "Source",
    "String",
    "Value",
    "Vector",
    "instant",
    "parse",
    "parse_selector",
    "range_query",
]
