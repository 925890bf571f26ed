"""What the node heard of each component a day, from its own series; each day is read once and kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator

import numpy as np

from gadfly.ask_facts.columns import Columns, Tables, together
from gadfly.ask_facts.samples import DAY, present
from gadfly.ask_facts.stores import Stores
from gadfly.errors import LimitError, QueryError, StoreError
from gadfly.promql.limits import Limits
from gadfly.promql.query import instant
from gadfly.promql.source import Selects
from gadfly.promql.values import Vector
from gadfly.store import facts as kept
from gadfly.store.facts import Daily

log = logging.getLogger("gadfly.ask")

TABLE = "heartbeat_daily"
BACK = 30
"""Days that are looked back for what was not summed up yet."""
SECONDS = 60.0
SAMPLES = 5_000_000
HOUR = 3_600
RECEIVED = "heartbeat_received_total"
LOST = "heartbeat_lost_total"
INTERVAL = "heartbeat_interval_seconds"


def facts(stores: Stores, clock: Callable[[], float] = time.monotonic) -> Tables:
    """The table `heartbeat_daily`. What is new is also kept (:attr:`Stores.days`)."""
    found = Columns(TABLE)
    for one in kept.days(stores.connection, TABLE):
        found.add(component=one.name, day=one.day, **one.cells)
    if stores.series is not None:
        for one in _fresh(stores, stores.series, clock):
            stores.days.append(one)
            found.add(component=one.name, day=one.day, **one.cells)
    return together(found)


def _fresh(stores: Stores, source: Selects, clock: Callable[[], float]) -> Iterator[Daily]:
    known = {day for day, _ in kept.done(stores.connection, TABLE)}
    ends = clock() + SECONDS
    today = int(stores.now // DAY)
    for day in range(today - 1, today - BACK - 1, -1):
        if day in known:
            continue
        if stores.stopping() or clock() > ends:
            return
        if present(source, day) is None:
            continue
        try:
            yield from _day(stores, source, day)
        except (QueryError, LimitError, StoreError) as error:
            log.info("what was heard on day %d is not known: %s", day, error)


def _day(stores: Stores, source: Selects, day: int) -> Iterator[Daily]:
    """Hour by hour, so that a large fleet's samples are not all there at once."""
    received: dict[str, float] = {}
    lost: dict[str, float] = {}
    worst: dict[str, float] = {}
    for hour in range(24):
        at = day * DAY + (hour + 1) * HOUR
        heard = _instant(source, f"increase({RECEIVED}[1h])", at)
        missed = _instant(source, f"increase({LOST}[1h])", at)
        for name, count in heard.items():
            received[name] = received.get(name, 0.0) + count
            gone = missed.get(name, 0.0)
            lost[name] = lost.get(name, 0.0) + gone
            if count + gone > 0:
                worst[name] = max(worst.get(name, 0.0), gone / (count + gone))
    every = _instant(source, INTERVAL, (day + 1) * DAY)
    for name, count in received.items():
        yield Daily(
            TABLE,
            day,
            name,
            {
                "listener": stores.node,
                "beats": round(count),
                "lost": round(lost[name]),
                "gap_p50": every.get(name),
                "worst_hour": worst.get(name),
                "listeners": 1,
            },
        )


def _instant(source: Selects, text: str, at: float) -> dict[str, float]:
    """By component."""
    found = instant(source, text, round(at * 1000), Limits(samples=SAMPLES, seconds=20.0))
    assert isinstance(found, Vector)  # each of the expressions is one
    return {
        one.labels["component"]: one.value
        for one in found.samples
        if "component" in one.labels and np.isfinite(one.value)
    }
