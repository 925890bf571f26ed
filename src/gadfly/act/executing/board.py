"""The board on which the node shows its stops to every executor, its own included.

What is shown is what was read from the store, and the node vouches for it only as long as it can read the
store: when that fails, or the node's loop hangs, renewals end and all authority lapses.

A stop is written first and shown then, by what the write itself returned: it waits for no reader. Where the
disk is full or too slow, or the ledger refuses, it is shown all the same and written as soon as it can be: to
stop is always safe. What is shown goes off the board only by a look that began after it was put there.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import sqlite3
from collections.abc import Callable
from functools import partial

import msgspec

from gadfly.act.books.transaction import Appends
from gadfly.act.executing.lease import (
    HOLD,
    LASTS,
    LONGEST_NAME,
    MEMORY,
    Ask,
    Authority,
    Renewal,
)
from gadfly.act.halt import stop_book
from gadfly.act.halt.stop import Scope, Stop
from gadfly.clock import Clock
from gadfly.errors import LedgerError, LimitError, Refused, StoreError
from gadfly.store.sqlite import Database

log = logging.getLogger("gadfly.act")

LOOK = 5.0
"""Seconds between looks at the store; often enough that one failed look costs nobody authority."""
PATIENCE = 0.25
"""Seconds that a stop waits for the disk before it is shown: it is to hold within one."""
EXECUTORS = 10_000
"""Executors that are remembered at most."""
GONE = 600.0
"""Seconds after which an executor that did not ask is forgotten."""
NOT_YET = 1 << 62
"""The entry of a stop that is not written yet: every intent there is came before it."""

_Work = Callable[[sqlite3.Connection], Stop]


class Executor(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds the lease. `asked` is seconds on the node's monotonic clock."""

    name: str
    version: str
    asked: float


