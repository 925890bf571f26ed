"""Predictions at work in a node: what fills is looked at; what is foreseen is written down, told, resolved.

::

    series ──gauge (in a thread)──▶ foreseen ──promise──▶ rows + ledger ──▶ alerts, series, automations
                                                            │
                                       their time comes ──▶ resolution ──▶ scorecard ──▶ silent, or speaks

Nothing is told before it stands in the table and the ledger. Without a prediction in the catalogue this waits
for one, and nothing is loaded.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import math
import sqlite3
from collections.abc import Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from gadfly.act.grants import selector
from gadfly.act.mail import notice
from gadfly.config import Config
from gadfly.config.predict import Prediction
from gadfly.errors import LimitError, QueryError, StoreError
from gadfly.monitor import jobs
from gadfly.monitor.subject import Subject
from gadfly.predict import planning
from gadfly.predict.failing import LEARNT, Failing
from gadfly.predict.gauge import Gauge
from gadfly.predict.prediction import EARLY, Outcome
from gadfly.predict.resolve import Resolution
from gadfly.predict.running import Running
from gadfly.promising import Promising
from gadfly.store import flips, predictions
from gadfly.watching import Watching

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle
    from gadfly.store.series import Series  # it brings DuckDB; the node is up before that is loaded

T = TypeVar("T")

log = logging.getLogger("gadfly.predict")

LOOK = 1.0
"""Seconds between looks at what is due while the series are being opened, and at most."""
AGAIN = 30.0
"""Seconds after which is looked again where it was not possible."""
SHOWN = 3
REPORT = "planning report"
"""Under which name is kept when the last one went."""
GONE = Resolution(Outcome.void, why="it is declared no longer")


class Predicting:
    """Made by the node when the alerts are there."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._clock = node.clock
        self._db = node.db
        self._promising = Promising(node)
        self._changed = asyncio.Event()
        self._stopping = False
        self._ending: list[Running] = []
        self._swept = False
        self._report_due: float | None = None
        self.early = Watching(node, self._promising)
        self.who = self._promising.who
        self.running: dict[str, Running] = {}
        self.take(node.config)

    def take(self, config: Config) -> None:
        """These predictions from now on. One that stays as it was goes on; what goes ends soon."""
        fresh: dict[str, Running] = {}
        for name, declared in config.prediction.items():
            known = self.running.get(name)
            same = known is not None and known.config == declared
            fresh[name] = known if known is not None and same else Running(self._predictor(name, declared))
        self._ending += [one for one in self.running.values() if fresh.get(one.name) is not one]
        self.running = fresh
        self._report_due = None  # asked anew of when the last one went
        self._swept = False
        self.early.take(config)
        self._changed.set()

    def _predictor(self, name: str, declared: Prediction) -> Gauge | Failing:
        if declared.fails:
            return Failing(name, declared, self.fleet(declared.fails))
        return Gauge(name, declared)

    def fleet(self, text: str) -> Callable[[], list[Subject]]:
        """What gives the components of a selector, at any time, to any thread."""
        chosen = selector.parse(text)
        return lambda: [one for one in self._node.acting.subjects() if chosen(one)]

    def tasks(self) -> Iterator[tuple[str, Coroutine[Any, Any, None]]]:
        """What runs as long as the node, by name."""
        yield "predict", self.run()
        yield "warn", self.early.run()

    async def run(self) -> None:
        """Until cancelled. Waits for a prediction where none is declared."""
        try:
            while True:
                self._changed.clear()
                try:
                    wait = await self.turn()
                except StoreError as error:
                    log.error("predictions are not kept: %s", error)
                    wait = AGAIN
                except Exception:  # a defect here must not end the node
                    log.exception("predictions: a defect")
                    wait = AGAIN
                if wait is None:
                    await self._changed.wait()
                else:
                    await self._clock.sleep(wait)
        finally:
            self._stopping = True

    async def turn(self) -> float | None:
        """Do all that is due; seconds until more may be, None: nothing is declared. StoreError."""
        source = self._node.series.source
        if not self._swept:
            await self._sweep(source)
        if not self.running:
            return None
        if source is None:
            return LOOK
        refused: StoreError | None = None
        for one in list(self.running.values()):
            if one.due <= self._clock.monotonic():
                try:
                    await self._look(source, one)
                except StoreError as error:  # those behind it have their turn
                    refused = error
        if refused is not None:
            raise refused
        if self._report_due is None:
            self._report_due = await self._next_report()
        seen = all(one.look is not None or one.trouble for one in self.running.values())
        if seen and self._clock.wall() >= self._report_due:
            await self._report()
        now = self._clock.monotonic()
        return max(0.0, min(LOOK, *(one.due - now for one in self.running.values())))

    async def _look(self, source: Series, one: Running) -> None:
        """One turn of one. StoreError: of the state; a defect in one ends neither the node nor the others."""
        try:
            await self._foresee(source, one)
        except StoreError:
            raise
        except Exception as error:
            log.exception("prediction %s: a defect", one.name)
            self._cannot(one, f"a defect, which stands in the log ({type(error).__name__})")

    def _cannot(self, one: Running, trouble: str) -> None:
        one.trouble = trouble
        one.due = self._clock.monotonic() + max(float(one.config.every), AGAIN)

    async def _foresee(self, source: Series, one: Running) -> None:
        now, every = self._clock.wall(), float(one.config.every)
        begun = self._clock.monotonic()
        one.due = begun + min(every, AGAIN)  # where the disk refuses what follows
        if not one.recalled:
            await self._promising.recall(one, now)
        taken = await self._promising.taken_on(one, now)
        moved = await self._promising.moved(one, now)
        if isinstance(one.gauge, Failing):
            one.gauge.flips = await self._db.read(lambda connection: flips.since(connection, now - LEARNT))
        try:
            look = await self._in_thread(
                lambda: one.gauge.look(
                    source,
                    now,
                    one.open + one.late,
                    lambda row: row.series in taken,
                    lambda: self._stopping,
                    lambda row: moved.get(row.series, math.inf) <= row.made,
                )
            )
        except (QueryError, LimitError, StoreError) as error:
            if str(error) != one.trouble:
                log.error("prediction %s: %s", one.name, error)
            self._cannot(one, str(error))
            return
        if self.running.get(one.name) is one:  # else it was taken out meanwhile
            await self._promising.keep(source, one, look, now)
            if one.due > begun:  # else it has just fallen silent, and its alarms end at once
                one.due = begun + every
        one.trouble = ""

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """What it returns. Who is cancelled waits until the thread has let go of the store."""
        task = asyncio.ensure_future(asyncio.to_thread(work))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._stopping = True
            await asyncio.wait([task])
            raise

    async def _sweep(self, source: Series | None) -> None:
        """End what is declared no longer."""
        now = self._clock.wall()
        while self._ending:
            await self._promising.give_up(source, self._ending[0], now)
            self._ending.pop(0)
        declared = {*self.running, *({EARLY} if self._node.config.predict.budget else ())}
        names = set(await self._db.read(predictions.predictors)) - declared

        def work(connection: sqlite3.Connection) -> None:
            found = [
                (row, GONE) for name in sorted(names) for row in predictions.unresolved(connection, name)
            ]
            self._promising.record(connection, (), found, now)

        if names:
            await self._db.write(work)
        self._swept = True

    async def _next_report(self) -> float:
        """When the planning report is due: after the last one, also where the node was down then."""
        now = self._clock.wall()
        kept = await self._db.read(lambda connection: predictions.state(connection, REPORT))
        if kept is None:
            await self._db.write(lambda connection: _reported(connection, now))
        due = jobs.next_due(
            jobs.Plan(schedule=self._node.config.predict.report), now if kept is None else float(kept)
        )
        return math.inf if due is None else due

    async def _report(self) -> None:
        """The planning report, to each owner its own part."""
        config, now = self._node.config, self._clock.wall()
        groups = planning.by_owner(self.planned())

        def work(connection: sqlite3.Connection) -> None:
            for owner, own in groups.items():
                letter = self._promising.notice(planning.text(own, now), now)
                notice.put(connection, config.owner, [owner], letter)
            _reported(connection, now)

        await self._db.write(work)
        self._report_due = None
        self._db.bell("outbox").set()

    def planned(self) -> list[planning.Item]:
        """What fills in the weeks to come, soonest first."""
        now = self._clock.wall()
        looks = [
            (one.name, one.config.owner, look)
            for one in self.running.values()
            if (look := one.current(now)) is not None
        ]
        return planning.items(looks, self.who)

    def standing(self, name: str, level: float) -> dict[str, float]:
        """The components of which `name` foretells it with more than this probability, for automations;
        where it is silent it calls for nothing. The numbers are all 0: that it stands is all they say."""
        one = self.running.get(name)
        look = one.current(self._clock.wall()) if one is not None else None
        if one is None or look is None:
            return {}
        found = {}
        for foreseen in look.foreseen:
            if not foreseen.probability > level or self._promising.mute(one, foreseen.key):
                continue
            if component := self.who(dict(foreseen.key))[0]:
                found[component] = 0.0
        return found

    def warnings(self) -> list[str]:
        """What the operator should know: predictions that cannot be made, and who fell silent."""
        running = self.running.values()
        found = [
            f'the prediction "{one.name}" cannot be made: {one.trouble}' for one in running if one.trouble
        ]
        found += [f'the prediction "{one.name}" has {one.left_out}' for one in running if one.left_out]
        found += [
            f'the prediction "{one.name}" is silent, as it does worse than the naive guess: {one.why}'
            for one in running
            if one.silent
        ]
        today = dt.datetime.fromtimestamp(self._clock.wall(), dt.UTC).date()
        overdue = [one.name for one in running if one.config.review is not None and one.config.review < today]
        if overdue:
            more = " and more" if len(overdue) > SHOWN else ""
            found.append(
                f"{len(overdue):,} predictions should have been reviewed by their owners: "
                f"{', '.join(overdue[:SHOWN])}{more}"
            )
        if refused := self._promising.refused:
            reasons = ", ".join(f"{reason} {count:,}" for reason, count in refused.most_common(SHOWN))
            found.append(f"samples of predictions were not kept: {reasons}")
        return found + self.early.warnings()


def _reported(connection: sqlite3.Connection, at: float) -> None:
    predictions.keep_state(connection, REPORT, str(at).encode())
