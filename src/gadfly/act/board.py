"""The board on which the node shows its stops to every executor, its own included.

What is shown is what was read from the store, and the node vouches for it only as long as it can read the
store: when that fails, or the node's loop hangs, renewals end and all authority lapses.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import sqlite3

import msgspec

from gadfly.act import stop_book
from gadfly.act.lease import HOLD, LASTS, LONGEST_NAME, MEMORY, Ask, Authority, Renewal
from gadfly.act.stop import Stop
from gadfly.clock import Clock
from gadfly.errors import LimitError, Refused, StoreError
from gadfly.store.sqlite import Database

log = logging.getLogger("gadfly.act")

LOOK = 5.0
"""Seconds between looks at the store; often enough that one failed look costs nobody authority."""
EXECUTORS = 10_000
"""Executors that are remembered at most."""
GONE = 600.0
"""Seconds after which an executor that did not ask is forgotten."""


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
        self._turn = 0
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
        asked = self._clock.monotonic()
        try:
            stops = await self._db.read(self._read)
        except StoreError as error:
            log.error("executors get no authority: %s", error)
            return
        if stops != self._shown or self._sure is None:
            self._shown = stops
            self._turn += 1
            self._news.set()  # all who wait for this turn; the next one has an event of its own
            self._news = asyncio.Event()
        self._sure = asked
        self.own.renew(asked, self.renewal())

    @property
    def stops(self) -> tuple[Stop, ...]:
        """Those in force."""
        return tuple(stop for stop in self._shown if stop.lifted is None)

    def renewal(self) -> Renewal:
        """What an executor that asks at this moment is answered."""
        age = LASTS if self._sure is None else self._clock.monotonic() - self._sure
        return Renewal(
            mark=f"{self._term}-{self._turn}", lasts=max(0.0, min(LASTS, LASTS - age)), stops=self._shown
        )

    async def answer(self, ask: Ask, hold: float = HOLD) -> Renewal:
        """Wait for news, at most `hold` seconds; then the renewal. Refused or LimitError where it cannot be.

        This is the whole of the protocol: the local socket and the HTTP endpoint both call it.
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
