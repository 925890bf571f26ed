"""What a run found, held against what is known to be wrong. Pure: it knows nothing of how anything was found."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from fleet.truth import Defect


class Seen(NamedTuple):
    """A kind on a subject that was true on as many evaluations in a row as its kind demands."""

    kind: str
    subject: str
    component: str | None
    day: float
    """Of the last of those."""


class Sightings:
    """Counts evaluations in a row."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], int] = {}
        self.seen: dict[tuple[str, str], Seen] = {}

    def day(self, day: float, found: Iterable[tuple[str, str, str | None, int]]) -> None:
        """What one evaluation found: kind, subject, component, and how many in a row are demanded."""
        rows: dict[tuple[str, str], int] = {}
        for kind, subject, component, needed in found:
            key = kind, subject
            rows[key] = self._rows.get(key, 0) + 1
            if rows[key] >= needed:
                self.seen.setdefault(key, Seen(kind, subject, component, day))
        self._rows = rows


def speaks_of(subject: str, component: str | None, names: Collection[str]) -> bool:
    """Whether a finding is about one of these names: its subject, its component, or a part of its subject, as
    the subject of a pair holds both."""
    return subject in names or component in names or any(name in subject for name in names if len(name) > 5)


def met(defect: Defect, kind: str, subject: str, component: str | None) -> bool:
    """Whether a finding is about this defect."""
    return kind == defect.kind and speaks_of(subject, component, defect.names)


def false(seen: Iterable[Seen], defects: Sequence[Defect]) -> list[Seen]:
    """Those about nothing that was planted. What other kinds say of a planted thing is not counted: that it is
    clean but for its defect is not known."""
    touched = {name for defect in defects for name in defect.touched}
    return [
        one
        for one in seen
        if not speaks_of(one.subject, one.component, touched)
        and not any(
            met(defect, one.kind, one.subject, one.component) for defect in defects if defect.sort == "seed"
        )
    ]


def ndcg(gains: Sequence[float], ideal: Iterable[float], k: int = 10) -> float:
    """Normalized discounted cumulative gain at `k`, with gains 2^harm - 1. NaN where there is nothing to gain.

    gains: harm in the order that is judged. ideal: the harm of everything that could have been shown.
    """

    def dcg(harms: Iterable[float]) -> float:
        return sum((2**harm - 1) / math.log2(place + 2) for place, harm in enumerate(list(harms)[:k]))

    best = dcg(sorted(ideal, reverse=True))
    return dcg(gains) / best if best else math.nan


def busiest(times: Iterable[float], week: float = 604_800.0) -> int:
    """The most of these within any seven days."""
    ordered = sorted(times)
    first, most = 0, 0
    for last, t in enumerate(ordered):
        while ordered[first] <= t - week:
            first += 1
        most = max(most, last - first + 1)
    return most
