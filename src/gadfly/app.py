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
from collections.abc import Coroutine, Mapping, Sequence
from functools import partial
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from gadfly import catalogue, node_file
from gadfly.access import Access
from gadfly.acting import Acting
from gadfly.alert.courier import Courier
from gadfly.alert.engine import Engine
from gadfly.asking import Asking
from gadfly.clock import Clock, SystemClock
from gadfly.config import Config
from gadfly.cosigners import Cosigners
from gadfly.drilling import Drilling
from gadfly.errors import ConfigError, LimitError, Refused, StoreError
from gadfly.face import Face
from gadfly.flow import PIECE, Flow
from gadfly.functioning import Functioning
from gadfly.instrument import Heart
from gadfly.intake.intake import Intake
from gadfly.ledger.entry import Entry
from gadfly.ledger.patrol import Patrol
from gadfly.memory import Memory
from gadfly.monitor.check import Check, checks
from gadfly.monitor.columns import Flag
from gadfly.monitor.declared import of_function
from gadfly.monitor.hearing import Hearing
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.local_process import LocalProcesses
from gadfly.monitor.picture import Picture
from gadfly.monitor.probe.history import History
from gadfly.monitor.schedule import Prober
from gadfly.monitor.subject import Subject
from gadfly.own_series import OwnSeries
from gadfly.predicting import Predicting
from gadfly.recorder import Recorder
from gadfly.rules import ruler as rules
from gadfly.rules.ruler import Ruler
from gadfly.store import heard, retention
from gadfly.store.sqlite import Database
from gadfly.story import label
from gadfly.web.server import Server

log = logging.getLogger("gadfly")

