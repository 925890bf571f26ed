"""Functions in a running node: what is deployed, the queue, what calls, and the cells in which they run.

Everything waits at no cost for as long as no function is declared; no process is started before one is
called.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Coroutine, Iterator, Mapping
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING, Any

from gadfly.act.action.effect import Effect, State, unstarted
from gadfly.config import Config
from gadfly.errors import GadflyError, LedgerError, LimitError, Refused, StoreError
from gadfly.function_world import NodeWorld
from gadfly.functions import counted
from gadfly.functions.calls import Calls
from gadfly.functions.deploy import Deploys
from gadfly.functions.dispatch import RETRY, Dispatch, first
from gadfly.functions.function import Function, understand
from gadfly.functions.invoke import Invoker
from gadfly.functions.queue import Lost, Queue, Work
from gadfly.functions.room import Room
from gadfly.functions.standing import TRIGGERS, Standings, former
from gadfly.functions.trigger import event
from gadfly.functions.trigger.logs import Streams
from gadfly.functions.trigger.receive import Receiver
from gadfly.functions.trigger.schedule import Schedules
from gadfly.functions.warm import Warm
from gadfly.functions_view import FunctionsView
from gadfly.instrument.exposition import Family
from gadfly.store import invocation_history as history
from gadfly.store.deployed import Version

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle

log = logging.getLogger("gadfly.functions")

FOLDER = "functions"
"""In the state folder: code, each version under its hash."""
TIDY = 30.0
"""Seconds between looks at cells that nobody used."""
FORGET = 3600.0
"""Seconds between two times at which what is over for long enough is forgotten."""


class Functioning:
    """Made by the node when the ledger, the picture and what acts are there."""

    def __init__(self, node: Node) -> None:
        self._node = node
        clock, db = node.clock, node.db
        self._clock = clock
        self._state = Path(node.config.node.state).expanduser().resolve() / FOLDER
        self.queue = Queue(db, clock)
        self._receiver = Receiver(self.queue, clock, lambda: self.calls.room())
        self._standings = Standings(lambda found: node.flow.put(node.components.told(found)))
        self._pruned = False
        """Whether no version was deployed since the last look at what is old."""
        self._functions: Mapping[str, Function] = {}
        self._recalled: set[str] = set()
        """Of which it was looked up how their last call ended."""
        self._take(node.config)
        self._fresh = {part: asyncio.Event() for part in ("run", "time", "lines", "tidy")}
        self._warm = Warm(clock, self._state)
        self._room = Room(node.config.functions.at_once)
        self.deploys = Deploys(db, node.recorder.journal, clock, self._state, self._trial)
        self.invoker = Invoker(
            db, self.queue, self.deploys, self._warm, self._room, clock, self._world, self._over, node.name()
        )
        self.calls = Calls(
            self.queue, self.invoker, clock, lambda: self._functions, ended=self._fresh["run"].set
        )
        self._dispatch = Dispatch(
            self.queue,
            self.calls,
            self.deploys,
            self._room,
            clock,
            lambda: self._functions,
            self._fresh["run"],
        )
        self._schedules = Schedules(db, self.queue)
        self._streams: Streams | None = None
        self.view = FunctionsView(
            db,
            node.recorder.journal,
            clock,
            self.queue,
            self.deploys,
            self.calls,
            self._receiver,
            functions=lambda: self._functions,
            deployed=self._deployed,
        )

    async def start(self) -> None:
        """Know what is deployed, how each function stands, and what an earlier process left."""
        await self.deploys.load()
        await self._recall()
        if old := former(await self._node.engine.alerts(), self._clock.wall()):
            await self._node.engine.report(old)
        if lost := await self.queue.open():
            log.warning("%d invocations were under way when the node ended", len(lost))
        for one in lost:
            if (function := self._functions.get(one.function)) is not None:
                await self._over(function, one, one.state, one.words)

    def tasks(self) -> Iterator[tuple[str, Coroutine[Any, Any, None]]]:
        """What runs as long as the node, by name."""
        yield "functions", self._dispatch.run()
        yield "schedules", self._keep_time()
        yield "log-streams", self._follow()
        yield "cells", self._tidy()

    async def stop(self) -> None:
        """End what runs, and every process of it."""
        await self.calls.stop()
        self._warm.close()

    def reconfigure(self, config: Config) -> None:
        """The configuration from now on; it was checked, so this does not refuse."""
        self._take(config)
        self._room.most = config.functions.at_once
        self.invoker.keep(frozenset(self._functions))
        for one in self._fresh.values():
            one.set()

    def _take(self, config: Config) -> None:
        path = self._node.path
        folder = None if path is None else path if path.is_dir() else path.parent
        self._functions = {
            name: understand(name, declared, folder) for name, declared in config.function.items()
        }
        self._standings.keep(self._functions)
        self._recalled.intersection_update(self._functions)
        self._receiver.declare(self._functions.values())

    def _world(self, function: Function, invocation: int) -> NodeWorld:
        return NodeWorld(self._node, function, invocation, self.calls.call)

    async def _recall(self) -> None:
        """Say of each function that is new how its last call ended, perhaps long ago. StoreError."""
        new = self._functions.keys() - self._recalled
        if not new:
            return

        def last(connection: Connection) -> dict[str, history.Last | None]:
            return {name: history.last_over(connection, name, TRIGGERS) for name in new}

        for name, one in (await self._node.db.read(last)).items():
            # Of a call that ended meanwhile it was said already.
            if one is not None and name in self._functions and not self._standings.knows(name):
                self._standings.over(name, one.state, one.called, one.tries, one.error)
        self._recalled.update(new & self._functions.keys())
        self._uncalled()

    def _uncalled(self) -> None:
        self._standings.others(self._recalled, lambda name: self.deploys.current(name) is not None)

    async def _over(self, function: Function, work: Work | Lost, state: str, words: str) -> None:
        self._standings.over(function.name, state, work.called, work.attempt, words)

    async def _trial(self, function: Function, version: Version) -> None:
        try:
            await self._warm.trial(function, version)
        except (GadflyError, OSError) as error:
            raise Refused(f"It cannot be loaded: {_last_words(str(error))}", 422) from None

    def _deployed(self, function: str) -> None:
        """Another version is called from now on; what waits for it may run."""
        current = self.deploys.current(function)
        self._warm.forget(function, current.version.hash if current else "")
        self._uncalled()
        self._fresh["run"].set()
        self._pruned = False
        self._fresh["tidy"].set()

    async def act(self, name: str, detail: Mapping[str, Any], by: str, key: str) -> Effect:
        """What an automation does by a function: see :mod:`gadfly.act.action.function`."""
        if self.deploys.current(name) is None:
            return unstarted(f"nothing is deployed as {name}; its owner must deploy it")
        try:
            told = event.told("Automation", key, self._clock.wall(), detail)
            done = await self.calls.act(name, told, by, key)
        except (Refused, LimitError, StoreError) as error:
            return unstarted(str(error))
        words = f"{name} answered (invocation {done.invocation})"
        if done.outcome != "ok":
            words = f"{name} did not do it (invocation {done.invocation}): {done.words}"
        return Effect(
            state=State.unknown if done.outcome == "ended" else State.finished,
            ok=done.outcome == "ok",
            words=words,
            seconds=done.seconds,
        )

    # The loops.

    async def _wait(self, part: str, seconds: float | None) -> None:
        """Until the configuration or what is deployed changes, or so long."""
        fresh = self._fresh[part]
        await first(fresh.wait(), *([] if seconds is None else [self._clock.sleep(seconds)]))
        fresh.clear()

    async def _keep_time(self) -> None:
        """Account for every instant of every schedule."""
        declared: Mapping[str, Function] | None = None
        while True:
            pause: float | None = None
            try:
                if declared is not self._functions:
                    functions = self._functions
                    await self._recall()
                    await self._schedules.declare(functions.values(), self._clock.wall())
                    if functions:
                        await self.queue.abandon(list(functions))
                    declared = functions
                if declared and self._schedules.next() is not None:
                    pause = await self._schedules.advance(self._clock.wall())
            except StoreError as error:
                log.error("schedules wait: %s", error)
                pause = RETRY
            await self._wait("time", pause)

    async def _follow(self) -> None:
        """Hand lines of logs on."""
        declared: Mapping[str, Function] | None = None
        while True:
            pause: float | None = None
            try:
                if declared is not self._functions and (self._functions or self._streams):
                    if self._streams is None:
                        self._streams = Streams(self._node.db, self.queue, self._node.intake.logs)
                    functions = self._functions
                    await self._streams.declare(functions.values())
                    declared = functions
                if self._streams is not None and any(
                    line.strip().startswith("logs:") for one in self._functions.values() for line in one.on
                ):
                    pause = await self._streams.advance(self._clock.monotonic())
            except StoreError as error:
                log.error("log streams wait: %s", error)
                pause = RETRY
            await self._wait("lines", pause)

    async def _tidy(self) -> None:
        forgot = -math.inf
        while True:
            await self._wait("tidy", TIDY if self._functions or self._warm.count else None)
            settings = self._node.config.functions
            self._warm.tidy(settings.idle)
            self.calls.tidy()
            try:
                if self._clock.monotonic() - forgot > FORGET:
                    forgot = self._clock.monotonic()
                    self._pruned = False
                    await self.queue.tidy(settings.keep)
                if self._functions and not self._pruned:
                    self._pruned = True
                    await self.deploys.prune(settings.versions)
            except (StoreError, LedgerError) as error:
                log.error("%s", error)

    # What is told of it.

    def warnings(self) -> list[str]:
        """What the operator should know."""
        waiting = sorted(name for name in self._functions if self.deploys.current(name) is None)
        found = [
            f"function {name} is declared and not deployed; `gadfly fn deploy {name}` does"
            for name in waiting
        ]
        found += [
            f"the webhook of function {name} is closed: {why}" for name, why in self._receiver.trouble.items()
        ]
        if self._streams is not None:
            found += [f"lines for function {name} wait: {why}" for name, why in self._streams.trouble.items()]
        return found

    def metrics(self) -> list[Family]:
        """Of functions, where there are any."""
        if not self._functions:
            return []
        return counted.families(
            ended=self.invoker.ended,
            waiting=self.queue.waiting,
            running=self._room.running,
            cells=self._warm.count,
        )


def _last_words(text: str) -> str:
    """Of a traceback, what is about the function's own code; all of it where nothing is."""
    before, mark, own = text.partition('  File "/code/')
    return f"{mark}{own}".strip() if mark else before
