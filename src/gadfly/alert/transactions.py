"""One change of the book after another, each a transaction of the store.

The work is done in the store's writer thread, so that a hundred thousand changes do not hold up the loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from typing import TypeVar

from gadfly.alert.book import Book, load
from gadfly.alert.pipeline import Pipeline
from gadfly.clock import Clock
from gadfly.errors import LimitError, Refused, StoreError
from gadfly.store.sqlite import Database

T = TypeVar("T")


class Transactions:
    """What changes the book of `pipeline`: history, alerts, incidents and letters together, or nothing."""

    def __init__(self, db: Database, clock: Clock, pipeline: Pipeline, steady: Callable[[], float]) -> None:
        self._db = db
        self._clock = clock
        self._pipeline = pipeline
        self._steady = steady
        self._lock = asyncio.Lock()
        self.stale = True
        """What is in memory is not what is on disk; the next change begins by reading it back."""
        self.done = asyncio.Event()
        """Set after each."""
        self.version = 0
        """How many there were."""

    async def change(self, work: Callable[[sqlite3.Connection, float, float], T]) -> T:
        """Run `work` (with the steady time and the wall's) in a transaction.

        When that fails, memory is read back from the disk before the next.
        """
        async with self._lock:
            now, wall = self._steady(), self._clock.wall()
            stale, self.stale = self.stale, True

            def read(connection: sqlite3.Connection) -> Book:
                return load(connection, now, wall, self._pipeline.told, self._pipeline.lookup.climb)

            def transaction(connection: sqlite3.Connection) -> T:
                if stale:
                    self._pipeline.resume(connection, read(connection), now, wall)
                return work(connection, now, wall)

            try:
                result = await asyncio.shield(self._db.write(transaction))
            except (Refused, LimitError):
                self.stale = stale  # raised before anything was touched
                raise
            except StoreError:
                # What did not reach the disk is not so; let no question be answered from it.
                with contextlib.suppress(StoreError):
                    self._pipeline.book = await self._db.read(read)
                raise
            self.stale = False
            self.version += 1
        self.done.set()
        self._db.bell("outbox").set()
        return result
