"""A request of metrics is read as OpenTelemetry's own library wrote it, from both encodings."""

from __future__ import annotations

import contextlib
import math
import struct
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1 import metrics_pb2 as pb
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from gadfly.errors import FormatError
from gadfly.telemetry import otlp_metrics, otlp_metrics_json, otlp_points, otlp_value
from gadfly.telemetry.otlp_points import Head, Metric
from gadfly.telemetry.otlp_value import attributes, json_attributes

NOW = 1_800_000_000_000_000_000
TEXT = st.text(max_size=5)
TIME = st.integers(0, 2**64 - 1)
VALUE = st.floats(allow_nan=False)
ATTRIBUTES = st.lists(
    st.builds(lambda k, v: KeyValue(key=k, value=AnyValue(string_value=v)), TEXT, TEXT), max_size=3
)


def request(*metrics: pb.Metric, resource: Resource | None = None) -> ExportMetricsServiceRequest:
    scope = pb.ScopeMetrics(metrics=metrics)
    return ExportMetricsServiceRequest(
        resource_metrics=[pb.ResourceMetrics(resource=resource, scope_metrics=[scope])]
    )


def wire(message: ExportMetricsServiceRequest) -> list[Metric]:
    return [metric for one in otlp_metrics.decode(message.SerializeToString()) for metric in one.metrics]


def json(message: ExportMetricsServiceRequest) -> list[Metric]:
    text = json_format.MessageToJson(message, use_integers_for_enums=True)
    return [metric for one in otlp_metrics_json.decode(text.encode()) for metric in one.metrics]


def plain(metrics: list[Metric], number: int = 7, *, raw: bool = False) -> Any:
    """The metrics with their keys read; the same for both encodings."""

    def read(key: bytes) -> dict[str, str]:
        return json_attributes(key) if raw else attributes(key, number)

    def bits(value: Any) -> Any:
        return struct.pack("<d", value) if isinstance(value, float) else value

    return [
        (
            one.head,
            one.help,
            [
                (read(key), start, time, bits(value))
                for key, start, time, value in zip(*one.numbers, strict=True)
            ],
            [
                (read(point.key), *map(bits, point[1:]))
                for point in (*one.histograms, *one.summaries, *one.exponentials)
            ],
        )
        for one in metrics
    ]


points = st.builds(
    lambda attributes, start, time, value, integral, flags, exemplars: pb.NumberDataPoint(
        attributes=attributes,
        start_time_unix_nano=start,
        time_unix_nano=time,
        flags=flags,
        exemplars=exemplars,
        **({"as_int": int(value)} if integral and abs(value) < 2**63 else {"as_double": value}),
    ),
    ATTRIBUTES,
    st.sampled_from([0, NOW]),
    TIME,
    VALUE,
    st.booleans(),
    st.sampled_from([0, 1]),
    st.sampled_from([[], [pb.Exemplar(as_double=2)]]),
)


@given(st.lists(points, max_size=4), TEXT, TEXT, TEXT, st.sampled_from([0, 1, 2]), st.booleans())
@settings(deadline=None)
def test_gauges_and_sums(
    some: list[Any], name: str, unit: str, about: str, temporality: int, up: bool
) -> None:
    total = pb.Sum(data_points=some, aggregation_temporality=temporality, is_monotonic=up)
    message = request(
        pb.Metric(name=name, unit=unit, description=about, gauge=pb.Gauge(data_points=some)),
        pb.Metric(name=name, unit=unit, description=about, sum=total),
    )
    gauge, summed = wire(message)
    assert gauge.head == Head(name, unit, "gauge")
    assert summed.head == Head(name, unit, "sum", temporality, up)
    assert gauge.help == about
    assert gauge.numbers.times == [point.time_unix_nano for point in some]
    for value, point in zip(gauge.numbers.values, some, strict=True):
        if point.flags & 1:
            assert struct.pack("<d", value) == struct.pack("<d", otlp_points.NO_VALUE)
        else:
            assert value == (point.as_double if point.HasField("as_double") else float(point.as_int))
    assert plain(wire(message)) == plain(json(message), raw=True)


@given(st.lists(points, max_size=4))
@settings(deadline=None)
def test_what_was_seen_before_is_read_the_same_in_one_piece(some: list[Any]) -> None:
    message = request(pb.Metric(name="m", gauge=pb.Gauge(data_points=some))).SerializeToString()
    (first,) = otlp_metrics.decode(message)
    keys = set(first.metrics[0].numbers.keys)
    (again,) = otlp_metrics.decode(message, lambda resource, head: keys)
    assert plain(again.metrics) == plain(first.metrics)


