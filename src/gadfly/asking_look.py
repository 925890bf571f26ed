"""One look at the data: facts are gathered and kinds asked of them, in a thread of their own."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from gadfly.ask.question import LOCAL, Teller
from gadfly.store import facts

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle
    from gadfly.ask.evaluate import Evaluation  # it brings DuckDB
    from gadfly.ask.kind import Kind
    from gadfly.ask.world import World
    from gadfly.ask_facts import Gathered, Stores

T = TypeVar("T")
Laid = Mapping[str, Mapping[str, list[Any]]]
"""Tables by columns that are no store's: what the book knows."""
SPILL = "ask-spill"
"""Folder in the state into which a look at the data spills. Whatever lies in it is of a look that is over."""


class Seen(NamedTuple):
    """What one look saw."""

    evaluation: Evaluation
    gathered: Gathered
    known: dict[str, dict[str, int]]
    """By table of which columns how many cells are known."""


class Looking:
    """One for a node. It is looked once at a time."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._stopping = False
        self.world: World | None = None
        """While it is looked."""

    def stop(self) -> None:
        """What is being looked at ends soon, and nothing is looked at after it."""
        self._stopping = True
        if self.world is not None:
            self.world.end()

    async def look(self, kinds: Mapping[str, Kind], laid: Laid, now: float) -> Seen:
        """GadflyError: what keeps all of it from being asked."""
        return await self._in_thread(lambda: self._look(kinds, laid, now))

    def _look(self, kinds: Mapping[str, Kind], laid: Laid, now: float) -> Seen:
        from gadfly.ask_facts import definitions, gather, lacking
        from gadfly.ask_facts.persons import MaskedWorld
        from gadfly.askable import evaluated

        ask = self._node.config.ask
        spill = Path(self._node.config.node.state).expanduser() / SPILL
        shutil.rmtree(spill, ignore_errors=True)  # of a process that was killed
        spill.mkdir(mode=0o700)
        mask = self._node.recorder.mask.of
        with MaskedWorld(mask, memory=f"{ask.memory_mb}MB", threads=1, spill=spill) as world:
            self.world = world
            try:
                with contextlib.closing(self._connect()) as connection:
                    gathered = gather(self._stores(connection, now), world)
                    tellers = facts.tellers(connection)
                for table, columns in laid.items():
                    world.add(table, columns)
                if ask.facts:
                    world.folder(Path(ask.facts).expanduser())
                for table, (key, _) in definitions.SEEN.items():
                    world.complete(table, key)
                world.at(now)
                known = lacking.known(world)
                why = f"facts that it reads could not be gathered ({', '.join(gathered.trouble)})"
                found = evaluated(world, kinds, now, gathered.missing, why, known)
                return Seen(msgspec.structs.replace(found, told=self._told(kinds, tellers)), gathered, known)
            finally:
                self.world = None

    def _told(
        self, kinds: Mapping[str, Kind], tellers: Mapping[str, Mapping[str, int]]
    ) -> dict[str, tuple[Teller, ...]]:
        """By kind who told what it reads; of most kinds nobody did."""
        from gadfly.ask_facts import lacking

        recorder, found = self._node.recorder, {}

        def name(who: str) -> str:
            return LOCAL if who == "local" else recorder.mask.subject(recorder.journal.token(who))

        for kind, one in kinds.items():
            reads = [table for table in lacking.reads(one.query) if table in tellers]
            told = [Teller(table, name(who), rows) for table in reads for who, rows in tellers[table].items()]
            if told:
                found[kind] = tuple(told)
        return found

    def _connect(self) -> sqlite3.Connection:
        """The state, only to be read, all of one moment. It is not one of the node's readers: they are for
        those who wait."""
        connection = sqlite3.connect(self._node.db.path, isolation_level=None)
        connection.execute("PRAGMA query_only = 1")
        connection.execute("BEGIN")
        return connection

    def _stores(self, connection: sqlite3.Connection, now: float) -> Stores:
        from gadfly.ask_facts import Stores
        from gadfly.monitor.check import checks

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
            beats={name: float(one.beats) for name, one in node.config.component.items() if one.beats > 0},
            pseudonym=node.recorder.mask.of,
            stopping=lambda: self._stopping,
        )

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """What it returns, from a thread of its own. Who is cancelled waits until it let go of the stores.

        Its priority is that of the node: a thread of less would be put aside with the interpreter's lock in
        hand, and all else of the node would wait for it.
        """
        with ThreadPoolExecutor(1, thread_name_prefix="ask") as pool:
            task = asyncio.get_running_loop().run_in_executor(pool, work)
            try:
                return await asyncio.shield(task)
            except asyncio.CancelledError:
                self.stop()
                await asyncio.wait([task])
                raise
