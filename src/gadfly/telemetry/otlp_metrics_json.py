"""OTLP's ExportMetricsServiceRequest, from JSON.

Source: the OTLP specification, "JSON Protobuf Encoding": names in lowerCamelCase, integers as numbers or
texts, unknown names passed over.
"""

from __future__ import annotations

import msgspec

from gadfly.errors import FormatError
from gadfly.telemetry.otlp_points import (
    NO_VALUE,
    Exponential,
    Head,
    Histogram,
    Metric,
    Numbers,
    Resource,
    Seen,
    Summary,
    Type,
    nobody,
)
from gadfly.telemetry.otlp_value import HOLDER, Tally, few_objects, integer, number

_NONE = msgspec.Raw(b"[]")
_Integer = int | str | None
_Double = float | str | None


class _Camel(msgspec.Struct, rename="camel"):
    pass


class _Point(_Camel):
    attributes: msgspec.Raw = _NONE
    start_time_unix_nano: _Integer = None
    time_unix_nano: _Integer = None
    flags: _Integer = None


class _Number(_Point):
    as_double: _Double = None
    as_int: _Integer = None


class _Histogram(_Point):
    count: _Integer = None
    sum: _Double = None
    bucket_counts: list[int | str] | None = None
    explicit_bounds: list[float | str] | None = None


class _Quantile(_Camel):
    quantile: _Double = None
    value: _Double = None


class _Summary(_Point):
    count: _Integer = None
    sum: _Double = None
    quantile_values: list[_Quantile] | None = None


class _Gauge(_Camel):
    data_points: list[_Number] | None = None


class _Sum(_Camel):
    data_points: list[_Number] | None = None
    aggregation_temporality: int | None = None
    is_monotonic: bool | None = None


class _Histograms(_Camel):
    data_points: list[_Histogram] | None = None
    aggregation_temporality: int | None = None


class _Buckets(_Camel):
    offset: _Integer = None
    bucket_counts: list[int | str] | None = None


class _ExponentialPoint(_Point):
    count: _Integer = None
    sum: _Double = None
    scale: _Integer = None
    zero_count: _Integer = None
    zero_threshold: _Double = None
    positive: _Buckets | None = None
    negative: _Buckets | None = None


class _Exponential(_Camel):
    data_points: list[_ExponentialPoint] | None = None
    aggregation_temporality: int | None = None


class _Summaries(_Camel):
    data_points: list[_Summary] | None = None


class _Metric(_Camel):
    name: str | None = None
    description: str | None = None
    unit: str | None = None
    gauge: _Gauge | None = None
    sum: _Sum | None = None
    histogram: _Histograms | None = None
    exponential_histogram: _Exponential | None = None
    summary: _Summaries | None = None


class _Scope(_Camel):
    metrics: list[_Metric] | None = None


class _Resource(_Camel):
    attributes: msgspec.Raw = _NONE


class _ResourceMetrics(_Camel):
    resource: _Resource | None = None
    scope_metrics: list[_Scope] | None = None


class _Request(_Camel):
    resource_metrics: list[_ResourceMetrics] | None = None


_decode = msgspec.json.Decoder(_Request).decode


def decode(data: bytes, seen: Seen = nobody) -> list[Resource]:
    """All of a request. FormatError where it is none, with the path to what is wrong."""
    few_objects(data)
    tally = Tally()
    try:
        request = _decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError(f"OTLP: this is no request in JSON: {error}") from None
    for one in request.resource_metrics or ():
        tally.take(HOLDER)
        for scope in one.scope_metrics or ():
            tally.take(HOLDER + sum(HOLDER + _points(metric) for metric in scope.metrics or ()))
    return [
        Resource(
            bytes(one.resource.attributes) if one.resource else b"[]",
            [_metric(metric) for scope in one.scope_metrics or () for metric in scope.metrics or ()],
        )
        for one in request.resource_metrics or ()
    ]


def _points(said: _Metric) -> int:
    kinds = (said.gauge, said.sum, said.histogram, said.summary, said.exponential_histogram)
    return sum(len(kind.data_points or ()) for kind in kinds if kind is not None)


def _metric(said: _Metric) -> Metric:
    kind: Type = ""
    temporality, monotonic = 0, False
    numbers = Numbers([], [], [], [])
    histograms: list[Histogram] = []
    summaries: list[Summary] = []
    exponentials: list[Exponential] = []
    if said.gauge is not None:
        kind = "gauge"
        _numbers(said.gauge.data_points, numbers)
    elif said.sum is not None:
        kind, temporality = "sum", said.sum.aggregation_temporality or 0
        monotonic = bool(said.sum.is_monotonic)
        _numbers(said.sum.data_points, numbers)
    elif said.histogram is not None:
        kind, temporality = "histogram", said.histogram.aggregation_temporality or 0
        histograms = [_histogram(point) for point in said.histogram.data_points or ()]
    elif said.summary is not None:
        kind = "summary"
        summaries = [_summary(point) for point in said.summary.data_points or ()]
    elif said.exponential_histogram is not None:
        kind = "exponential"
        temporality = said.exponential_histogram.aggregation_temporality or 0
        exponentials = [_exponential(point) for point in said.exponential_histogram.data_points or ()]
    head = Head(said.name or "", said.unit or "", kind, temporality, monotonic)
    return Metric(head, said.description or "", numbers, histograms, summaries, exponentials)


def _numbers(points: list[_Number] | None, into: Numbers) -> None:
    for point in points or ():
        if integer(point.flags) & 1 or (point.as_double is None and point.as_int is None):
            value = NO_VALUE
        elif point.as_int is not None:
            value = float(integer(point.as_int))
        else:
            value = number(point.as_double)
        into.keys.append(bytes(point.attributes))
        into.starts.append(_time(point.start_time_unix_nano))
        into.times.append(_time(point.time_unix_nano))
        into.values.append(value)


def _time(said: _Integer) -> int:
    found = integer(said)
    if found < 0:
        raise FormatError("OTLP: a time lies before 1970")
    return found


def _unsigned(said: _Integer) -> int:
    found = integer(said)
    if found < 0:
        raise FormatError("OTLP: a count is negative")
    return found


def _histogram(point: _Histogram) -> Histogram:
    return Histogram(
        bytes(point.attributes),
        _time(point.start_time_unix_nano),
        _time(point.time_unix_nano),
        _unsigned(point.count),
        None if point.sum is None else number(point.sum),
        tuple(map(number, point.explicit_bounds or ())),
        tuple(map(_unsigned, point.bucket_counts or ())),
        bool(integer(point.flags) & 1),
    )


def _summary(point: _Summary) -> Summary:
    return Summary(
        bytes(point.attributes),
        _time(point.start_time_unix_nano),
        _time(point.time_unix_nano),
        _unsigned(point.count),
        number(point.sum),
        tuple((number(one.quantile), number(one.value)) for one in point.quantile_values or ()),
        bool(integer(point.flags) & 1),
    )


def _exponential(point: _ExponentialPoint) -> Exponential:
    return Exponential(
        bytes(point.attributes),
        _time(point.start_time_unix_nano),
        _time(point.time_unix_nano),
        _unsigned(point.count),
        None if point.sum is None else number(point.sum),
        integer(point.scale),
        _unsigned(point.zero_count),
        number(point.zero_threshold),
        _buckets(point.positive),
        _buckets(point.negative),
        bool(integer(point.flags) & 1),
    )


def _buckets(said: _Buckets | None) -> tuple[int, tuple[int, ...]]:
    if said is None:
        return 0, ()
    return integer(said.offset), tuple(map(_unsigned, said.bucket_counts or ()))
