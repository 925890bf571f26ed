"""What rules read, summed up a day: each day is read once, minute by minute, and kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gadfly.ask_facts.checks import Condition, condition, rules
from gadfly.ask_facts.columns import Columns, Tables, together
from gadfly.ask_facts.stores import Stores
from gadfly.errors import LimitError, QueryError, StoreError
from gadfly.promql.budget import Budget
from gadfly.promql.evaluate import Evaluation
from gadfly.promql.limits import Limits
from gadfly.promql.parse import parse
from gadfly.promql.source import Selects
from gadfly.promql.tree import Node
from gadfly.promql.values import Scalars, Steps, Vectors
from gadfly.store import facts as kept
from gadfly.store.facts import Daily

log = logging.getLogger("gadfly.ask")

TABLE = "sample_daily"
DAY = 86_400
MINUTE = 60
MINUTES = DAY // MINUTE
BACK = 90
"""Days that are looked back for what was not summed up yet: as far as minutes are kept."""
SECONDS = 60.0
"""For so long days that are over are summed up at one evaluation; the rest at the next."""
NEAR = 0.05
"""Share of the threshold within which a value is near it."""
SAMPLES = 5_000_000
"""Samples of one query at most: 80 MB."""
UP = 'process_start_time_seconds{job="gadfly"}'
"""A series that is there while the node is: without it a minute without samples tells nothing."""
SEEN = 0.5
"""Share of a day that the node must have been there, or nothing is said of that day."""

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def facts(stores: Stores, clock: Callable[[], float] = time.monotonic) -> Tables:
    """The table `sample_daily`. What is new is also kept (:attr:`Stores.days`)."""
    found = Columns(TABLE)
    days = list(kept.days(stores.connection, TABLE))
    if stores.series is not None:
        fresh = list(_fresh(stores, stores.series, clock))
        stores.days.extend(fresh)
        days += fresh
    for one in days:
        if one.cells:
            found.add(check=one.name, day=one.day, **one.cells)
    return together(found)


def _fresh(stores: Stores, source: Selects, clock: Callable[[], float]) -> Iterator[Daily]:
    """Days that are over and not kept yet, the newest first; within the limits of time and of series."""
    wanted: dict[str, Condition] = {}
    for _, rule in rules(stores):
        if (held := condition(rule.node)) is not None:
            wanted.setdefault(rule.name, held)
    known = kept.done(stores.connection, TABLE)
    since: dict[str, float] = {}
    for one in kept.declared(stores.connection, "check"):
        since.setdefault(one.name, one.since)
    ends = clock() + SECONDS
    today = int(stores.now // DAY)
    for day in range(today - 1, today - BACK - 1, -1):
        waiting = [name for name in wanted if (day, name) not in known]
        up = present(source, day) if waiting else None
        if up is None:
            continue
        left = stores.config.ask.series
        for name in waiting:
            if stores.stopping() or clock() > ends:
                return
            try:
                values = read(source, wanted[name].reading, day)
            except (QueryError, LimitError, StoreError) as error:
                log.info("what %s read on day %d is not known: %s", name, day, error)
                continue
            left -= len(values)
            if left < 0:
                break
            before = day <= since.get(name, stores.now) // DAY
            cells = summed(values, up, wanted[name], begins=before)
            # That there was nothing before the rule was there says nothing: the day is read, and not told.
            yield Daily(TABLE, day, name, {} if before and not cells["coverage"] else cells)


def present(source: Selects, day: int) -> Bools | None:
    """In which minutes of a day the node was there (minute); None: too few of them."""
    try:
        up = np.asarray(np.isfinite(read(source, parse(UP), day)).any(axis=0))
    except (QueryError, LimitError, StoreError):
        return None
    return up if up.mean() >= SEEN else None


def read(source: Selects, node: Node, day: int) -> Floats:
    """An expression in each minute of a day (series, minute), NaN where it has no value. QueryError,
    LimitError, StoreError."""
    start = day * DAY * 1000
    steps = Steps.between(start, start + (MINUTES - 1) * MINUTE * 1000, MINUTE * 1000)
    limits = Limits(samples=SAMPLES, series=SAMPLES // MINUTES, seconds=20.0)
    evaluation = Evaluation(source, Budget(limits), int(steps.at[0]), int(steps.at[-1]))
    with np.errstate(all="ignore"):  # what is not a number is an answer here
        found = evaluation.evaluate(node, steps)
    if isinstance(found, Scalars):
        return found.value[None, :]
    if not isinstance(found, Vectors):
        raise QueryError("this is no number at a time", "bad_data")
    return np.where(found.present, found.value, np.nan)


def summed(values: Floats, up: Bools, held: Condition, *, begins: bool = False) -> dict[str, Any]:
    """The cells of a day: `values` (series, minute), `up` (minute). `begins`: the series may have begun on
    it, so that what lacks at its start is no gap."""
    values = np.where(np.isfinite(values), values, np.nan)[:, up]
    there = np.isfinite(values)
    some = np.asarray(there.any(axis=0))
    first = int(np.argmax(some)) if begins else 0
    cells: dict[str, Any] = {
        "coverage": float(some.mean()),
        "gap": float(_longest(~some[first:]) * MINUTE),
        "gap_state": "ok",
    }
    if not some.any():
        return cells
    all_ = values[there]
    p50, p99, p999 = (float(one) for one in np.quantile(all_, (0.5, 0.99, 0.999)))
    past = values > held.threshold if held.above else values < held.threshold
    near = np.abs(values - held.threshold) <= NEAR * abs(held.threshold)
    return cells | {
        "min": float(all_.min()),
        "max": float(all_.max()),
        "mean": float(all_.mean()),
        "p50": p50,
        "p99": p99,
        "p999": p999,
        "near": float((near & there).any(axis=0).mean()),
        "past": float((past & there).any(axis=0).mean()),
    }


def _longest(flags: Bools) -> int:
    """The longest run of what is true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max(initial=0))
