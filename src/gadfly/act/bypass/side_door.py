"""The side door: what was done past the gate is found and said within a minute.

Effects come from the ear (a new incarnation, a goodbye) and from looks at the configuration. They are
gathered for a few seconds, so that many at once are one entry and one letter an owner; then, while more come,
less often. Nothing is done about them here but telling.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from gadfly.act.books.transaction import Appends
from gadfly.act.bypass import unexplained
from gadfly.act.bypass.unexplained import Effect, Kind
from gadfly.act.doubt import disk_watch
from gadfly.act.doubt.disk_watch import Difference, Stand
from gadfly.act.mail import notice
from gadfly.alert.escalate import top_owner
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import LedgerError, StoreError
from gadfly.monitor.events import EventKind
from gadfly.monitor.heard import Events
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.subject import Subject
from gadfly.store.sqlite import Database

log = logging.getLogger("gadfly.act")

TICK = 1.0
GATHER = 5.0
"""Seconds for which the first effects are gathered: what one hand does is seen within them."""
REST = 20.0
"""Seconds between entries while effects keep coming: three a minute at most, and each within the minute."""
QUIET = 600.0
"""Seconds between letters to one owner; what comes meanwhile is in the next one."""
LOOK = 5.0
"""Seconds between looks at the configuration."""
MOST = 10_000
"""Effects that are held one by one; more are counted."""
POWERS = ("automation", "grant", "freeze", "gate")
"""Sections of the configuration that say what may be done."""
TRANSIENT = ("job", "function")
"""Kinds of which every run is new, and ends: that is no effect on them."""


class SideDoor:
    """One for a node. `subject` tells who a component is; `digest` is how entries name a configuration."""

    def __init__(
        self,
        db: Database,
        ledger: Appends,
        clock: Clock,
        config: Callable[[], Config],
        subject: Callable[[str], Subject | None],
        digest: Callable[[Config], str],
        *,
        path: Path | None,
        url: str,
        node: str,
    ) -> None:
        self._db = db
        self._ledger = ledger
        self._clock = clock
        self._config = config
        self._subject = subject
        self._digest = digest
        self._path = path
        self._url = url
        self._node = node
        self._own = socket.gethostname()
        self._pending: list[Effect] = []
        self._uncounted = 0
        self._first = 0.0
        self._written = float("-inf")
        self._told: dict[str, float] = {}
        self._untold: dict[str, list[Effect]] = {}
        self._known: Config | None = None
        self._running = ""
        self._recorded = False
        self._covered: Callable[[Subject], bool] = lambda subject: False
        self._difference = Difference()
        self._looked = float("-inf")
        self.trouble = ""
        """Why nothing is written down at the moment; empty when it is."""
        self.unexplained = 0
        """Effects that nothing explained, since the node started."""

    def hear(self, events: Events, name: Callable[[int], str]) -> None:
        """A batch of the ear's events: restarts and goodbyes are effects."""
        again = events["kind"] == EventKind.restarted
        # Of whom nothing was heard before in this process it is not known when they left: it is no news.
        seen = ~np.isin(events["before"], (Liveness.left, Liveness.never))
        gone = (events["after"] == Liveness.left) & seen
        for slot, wall in _each(events[again]):
            self.see("restarted", name(slot), wall)
        for slot, wall in _each(events[gone & ~again]):
            self.see("stopped", name(slot), wall)

    def see(self, kind: Kind, component: str, at: float) -> None:
        """One effect on one component."""
        if len(self._pending) >= MOST:  # a whole fleet at once: who each of them is takes too long to ask
            self._uncounted += 1
            return
        if component == self._own and self._config().node.watch_host:
            return  # the node beats for its host: its own start and end are entries already
        subject = self._subject(component)
        if subject is None or subject.kind in TRANSIENT:
            return
        self._hold(
            Effect(
                kind=kind,
                component=component,
                owner=subject.owner,
                group=subject.group,
                host=subject.host,
                at=at,
                covered=self._covered(subject),
            )
        )

    def signalled(self, old: Config, fresh: Config) -> None:
        """The configuration was read again by a signal, which anybody who may be this user can send. Where it
        changed what may be done, somebody must say that it was them."""
        if all(getattr(old, section) == getattr(fresh, section) for section in POWERS):
            return
        words = "what may be done was changed by a signal to read the configuration; who sent it is not known"
        top = top_owner(fresh.owner)
        self._hold(Effect(kind="configuration", owner=top, at=self._clock.wall(), words=words))

    def _hold(self, effect: Effect) -> None:
        if not self._pending:
            self._first = self._clock.monotonic()
        self._pending.append(effect)

    async def run(self) -> None:
        """Judge and tell until cancelled."""
        while True:
            try:
                await self.turn()
                self.trouble = ""
            except (StoreError, LedgerError) as error:
                if str(error) != self.trouble:
                    log.error("effects past the gate could not be written down: %s", error)
                self.trouble = str(error)
            await self._clock.sleep(TICK)

    async def turn(self) -> None:
        """Do what is due now. StoreError or LedgerError: it is tried again at the next."""
        now = self._clock.monotonic()
        if now - self._looked >= LOOK:
            await self._look(now)
            self._looked = now
        if self._pending and now - self._first >= GATHER and now - self._written >= REST:
            await self._judge(now)

    async def _look(self, now: float) -> None:
        config = self._config()
        files = await asyncio.to_thread(disk_watch.files, self._path)
        if config is not self._known:
            self._running = await asyncio.to_thread(self._digest, config)
            self._covered = unexplained.coverage(config)
            self._known, self._recorded = config, False
            self._difference.reloaded(files)
        running = self._running
        if not self._recorded:
            self._recorded = await self._db.read(lambda connection: disk_watch.recorded(connection, running))
        top = top_owner(config.owner)
        for words in self._difference.look(Stand(running, self._recorded, files), now):
            self._hold(Effect(kind="configuration", owner=top, at=self._clock.wall(), words=words))

    async def _judge(self, now: float) -> None:
        taken, more = self._pending, self._uncounted
        self._pending, self._uncounted = [], 0
        wall = self._clock.wall()

        def work(connection: sqlite3.Connection) -> list[Effect]:
            effects = unexplained.one_each(taken)
            times = [one.at for one in effects]
            intents = unexplained.around(connection, min(times), max(times))
            found = [one for one in effects if intents.explains(one) is None]
            if found or more:
                self._ledger.append(connection, [unexplained.entry(found, wall, more)])
                self._tell(connection, found, now, wall)
            return found

        before = dict(self._told), {owner: list(effects) for owner, effects in self._untold.items()}
        try:
            found = await self._db.write(work)
        except BaseException:
            self._pending = (taken + self._pending)[:MOST]
            self._uncounted += more
            self._told, self._untold = before
            raise
        if found or more:
            self._written = now
            self.unexplained += len(found) + more
            self._db.bell("outbox").set()
            told = [one for one in found if one.told]
            level = logging.WARNING if told or more else logging.INFO
            log.log(
                level, "no intent explains %d effects, as: %s", len(found) + more, _first_words(told or found)
            )

    def _tell(self, connection: sqlite3.Connection, found: list[Effect], now: float, wall: float) -> None:
        """Letters to those whose turn it is; called in the writer's thread, put back where it fails."""
        for owner, effects in unexplained.letters(found).items():
            self._untold.setdefault(owner, []).extend(effects[: MOST - len(self._untold.get(owner, ()))])
        for owner in list(self._untold):
            if now - self._told.get(owner, float("-inf")) < QUIET:
                continue
            effects = self._untold.pop(owner)
            self._told[owner] = now
            notice.put(
                connection,
                self._config().owner,
                [owner],
                notice.Notice(
                    subject=unexplained.subject(effects),
                    text=unexplained.text(effects, self._url),
                    at=wall,
                    url=self._url,
                    node=self._node,
                ),
            )


def _each(events: Events) -> Iterable[tuple[int, float]]:
    return zip(events["slot"].tolist(), (events["wall"] / 1e9).tolist(), strict=True)


def _first_words(found: list[Effect]) -> str:
    return unexplained.said(found[0]) if found else "more than could be held"
