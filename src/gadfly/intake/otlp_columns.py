"""A request of OpenTelemetry's metrics as columns for the store, and what of it could not be taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gadfly.intake.delta import Change, Sums
from gadfly.intake.otlp_streams import Family, Known, Sender, Streams
from gadfly.promql.source import STALE
from gadfly.telemetry.otlp_exponential import classic
from gadfly.telemetry.otlp_points import CUMULATIVE, DELTA, Histogram, Metric, Resource, Summary

if TYPE_CHECKING:
    from gadfly.store.series import Series

MS = 1_000_000
"""Nanoseconds."""
WIDEST = 10_000
"""Buckets of a histogram, or quantiles of a summary: series whose labels are made before one is refused."""
DELTA_EXPONENTIAL = (
    "exponential histograms of delta temporality are not kept: set "
    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative"
)
"""Their bounds change from point to point, so that they cannot be added up."""


class Columns:
    """Filled by :meth:`take`, one resource after another."""

    def __init__(
        self, streams: Streams, sums: Sums, store: Series, *, json: bool, now: float, wall: float
    ) -> None:
        """`now` in monotonic, `wall` in wall seconds: points without a time are of now."""
        self._streams = streams
        self._store = store
        self._json = json
        self._now = now
        self._wall = int(wall * 1000)
        self._series: list[NDArray[np.int64]] = []
        self._at: list[NDArray[np.int64]] = []
        self._value: list[NDArray[np.float64]] = []
        self._rows: list[tuple[int, int, float]] = []
        self.change = Change(sums, store.newest)
        self.points = 0
        self.refused: Counter[str] = Counter()
        """Points that were not taken, by reason."""
        self.infos: dict[int, int] = {}
        """By series of `target_info`, the newest time of its resource's points."""

    def take(self, resource: Resource, sender: Sender) -> None:
        """All points of a resource."""
        newest = 0
        for metric in resource.metrics:
            points = len(metric.numbers.keys) + len(metric.histograms) + len(metric.summaries)
            points += len(metric.exponentials)
            self.points += points
            if not points:
                continue
            known = self._streams.metric(resource.key, sender, metric, self._store, self._now)
            if not known.name:
                self.refused["a metric without a name"] += points
            elif metric.head.temporality not in (0, DELTA, CUMULATIVE):
                self.refused[f"the unknown temporality {metric.head.temporality}"] += points
            elif metric.exponentials and metric.head.temporality == DELTA:
                self.refused[DELTA_EXPONENTIAL] += points
            elif metric.numbers.keys:
                newest = max(newest, self._numbers(known, metric))
            else:
                newest = max(newest, self._distributions(known, metric))
        if newest and sender.info >= 0:
            self.infos[sender.info] = max(newest, self.infos.get(sender.info, 0))

    def _numbers(self, known: Known, metric: Metric) -> int:
        keys, starts, times, values = metric.numbers
        numbers = self._streams.numbers(known, metric.head, keys, self._json, self._store, self._now)
        if (refused := numbers.count(-1)) > 0:
            self.refused[known.refused or "refused"] += refused
        at = (np.array(times, np.uint64) // np.uint64(MS)).astype(np.int64)
        at[at == 0] = self._wall
        if metric.head.temporality == DELTA:
            for series, start, moment, value in zip(numbers, starts, at.tolist(), values, strict=True):
                if value < 0 and metric.head.monotonic:
                    self.refused["a negative difference of a sum that only grows"] += 1
                    continue
                self._add(series, start // MS, moment, [value], [series])
        else:
            self._series.append(np.array(numbers, np.int64))
            self._at.append(at)
            self._value.append(np.array(values, np.float64))
        return int(at.max())

    def _distributions(self, known: Known, metric: Metric) -> int:
        """Histograms or summaries."""
        newest = 0
        points: list[Histogram | Summary] = [*metric.histograms, *metric.summaries]
        made = [classic(point) for point in metric.exponentials]
        points += [point for point in made if point is not None]
        if wide := made.count(None):
            self.refused["an exponential histogram of an unknown scale, or of too many buckets"] += wide
        for point in points:
            at = point.time // MS or self._wall
            newest = max(newest, at)
            if point.none:
                ended = self._streams.ended(known, point.key)
                self._rows += [(series, at, STALE) for series in ended if series >= 0]
                continue
            if (wrong := _wrong(point)) is not None:
                self.refused[wrong] += 1
                continue
            if isinstance(point, Summary):
                family, values = self._summary(known, metric, point)
            else:
                family, values = self._histogram(known, metric, point)
            if min(family) < 0:
                self.refused[known.refused or "refused"] += 1
                continue
            if metric.head.temporality == DELTA:
                self._add(min(family), point.start // MS, at, values, family)
            else:
                self._rows += [(series, at, value) for series, value in zip(family, values, strict=True)]
        return newest

    def _histogram(self, known: Known, metric: Metric, point: Histogram) -> tuple[Family, list[float]]:
        family = self._streams.histogram(known, metric.head, point, self._json, self._store, self._now)
        added = np.cumsum(np.array(point.counts[:-1], np.float64)).tolist()
        values = [float(point.observed), point.sum or 0.0, *added, float(point.observed)]
        if point.sum is None:  # where values may be negative there is none
            family, values = (family[0], *family[2:]), [values[0], *values[2:]]
        return family, values

    def _summary(self, known: Known, metric: Metric, point: Summary) -> tuple[Family, list[float]]:
        family = self._streams.summary(known, metric.head, point, self._json, self._store, self._now)
        return family, [float(point.observed), point.sum, *(value for _, value in point.quantiles)]

    def _add(self, first: int, start: int, at: int, values: Sequence[float], family: Sequence[int]) -> None:
        """A point of differences. `first` is the least of its series: a refused one refuses all."""
        if first < 0:
            return
        for series, value in zip(family, values, strict=True):
            if value == value:
                made = self.change.add(series, start, at, value)
                if made is None:
                    if series == family[0]:
                        self.refused["a difference that is older than one already counted"] += 1
                    continue
                self._rows += [(series, moment, total) for moment, total in made]
            else:
                self._rows.append((series, at, value))

    @property
    def whole(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Series, times in ms and values, in the order of their times."""
        rows = self._rows
        series = np.concatenate([*self._series, np.array([row[0] for row in rows], np.int64)])
        at = np.concatenate([*self._at, np.array([row[1] for row in rows], np.int64)])
        value = np.concatenate([*self._value, np.array([row[2] for row in rows], np.float64)])
        if len(at) and (at[1:] < at[:-1]).any():
            order = np.argsort(at, kind="stable")
            series, at, value = series[order], at[order], value[order]
        return series, at, value


def _wrong(point: Histogram | Summary) -> str | None:
    """Why the point of a histogram or a summary is none."""
    if isinstance(point, Summary):
        return f"a summary of more than {WIDEST:,} quantiles" if len(point.quantiles) > WIDEST else None
    if max(len(point.counts), len(point.bounds)) > WIDEST:
        return f"a histogram of more than {WIDEST:,} buckets"
    if point.counts and len(point.counts) != len(point.bounds) + 1:
        return "a histogram needs one bucket more than it has bounds"
    bounds = point.bounds
    if any(not low < high for low, high in pairwise(bounds)) or any(bound != bound for bound in bounds):
        return "a histogram's bounds must ascend"
    return None
