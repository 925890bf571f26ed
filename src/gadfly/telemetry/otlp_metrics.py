"""OTLP's ExportMetricsServiceRequest, from Protocol Buffers.

Source: opentelemetry-proto, metrics/v1/metrics.proto. Points of gauges and sums, of which there are most, are
read in one piece where their attributes were seen before.
"""

from __future__ import annotations

import struct
from collections.abc import Container, Iterator

from gadfly.telemetry import protobuf
from gadfly.telemetry.otlp_distribution import exponential, histogram, summary
from gadfly.telemetry.otlp_points import (
    KINDS,
    NO_VALUE,
    Head,
    Metric,
    Numbers,
    Resource,
    Seen,
    Type,
    nobody,
)
from gadfly.telemetry.otlp_value import HOLDER, Key, Span, Tally, expect
from gadfly.telemetry.protobuf import (
    DELIMITED,
    FIXED64,
    VARINT,
    Field,
    double,
    fields,
    text,
    varint,
)


def decode(data: bytes, seen: Seen = nobody) -> list[Resource]:
    """All of a request. FormatError where it is none."""
    found, tally = [], Tally()
    for one in _inner(data, 0, len(data), tally, 1):
        tally.take(HOLDER)
        resource, scopes = b"", []
        for field in _inner(data, one.value, one.end, tally, 1, 2):
            if field.number == 1:
                resource = data[field.value : field.end]
            else:
                tally.take(HOLDER)
                scopes.append(field)
        metrics = [
            _metric(data, metric, resource, seen, tally)
            for scope in scopes
            for metric in _inner(data, scope.value, scope.end, tally, 2)
        ]
        found.append(Resource(resource, metrics))
    return found


def _inner(data: bytes, at: int, end: int, tally: Tally, *numbers: int) -> Iterator[Field]:
    for field in fields(data, at, end, tally.fields):
        if field.number in numbers:
            expect(field, DELIMITED)
            yield field


def _metric(data: bytes, metric: Field, resource: bytes, seen: Seen, tally: Tally) -> Metric:
    tally.take(HOLDER)
    name = about = unit = ""
    kind: Type = ""
    at = end = 0
    for field in fields(data, metric.value, metric.end, tally.fields):
        if field.number <= 3:
            expect(field, DELIMITED)
            word = text(data, field.value, field.end)
            if field.number == 1:
                name = word
            elif field.number == 2:
                about = word
            else:
                unit = word
        elif field.number in KINDS:
            expect(field, DELIMITED)
            kind, at, end = KINDS[field.number], field.value, field.end
    temporality, monotonic = 0, False
    points, at = _leading(data, at, end, tally)
    for field in fields(data, at, end, tally.fields):
        if field.number == 1:
            expect(field, DELIMITED)
            tally.take()
            points.append((field.value, field.end))
        elif field.number in (2, 3):
            expect(field, VARINT)
            if field.number == 2:
                temporality = field.value
            else:
                monotonic = bool(field.value)
    head = Head(name, unit, kind, temporality, monotonic and kind == "sum")
    made = Metric(head, about, Numbers([], [], [], []), [], [], [])
    if kind in ("gauge", "sum"):
        _numbers(data, points, made.numbers, seen(resource, head), tally.fields)
    elif kind == "histogram":
        made.histograms.extend(histogram(data, one, tally.fields) for one in points)
    elif kind == "summary":
        made.summaries.extend(summary(data, one, tally.fields) for one in points)
    elif kind == "exponential":
        made.exponentials.extend(exponential(data, one, tally.fields) for one in points)
    return made


_START_TIME_DOUBLE = struct.Struct("<xQxQxd")
_START_TIME_INT = struct.Struct("<xQxQxq")
_TIME_DOUBLE = struct.Struct("<xQxd")
_TIME_INT = struct.Struct("<xQxq")


def _leading(data: bytes, at: int, end: int, tally: Tally) -> tuple[list[Span], int]:
    """The points that stand first, where encoders write them, and the position behind them."""
    points: list[Span] = []
    while at < end - 1 and data[at] == 0x0A and len(points) <= tally.left:
        length, begins = data[at + 1], at + 2
        if length > 0x7F:
            length, begins = varint(data, at + 1, end)
        if begins + length > end:
            break  # whoever reads on says what is wrong
        at = begins + length
        points.append((begins, at))
    tally.take(len(points))
    return points, at


def _numbers(
    data: bytes, points: list[Span], into: Numbers, seen: Container[bytes], left: protobuf.Tally
) -> None:
    """As encoders write a point, in the order of its fields, it is read in one piece; else field by field."""
    keys, starts, times, values = into
    for point in points:
        at, end = point
        if end - at >= 27 and data[at] == 0x11 and data[at + 9] == 0x19:
            key, tag = data[at + 27 : end], data[at + 18]
            if tag == 0x21 and key in seen:
                start, time, value = _START_TIME_DOUBLE.unpack_from(data, at)
            elif tag == 0x31 and key in seen:
                start, time, whole = _START_TIME_INT.unpack_from(data, at)
                value = float(whole)
            else:
                key, start, time, value = _number(data, point, left)
        elif end - at >= 18 and data[at] == 0x19:
            start, key, tag = 0, data[at + 18 : end], data[at + 9]
            if tag == 0x21 and key in seen:
                time, value = _TIME_DOUBLE.unpack_from(data, at)
            elif tag == 0x31 and key in seen:
                time, whole = _TIME_INT.unpack_from(data, at)
                value = float(whole)
            else:
                key, start, time, value = _number(data, point, left)
        else:
            key, start, time, value = _number(data, point, left)
        keys.append(key)
        starts.append(start)
        times.append(time)
        values.append(value)


def _number(data: bytes, point: Span, left: protobuf.Tally) -> tuple[bytes, int, int, float]:
    key, start, time, flags = Key(data), 0, 0, 0
    value: float = NO_VALUE
    for field in fields(data, *point, left):
        if field.number in (2, 3, 4, 6):
            expect(field, FIXED64)
            if field.number == 2:
                start = field.value
            elif field.number == 3:
                time = field.value
            elif field.number == 4:
                value = double(field.value)
            else:
                value = float(field.value - (1 << 64) if field.value >> 63 else field.value)
        elif field.number == 7:
            key.add(field)
        elif field.number == 8:
            expect(field, VARINT)
            flags = field.value
    return key.bytes, start, time, NO_VALUE if flags & 1 else value
