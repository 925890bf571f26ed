"""Sums of what came as differences: counters in PromQL's sense from OpenTelemetry's delta temporality.

Theory of operation. A delta says what was added since the point before it. Its sum is kept by series, in
memory; of a series that is not there, as after a restart of the node, it goes on from the last sample in the
store. Where that is gone too a new sum begins, with a 0 at the start of its first interval, so that PromQL
sees a counter that began anew even where the first difference is larger than the last sum was. A point that
is not newer than the last one was counted before, since a sender whose answer got lost sends again; it is
never counted twice. What a request adds is held only by :meth:`Sums.commit`, when its samples are on disk, so
that it may be sent again where they are not.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

MOST = 200_000
"""Sums that are kept; beyond, those not added to for longest are asked of the store when they are."""
Last = Callable[[int], "tuple[int, float] | None"]
"""The last sample of a series in the store, ms and value."""


class Sum(NamedTuple):
    """What is known of a series."""

    total: float
    at: int
    """Milliseconds since the epoch of the last point."""


class Sums:
    """One for each node."""

    def __init__(self, most: int = MOST) -> None:
        self._held: OrderedDict[int, Sum] = OrderedDict()
        self._most = most

    def __len__(self) -> int:
        return len(self._held)

    def commit(self, change: Change) -> None:
        """What was added is on disk."""
        for series, found in change.sums.items():
            self._held[series] = found
            self._held.move_to_end(series)
        while len(self._held) > self._most:
            self._held.popitem(last=False)

    def get(self, series: int) -> Sum | None:
        return self._held.get(series)


class Change:
    """What one request adds."""

    def __init__(self, sums: Sums, last: Last = lambda series: None) -> None:
        self._base = sums
        self._last = last
        self.sums: dict[int, Sum] = {}

    def add(self, series: int, start: int, at: int, value: float) -> list[tuple[int, float]] | None:
        """The samples (ms, value) that one more difference makes; none where it was counted before.

        None where it is older than what was counted or stands twice in the request. `start` in ms, 0: not
        said.
        """
        known = self.sums.get(series) or self._base.get(series) or self._stored(series)
        if known is None:
            self.sums[series] = Sum(value, at)
            return [(start + 1, 0.0), (at, value)] if 0 < start < at - 1 else [(at, value)]
        if at <= known.at:
            return [] if at == known.at and series not in self.sums else None
        total = known.total + value
        self.sums[series] = Sum(total, at)
        return [(at, total)]

    def _stored(self, series: int) -> Sum | None:
        found = self._last(series)
        if found is None or found[1] != found[1]:  # it ended
            return None
        return Sum(found[1], found[0])