@given(
    ATTRIBUTES,
    TIME,
    st.lists(VALUE, max_size=4),
    st.lists(st.integers(0, 2**64 - 1), max_size=5),
    st.one_of(st.none(), VALUE),
    st.sampled_from([0, 1]),
)
@settings(deadline=None)
def test_histograms(said: Any, time: int, bounds: Any, counts: Any, total: float | None, flags: int) -> None:
    point = pb.HistogramDataPoint(
        attributes=said,
        start_time_unix_nano=NOW,
        time_unix_nano=time,
        count=7,
        explicit_bounds=bounds,
        bucket_counts=counts,
        flags=flags,
        min=0.5,
        max=2.0,
        exemplars=[pb.Exemplar(as_double=2)],
    )
    if total is not None:
        point.sum = total
    message = request(
        pb.Metric(name="h", histogram=pb.Histogram(data_points=[point], aggregation_temporality=1))
    )
    (metric,) = wire(message)
    (found,) = metric.histograms
    assert metric.head == Head("h", "", "histogram", 1)
    assert (found.start, found.time, found.observed) == (NOW, time, 7)
    assert (found.sum, found.none) == (total, bool(flags))
    assert (found.bounds, found.counts) == (tuple(bounds), tuple(counts))
    assert plain([metric], 9) == plain(json(message), raw=True)


@given(ATTRIBUTES, TIME, st.lists(st.tuples(VALUE, VALUE), max_size=3), VALUE)
@settings(deadline=None)
def test_summaries(said: Any, time: int, quantiles: Any, total: float) -> None:
    values = [pb.SummaryDataPoint.ValueAtQuantile(quantile=one, value=value) for one, value in quantiles]
    point = pb.SummaryDataPoint(
        attributes=said,
        start_time_unix_nano=NOW,
        time_unix_nano=time,
        count=3,
        sum=total,
        flags=1,
        quantile_values=values,
    )
    message = request(pb.Metric(name="s", summary=pb.Summary(data_points=[point])))
    (metric,) = wire(message)
    (found,) = metric.summaries
    assert (found.start, found.time, found.observed, found.sum) == (NOW, time, 3, total)
    assert found.none
    assert found.quantiles == tuple(quantiles)
    assert plain([metric]) == plain(json(message), raw=True)


BUCKETS = st.builds(
    lambda offset, counts: pb.ExponentialHistogramDataPoint.Buckets(offset=offset, bucket_counts=counts),
    st.integers(-(2**31), 2**31 - 1),
    st.lists(st.integers(0, 2**64 - 1), max_size=4),
)


@given(ATTRIBUTES, TIME, st.integers(-10, 20), BUCKETS, BUCKETS, st.one_of(st.none(), VALUE), VALUE)
@settings(deadline=None)
def test_exponential_histograms(
    said: Any, time: int, scale: int, positive: Any, negative: Any, total: float | None, threshold: float
) -> None:
    point = pb.ExponentialHistogramDataPoint(
        attributes=said,
        start_time_unix_nano=NOW,
        flags=3,
        time_unix_nano=time,
        count=7,
        scale=scale,
        zero_count=3,
        zero_threshold=threshold,
        positive=positive,
        negative=negative,
    )
    if total is not None:
        point.sum = total
    held = pb.ExponentialHistogram(data_points=[point], aggregation_temporality=2)
    message = request(pb.Metric(name="e", exponential_histogram=held))
    (metric,) = wire(message)
    (found,) = metric.exponentials
    assert (found.time, found.observed, found.sum, found.scale, found.zero) == (time, 7, total, scale, 3)
    assert (found.start, found.none) == (NOW, True)
    assert found.threshold == threshold
    assert found.positive == (positive.offset, tuple(positive.bucket_counts))
    assert found.negative == (negative.offset, tuple(negative.bucket_counts))
    assert plain([metric], 1) == plain(json(message), raw=True)


def test_the_resource_is_told_as_its_bytes() -> None:
    resource = Resource(attributes=[KeyValue(key="service.name", value=AnyValue(string_value="cart"))])
    message = request(pb.Metric(name="m"), resource=resource)
    (one,) = otlp_metrics.decode(message.SerializeToString())
    assert attributes(one.key, 1) == {"service.name": "cart"}
    (two,) = otlp_metrics_json.decode(json_format.MessageToJson(message).encode())
    assert json_attributes(two.key) == {"service.name": "cart"}


@pytest.mark.parametrize(
    "text",
    [
        f'{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[{{"gauge":{{"dataPoints":[{point}]}}}}]}}]}}]}}'
        for point in (
            '{"asInt":"5","timeUnixNano":"7","unknown":{"a":[1]}}',
            '{"asInt":5,"timeUnixNano":7}',
            '{"asDouble":5,"timeUnixNano":7,"flags":0,"attributes":[]}',
            '{"asDouble":"5","timeUnixNano":"7","exemplars":[{"spanId":"eee19b7ec3c1b174"}]}',
        )
    ],
)
def test_json_as_different_hands_write_it(text: str) -> None:
    (resource,) = otlp_metrics_json.decode(text.encode())
    assert resource.metrics[0].numbers.values == [5.0]
    assert resource.metrics[0].numbers.times == [7]


