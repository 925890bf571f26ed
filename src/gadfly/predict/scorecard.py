"""How good predictions were: Brier score, skill, reliability, lead time, alarms. Pure.

Brier score: the mean of (probability - outcome)² (G. W. Brier, Verification of forecasts expressed in terms
of probability, Monthly Weather Review 78, 1950); skill: 1 - score / score of the naive guess, and the
reliability diagram (A. H. Murphy, A new vector partition of the probability score, Journal of Applied
Meteorology 12, 1973). The naive guess of each prediction is the one that could have been made at its time,
from the past alone.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence

import msgspec

from gadfly.predict.prediction import Outcome
from gadfly.rate import WEEK
from gadfly.store.predictions import Row

BINS = 10
WORST = 100
"""Series that a scorecard tells of."""


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """Predictions whose probability lies in [`low`, `high`), the last one closed."""

    low: float
    high: float
    count: int
    foretold: float | None
    """Their mean probability; None without any."""
    happened: float | None
    """The share of them that came true."""


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """The record of a predictor, a series or an owner over a window. None: too little to say."""

    name: str
    kind: str = ""
    open: int = 0
    resolved: int = 0
    came_true: int = 0
    did_not: int = 0
    void: int = 0
    brier: float | None = None
    naive: float | None = None
    skill: float | None = None
    reliability: tuple[Bin, ...] = ()
    told: int = 0
    """Alarms."""
    told_true: int = 0
    """Those after which it happened, if only within as long again as was foretold."""
    precision: float | None = None
    """The share of `told_true` among the alarms whose time has come and that are not void."""
    lead: float | None = None
    """Median of the seconds between an alarm and what it foretold."""
    alarms_a_week: float = 0.0
    budget: float | None = None
    silent: bool = False
    why: str = ""


def score(rows: Sequence[Row], name: str, window: float) -> Score:
    """Of these predictions, made within `window` seconds; alarms a week are those of a week at least."""
    known = [row for row in rows if row.outcome in (Outcome.came_true, Outcome.did_not)]
    true = [row for row in known if row.outcome == Outcome.came_true]
    void = sum(row.outcome == Outcome.void for row in rows)
    told = [row for row in rows if row.told]
    told_known = [row for row in known if row.told]
    told_true = [row for row in told_known if row.happened is not None]
    brier = _mean((row.probability - (row.outcome == Outcome.came_true)) ** 2 for row in known)
    naive = _mean((row.base - (row.outcome == Outcome.came_true)) ** 2 for row in known)
    leads = [row.happened - row.made for row in told_true if row.happened is not None]
    return Score(
        name=name,
        kind=rows[0].kind if len({row.kind for row in rows}) == 1 else "",
        open=len(rows) - len(known) - void,
        resolved=len(known) + void,
        came_true=len(true),
        did_not=len(known) - len(true),
        void=void,
        brier=brier,
        naive=naive,
        skill=1 - brier / naive if brier is not None and naive else None,
        reliability=reliability(known),
        told=len(told),
        told_true=len(told_true),
        precision=len(told_true) / len(told_known) if told_known else None,
        lead=statistics.median(leads) if leads else None,
        alarms_a_week=len(told) * WEEK / max(window, WEEK),
    )


def reliability(known: Iterable[Row]) -> tuple[Bin, ...]:
    """By the tenth of their probability: how often was foretold what, and how often it happened."""
    bins: list[list[Row]] = [[] for _ in range(BINS)]
    for row in known:
        bins[min(BINS - 1, max(0, int(row.probability * BINS)))].append(row)
    return tuple(
        Bin(
            low=place / BINS,
            high=(place + 1) / BINS,
            count=len(rows),
            foretold=_mean(row.probability for row in rows),
            happened=_mean(float(row.outcome == Outcome.came_true) for row in rows),
        )
        for place, rows in enumerate(bins)
    )


def by(rows: Iterable[Row], name: Callable[[Row], str], window: float) -> list[Score]:
    """A score for each name, the least skilled first; those of which too little is known last."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(name(row), []).append(row)
    found = [score(group, one, window) for one, group in groups.items()]
    return sorted(found, key=lambda one: (one.skill is None, one.skill or 0.0, one.name))


def _mean(numbers: Iterable[float]) -> float | None:
    found = list(numbers)
    return sum(found) / len(found) if found else None