class Board:
    """One for a node. `own` is the authority of the executor in this process."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._term = secrets.token_hex(4)
        self._turn = self._told = 0
        self._looks = 0
        self._seen_by = 0
        """The look whose answer is shown: one that began earlier and ends later is older."""
        self._read_stops: tuple[Stop, ...] = ()
        self._made: dict[int, tuple[Stop, int]] = {}
        """Stops that were committed, with the newest look that may not have seen them yet."""
        self._held: dict[tuple[str, str, str], tuple[Stop, _Work]] = {}
        self._shown: tuple[Stop, ...] = ()
        self._sure: float | None = None
        self._news = asyncio.Event()
        self.executors: dict[str, Executor] = {}
        self.own = Authority()

    async def run(self) -> None:
        """Keep the board true until cancelled."""
        while True:
            await self.look()
            self._forget()
            await self._clock.sleep(LOOK)

    async def look(self) -> None:
        """Read the stops and show them. To be awaited right after one was committed: that is the push."""
        await self._save()
        self._looks += 1
        asked, turn = self._clock.boottime(), self._looks
        try:
            found = await self._db.read(self._read)
        except StoreError as error:
            log.error("executors get no authority: %s", error)
            return
        if turn < self._seen_by:
            return
        self._seen_by, self._read_stops = turn, found
        self._made = {number: one for number, one in self._made.items() if one[1] >= turn}
        first, self._sure = self._sure is None, asked
        self._show(anew=first)

    async def stop(
        self, ledger: Appends, *, scope: Scope, name: str = "", owner: str = "", who: str, because: str
    ) -> Stop:
        """Stop it, and tell every executor. Refused or LimitError where that is no stop.

        It is committed when it returns; where it has the id 0 it holds, and is not written down yet.
        """
        now = self._clock.wall()
        work = partial(
            stop_book.put,
            log=ledger,
            scope=scope,
            name=name,
            owner=owner,
            who=who,
            because=because,
            now=now,
        )
        held = Stop(
            id=0, scope=scope, name=name, owner=owner, who=who, because=because, at=now, entry=NOT_YET
        )
        key = (scope, name, who)
        writing = asyncio.ensure_future(self._db.write(work))
        await asyncio.wait((writing,), timeout=PATIENCE)
        if not writing.done():
            self._hold(key, held, work)
        try:
            made = await asyncio.shield(writing)
        except (StoreError, LedgerError) as error:
            log.critical("the stop holds, and is written down as soon as it can be: %s", error)
            self._hold(key, held, work)
            return held
        except (Refused, LimitError):
            self._held.pop(key, None)
            self._show()
            raise
        self._put(key, made)
        return made

    @property
    def stops(self) -> tuple[Stop, ...]:
        """Those in force."""
        return tuple(stop for stop in self._shown if stop.lifted is None)

    def renewal(self) -> Renewal:
        """What an executor that asks at this moment is answered."""
        age = LASTS if self._sure is None else self._clock.boottime() - self._sure
        return Renewal(
            mark=f"{self._term}-{self._turn}", lasts=max(0.0, min(LASTS, LASTS - age)), stops=self._shown
        )

    async def answer(self, ask: Ask, hold: float = HOLD) -> Renewal:
        """Wait for news, at most `hold` seconds; then the renewal. Refused or LimitError where it cannot be.

        This is the whole of the protocol; the local socket only carries it.
        """
        if not ask.executor or len(ask.executor) > LONGEST_NAME or len(ask.version) > LONGEST_NAME:
            raise Refused(f"An executor asks with its name, of 1 to {LONGEST_NAME} characters.", 422)
        if ask.executor not in self.executors and len(self.executors) >= EXECUTORS:
            raise LimitError(f"{EXECUTORS} executors hold the lease already; end some.")
        now = self._clock.monotonic()
        self.executors[ask.executor] = Executor(name=ask.executor, version=ask.version, asked=now)
        if self.renewal().mark == ask.seen:
            await self._until_news(min(max(0.0, hold), HOLD))
        return self.renewal()

    def _put(self, key: tuple[str, str, str], made: Stop) -> None:
        """Show a stop that was just committed."""
        self._held.pop(key, None)
        self._made[made.id] = (made, self._looks)
        self._show()

    def _hold(self, key: tuple[str, str, str], stop: Stop, work: _Work) -> None:
        """Show a stop that is not written yet."""
        self._held[key] = (stop, work)
        self._show()

    async def _save(self) -> None:
        """Write down what is held in memory only. To write what was written meanwhile changes nothing."""
        for key, (_, work) in tuple(self._held.items()):
            try:
                made = await self._db.write(work)
            except (StoreError, LedgerError) as error:
                log.error("a stop holds and is not written down yet: %s", error)
                return
            except (Refused, LimitError) as error:
                log.error("a stop ends that was none: %s", error)
                self._held.pop(key, None)
            else:
                self._put(key, made)

    def _show(self, *, anew: bool = False) -> None:
        known = {stop.id: stop for stop in self._read_stops}
        known.update((number, stop) for number, (stop, _) in self._made.items())
        stops = (*known.values(), *(stop for stop, _ in self._held.values()))
        if anew or stops != self._shown:
            self._shown = stops
            self._turn += 1
        # What this process does itself ends at once, before a thousand others are told.
        self.own.renew(self._clock.boottime(), self.renewal())
        if self._told != self._turn:
            self._told = self._turn
            self._news.set()  # all who wait for this turn; the next one has an event of its own
            self._news = asyncio.Event()

    async def _until_news(self, seconds: float) -> None:
        tasks = [asyncio.ensure_future(self._news.wait()), asyncio.ensure_future(self._clock.sleep(seconds))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()

    def _read(self, connection: sqlite3.Connection) -> tuple[Stop, ...]:
        return stop_book.shown(connection, self._clock.wall() - MEMORY)

    def _forget(self) -> None:
        old = self._clock.monotonic() - GONE
        for name in [name for name, one in self.executors.items() if one.asked < old]:
            del self.executors[name]
