"""The answers of probes as samples, under the names that blackbox_exporter gave them.

`probe_success`, `probe_duration_seconds` (the whole; with `phase`, a part of it) and
`probe_ssl_earliest_cert_expiry`. What an answer no longer has (a phase that was not reached, a probe that is
declared no more) ends with the stale marker, as in Prometheus after a scrape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from gadfly.monitor.check import Check
from gadfly.monitor.probe.result import Outcome, Result

Labels = dict[str, str]
Open = Callable[[Sequence[Labels]], NDArray[np.int64]]
Row = tuple[int, float | None]
"""A series and its value; None where it ends."""

_Part = tuple[str, str]  # metric, phase


HELP = {
    "probe_success": ("gauge", "1 where the probe passed (or warned), 0 where it failed."),
    "probe_duration_seconds": ("gauge", "How long the enquiry took; with a phase, that part of it."),
    "probe_ssl_earliest_cert_expiry": ("gauge", "Unix time at which the certificate seen ends."),
}
"""By metric: its type, and what it says."""


class _Known:
    __slots__ = ("labels", "series")

    def __init__(self, labels: Labels) -> None:
        self.labels = labels
        self.series: dict[_Part, int] = {}


class Probes:
    """The series of every check that was asked. `room` is how many there may be."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.count = 0
        self.refused: set[tuple[str, str, str]] = set()
        """Checks without series, for want of room."""
        self._checks: dict[tuple[str, str, str], _Known] = {}

    def rows(self, check: Check, result: Result, labels: Labels, open_: Open) -> list[Row]:
        """The samples of one answer. `labels` are those of its component."""
        whole = {**labels, "probe": check.kind, **({"check": check.name} if check.name else {})}
        ended: list[Row] = []
        known = self._checks.get(check.key)
        if known is not None and known.labels != whole:
            ended = list(self._end(check.key))
            known = None
        values = dict(_values(result))
        if known is None:
            if self.count + len(values) > self.room:
                self.refused.add(check.key)
                return ended
            self.refused.discard(check.key)
            known = self._checks[check.key] = _Known(whole)
        fresh = [part for part in values if part not in known.series]
        if fresh:
            opened = open_([_named(part, whole) for part in fresh]).tolist()
            known.series.update(zip(fresh, opened, strict=True))
            self.count += len(fresh)
        gone = [(known.series.pop(part), None) for part in list(known.series) if part not in values]
        self.count -= len(gone)
        return [*ended, *gone, *((known.series[part], value) for part, value in values.items())]

    def keep(self, checks: Iterable[Check]) -> list[Row]:
        """Only these are declared: the series of the others end."""
        declared = {check.key for check in checks}
        self.refused &= declared
        return [row for key in list(self._checks) if key not in declared for row in self._end(key)]

    def _end(self, key: tuple[str, str, str]) -> Iterator[Row]:
        series = self._checks.pop(key).series
        self.count -= len(series)
        return ((one, None) for one in series.values())


def _named(part: _Part, labels: Labels) -> Labels:
    metric, phase = part
    return {"__name__": metric, **labels, **({"phase": phase} if phase else {})}


def _values(result: Result) -> Iterator[tuple[_Part, float]]:
    """Nothing where the prober itself could not ask: that says nothing of the target."""
    if result.outcome is Outcome.unknown:
        return
    yield ("probe_success", ""), float(result.outcome is not Outcome.fail)
    # A hundredth of a millisecond is less than a network can repeat; the digits below would fill the disk.
    yield ("probe_duration_seconds", ""), round(result.seconds, 5)
    for phase, seconds in result.phases.items():
        yield ("probe_duration_seconds", phase), round(seconds, 5)
    if result.certificate_expires is not None:
        yield ("probe_ssl_earliest_cert_expiry", ""), round(result.certificate_expires)
