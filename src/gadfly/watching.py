"""Early warning in a node: every series is watched, and what is the strangest for long is told, and scored.

A warning says that an alert of the same component will fire within `predict.within`. How probable that is, is
what became of the warnings before it; the naive guess is how often alerts fire anyway.
"""

from __future__ import annotations

import asyncio
import logging
import math
import sqlite3
from typing import TYPE_CHECKING

import numpy as np

from gadfly.alert.reported import Reported
from gadfly.alert.shown import Alert
from gadfly.config import Config
from gadfly.errors import FormatError, LimitError, StoreError
from gadfly.predict import demote, resolve
from gadfly.predict.alarm import a_week
from gadfly.predict.prediction import EARLY, naive, named
from gadfly.predict.resolve import Resolution
from gadfly.predict.watch import Strange, Watch
from gadfly.predict.wording import number, span
from gadfly.promising import Promising
from gadfly.promql.parse import parse_selector
from gadfly.rate import WEEK
from gadfly.store import predictions
from gadfly.store.predictions import Row, Tally

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle
    from gadfly.store.series import Series  # it brings DuckDB; the node is up before that is loaded

log = logging.getLogger("gadfly.predict")

EVERY = 30.0
"""Seconds between two looks: twice what most samples are apart."""
SAVED = 600.0
"""Seconds between two times that what was learnt is kept; so much is learnt anew after a power cut."""
HOLDS = 3_600.0
"""Seconds for which a warning is an alert that fires: it tells of a moment, and ends by itself."""
MONTH = 30 * 86_400.0
SOURCE = "prediction:early warning"


