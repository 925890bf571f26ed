"""Exponential histograms as histograms with bounds, so that PromQL's functions for these work on them.

Bucket i of scale s holds what lies in (b^i, b^(i+1)] with b = 2^(2^-s); every second bound of a scale is one
of the scale below, so buckets may be put together exactly. Here they are put together to the square roots of
two at the finest. The bounds of whole octaves are told, so that they seldom change while the range grows.

Source: the OpenTelemetry specification, "Metrics data model", ExponentialHistogram.
"""

from __future__ import annotations

from collections import Counter

from gadfly.telemetry.otlp_points import Exponential, Histogram

FINEST = 1
"""The scale with two buckets an octave: twenty for a thousandfold range; the SDKs' fixed bounds are 15."""
SCALES = range(-10, 31)
"""Scales that the specification knows, and some."""
MOST = 400
"""Buckets: 200 octaves, more than any quantity has."""

Buckets = tuple[int, tuple[int, ...]]
"""The index of the first, and the counts from there on."""


def classic(point: Exponential) -> Histogram | None:
    """The same with bounds; None where it spreads over too many buckets, or has an unknown scale."""
    if point.none:
        return Histogram(point.key, point.start, point.time, 0, None, (), (), none=True)
    if point.scale not in SCALES:
        return None
    scale = min(point.scale, FINEST)
    over, under = (_together(some, point.scale - scale) for some in (point.positive, point.negative))
    above, below = _octaves(over, scale), _octaves(under, scale)
    if len(above) + len(below) > MOST:
        return None
    bounds = [-_bound(index, scale) for index in reversed(below)]
    counts = [under[index] for index in reversed(below)]
    bounds.append(point.threshold)
    counts.append(point.zero)
    for index in above:
        bound = _bound(index + 1, scale)
        if bound <= point.threshold:
            counts[-1] += over[index]
        elif bound < float("inf"):
            bounds.append(bound)
            counts.append(over[index])
    counts.append(max(0, point.observed - sum(counts)))
    return Histogram(
        point.key, point.start, point.time, point.observed, point.sum, tuple(bounds), tuple(counts)
    )


def _together(buckets: Buckets, shift: int) -> Counter[int]:
    first, counts = buckets
    found: Counter[int] = Counter()
    for index, count in enumerate(counts, first):
        if count:
            found[index >> shift] += count
    return found


def _octaves(counts: Counter[int], scale: int) -> range:
    if not counts:
        return range(0)
    step = 1 << max(scale, 0)
    return range(min(counts) // step * step, (max(counts) // step + 1) * step)


def _bound(index: int, scale: int) -> float:
    exponent = index * 2.0**-scale
    return float("inf") if exponent >= 1024 else 2.0**exponent
