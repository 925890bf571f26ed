"""The durable queue of calls: written down before anybody is told so, each try before it runs.

Whoever runs functions asks in a loop::

    while True:
        for work in await queue.claim(room):      # each is written down as running
            start(work)                           # ends with `await queue.end(work, outcome)`, always
        await queue.changed()

What was running when the process ended is tried again by the next one, if it has tries left: a call happens
at least once, and each try has a number of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from sqlite3 import Connection
from typing import NamedTuple

from gadfly.clock import Clock
from gadfly.errors import LimitError
from gadfly.functions import retry
from gadfly.functions.together import Together
from gadfly.store import invocation_history as history
from gadfly.store import invocation_turns as turns
from gadfly.store import invocations as rows
from gadfly.store.invocation_history import Attempt, Invocation
from gadfly.store.invocations import New, Outcome, Work
from gadfly.store.sqlite import Database

__all__ = ["Attempt", "Invocation", "Lost", "New", "Outcome", "Put", "Queue", "Work"]

WAITING = 10_000
"""Calls of one function that wait at most. At ten a second that is a quarter of an hour of being behind."""
BYTES = 256 << 20
"""Bytes of their events."""
BACK = 1.0
"""Seconds by which the clock goes back without having been set: it is corrected all the time."""
LOOK = 60.0
"""Seconds after which the time is looked at again, whatever is due: the clock may have been set."""


class Put(NamedTuple):
    """The number of a call; `new` False: its key was there already, and this is that one."""

    id: int
    new: bool


class Lost(NamedTuple):
    """A try that was under way when the process ended; `state`: what became of its call."""

    function: str
    called: str
    attempt: int
    state: str
    words: str


class Queue:
    """One for each node, over its state."""

    def __init__(self, store: Database, clock: Clock, chance: random.Random | None = None) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance or random.Random()  # noqa: S311 - spreads retries
        self._rows: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._bell = asyncio.Event()
        self._due: float | None = None
        """When something becomes due that was not when it was last looked."""
        self._seen = 0.0
        self._together = Together(store)

    async def open(self) -> list[Lost]:
        """At the start, before anything else: tries of the former process are lost. Which they were."""
        now = self._clock.wall()

        def work(connection: Connection) -> tuple[list[Lost], list[tuple[str, int, int]]]:
            lost = []
            outcome = Outcome(ended="lost", error="the node ended while it ran")
            for number, function, called, attempt, allowed in rows.running(connection):
                state, _ = self._end(connection, number, attempt, allowed, outcome, now)
                lost.append(Lost(function, called, attempt, state, outcome.error))
            turns.set_back(connection, now, retry.LATEST)
            return lost, rows.waiting(connection)

        lost, waiting = await self._store.write(work)
        self._rows = Counter({function: count for function, count, _ in waiting})
        self._bytes = Counter({function: size for function, _, size in waiting})
        return lost

    # What is to run.

    async def put(self, new: New) -> Put:
        """Write it down; on disk when this returns. LimitError where too much of its function waits."""
        self._room(new)
        wall = self._clock.wall()
        return await self._together.write(
            lambda connection: Put(*rows.put(connection, new, wall)), partial(self._came, new)
        )

    async def put_all(self, new: Sequence[New]) -> list[Put]:
        """The same for several, all or none of them."""
        for one in new:
            self._room(one)
        wall = self._clock.wall()

        def came(found: list[Put]) -> None:
            for one, put in zip(new, found, strict=True):
                self._came(one, put)

        return await self._together.write(
            lambda connection: [Put(*rows.put(connection, one, wall)) for one in new], came
        )

    def _came(self, new: New, put: Put) -> None:
        if put.new and not new.skipped:
            self._waits(new.function, len(new.event))

    def _waits(self, function: str, size: int) -> None:
        self._rows[function] += 1
        self._bytes[function] += size
        self._bell.set()

    async def begin(self, new: New) -> Work | Put:
        """For whoever waits for the answer: write it down as running. Its :class:`Put` where it is known.

        Its try is ended with :meth:`end` as every other.
        """
        self._room(new)
        wall = self._clock.wall()

        def work(connection: Connection) -> Work | Put:
            put = Put(*rows.put(connection, new, wall))
            begun = rows.begin(connection, put.id, wall) if put.new else None
            return put if begun is None else begun

        writing = asyncio.ensure_future(self._store.write(work))
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            if isinstance(begun := await writing, Work):
                gone = "whoever waited for the answer went away before it began"
                await self.end(begun, Outcome(ended="lost", error=gone))
            raise

    def _room(self, new: New) -> None:
        if new.skipped:
            return
        if self._rows[new.function] >= WAITING or self._bytes[new.function] + len(new.event) > BYTES:
            raise LimitError(
                f"{self._rows[new.function]:,} calls of function {new.function} wait already: try again "
                "later, or let its owner see why it does not keep up."
            )

    async def claim(self, room: Mapping[str, int]) -> list[Work]:
        """What may run now, written down as running: of each function at most as many as it has room for."""
        now = self._clock.wall()
        back, self._seen = now < self._seen - BACK, now
        self._bell.clear()

        def work(connection: Connection) -> tuple[list[rows.Moved], list[Work], float | None]:
            if back:
                turns.set_back(connection, now, retry.LATEST)
            skipped = turns.skip_overlapping(connection, now)
            return skipped, turns.claim(connection, room, now), turns.next_due(connection, now)

        self._due = None
        if not any(self._rows.values()):
            return []
        return (await self._together.write(work, self._went))[1]

    def _went(self, found: tuple[list[rows.Moved], list[Work], float | None]) -> None:
        skipped, works, self._due = found
        self._waited((one.function, one.size) for one in skipped)
        self._waited((one.function, len(one.event)) for one in works)

    def _waited(self, gone: Iterable[tuple[str, int]]) -> None:
        for function, size in gone:
            self._rows[function] -= 1
            self._bytes[function] -= size

    async def changed(self) -> None:
        """Wait until something may be claimed that could not be before."""
        if self._bell.is_set():
            return
        pause = LOOK if self._due is None else min(LOOK, max(0.0, self._due - self._clock.wall()))
        ring = asyncio.ensure_future(self._bell.wait())
        sleep = asyncio.ensure_future(self._clock.sleep(pause))
        try:
            await asyncio.wait([ring, sleep], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in (ring, sleep):
                one.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await one

    async def end(self, work: Work, outcome: Outcome) -> str:
        """Write down how a try ended, and what follows: `done`, `waiting` (for the next try) or `dead`."""
        wall = self._clock.wall()

        def ended(found: tuple[str, bool]) -> None:
            if found == ("waiting", True):
                self._waits(work.function, len(work.event))
            self._bell.set()

        state, _ = await self._together.write(
            lambda connection: self._end(connection, work.id, work.attempt, work.allowed, outcome, wall),
            ended,
        )
        return state

    def _end(
        self,
        connection: Connection,
        number: int,
        attempt: int,
        allowed: int,
        outcome: Outcome,
        wall: float,
    ) -> tuple[str, bool]:
        """What follows, and whether that was not known already."""
        following = retry.following(outcome.ended, outcome.error, attempt, allowed, wall, self._chance)
        fresh = rows.attempted(connection, number, attempt, outcome, wall)
        if fresh:
            rows.become(connection, number, following.state, following.due, following.reason, wall)
        return following.state, fresh

    async def replay(self, number: int, tries: int) -> int:
        """Make it again, by hand; the number of the call that waits now. Refused where that cannot be."""
        wall = self._clock.wall()
        found = await self._together.write(
            lambda connection: rows.replay(connection, number, tries, wall),
            lambda one: self._waits(one.function, one.size),
        )
        return found.id

    async def abandon(self, known: Sequence[str]) -> int:
        """What waits for functions that are no longer declared becomes a dead letter; how many."""
        wall = self._clock.wall()
        gone = await self._together.write(
            lambda connection: rows.abandon(connection, known, wall), self._waited
        )
        return len(gone)

    # What is told of it.

    @property
    def waiting(self) -> Mapping[str, int]:
        """Calls that wait, by function."""
        return +self._rows

    async def in_lane(self, function: str, lane: str) -> int:
        """How many of a lane are not over."""
        return await self._store.read(lambda connection: rows.in_lane(connection, function, lane))

    async def recent(
        self, *, function: str = "", state: str = "", before: int | None = None, limit: int = 100
    ) -> list[Invocation]:
        """Newest first."""
        return await self._store.read(
            lambda connection: history.recent(
                connection, function=function, state=state, before=before, limit=limit
            )
        )

    async def attempts(self, number: int) -> list[Attempt]:
        """The tries of a call, in their order, with what they wrote."""
        return await self._store.read(lambda connection: history.attempts(connection, number))

    async def event(self, number: int) -> bytes:
        """The event of a call, JSON; empty where it is not kept. Refused where there is no such call."""
        return await self._store.read(lambda connection: history.event(connection, number))

    async def tidy(self, keep: float) -> None:
        """Forget what is over for longer than `keep` seconds, a little at a time; now and then."""
        wall = self._clock.wall()
        while True:
            # Looked for by a reader, so that whoever writes does not wait for the search.
            old = await self._store.read(lambda connection: history.old(connection, wall, keep))
            if not (old.rows or old.events):
                return
            await self._store.write(partial(history.forget, old=old), durable=False)