FLUSH = 2.0  # seconds after which what was heard is written down
PRUNE = 600.0  # seconds between looks at what history may go
HOST_EVERY = 1.0
FAREWELL = 7 * 86_400.0  # seconds for which the undeclared that said goodbye are still shown
SOFTWARE = metadata.version("gadfly")
STAYS = ("name", "listen", "url", "state", "components")


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
        self._tasks: list[asyncio.Task[None]] = []
        self.flow = Flow(self)
        self._ended = asyncio.Event()
        self._failure: BaseException | None = None
        self._heart: Heart | None = None
        self._reloading = asyncio.Lock()
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
        slots = await self._places(config)
        changes = self.components.declare(config, slots, self._own(config))
        changes += await self.memory.recall(self.hearing)
        await self.engine.forget_unknown()
        self.prober = Prober(config, self.clock, self.flow.asked)
        self.checks = _by_component(checks(config))
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
        self._spawn("ear", self.hearing.watch())
        self._spawn("hear", self.flow.hear())
        self._spawn("tell", self.flow.tell())
        self._spawn("time", self.flow.keep_time())
        self._spawn("probe", self.prober.run())
        self._spawn("alerts", self.engine.run())
        self._spawn("courier", self.courier.run())
        self._spawn("memory", self._remember())
        self._spawn("ledger", self.recorder.run())
        self._spawn("witnesses", self.cosigners.run())
        self._spawn("patrol", self.patrol.run())
        for name, work in (*self.acting.tasks(), *self.functioning.tasks()):
            self._spawn(name, work)
        await self._beat_for_host()
        self.unready = []
        face = Face(self)
        self.server = Server(face)
        # It ends before the intake that it hands on to, that before the series: what came in last is kept.
        givers: list[asyncio.Task[None]] = []
        self._stack.push_async_callback(_end, givers)
        self._stack.push_async_callback(self.server.stop)
        self._stack.push_async_callback(self.drilling.stop)
        # Whoever judges ends first: when a machine goes down, who ends at the same time is no alert.
        self._stack.push_async_callback(_end, list(self._tasks))
        await self.server.start()
        self._stack.callback(node_file.remove, node_file.write(self._about()))
        # Last, as it loads what is large: nobody waits for series at the start.
        self._spawn("series", self.series.run(face.metrics))
        givers.append(self._spawn("rules", self.rules.run()))
        for name, work in (*self.predicting.tasks(), *self.asking.tasks()):
            givers.append(self._spawn(name, work))
        for name, work in self.intake.tasks():
            givers.append(self._spawn(name, work))
        log.info("%s is up at %s", self.name(), self.server.url)

    async def stop(self) -> None:
        """End every part, the last started first. What was accepted is on disk when it returns."""
        self.unready = ["stopping"]
        await self._stack.aclose()
        self._ended.set()
        log.info("stopped")

    async def _still(self) -> None:
        await _end(self._tasks)
        if self._heart is not None:
            self._heart.stop()
        with contextlib.suppress(StoreError):
            self.memory.note(range(self.components.size))
            await self.memory.flush()

    async def wait(self) -> None:
        """Return when the node was stopped; raise what a part of it failed with."""
        await self._ended.wait()
        if self._failure is not None:
            raise self._failure

    def end(self) -> None:
        """Let :meth:`wait` return."""
        self._ended.set()

    async def reload(self, who: str = "node") -> Sequence[str]:
        """Read the configuration again; take it whole, or not at all. Returns what changed.

        `who` is the principal that asked for it; the node where a signal did. ConfigError: it is not
        good. LimitError: it declares more than there is room for. StoreError: the disk refuses. LedgerError:
        it cannot be recorded. Whatever is raised, the old configuration is in force.
        """
        async with self._reloading:
            fresh = overridden(await asyncio.to_thread(catalogue.load, self.path), self.overrides)
            stays = [
                f"{table}.{field}"
                for table, fields in (
                    ("node", STAYS),
                    ("series", fresh.series.__struct_fields__),
                    ("remote", fresh.remote.__struct_fields__),
                )
                for field in fields
                if getattr(getattr(fresh, table), field) != getattr(getattr(self.config, table), field)
            ]
            if stays:
                raise ConfigError(
                    *(f"{field} cannot change while the node runs; restart it" for field in stays)
                )
            return await self._take_over(fresh, who)

    async def _take_over(self, fresh: Config, who: str) -> Sequence[str]:
        """First what may refuse, each undone where a later one does; then what cannot."""
        old = self.config
        lines, because = await self.recorder.configured(old, fresh, who)
        act = self.acting.prepare(fresh)
        ruled = await asyncio.to_thread(rules.load, fresh)
        slots = await self._places(fresh)
        await self.hearing.reconfigure(fresh.heartbeat, fresh.node.preset)
        try:
            await self.engine.reconfigure(fresh, [because])
        except BaseException:
            await self.hearing.reconfigure(old.heartbeat, old.node.preset)
            raise
        self.config = fresh
        self.flow.put(self.components.declare(fresh, slots, self._own(fresh)))
        declared = checks(fresh)
        self.checks = _by_component(declared)
        self.prober.replace(declared)
        self.series.replace(declared)
        self.intake.reconfigure(fresh)
        self.history.keep(frozenset(fresh.component))
        self.components.keep_probes({name: map(label, own) for name, own in self.checks.items()})
        self.courier.reconfigure(fresh)
        self.rules.take(ruled, fresh)
        self.predicting.take(fresh)
        self.asking.take(fresh)
        self.functioning.reconfigure(fresh)
        self.recorder.reconfigure(fresh)
        self.cosigners.reconfigure(fresh)
        act()
        if who == "node":
            self.acting.side_door.signalled(old, fresh)
        if (old.heartbeat, old.node) != (fresh.heartbeat, fresh.node):
            await self._beat_for_host()
            node_file.write(self._about())
        await self._forget_slots(self.components.rumours())
        log.info("configuration read again: %d changes", len(lines))
        return lines

    async def forget(self, name: str, who: str = "node") -> None:
        """Drop a component that is gone for good. Refused where it is declared, or still beats."""
        because = [self.recorder.used(who, "forget", name)]
        slot = self.components.slot(name)
        if slot is None:
            if name not in {alert.component for alert in await self.engine.alerts()}:
                raise Refused(f"No component {name[:200]!r} has been heard.", 404)
            await self.engine.forget(name, because)  # an alert that outlived its component
            return
        if self.components.columns.flags[slot] & Flag.declared:
            raise Refused(f"{name} is declared; take it out of the catalogue first, then reload.", 409)
        if self.members.liveness[slot] not in (Liveness.silent, Liveness.left):
            raise Refused(f"{name} still beats and would be back at once; stop it first.", 409)
        await self._forget_slots([slot], because)

    async def _forget_slots(self, slots: list[int], because: Sequence[Entry] = ()) -> None:
        """The ear first: a beat that comes between would be a component without a place."""
        names = [self.components.name(slot) for slot in slots]
        await self.hearing.forget(slots)
        for slot, name in zip(slots, names, strict=True):
            self.components.forget(slot)
            self.processes.release(slot)
            await self.engine.forget(name, because)
        await self.db.write(partial(heard.forget, names=names))
        await self.intake.pings.forget(names)

    def _own(self, config: Config) -> list[str]:
        """The components that the node itself declares: its host."""
        return [socket.gethostname()] if config.node.watch_host else []

    async def _places(self, config: Config) -> dict[str, int]:
        """A slot for every declared name. LimitError where there is no room for all."""
        every = {name: float(one.beats) for name, one in config.component.items()}
        every |= dict.fromkeys(map(of_function, config.function), 0.0)
        every |= dict.fromkeys(set(self._own(config)) - every.keys(), HOST_EVERY)
        names = list(every)
        slots = (await self.hearing.expect(names, list(every.values()))).tolist()
        if -1 in slots:
            raise LimitError(
                f"There is no room for {slots.count(-1):,} of the declared components: node.components is "
                f"{config.node.components:,}, and others were heard. Raise it and restart, or set keys."
            )
        return dict(zip(names, slots, strict=True))

    async def _remember(self) -> None:
        pruned = self.clock.monotonic()
        while True:
            await self.clock.sleep(FLUSH)
            try:
                await self.memory.flush()
                if self.clock.monotonic() - pruned > PRUNE:
                    await self._forget_slots(self.components.long_gone(FAREWELL)[:PIECE])
                    gone = await self.db.write(partial(retention.prune, now=self.clock.wall()))
                    # While something went there may be more to go: look again at the next turn.
                    pruned = self.clock.monotonic() - (PRUNE if gone else 0.0)
            except StoreError as error:
                log.error("%s", error)

    async def _beat_for_host(self) -> None:
        """Beat for this host as the configuration has it now; the heart that beat before ends."""
        if self._heart is not None:
            await asyncio.to_thread(self._heart.stop)
            self._heart = None
        if self.config.node.watch_host:
            self._heart = Heart(
                socket.gethostname(), HOST_EVERY, kind="host", to=self.hearing.udp, key=self.hearing.key
            ).start()

    def _about(self) -> dict[str, Any]:
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

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=f"gadfly-{name}")
        task.add_done_callback(self._task_ended)
        self._tasks.append(task)
        return task

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            # A part that fails is a defect; going on without it would be a node that only looks well.
            log.critical("%s failed", task.get_name(), exc_info=error)
            self._failure = self._failure or error
            self._ended.set()


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in reversed(tasks):
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _by_component(declared: Sequence[Check]) -> dict[str, list[Check]]:
    found: dict[str, list[Check]] = {}
    for check in declared:
        found.setdefault(check.component, []).append(check)
    return found


def overridden(config: Config, overrides: Mapping[str, str]) -> Config:
    """The configuration with what the command line said of the node instead."""
    if not overrides:
        return config
    return msgspec.structs.replace(config, node=msgspec.structs.replace(config.node, **overrides))
