"""Today's predictors on what is stored: turn by turn, each with what was known at its time and no more."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from gadfly.config_predict import Prediction
from gadfly.predict import promise
from gadfly.predict.alarm import a_week
from gadfly.predict.gauge import Gauge, foresee
from gadfly.predict.history import History
from gadfly.predict.limit import limits
from gadfly.predict.prediction import Foreseen, Key, Outcome, evidence, key, naive, named
from gadfly.predict.promise import Alarm
from gadfly.predict.resolve import Floats, filling
from gadfly.promql.source import Selects
from gadfly.rate import WEEK
from gadfly.store.predictions import Row

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
    past.read(source, until, over)
    at, values = gauge.known(past)
    rows: list[Row] = []
    alarms: dict[Key, Alarm] = {}
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
        rows = _resolved(rows, seen, at, values, past.keys, now)
        told = sum(row.told and row.made > now - WEEK for row in rows)
        after = promise.alarms(
            seen,
            alarms,
            now,
            chance=config.chance,
            budget=a_week(config.budget),
            told=told,
            silent=False,
        )
        open = {key(row.labels) for row in rows if not row.outcome}
        base = _base(rows)
        for one, is_told in promise.due(seen, alarms, after, open):
            rows.append(_row(name, config, one, is_told, now, gauge.act, base))
        alarms = after
    return _resolved(rows, (), at, values, past.keys, until), until


def _base(rows: Sequence[Row]) -> float:
    known = [row for row in rows if row.outcome in (Outcome.came_true, Outcome.did_not)]
    return naive(len(known), sum(row.outcome == Outcome.came_true for row in known))


def _row(
    name: str, config: Prediction, one: Foreseen, told: bool, now: float, act: float, base: float
) -> Row:
    labels = dict(one.key)
    return Row(
        predictor=name,
        series=named(labels),
        labels=labels,
        owner=labels.get("owner", "") or config.owner,
        made=now,
        deadline=now + act,
        probability=one.probability,
        base=base,
        told=told,
        evidence=evidence(one),
    )


def _resolved(
    rows: Sequence[Row],
    seen: Sequence[Foreseen],
    at: Floats,
    values: Floats,
    keys: Sequence[Key],
    now: float,
) -> list[Row]:
    """Those whose time has come, with what became of them by `now`."""
    limit = {one.key: one.limit for one in seen}
    places = {one: place for place, one in enumerate(keys)}
    found = []
    for row in rows:
        if row.outcome:
            found.append(row)
            continue
        series = key(row.labels)
        bound = limit.get(series, math.nan)
        end = filling(
            at,
            values[places[series]],
            made=row.made,
            deadline=row.deadline,
            limit=bound if math.isfinite(bound) else float(row.evidence.get("limit", math.nan)),
            rising=bool(row.evidence.get("rising")),
            now=now,
        )
        if end is not None:
            row = msgspec.structs.replace(row, outcome=str(end.outcome), resolved=now, happened=end.happened)
        found.append(row)
    return found