@pytest.mark.parametrize("value", ['"NaN"', '"Infinity"', '"-Infinity"'])
def test_json_has_words_for_what_are_no_numbers(value: str) -> None:
    text = '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{"asDouble":%s}]}}]}]}]}'
    (resource,) = otlp_metrics_json.decode((text % value).encode())
    assert not math.isfinite(resource.metrics[0].numbers.values[0])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "nonsense",
        '{"resourceMetrics":1}',
        '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{"timeUnixNano":"x"}]}}]}]}]}',
        '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{"timeUnixNano":-1}]}}]}]}]}',
        '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[{"count":-1}]}}]}]}]}',
        '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"dataPoints":[{"asDouble":"x"}]}}]}]}]}',
    ],
)
def test_json_that_is_no_request(text: str) -> None:
    with pytest.raises(FormatError):
        otlp_metrics_json.decode(text.encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_a_request_or_a_format_error(data: bytes) -> None:
    for decode in (otlp_metrics.decode, otlp_metrics_json.decode):
        with contextlib.suppress(FormatError):
            decode(data)


@given(st.data())
@settings(deadline=None)
def test_a_damaged_request_is_a_request_or_a_format_error(data: Any) -> None:
    point = pb.NumberDataPoint(as_double=1, time_unix_nano=NOW, start_time_unix_nano=NOW)
    histogram = pb.HistogramDataPoint(count=1, explicit_bounds=[1.0], bucket_counts=[1, 0])
    summary = pb.SummaryDataPoint(quantile_values=[pb.SummaryDataPoint.ValueAtQuantile(quantile=1)])
    good = request(
        pb.Metric(name="a", sum=pb.Sum(data_points=[point])),
        pb.Metric(name="b", histogram=pb.Histogram(data_points=[histogram])),
        pb.Metric(name="c", summary=pb.Summary(data_points=[summary])),
    ).SerializeToString()
    at = data.draw(st.integers(0, len(good) - 1))
    cut = data.draw(st.integers(0, 3))
    bad = good[:at] + data.draw(st.binary(max_size=3)) + good[at + cut :]
    with contextlib.suppress(FormatError):
        otlp_metrics.decode(bad)


def test_long_attributes_are_the_same_key_in_both_ways() -> None:
    said = [KeyValue(key="k", value=AnyValue(string_value="x" * 20_000))]
    points = [pb.NumberDataPoint(attributes=said, as_double=one, time_unix_nano=NOW) for one in (1, 2)]
    message = request(pb.Metric(name="m", gauge=pb.Gauge(data_points=points))).SerializeToString()
    (first,) = otlp_metrics.decode(message)
    (key,) = set(first.metrics[0].numbers.keys)
    assert attributes(key, 7) == {"k": "x" * 20_000}
    (again,) = otlp_metrics.decode(message, lambda resource, head: {key})
    assert again.metrics[0].numbers == first.metrics[0].numbers


def test_lists_that_are_not_packed() -> None:
    point = b"\x39" + struct.pack("<d", 1.5) + b"\x31" + struct.pack("<Q", 4)
    metric = b"\x4a" + bytes([len(point) + 2]) + b"\x0a" + bytes([len(point)]) + point
    scope = b"\x12" + bytes([len(metric)]) + metric
    group = b"\x12" + bytes([len(scope)]) + scope
    (resource,) = otlp_metrics.decode(b"\x0a" + bytes([len(group)]) + group)
    (found,) = resource.metrics[0].histograms
    assert (found.bounds, found.counts) == ((1.5,), (4,))


@pytest.mark.parametrize("kind", [5, 7, 9, 10, 11])
@pytest.mark.parametrize("number", range(1, 15))
def test_a_field_of_another_type_is_no_request(kind: int, number: int) -> None:
    """Every field that is read is asked for its type; those that are not read may be anything."""
    read = {
        5: (2, 3, 4, 6, 7, 8),
        7: (2, 3, 4, 6, 7, 8),
        9: (2, 3, 4, 5, 6, 7, 9, 10),
        10: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14),
        11: (2, 3, 4, 5, 6, 7, 8),
    }
    point = bytes([number << 3 | 5]) + b"abcd"  # four bytes: what none of them is
    data = bytes([10, len(point)]) + point
    for tag in (kind << 3 | 2, 0x12, 0x12, 0x0A):
        data = bytes([tag, len(data)]) + data
    if number in read[kind]:
        with pytest.raises(FormatError, match="type"):
            otlp_metrics.decode(data)
    else:
        assert len(otlp_metrics.decode(data)) == 1


def length(content: bytes) -> bytes:
    """The content behind its length."""
    size, found = len(content), bytearray()
    while size > 0x7F:
        found.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*found, size]) + content


@pytest.mark.parametrize(
    "data",
    [
        b"\x0a\x00" * 300,  # resources
        b"\x0a" + length(b"\x12" + length(b"\x12\x00" * 300)),  # metrics
        b"\x0a" + length(b"\x12" + length(b"\x12" + length(b"\x2a" + length(b"\x0a\x00" * 1001)))),  # points
    ],
    ids=["resources", "metrics", "points"],
)
def test_two_bytes_each_but_too_many(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(otlp_metrics.decode(data)) > 0
    monkeypatch.setattr(otlp_value, "MESSAGES", 1000)
    with pytest.raises(FormatError, match="fewer"):
        otlp_metrics.decode(data)


def test_json_of_too_many_objects() -> None:
    with pytest.raises(FormatError, match="fewer"):
        otlp_metrics_json.decode(b"[" + b"{}," * 1_000_001)
