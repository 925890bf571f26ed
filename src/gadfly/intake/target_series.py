"""What one target exposes, as numbers of series: labels joined, relabelled and interned once; staleness.

Sans-IO. The rules are those of Prometheus 2.42's scrape loop: a series that is there no more, and every
series of a target that cannot be scraped, ends with a stale marker, except where the target writes times.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gadfly.config.scrape import Scrape
from gadfly.promql.relabel import Rule, prepared, process
from gadfly.promql.source import STALE
from gadfly.telemetry.exposition import UNTIMED, Heads, Scan

Ints = NDArray[np.int64]
Intern = Callable[[Sequence[Mapping[str, str]]], Ints]
"""Labels of series to their numbers, -1 where the store refused."""

DROPPED = -2
"""Stands for the number of a series that a rule dropped."""
REFUSED = -1
AGAIN = 60_000
"""Milliseconds after which the store is asked again about series that it refused."""
ROOM = 1000
"""Heads beyond twice those of the last scrape that are remembered."""
REPORTS = (
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
)
_NONE: Ints = np.empty(0, np.int64)


class OverLimit(Exception):
    """A scrape is refused whole; the message says which limit. `scraped` and `kept`: what was counted."""

    def __init__(self, message: str, scraped: int = 0, kept: int = 0) -> None:
        super().__init__(message)
        self.scraped = scraped
        self.kept = kept


class Columns(NamedTuple):
    """Samples, in columns of one length."""

    series: Ints
    at: Ints
    value: NDArray[np.float64]


class Harvest(NamedTuple):
    """What one scrape brought."""

    columns: Columns
    """Stale markers among them."""
    scraped: int
    kept: int
    """After `metric_relabel`."""
    added: int
    """Series that the scrape before did not have."""


class Rules(NamedTuple):
    """What a job does to every sample."""

    honor_labels: bool
    honor_timestamps: bool
    relabel: Sequence[Rule]
    samples: int
    labels: int
    name_bytes: int
    value_bytes: int


def rules_of(scrape: Scrape) -> Rules:
    """Those of a job. ValueError where an expression is none."""
    return Rules(
        scrape.honor_labels,
        scrape.honor_timestamps,
        prepared(scrape.metric_relabel),
        scrape.samples,
        scrape.label_limit,
        scrape.label_name_bytes,
        scrape.label_value_bytes,
    )


def joined(exposed: dict[str, str], target: Mapping[str, str], honor: bool) -> dict[str, str]:
    """The labels of a sample and of its target. Where both have one: the target's counts and the sample's
    becomes `exported_…`; the other way with `honor`."""
    if honor:
        return {**target, **exposed}
    labels = {**exposed, **target}
    conflicts = [name for name in target if exposed.get(name)]
    for name in sorted(conflicts, key=len):
        new = name
        while True:
            new = f"exported_{new}"
            if new not in labels:
                break
        labels[new] = exposed[name]
    return labels


class TargetSeries:
    """One for each target; forgets nothing over a reload, unless its rules change."""

    def __init__(self, labels: Mapping[str, str], rules: Rules) -> None:
        self.labels = labels
        self._reports: Ints | None = None
        self._timeless: Ints = _NONE
        """Series of the last scrape whose times are ours, ascending: these end with a marker."""
        self._all: Ints = _NONE
        self.rule_by(rules)

    def rule_by(self, rules: Rules) -> None:
        """From now on by these rules; what was interned is looked at anew."""
        self._rules = rules
        self._source: tuple[int, int] = (0, -1)
        self._begin()

    def _begin(self) -> None:
        self._heads: Ints = _NONE
        self._numbers: Ints = _NONE
        self._last: tuple[Ints, Ints] | None = None
        self._refused_at = 0

    def forget_numbers(self) -> None:
        """The store does not know some of them any more."""
        self._begin()
        self._reports = None
        self._timeless = self._all = _NONE

    def take(self, scan: Scan, heads: Heads, at: int, intern: Intern) -> Harvest:
        """A scrape that was answered. OverLimit, Malformed where it is refused whole."""
        if self._source != (id(heads), heads.generation):
            self._begin()
            self._source = (id(heads), heads.generation)
        same = self._last is not None and np.array_equal(self._last[0], scan.heads)
        if self._refused_at and at - self._refused_at >= AGAIN:
            known = self._numbers != REFUSED
            self._heads, self._numbers = self._heads[known], self._numbers[known]
            self._refused_at, same = 0, False
        if same:
            assert self._last is not None
            numbers = self._last[1]
        else:
            numbers = self._look_up(scan.heads, heads, at, intern)
        kept = int(np.count_nonzero(numbers != DROPPED))
        if self._rules.samples and kept > self._rules.samples:
            raise OverLimit(f"{kept} samples; `samples` allows {self._rules.samples}", len(numbers), kept)
        times = scan.at if self._rules.honor_timestamps else None
        added, ended = 0, _NONE
        if not same or times is not None or len(self._timeless) != len(self._all):
            whole = np.unique(numbers[numbers >= 0])
            timeless = whole if times is None else np.unique(numbers[(numbers >= 0) & (times == UNTIMED)])
            ended = np.setdiff1d(self._timeless, timeless, assume_unique=True)
            added = len(np.setdiff1d(whole, self._all, assume_unique=True))
            self._timeless = timeless
            if len(whole):
                self._all = whole
        self._last = (scan.heads, numbers)
        moment = np.full(len(numbers), at, np.int64)
        if times is not None:
            moment = np.where(times == UNTIMED, at, times)
        columns = Columns(numbers, moment, scan.value)
        if len(numbers) and int(numbers.min()) < 0:
            real = numbers >= 0
            columns = Columns(numbers[real], moment[real], scan.value[real])
        return Harvest(join([columns, _ending(ended, at)]), len(numbers), kept, added)

    def end(self, at: int) -> Columns:
        """Stale markers for all that the last scrape had: it failed now, or the target is gone."""
        ended, self._timeless = self._timeless, _NONE
        self._last = None
        return _ending(ended, at)

    def report(self, values: Sequence[float] | None, at: int, intern: Intern) -> Columns:
        """`up` and the others of `REPORTS`; None: they end."""
        if self._reports is None or (self._reports < 0).any():
            named = [joined({"__name__": name}, self.labels, honor=False) for name in REPORTS]
            self._reports = intern(named)
        real = self._reports >= 0
        column = np.full(len(REPORTS), STALE) if values is None else np.array(values, np.float64)
        return Columns(self._reports[real], np.full(int(real.sum()), at, np.int64), column[real])

    def _look_up(self, wanted: Ints, heads: Heads, at: int, intern: Intern) -> Ints:
        place = np.searchsorted(self._heads, wanted)
        if len(self._heads):
            place[place == len(self._heads)] = 0
            missing = self._heads[place] != wanted
        else:
            missing = np.ones(len(wanted), np.bool_)
        if missing.any():
            self._learn(np.unique(wanted[missing]), heads, at, intern)
            place = np.searchsorted(self._heads, wanted)
        if len(self._heads) > 2 * len(wanted) + ROOM:
            used = np.unique(place)
            place = np.searchsorted(used, place)
            self._heads, self._numbers = self._heads[used], self._numbers[used]
        return self._numbers[place] if len(wanted) else _NONE

    def _learn(self, fresh: Ints, heads: Heads, at: int, intern: Intern) -> None:
        rules = self._rules
        numbers = np.full(len(fresh), DROPPED, np.int64)
        places: list[int] = []
        named: list[dict[str, str]] = []
        for place, head in enumerate(fresh.tolist()):
            exposed = heads.labels(head)
            labels = process(rules.relabel, joined(exposed, self.labels, rules.honor_labels))
            if labels is None or not labels:
                continue
            self._bound(labels)
            places.append(place)
            named.append(labels)
        if named:
            numbers[places] = intern(named)
            if (numbers == REFUSED).any() and not self._refused_at:
                self._refused_at = at
        merged = np.concatenate((self._heads, fresh))
        order = np.argsort(merged, kind="stable")
        self._heads, self._numbers = merged[order], np.concatenate((self._numbers, numbers))[order]

    def _bound(self, labels: Mapping[str, str]) -> None:
        rules = self._rules
        if not (rules.labels or rules.name_bytes or rules.value_bytes):
            return
        metric = labels.get("__name__", "")[:80]
        if rules.labels and len(labels) > rules.labels:
            raise OverLimit(f"{metric} has {len(labels)} labels; `label_limit` is {rules.labels}")
        for name, value in labels.items():
            if rules.name_bytes and len(name) > rules.name_bytes:
                raise OverLimit(f"a label of {metric} has {len(name)} bytes; see `label_name_bytes`")
            if rules.value_bytes and len(value.encode()) > rules.value_bytes:
                raise OverLimit(f"{metric}: the value of {name[:80]} is longer than `label_value_bytes`")


def _ending(series: Ints, at: int) -> Columns:
    return Columns(series, np.full(len(series), at, np.int64), np.full(len(series), STALE))


def join(parts: Sequence[Columns]) -> Columns:
    """All of them, in order."""
    full = [part for part in parts if len(part.series)]
    if len(full) == 1:
        return full[0]
    if not full:
        return Columns(_NONE, _NONE, np.empty(0))
    series, at, value = (np.concatenate(column) for column in zip(*full, strict=True))
    return Columns(series, at, value)
