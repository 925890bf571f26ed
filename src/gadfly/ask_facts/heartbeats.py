"""What the node heard of each component a day, from its own series; each day is read once and kept."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterator

import numpy as np

from gadfly.alert import reported
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
ASKED = ("probe_success", "up")
"""Samples of these say that a component was asked, and is there."""
SCRAPE = "scrape"
"""The listener that stands for those who ask: probes and scrapes."""


def facts(stores: Stores, clock: Callable[[], float] = time.monotonic) -> Tables:
    """The table `heartbeat_daily`. What is new is also kept (:attr:`Stores.days`)."""
    found = Columns(TABLE)
    for one in kept.days(stores.connection, TABLE):
        found.add(day=one.day, **one.cells)
    if stores.series is not None:
        for one in _fresh(stores, stores.series, clock):
            stores.days.append(one)
            found.add(day=one.day, **one.cells)
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
    received: defaultdict[str, float] = defaultdict(float)
    lost: defaultdict[str, float] = defaultdict(float)
    asked: defaultdict[str, float] = defaultdict(float)
    worst: dict[str, float] = {}
    for hour in range(24):
        at = day * DAY + (hour + 1) * HOUR
        heard = _instant(source, f"increase({RECEIVED}[1h])", at)
        missed = _instant(source, f"increase({LOST}[1h])", at)
        for name, count in heard.items():
            gone = missed.get(name, 0.0)
            received[name] += count
            lost[name] += gone
            if count + gone > 0:
                worst[name] = max(worst.get(name, 0.0), gone / (count + gone))
        for metric in ASKED:
            for name, count in _instant(source, f"count_over_time({metric}[1h])", at).items():
                asked[name] += count
    every = _instant(source, INTERVAL, (day + 1) * DAY)
    for name, count in received.items():
        cells = {
            "component": name,
            "listener": stores.node,
            "beats": round(count),
            "lost": round(lost[name]),
            "gap_p50": every.get(name),
            "worst_hour": worst.get(name),
            "listeners": 1,
        }
        yield Daily(TABLE, day, f"{name} {stores.node}", cells)
    for name, count in asked.items():
        cells = {"component": name, "listener": SCRAPE, "beats": round(count)}
        yield Daily(TABLE, day, f"{name} {SCRAPE}", cells)


def _instant(source: Selects, text: str, at: float) -> dict[str, float]:
    """By component; of several series of one, their sum."""
    found = instant(source, text, round(at * 1000), Limits(samples=SAMPLES, seconds=20.0))
    assert isinstance(found, Vector)  # each of the expressions is one
    sums: dict[str, float] = {}
    for one in found.samples:
        name = next(reported.named(one.labels), "")
        if name and np.isfinite(one.value):
            sums[name] = sums.get(name, 0.0) + one.value
    return sums
