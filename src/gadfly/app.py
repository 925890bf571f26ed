"""The only wiring: every part is made here, started in the order of the data, stopped the other way.

A node can be embedded: ``async with Node(config) as node: ...``. As a process it is :mod:`gadfly.service`;
what the parts hand to each other is :mod:`gadfly.flow`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from gadfly import node_file
from gadfly.access import Access
from gadfly.acting import Acting
from gadfly.alert.courier import Courier
from gadfly.alert.engine import Engine
from gadfly.asking import Asking
from gadfly.clock import Clock, SystemClock
from gadfly.config import Config
from gadfly.cosigners import Cosigners
from gadfly.drilling import Drilling
from gadfly.errors import StoreError
from gadfly.face import Face
from gadfly.flow import PIECE, Flow
from gadfly.functioning import Functioning
from gadfly.instrument import Heart
from gadfly.intake.intake import Intake
from gadfly.ledger.patrol import Patrol
from gadfly.membership import HOST_EVERY, Membership
from gadfly.memory import Memory
from gadfly.monitor.check import checks
from gadfly.monitor.hearing import Hearing
from gadfly.monitor.local_process import LocalProcesses
from gadfly.monitor.picture import Picture
from gadfly.monitor.probe.history import History
from gadfly.monitor.schedule import Prober
from gadfly.monitor.subject import Subject
from gadfly.own_series import OwnSeries
from gadfly.predicting import Predicting
from gadfly.recorder import Recorder
from gadfly.reloading import Reloading, by_component
from gadfly.rules import ruler as rules
from gadfly.rules.ruler import Ruler
from gadfly.store import retention
from gadfly.store.sqlite import Database
from gadfly.tasks import Tasks, end
from gadfly.web.server import Server

log = logging.getLogger("gadfly")

FLUSH = 2.0  # seconds after which what was heard is written down
PRUNE = 600.0  # seconds between looks at what history may go
FAREWELL = 7 * 86_400.0  # seconds for which the undeclared that said goodbye are still shown
SOFTWARE = metadata.version("gadfly")


class Node:
    """A running node. Made from a checked configuration; `path` is read again on reload."""

    def __init__(
        self,
        config: Config,
        *,
        path: Path | None = None,
        overrides: Mapping[str, str] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.config = config
        self.path = path
        self.overrides = overrides or {}
        self.clock: Clock = clock or SystemClock()
        self.started = self.clock.wall()
        self.history = History()
        self.tasks = Tasks()
        self.flow = Flow(self)
        self._heart: Heart | None = None
        self.membership = Membership(self)
        self._reloading = Reloading(self)
        self._stack = contextlib.AsyncExitStack()
        self.unready = ["starting"]

    def name(self) -> str:
        """What the node calls itself."""
        return self.config.node.name or socket.gethostname()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start every part; when it returns the node hears, asks, tells and answers."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        config = self.config
        self.db = Database(os.path.join(config.node.state, "gadfly.db"))
        self._stack.callback(self.db.close)
        self.recorder = Recorder(self.db, config, self.clock, self.name())
        await self.recorder.start(config, SOFTWARE)
        self._stack.push_async_callback(self.recorder.stop)
        self.cosigners = Cosigners(self.db, self.recorder, config, self.clock)
        self.patrol = Patrol(self.db, self.recorder.log.verifier, self.clock)
        journal = self.recorder.journal
        self.access = Access(self.db, self.clock, journal)
        await self.access.load()
        self.hearing = Hearing(config.node, config.heartbeat, self.clock)
        self._stack.push_async_callback(self.hearing.stop)
        await self.hearing.start()
        self.members = self.hearing.members
        self.components = Picture(self.members, self.clock)
        self.engine = Engine(self.db, config, self.clock, self.subject, self.flow.suspected, journal)
        self.memory = Memory(self.db, self.components)
        self.processes = LocalProcesses(self.flow.ended)
        self._stack.callback(self.processes.close)
        await self.engine.start()
        slots = await self.membership.places(config)
        changes = self.components.declare(config, slots, self.membership.own(config))
        changes += await self.memory.recall(self.hearing)
        await self.engine.aim_again()
        self.prober = Prober(config, self.clock, self.flow.asked)
        self.checks = by_component(checks(config))
        self.courier = Courier(
            self.db, config, self.clock, name=self.name(), journal=journal, seal=self.recorder.seal
        )
        self.functioning = Functioning(self)
        self._stack.push_async_callback(self.functioning.stop)
        await self.functioning.start()
        self.acting = Acting(self)
        self._stack.push_async_callback(self.acting.stop)
        await self.acting.start()
        self.series = OwnSeries(
            config, self.clock, name=self.name(), heard=self.members, picture=self.components
        )
        self.intake = Intake(self)
        changes += await self.intake.pings.recall()
        self.rules = Ruler(
            config,
            self.clock,
            url=self.url(),
            series=lambda: self.series.source,
            report=self.engine.report,
        )
        self.rules.take(await asyncio.to_thread(rules.load, config), config)
        self.predicting = Predicting(self)
        self.asking = Asking(self)
        self.drilling = Drilling(self)
        await self.drilling.recall()
        self.flow.put(changes)
        self._stack.push_async_callback(self._still)
        self.tasks.spawn("ear", self.hearing.watch())
        self.tasks.spawn("hear", self.flow.hear())
        self.tasks.spawn("tell", self.flow.tell())
        self.tasks.spawn("time", self.flow.keep_time())
        self.tasks.spawn("probe", self.prober.run())
        self.tasks.spawn("alerts", self.engine.run())
        self.tasks.spawn("courier", self.courier.run())
        self.tasks.spawn("memory", self._remember())
        self.tasks.spawn("ledger", self.recorder.run())
        self.tasks.spawn("witnesses", self.cosigners.run())
        self.tasks.spawn("patrol", self.patrol.run())
        for name, work in (*self.acting.tasks(), *self.functioning.tasks()):
            self.tasks.spawn(name, work)
        await self.beat_for_host()
        self.unready = []
        face = Face(self)
        self.server = Server(face)
        # It ends before the intake that it hands on to, that before the series: what came in last is kept.
        givers: list[asyncio.Task[None]] = []
        self._stack.push_async_callback(end, givers)
        self._stack.push_async_callback(self.server.stop)
        self._stack.push_async_callback(self.drilling.stop)
        # Whoever judges ends first: when a machine goes down, who ends at the same time is no alert.
        self._stack.push_async_callback(end, list(self.tasks.running))
        await self.server.start()
        self._stack.callback(node_file.remove, node_file.write(self.about()))
        # Last, as it loads what is large: nobody waits for series at the start.
        self.tasks.spawn("series", self.series.run(face.metrics))
        givers.append(self.tasks.spawn("rules", self.rules.run()))
        for name, work in (*self.predicting.tasks(), *self.asking.tasks()):
            givers.append(self.tasks.spawn(name, work))
        for name, work in self.intake.tasks():
            givers.append(self.tasks.spawn(name, work))
        log.info("%s is up at %s", self.name(), self.server.url)

    async def stop(self) -> None:
        """End every part, the last started first. What was accepted is on disk when it returns."""
        self.unready = ["stopping"]
        await self._stack.aclose()
        self.tasks.ended.set()
        log.info("stopped")

    async def _still(self) -> None:
        await end(self.tasks.running)
        if self._heart is not None:
            self._heart.stop()
        with contextlib.suppress(StoreError):
            self.memory.note(range(self.components.size))
            await self.memory.flush()

    async def wait(self) -> None:
        """Return when the node was stopped; raise what a part of it failed with."""
        await self.tasks.wait()

    def end(self) -> None:
        """Let :meth:`wait` return."""
        self.tasks.ended.set()

    async def reload(self, who: str = "node") -> Sequence[str]:
        """Read the configuration again; take it whole, or not at all. Returns what changed.

        `who` is the principal that asked for it; the node where a signal did. ConfigError: it is not
        good. LimitError: it declares more than there is room for. StoreError: the disk refuses. LedgerError:
        it cannot be recorded. Whatever is raised, the old configuration is in force.
        """
        return await self._reloading.reload(who)

    async def forget(self, name: str, who: str = "node") -> None:
        """Drop a component that is gone for good. Refused where it is declared, or still beats."""
        await self.membership.forget(name, who)

    async def _remember(self) -> None:
        pruned = self.clock.monotonic()
        while True:
            await self.clock.sleep(FLUSH)
            try:
                await self.memory.flush()
                if self.clock.monotonic() - pruned > PRUNE:
                    await self.membership.drop(self.components.long_gone(FAREWELL)[:PIECE])
                    gone = await self.db.write(partial(retention.prune, now=self.clock.wall()))
                    # While something went there may be more to go: look again at the next turn.
                    pruned = self.clock.monotonic() - (PRUNE if gone else 0.0)
            except StoreError as error:
                log.error("%s", error)

    async def beat_for_host(self) -> None:
        """Beat for this host as the configuration has it now; the heart that beat before ends."""
        if self._heart is not None:
            await asyncio.to_thread(self._heart.stop)
            self._heart = None
        if self.config.node.watch_host:
            self._heart = Heart(
                socket.gethostname(), HOST_EVERY, kind="host", to=self.hearing.udp, key=self.hearing.key
            ).start()

    def about(self) -> dict[str, Any]:
        """What the run file tells the programs of this user."""
        return {
            "url": self.server.url.rstrip("/"),
            "token": self.access.local,
            "udp": self.hearing.udp,
            "pid": os.getpid(),
            "name": self.name(),
            "every": float(self.config.heartbeat.every),
        }

    def url(self) -> str:
        """How people reach the page, for links in messages."""
        return self.config.node.url.rstrip("/") or f"http://{self.config.node.listen}"

    def subject(self, name: str) -> Subject | None:
        """Who that is; None where nobody knows it. Any thread may ask."""
        slot = self.components.slot(name)
        return None if slot is None else self.components.subject(slot)
