"""What rules read, summed up a day: each day is read once, minute by minute, and kept."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gadfly.ask_facts.alerts import firing
from gadfly.ask_facts.checks import Condition, condition, rule_name, rules
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
DIGEST = "of"
"""Cell of a kept day, of what expression it is; no column."""
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


class Wanted(NamedTuple):
    """What is read of a check, and a digest of its expression: of another one the days are read anew."""

    held: Condition
    digest: str


class Gap(NamedTuple):
    """The longest time of a day without a sample. `begin` and `end` are minutes of the day; `minutes` are
    those of it in which the node was there."""

    begin: int
    end: int
    minutes: int


def facts(stores: Stores, clock: Callable[[], float] = time.monotonic) -> Tables:
    """The table `sample_daily`. What is new is also kept (:attr:`Stores.days`)."""
    found = Columns(TABLE)
    wanted = _wanted(stores)
    days = list(kept.days(stores.connection, TABLE))
    if stores.series is not None:
        known = {(one.day, one.name) for one in days if _is_of(one, wanted)}
        fresh = list(_fresh(stores, stores.series, wanted, known, clock))
        stores.days.extend(fresh)
        days += fresh
    for one in days:
        cells = {name: cell for name, cell in one.cells.items() if name != DIGEST}
        if cells and _is_of(one, wanted):
            if DIGEST not in one.cells:
                cells.pop("gap_state", None)  # an earlier version took it for "ok"
            found.add(check=one.name, day=one.day, **cells)
    return together(found)


def _wanted(stores: Stores) -> dict[str, Wanted]:
    found: dict[str, Wanted] = {}
    for _, rule in rules(stores):
        if (held := condition(rule.node)) is not None:
            digest = hashlib.blake2b(rule.text.encode(), digest_size=8).hexdigest()
            found.setdefault(rule_name(rule, stores), Wanted(held, digest))
    return found


def _is_of(day: Daily, wanted: Mapping[str, Wanted]) -> bool:
    """Whether it was summed up by the expression that its check has now, as far as is known."""
    said, check = day.cells.get(DIGEST), wanted.get(day.name)
    return said is None or check is None or said == check.digest


def _fresh(
    stores: Stores,
    source: Selects,
    wanted: Mapping[str, Wanted],
    known: AbstractSet[tuple[int, str]],
    clock: Callable[[], float],
) -> Iterator[Daily]:
    """Days that are over and not kept yet, the newest first; within the limits of time and of series."""
    since: dict[str, float] = {}
    for one in kept.declared(stores.connection, "check"):
        since.setdefault(one.name, one.since)
    fired: dict[str, list[tuple[float, float]]] | None = None
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
            held, digest = wanted[name]
            try:
                values = read(source, held.reading, day)
            except (QueryError, LimitError, StoreError) as error:
                log.info("what %s read on day %d is not known: %s", name, day, error)
                continue
            left -= len(values)
            if left < 0:
                break
            begun = since.get(name, stores.now)
            before = day <= begun // DAY
            cells = summed(values, up, held, begins=before)
            gap = longest(values, up, begins=before)
            if gap.minutes and day * DAY + gap.begin * MINUTE >= begun:
                fired = firing(stores) if fired is None else fired
                cells["gap_state"] = state(fired.get(name, ()), day, gap)
            # That there was nothing before the rule was there says nothing: the day is read, and not told.
            told = {} if before and not cells["coverage"] else cells
            yield Daily(TABLE, day, name, told | {DIGEST: digest})


def state(fired: Iterable[tuple[float, float]], day: int, gap: Gap) -> str:
    """What a check said in a gap, by when it fired: "firing" where it did for any part of it, else "ok"."""
    begin, end = day * DAY + gap.begin * MINUTE, day * DAY + gap.end * MINUTE
    return "firing" if any(since < end and until > begin for since, until in fired) else "ok"


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
    gap = longest(values, up, begins=begins)
    values = np.where(np.isfinite(values), values, np.nan)[:, up]
    there = np.isfinite(values)
    some = np.asarray(there.any(axis=0))
    cells: dict[str, Any] = {"coverage": float(some.mean()), "gap": float(gap.minutes * MINUTE)}
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


def longest(values: Floats, up: Bools, *, begins: bool = False) -> Gap:
    """The longest gap of a day; arguments as of `summed`."""
    some = np.asarray(np.isfinite(values)[:, up].any(axis=0))
    minutes = np.flatnonzero(up)
    first = int(np.argmax(some)) if begins else 0
    edges = np.flatnonzero(np.diff(np.concatenate(([False], ~some[first:], [False])).astype(np.int8)))
    if not len(edges):
        return Gap(0, 0, 0)
    widths = edges[1::2] - edges[::2]
    place = int(np.argmax(widths))
    begin, end = first + edges[2 * place], first + edges[2 * place + 1]
    return Gap(int(minutes[begin]), int(minutes[end - 1]) + 1, int(widths[place]))
