"""Points of OTLP's histograms and summaries, from Protocol Buffers. FormatError where they are none.

Source: opentelemetry-proto, metrics/v1/metrics.proto.
"""

from __future__ import annotations

import struct

from gadfly.telemetry.otlp_points import Exponential, Histogram, Summary
from gadfly.telemetry.otlp_value import Key, Span, expect
from gadfly.telemetry.protobuf import (
    DELIMITED,
    FIXED64,
    VARINT,
    Field,
    Tally,
    double,
    fields,
    packed,
    packed_fixed64,
    zigzag,
)

NUMBERS = 4
"""Numbers of a list that count for one field."""


def _doubles(numbers: list[int]) -> tuple[float, ...]:
    return struct.unpack(f"<{len(numbers)}d", struct.pack(f"<{len(numbers)}Q", *numbers))


def histogram(data: bytes, point: Span, left: Tally) -> Histogram:
    """A HistogramDataPoint."""
    key, start, time, flags, count = Key(data), 0, 0, 0, 0
    total: float | None = None
    bounds: list[int] = []
    counts: list[int] = []
    for field in fields(data, *point, left):
        if field.number in (2, 3, 4, 5):
            expect(field, FIXED64)
            if field.number == 2:
                start = field.value
            elif field.number == 3:
                time = field.value
            elif field.number == 4:
                count = field.value
            else:
                total = double(field.value)
        elif field.number in (6, 7):
            if field.wire not in (DELIMITED, FIXED64):
                expect(field, DELIMITED)
            if field.number == 6:
                counts += packed_fixed64(data, field)
            else:
                bounds += packed_fixed64(data, field)
        elif field.number == 9:
            key.add(field)
        elif field.number == 10:
            expect(field, VARINT)
            flags = field.value
    return Histogram(key.bytes, start, time, count, total, _doubles(bounds), tuple(counts), bool(flags & 1))


def summary(data: bytes, point: Span, left: Tally) -> Summary:
    """A SummaryDataPoint."""
    key, start, time, flags, count = Key(data), 0, 0, 0, 0
    total = 0.0
    quantiles = []
    for field in fields(data, *point, left):
        if field.number in (2, 3, 4, 5):
            expect(field, FIXED64)
            if field.number == 2:
                start = field.value
            elif field.number == 3:
                time = field.value
            elif field.number == 4:
                count = field.value
            else:
                total = double(field.value)
        elif field.number == 6:
            expect(field, DELIMITED)
            quantile = value = 0.0
            for one in fields(data, field.value, field.end, left):
                if one.number in (1, 2):
                    expect(one, FIXED64)
                    if one.number == 1:
                        quantile = double(one.value)
                    else:
                        value = double(one.value)
            quantiles.append((quantile, value))
        elif field.number == 7:
            key.add(field)
        elif field.number == 8:
            expect(field, VARINT)
            flags = field.value
    return Summary(key.bytes, start, time, count, total, tuple(quantiles), bool(flags & 1))


def exponential(data: bytes, point: Span, left: Tally) -> Exponential:
    """An ExponentialHistogramDataPoint."""
    key, start, time, flags, count, scale, zero = Key(data), 0, 0, 0, 0, 0, 0
    total: float | None = None
    threshold = 0.0
    positive: tuple[int, tuple[int, ...]] = (0, ())
    negative = positive
    for field in fields(data, *point, left):
        if field.number in (2, 3, 4, 5, 7, 14):
            expect(field, FIXED64)
            if field.number == 2:
                start = field.value
            elif field.number == 3:
                time = field.value
            elif field.number == 4:
                count = field.value
            elif field.number == 5:
                total = double(field.value)
            elif field.number == 7:
                zero = field.value
            else:
                threshold = double(field.value)
        elif field.number in (6, 10):
            expect(field, VARINT)
            if field.number == 6:
                scale = zigzag(field.value)
            else:
                flags = field.value
        elif field.number in (8, 9):
            expect(field, DELIMITED)
            if field.number == 8:
                positive = _buckets(data, field, left)
            else:
                negative = _buckets(data, field, left)
        elif field.number == 1:
            key.add(field)
    none = bool(flags & 1)
    return Exponential(key.bytes, start, time, count, total, scale, zero, threshold, positive, negative, none)


def _buckets(data: bytes, buckets: Field, left: Tally) -> tuple[int, tuple[int, ...]]:
    first = 0
    counts: list[int] = []
    for field in fields(data, buckets.value, buckets.end, left):
        if field.number == 1:
            expect(field, VARINT)
            first = zigzag(field.value)
        elif field.number == 2:
            if field.wire != DELIMITED:
                expect(field, VARINT)
            else:
                left.spend((field.end - field.value) // NUMBERS)
            counts += packed(data, field)
    return first, tuple(counts)