class Watching:
    """Made by the node when the alerts are there."""

    def __init__(self, node: Node, promising: Promising) -> None:
        self._node = node
        self._clock = node.clock
        self._db = node.db
        self._promising = promising
        self._changed = asyncio.Event()
        self._recalled = False
        self._saved = float("-inf")
        self._working: asyncio.Future[list[Strange]] | None = None
        self.watch: Watch | None = None
        self.open: list[Row] = []
        self.tally = Tally()
        self.told = 0
        """Alarms of the last week."""
        self.silent, self.why = False, ""
        self.trouble = ""
        self.at: float | None = None
        self.take(node.config)

    def take(self, config: Config) -> None:
        """From now on as it says there. Where it is off, what was foretold is given up with all that is
        declared no longer."""
        if not config.predict.budget:
            self.open = []
        if self.watch is not None and config.predict.budget:
            self.watch.budget(a_week(config.predict.budget))
        self._changed.set()

    async def run(self) -> None:
        """Until cancelled. Waits where it is off; what was learnt is kept at the end."""
        try:
            while True:
                self._changed.clear()
                if not self._node.config.predict.budget:
                    await self._changed.wait()
                    continue
                try:
                    await self.turn()
                except StoreError as error:
                    self.trouble = str(error)
                    log.error("early warning: %s", error)
                except Exception as error:  # a defect here must not end the node
                    log.exception("early warning: a defect")
                    self.trouble = f"a defect, which stands in the log ({type(error).__name__})"
                await self._clock.sleep(EVERY)
        finally:
            if self._working is not None and not self._working.done():
                await asyncio.wait([self._working])
            await asyncio.shield(self._save())

    async def turn(self) -> None:
        """Look at what came, tell what is strange, see what became of what was told. StoreError."""
        source, config = self._node.series.source, self._node.config.predict
        if source is None:
            return
        if not self._recalled:
            await self._recall(a_week(config.budget))
        assert self.watch is not None  # recalled, or new
        now = self._clock.wall()
        try:
            found = await self._look(source, self.watch, now)
            await self._keep(found, now)
        except (LimitError, StoreError) as error:
            if str(error) != self.trouble:
                log.error("early warning: %s", error)
            self.trouble = str(error)
            return
        except Exception as error:  # a defect here must not end the node
            log.exception("early warning: a defect")
            self.trouble = f"a defect, which stands in the log ({type(error).__name__})"
            return
        self.trouble, self.at = "", now
        if self._clock.monotonic() - self._saved > SAVED:
            await self._save()

    async def _look(self, source: Series, watch: Watch, now: float) -> list[Strange]:
        of = parse_selector(self._node.config.predict.of)
        self._working = asyncio.ensure_future(asyncio.to_thread(watch.look, source, of, now))
        return await asyncio.shield(self._working)

    async def _keep(self, found: list[Strange], now: float) -> None:
        """Write down what is strange and what became of what was, then tell."""
        alerts = await self._node.engine.alerts("all") if found or self.open else []
        resolved = [(row, end) for row in self.open if (end := _became(row, alerts, now)) is not None]
        gone = {row.id for row, _ in resolved}
        waiting = {row.component or row.series for row in self.open if row.id not in gone}
        fresh: dict[str, Row] = {}
        for one in sorted(found, key=lambda one: -one.score):
            row = self._row(one, alerts, now)
            if (about := row.component or row.series) not in waiting:
                fresh.setdefault(about, row)
        if not fresh and not resolved:
            return
        rows = await self._db.write(
            lambda connection: self._promising.record(connection, list(fresh.values()), resolved, now)
        )
        self.open = [row for row in self.open if row.id not in gone] + rows
        await self._node.engine.report([self._said(row, now) for row in rows if row.told])
        if resolved:
            await self._judge(now)
        self.told += sum(row.told for row in rows)

    def _row(self, one: Strange, alerts: list[Alert], now: float) -> Row:
        labels = dict(one.key)
        component, owner = self._promising.who(labels)
        config = self._node.config.predict
        within = float(config.within)
        return Row(
            predictor=EARLY,
            kind="warning",
            series=named(labels),
            labels=labels,
            component=component,
            owner=owner or config.owner,
            made=now,
            deadline=now + within,
            probability=naive(self.tally.known, self.tally.true),
            base=_anyway(component, alerts, within, now),
            told=not self.silent,
            evidence={"why": one.why, "value": one.value if math.isfinite(one.value) else 0.0, "at": one.at},
        )

    def _said(self, row: Row, now: float) -> Reported:
        rest = {name: word for name, word in row.labels.items() if name != "__name__"}
        metric = row.labels.get("__name__", "")
        within = span(row.deadline - row.made)
        return Reported(
            labels={**rest, "metric": metric, "severity": "info", "alertname": EARLY},
            annotations={
                "summary": f"{row.series} is {row.evidence['why']}: {number(row.evidence['value'])}",
                "description": f"It is the strangest for long. After such a warning an alert of the same "
                f"component fired within {within} in {row.probability:.0%} of the cases.",
            },
            starts=now,
            ends=now + HOLDS,
            source=SOURCE,
            generator=f"{self._node.url()}/predictions",
            owner=row.owner,
        )

    async def _recall(self, budget: float) -> None:
        window = float(self._node.config.predict.window)
        now = self._clock.wall()

        def work(connection: sqlite3.Connection) -> bytes | None:
            self.open = predictions.unresolved(connection, EARLY)
            self.told = sum(predictions.told(connection, EARLY, now - WEEK).values())
            self.tally = predictions.tally(connection, EARLY, now - window)
            since, self.why = predictions.silent(connection).get(EARLY, (None, ""))
            self.silent = since is not None
            return predictions.state(connection, EARLY)

        data = await self._db.read(work)
        try:
            self.watch = (
                Watch(budget) if data is None else await asyncio.to_thread(Watch.restored, data, budget)
            )
        except FormatError as error:
            log.warning("%s", error)
            self.watch = Watch(budget)
        self._saved, self._recalled = self._clock.monotonic(), True

    async def _save(self) -> None:
        if self.watch is None:
            return
        self._saved = self._clock.monotonic()
        try:
            data = await asyncio.to_thread(self.watch.state)
            await self._db.write(
                lambda connection: predictions.keep_state(connection, EARLY, data), durable=False
            )
        except StoreError as error:
            log.error("what early warning has learnt is not kept: %s", error)

    async def _judge(self, now: float) -> None:
        window = float(self._node.config.predict.window)

        def count(connection: sqlite3.Connection) -> None:
            self.tally = predictions.tally(connection, EARLY, now - window)
            self.told = sum(predictions.told(connection, EARLY, now - WEEK).values())

        await self._db.read(count)
        owner = self._node.config.predict.owner
        if await self._promising.judged(EARLY, owner, self.tally, was=self.silent, now=now):
            self.silent = not self.silent
            self.why = demote.why(self.tally) if self.silent else ""

    def warnings(self) -> list[str]:
        """What the operator should know."""
        found = [f"early warning is not possible at the moment: {self.trouble}"] if self.trouble else []
        if self.silent:
            found.append(f"early warning is silent, as it does worse than the naive guess: {self.why}")
        if self.watch is not None and self.watch.unwatched:
            found.append(
                f"early warning watches {self.watch.count:,} series and has no room for "
                f"{self.watch.unwatched:,} more; narrow predict.of"
            )
        return found


def _began(component: str, alerts: list[Alert]) -> list[float]:
    """When alerts of a component began, but those of predictions."""
    return [
        one.started
        for one in alerts
        if component in (one.component, one.about) and not one.source.startswith("prediction:")
    ]


def _became(row: Row, alerts: list[Alert], now: float) -> Resolution | None:
    fired = np.array(_began(row.component, alerts) if row.component else [])
    return resolve.warning(fired, made=row.made, deadline=row.deadline, now=now, known=bool(row.component))


def _anyway(component: str, alerts: list[Alert], within: float, now: float) -> float:
    """The naive guess: that an alert fires as often as in the last thirty days, whatever was seen."""
    count = sum(at > now - MONTH for at in _began(component, alerts)) if component else 0
    return 1 - math.exp(-(count + 0.5) * within / MONTH)
