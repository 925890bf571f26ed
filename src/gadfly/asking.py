"""Questions in a node: once a day its data is looked at, and what an assumption rests on is put to its owner.

::

    stores, folder, API ──ask_facts (in a thread)──▶ World ──kinds──▶ findings ──life──▶ questions
                                                                        │
                                  one transaction: rows, ledger, a letter in the outbox

Nothing is loaded (neither DuckDB nor a kind) while nothing is due.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sqlite3
import threading
import urllib.parse
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from gadfly.act.automation import end_of
from gadfly.ask_facts.stores import Stores
from gadfly.config import Config
from gadfly.errors import GadflyError, StoreError
from gadfly.monitor import jobs
from gadfly.monitor.check import checks

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle
    from gadfly.ask.evaluate import Evaluation  # it brings DuckDB
    from gadfly.ask.kind import Kind

T = TypeVar("T")

log = logging.getLogger("gadfly.ask")

AGAIN = 600.0
"""Seconds after which is looked again where it was not possible."""
LOOK = 60.0
"""Seconds between looks at the wall clock, which may be set."""
NICE = 10
"""How much the thread that looks gives way to all else of this machine."""


class Asking:
    """Made by the node when the alerts are there."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._clock = node.clock
        self._db = node.db
        self._changed = asyncio.Event()
        self._looking = asyncio.Lock()
        self._stopping = False
        self._due: float | None = None
        self.evaluation: Evaluation | None = None
        """What was found last; None: nobody has looked since the start."""
        self.at: float | None = None
        """When that was, seconds since the epoch."""
        self.trouble = ""
        """Why it could not be looked; empty: it could."""
        self.take(node.config)

    def take(self, config: Config) -> None:
        """From now on as it says there."""
        self._due = None
        self._changed.set()

    def tasks(self) -> Iterator[tuple[str, Coroutine[Any, Any, None]]]:
        """What runs as long as the node, by name."""
        yield "ask", self.run()

    async def run(self) -> None:
        """Until cancelled. Waits where it is off."""
        try:
            while True:
                self._changed.clear()
                wait = await self._turn()
                with contextlib.suppress(TimeoutError):
                    await self._sleep(wait)
        finally:
            self._stopping = True

    async def _sleep(self, seconds: float | None) -> None:
        """Until then, or until the configuration changes."""
        changed = asyncio.ensure_future(self._changed.wait())
        waits = [changed]
        if seconds is not None:
            waits.append(asyncio.ensure_future(self._clock.sleep(seconds)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()

    async def _turn(self) -> float | None:
        """Look where it is due; seconds until it may be, None: it is off."""
        if not self._node.config.ask.on:
            return None
        now = self._clock.wall()
        if self._due is None:
            self._due = jobs.next_due(jobs.Plan(schedule=self._node.config.ask.at), now)
        if self._due is None:
            return None
        if now < self._due:
            return min(LOOK, self._due - now)
        try:
            await self.look()
        except GadflyError as error:
            log.error("nothing is asked: %s", error)
            return AGAIN
        except Exception as error:  # a defect here must not end the node
            log.exception("ask: a defect")
            self.trouble = f"a defect, which stands in the log ({type(error).__name__})"
            return AGAIN
        self._due = None
        return LOOK

    async def look(self) -> Evaluation:
        """Ask every kind of the data as it is now. GadflyError: what keeps it from being asked."""
        async with self._looking:
            now = self._clock.wall()
            try:
                found = await self._in_thread(lambda: self._evaluate(now))
            except GadflyError as error:
                self.trouble = str(error)
                raise
            self.evaluation, self.at, self.trouble = found, now, ""
            return found

    async def kinds(self) -> dict[str, Kind]:
        """Every kind by its name, ours and those of the folder. ConfigError: one cannot be read."""
        return await asyncio.to_thread(self._kinds)

    def _kinds(self) -> dict[str, Kind]:
        from gadfly.ask import kinds

        folder = self._node.config.ask.kinds
        return kinds.load(Path(folder).expanduser() if folder else None)

    def _evaluate(self, now: float) -> Evaluation:
        """In a thread of its own."""
        from gadfly.ask.evaluate import evaluate
        from gadfly.ask.world import World
        from gadfly.ask_facts import FAMILIES

        ask = self._node.config.ask
        own = {name: one for name, one in self._kinds().items() if not self._muted(name, now)}
        thresholds = {name: one.threshold for name, one in ask.kind.items()}
        with World(memory=f"{ask.memory_mb}MB", threads=1) as world:
            with contextlib.closing(self._connect()) as connection:
                stores = self._stores(connection, now)
                for family in FAMILIES.values():
                    for table, columns in family(stores).items():
                        world.add(table, columns)
                    if self._stopping:
                        raise StoreError("the node is stopping")
            if ask.facts:
                world.folder(Path(ask.facts).expanduser())
            return evaluate(world, own, now, thresholds)

    def _muted(self, kind: str, now: float) -> bool:
        """Whether this place does not want it asked."""
        one = self._node.config.ask.kind.get(kind)
        if one is None or not one.muted:
            return False
        return one.review is None or now < end_of(one.review)

    def _connect(self) -> sqlite3.Connection:
        """The state, only to be read, all of one moment. It is not a reader of the node's: they are for those
        who wait."""
        path = urllib.parse.quote(str(self._db.path))
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        connection.execute("PRAGMA query_only = 1")
        connection.execute("BEGIN")
        return connection

    def _stores(self, connection: sqlite3.Connection, now: float) -> Stores:
        node = self._node
        return Stores(
            connection=connection,
            config=node.config,
            now=now,
            node=node.name(),
            subjects=list(node.acting.subjects()),
            checks=checks(node.config),
            groups=[one.group for one in node.rules.groups()],
            series=node.series.source,
            pseudonym=node.recorder.mask.of,
            stopping=lambda: self._stopping,
        )

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """What it returns, from a thread that gives way to all others. Who is cancelled waits until it has
        let go of the stores."""
        with ThreadPoolExecutor(1, thread_name_prefix="ask", initializer=_give_way) as pool:
            task = asyncio.get_running_loop().run_in_executor(pool, work)
            try:
                return await asyncio.shield(task)
            except asyncio.CancelledError:
                self._stopping = True
                await asyncio.wait([task])
                raise

    def warnings(self) -> list[str]:
        """What the operator should know: why nothing is asked, and kinds that cannot be."""
        found = [f"nothing is asked of the data: {self.trouble}"] if self.trouble else []
        if self.evaluation is not None and (broken := self.evaluation.trouble):
            name, words = next(iter(broken.items()))
            found.append(
                f"{len(broken)} kinds of questions cannot be asked, {name} among them: {words[:200]}"
            )
        return found


def _give_way() -> None:
    """Let this thread, and those that it starts, run when others do not want to."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
