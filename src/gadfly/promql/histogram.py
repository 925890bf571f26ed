"""Quantiles of classic histograms: cumulative counts in series that differ by their label `le`."""

from __future__ import annotations

import numpy as np

from gadfly.promql.go_float import parse_float
from gadfly.promql.source import Labels
from gadfly.promql.values import Bools, Floats, Vectors


def histogram_quantile(quantile: Floats, buckets: Vectors) -> Vectors:
    """The quantile (T) of each histogram, interpolated linearly within its bucket."""
    steps = buckets.value.shape[1]
    histograms: dict[frozenset[tuple[str, str]], list[tuple[float, int]]] = {}
    labels: list[Labels] = []
    for row, one in enumerate(buckets.labels):
        bound = parse_float(one.get("le", ""))
        if bound is None:
            continue
        rest = {name: value for name, value in one.items() if name not in ("le", "__name__")}
        signature = frozenset(rest.items())
        if signature not in histograms:
            histograms[signature] = []
            labels.append(rest)
        histograms[signature].append((bound, row))
    if not labels:
        return Vectors.empty(steps)
    value, present = np.empty((len(labels), steps)), np.empty((len(labels), steps), dtype=np.bool_)
    layouts: dict[tuple[float, ...], list[tuple[int, list[int]]]] = {}
    for number, members in enumerate(histograms.values()):
        _put_in_order(members, buckets.labels)
        bounds = tuple(bound for bound, _row in members)
        layouts.setdefault(bounds, []).append((number, [row for _bound, row in members]))
    for bounds, ones in layouts.items():
        numbers = [number for number, _rows in ones]
        rows = np.array([rows for _number, rows in ones]).T  # (buckets, histograms)
        count = buckets.value[rows].reshape(len(bounds), -1)
        there = buckets.present[rows].reshape(len(bounds), -1)
        wanted = np.tile(quantile, len(numbers))
        value[numbers] = _by_presence(wanted, np.array(bounds), count, there).reshape(-1, steps)
        present[numbers] = there.any(axis=0).reshape(-1, steps)
    return Vectors(labels, value, present)


def _put_in_order(members: list[tuple[float, int]], labels: list[Labels]) -> None:
    """By bound; equal ones in the order of their labels, whatever the order in which a store gave them.

    A bound that is NaN stays where insertion finds it, as in Prometheus.
    """
    members.sort(key=lambda one: (labels[one[1]].get("__name__", ""), labels[one[1]]["le"]))
    for end in range(1, len(members)):
        at = end
        while at and members[at][0] < members[at - 1][0]:
            members[at - 1], members[at] = members[at], members[at - 1]
            at -= 1


def _by_presence(quantile: Floats, bounds: Floats, count: Floats, there: Bools) -> Floats:
    """Columns are taken together by which of the buckets they have."""
    if there.all():
        return _quantiles(quantile, bounds, count)
    out = np.full(count.shape[1], np.nan)
    _patterns, which = np.unique(np.packbits(there, axis=0), axis=1, return_inverse=True)
    which = which.ravel()
    for pattern in range(int(which.max()) + 1):
        columns = np.flatnonzero(which == pattern)
        rows = there[:, columns[0]]
        if rows.any():
            out[columns] = _quantiles(quantile[columns], bounds[rows], count[rows][:, columns])
    return out


def _quantiles(quantile: Floats, bounds: Floats, count: Floats) -> Floats:
    """Of histograms with the same ascending bounds (B): counts (B, M) to quantiles (M)."""
    out = np.full(count.shape[1], np.nan)
    if bounds[-1] == np.inf:
        _inside(out, quantile, bounds, count)
    out[quantile < 0] = -np.inf
    out[quantile > 1] = np.inf
    out[np.isnan(quantile)] = np.nan
    return out


def _inside(out: Floats, quantile: Floats, bounds: Floats, count: Floats) -> None:
    unique, first = np.unique(bounds, return_index=True)
    if len(unique) < len(bounds):
        bounds, count = unique, np.add.reduceat(count, first, axis=0)
    if len(bounds) < 2:
        return
    count = _monotonic(count)
    total = count[-1]
    rank = quantile * total
    found = _first_at_least(count[:-1], rank)
    column = np.arange(count.shape[1])
    last, before = len(bounds) - 1, np.maximum(found - 1, 0)
    has_before = found > 0
    start = np.where(has_before, bounds[before], 0.0)
    below = np.where(has_before, count[before, column], 0.0)
    inside = start + (bounds[found] - start) * ((rank - below) / (count[found, column] - below))
    inside = np.where((found == 0) & (bounds[0] <= 0), bounds[0], inside)
    inside = np.where(found == last, bounds[last - 1], inside)
    out[:] = np.where(total == 0, np.nan, inside)


def _monotonic(count: Floats) -> Floats:
    """Counts that fall (between two scrapes, or by rounding) are raised to the highest before; NaN stays."""
    out = count.copy()
    highest = out[0].copy()
    for row in out[1:]:
        np.copyto(row, highest, where=row < highest)
        np.copyto(highest, row, where=row > highest)
    return out


def _first_at_least(count: Floats, rank: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The first bucket whose count reaches the rank, by halving: NaN leads where it leads Prometheus."""
    low = np.zeros(count.shape[1], dtype=np.int64)
    high = np.full(count.shape[1], len(count), dtype=np.int64)
    column = np.arange(count.shape[1])
    while (low < high).any():
        middle = (low + high) // 2
        searching = low < high
        reached = count[np.minimum(middle, len(count) - 1), column] >= rank
        high = np.where(searching & reached, middle, high)
        low = np.where(searching & ~reached, middle + 1, low)
    return low
