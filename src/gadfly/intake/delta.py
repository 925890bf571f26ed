"""Sums of what came as differences: counters in PromQL's sense from OpenTelemetry's delta temporality.

Theory of operation. A delta says what was added since the point before it. Its sum is kept by series, in
memory: after a restart of the node it begins anew, which PromQL takes for a restart of the counter; so that
this is seen even where the first difference is larger than the last sum was, a new sum begins with a 0 at the
start of its first interval. A point that is not newer than the last one was counted before, since a sender
whose answer got lost sends again; it is never counted twice. What a request adds is held only by
:meth:`Sums.commit`, when its samples are on disk, so that it may be sent again where they are not.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

MOST = 200_000
"""Sums that are kept; beyond, those not added to for longest begin anew when they are."""


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

    def __init__(self, sums: Sums) -> None:
        self._base = sums
        self.sums: dict[int, Sum] = {}

    def add(self, series: int, start: int, at: int, value: float) -> list[tuple[int, float]] | None:
        """The samples (ms, value) that one more difference makes; none where it was counted before.

        None where it is older than what was counted or stands twice in the request. `start` in ms, 0: not
        said.
        """
        known = self.sums.get(series) or self._base.get(series)
        if known is None:
            self.sums[series] = Sum(value, at)
            return [(start + 1, 0.0), (at, value)] if 0 < start < at - 1 else [(at, value)]
        if at <= known.at:
            return [] if at == known.at and series not in self.sums else None
        total = known.total + value
        self.sums[series] = Sum(total, at)
        return [(at, total)]
