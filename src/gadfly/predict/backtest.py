"""Today's predictors on what is stored: turn by turn, each with what was known at its time and no more."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from gadfly.config.predict import Prediction
from gadfly.monitor.subject import Subject
from gadfly.predict import demote, promise
from gadfly.predict.alarm import a_week
from gadfly.predict.failing import Failing, failed
from gadfly.predict.gauge import Gauge, foresee
from gadfly.predict.history import History
from gadfly.predict.limit import limits
from gadfly.predict.prediction import Foreseen, Key, Outcome, evidence, key, naive, named
from gadfly.predict.promise import Alarm
from gadfly.predict.resolve import ALREADY, MOVED, Resolution, after_all, filling, warning
from gadfly.promql.source import Selects
from gadfly.rate import WEEK
from gadfly.store.flips import Flip
from gadfly.store.predictions import Row, Tally

TURNS = 1_000
"""At most; the time between two grows with what is replayed."""
SELDOM = 3_600.0
"""Seconds between two turns at least: what is known of an hour is the same all over it."""


def replay(
    source: Selects,
    name: str,
    config: Prediction,
    since: float,
    until: float,
    over: Callable[[], bool] = lambda: False,
) -> tuple[list[Row], float]:
    """The predictions that this one would have made between `since` and `until` (wall seconds), resolved by
    what came after; and up to when that was done. QueryError, LimitError, StoreError.

    When it is `over`, it ends there: nobody waits any longer.
    """
    gauge = Gauge(name, config)
    past = History(config.of, until - since + float(config.history), float(config.every))
    past.read(source, until, over, gauge.newest(source, until))
    at, values = gauge.known(past)
    places = {one: place for place, one in enumerate(past.keys)}
    bounds: dict[Key, float] = {}
    before: dict[str, float] = {}
    """Which series somebody moved away from their limits, and the deadline of the first such prediction."""

    def judged(series: Key, row: Row) -> float:
        return bounds.get(series, float(row.evidence.get("limit", math.nan)))

    def became(row: Row, now: float) -> Resolution | None:
        series = key(row.labels)
        own, limit, rising = values[places[series]], judged(series, row), bool(row.evidence.get("rising"))
        found = filling(
            at,
            own,
            made=row.made,
            deadline=row.deadline,
            limit=limit,
            rising=rising,
            now=now,
            known=gauge.promised(row),
            moved=row.deadline <= now
            and not before.get(row.series, math.inf) <= row.made
            and gauge.moved(at, own, row, limit, rising),
        )
        if found is not None and found.why == MOVED:
            before.setdefault(row.series, row.deadline)
        return found

    def at_last(row: Row) -> Row:
        """With what an alarm that was wrong came to within as long again, as the scorecard counts it."""
        if not row.told or row.outcome != Outcome.did_not:
            return row
        series = key(row.labels)
        end = after_all(
            at,
            values[places[series]],
            deadline=row.deadline,
            until=min(until, row.deadline + gauge.act),
            limit=judged(series, row),
            rising=bool(row.evidence.get("rising")),
        )
        return row if end is None else msgspec.structs.replace(row, happened=end.happened, why=end.why)

    kept = _Kept(name, config, gauge.kind, gauge.act, became, judged=not gauge.ends)
    every = max(SELDOM, float(config.every), (until - since) / TURNS)
    for now in np.arange(since, until, every).tolist():
        if over():
            until = now
            break
        known = int(np.searchsorted(at, now, side="right"))
        begin = int(np.searchsorted(at, now - float(config.history)))
        if known - begin < 2:
            continue
        limit = limits(source, gauge.full, past.keys, now)
        seen = foresee(
            past.keys, at[begin:known], values[:, begin:known], limit, now, gauge.act, ends=gauge.ends
        )
        bounds = {one.key: one.limit for one in seen if math.isfinite(one.limit)}
        kept.turn(seen, now)
    return [at_last(row) for row in kept.resolved(until)], until


def replay_failures(
    source: Selects,
    name: str,
    config: Prediction,
    fleet: Callable[[], Sequence[Subject]],
    flips: Sequence[Flip],
    since: float,
    until: float,
    over: Callable[[], bool] = lambda: False,
) -> tuple[list[Row], float]:
    """The same of components that fail. `flips`: all changes of verdict, from a month before `since` on."""
    failing = Failing(name, config, fleet)
    failures = [(one.component, one.at) for one in flips if failed(one)]

    def became(row: Row, now: float) -> Resolution | None:
        at = np.array([at for component, at in failures if component == row.component], np.float64)
        return warning(at, made=row.made, deadline=row.deadline, now=now)

    kept = _Kept(name, config, failing.kind, failing.act, became)
    for now in np.arange(since, until, max(SELDOM, failing.act / 2)).tolist():
        if over():
            until = now
            break
        failing.flips = [one for one in flips if one.at <= now]
        kept.turn(failing.look(source, now, stopping=over).foreseen, now)
    return kept.resolved(until), until


class _Kept:
    """What was foretold so far. `became` tells what became of a row by some time."""

    def __init__(
        self,
        name: str,
        config: Prediction,
        kind: str,
        act: float,
        became: Callable[[Row, float], Resolution | None],
        *,
        judged: bool = True,
    ) -> None:
        self._name = name
        self._config = config
        self._kind = kind
        self._act = act
        self._became = became
        self._judged = judged
        self._rows: list[Row] = []
        self._alarms: dict[Key, Alarm] = {}
        self._silent = False

    def turn(self, seen: Sequence[Foreseen], now: float) -> None:
        """What follows from what is foreseen now, as it would in a node."""
        rows = self._rows = self.resolved(now)
        known = [row for row in rows if row.outcome in (Outcome.came_true, Outcome.did_not)]
        base = naive(len(known), sum(row.outcome == Outcome.came_true for row in known))
        self._silent = self._judged and demote.silent(_tally(known), was=self._silent)
        after = promise.alarms(
            seen,
            self._alarms,
            now,
            chance=self._config.chance,
            budget=a_week(self._config.budget),
            told=Counter(
                row.owner for row in rows if row.told and row.made > now - WEEK and row.why != ALREADY.why
            ),
            owner=self._owner,
            silent=lambda series: self._mute(series, known),
        )
        open = {
            key(row.labels)
            for row in rows
            if not row.outcome or (row.outcome == Outcome.came_true and row.deadline > now)
        }
        rows += [self._row(*one, now, base) for one in promise.due(seen, self._alarms, after, open)]
        self._alarms = after

    def _mute(self, series: Key, known: Sequence[Row]) -> bool:
        """Whether nothing would have been told of it, as it was silent by then."""
        if not self._silent:
            return False
        name, owner = named(dict(series)), self._owner(series)
        own = _tally([row for row in known if row.series == name])
        return not demote.heard(own, _tally([row for row in known if row.owner == owner]))

    def _owner(self, series: Key) -> str:
        return dict(series).get("owner", "") or self._config.owner

    def resolved(self, now: float) -> list[Row]:
        """All of it, with what became of it by now."""
        return [row if row.outcome else self._resolve(row, now) for row in self._rows]

    def _resolve(self, row: Row, now: float) -> Row:
        end = self._became(row, now)
        if end is None:
            return row
        return msgspec.structs.replace(row, outcome=str(end.outcome), resolved=now, happened=end.happened)

    def _row(self, one: Foreseen, told: bool, now: float, base: float) -> Row:
        labels = dict(one.key)
        return Row(
            predictor=self._name,
            kind=self._kind,
            series=named(labels),
            labels=labels,
            component=labels.get("component", ""),
            owner=self._owner(one.key),
            made=now,
            deadline=now + self._act,
            probability=promise.chance_of(one),
            base=base,
            told=told,
            evidence=evidence(one),
            outcome=ALREADY.outcome if one.full else "",
            why=ALREADY.why if one.full else "",
        )


def _tally(known: Sequence[Row]) -> Tally:
    """As the store counts them."""
    came = [row.outcome == Outcome.came_true for row in known]
    return Tally(
        known=len(known),
        true=sum(came),
        brier=sum((row.probability - true) ** 2 for row, true in zip(known, came, strict=True)),
        naive=sum((row.base - true) ** 2 for row, true in zip(known, came, strict=True)),
    )
