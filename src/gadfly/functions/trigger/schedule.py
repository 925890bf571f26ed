"""Schedules: every instant is accounted for once, before anything runs: it runs, or says why it does not.

How far a schedule was taken is moved in the transaction that writes its instants down. So whatever happens to
the process, the next one goes on behind the last instant that is written down; and an instant is unique in
the queue.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import logging
from collections.abc import Iterable, Sequence
from itertools import takewhile
from sqlite3 import Connection
from typing import Literal, NamedTuple

from msgspec.structs import replace

from gadfly.errors import LimitError
from gadfly.functions.function import Function
from gadfly.functions.queue import New, Queue
from gadfly.functions.trigger import cron, event
from gadfly.functions.trigger.on import Schedule, read
from gadfly.store import trigger_places
from gadfly.store.sqlite import Database

log = logging.getLogger("gadfly.functions")

ON_TIME = 60.0
"""Seconds that an instant may be late and still counts as on time: a restart takes less."""
WINDOW = 31 * 86_400.0
"""Seconds that may be made up for at most."""
DAY = 86_400.0
MOST = 1_000
"""Instants that are made up for at once."""
LISTED = 100
"""Skipped instants in a row that are written down one by one: the latest; those before are one row."""
AHEAD = 3_600.0
"""Seconds that a schedule may be ahead of the clock, before the clock counts as set back for good."""
LANE = "schedule"
"""All schedules of a function are one lane: whichever of them calls it, it does not overlap itself."""
LOOK = 60.0
"""Seconds after which the time is looked at again, however far the next instant is: the machine may have
slept, or its clock been set, and nobody says so."""


class Turn(NamedTuple):
    """One instant, or several of the same fate. `skipped`: why; empty: it is to run, at `due`.

    `whole`: everything between the two, also what was not told apart.
    """

    first: int
    last: int
    due: float
    skipped: str
    late: bool = False
    whole: bool = False

    @property
    def key(self) -> str:
        """By which it is unique."""
        one = _shown(self.first)
        return one if self.first == self.last and not self.whole else f"{one}..{_shown(self.last)}"


def decide(
    instants: Sequence[int],
    now: float,
    *,
    catchup: Literal["none", "last", "all"],
    window: float,
    late_by: float = 0.0,
) -> list[Turn]:
    """What becomes of instants that are over at `now`, the oldest first; `late_by` is the jitter.

    One that is at most a minute old is on time and runs. `last`: of all together, only the latest one.
    """
    found: list[Turn] = []
    runs = 0
    for instant in reversed(instants):
        age = now - instant
        missed = age > ON_TIME
        why = ""
        if missed and catchup == "none":
            why = "missed: the node was not there (catchup = none)"
        elif age > window and missed:
            why = f"missed, and older than the window of {window:.0f} s"
        elif catchup == "last" and runs and missed:
            why = "missed: a later one stands for it (catchup = last)"
        elif runs >= MOST:
            why = f"missed: {MOST} later ones are made up for, which is the most"
        runs += not why
        found.append(Turn(instant, instant, now if missed else instant + late_by, why, missed))
    return _folded(found[::-1])


def _folded(turns: Sequence[Turn]) -> list[Turn]:
    """Long rows of the same reason as one, but for the latest of them."""
    found: list[Turn] = []
    start = 0
    while start < len(turns):
        end = start
        while end < len(turns) and turns[end].skipped == turns[start].skipped:
            end += 1
        same = turns[start:end]
        if same[0].skipped and len(same) > LISTED + 1:
            older = same[:-LISTED]
            found.append(
                Turn(
                    older[0].first,
                    older[-1].last,
                    older[-1].due,
                    f"{len(older):,} times, each {older[0].skipped}",
                    late=True,
                )
            )
            same = same[-LISTED:]
        found += same
        start = end
    return found


def jitter(function: str, called: str, width: float) -> float:
    """Seconds, 0 to `width`, always the same for this trigger and spread over all."""
    digest = hashlib.blake2b(f"{function}\0{called}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2.0**64 * width


def account(function: Function, schedule: Schedule, place: int, now: float) -> list[Turn]:
    """What becomes of every instant after `place` up to `now`."""
    window = min(function.window, WINDOW)
    found: list[Turn] = []
    since = int(now - max(window, DAY))
    if place < since:
        between = next(cron.walk(schedule.cron, place), None)
        if between is not None and between <= since:
            why = "the node was not there, for longer than the window; these times are not told apart"
            found.append(Turn(place + 1, since, now, why, late=True, whole=True))
        place = since
    instants = list(takewhile(lambda at: at <= now, cron.walk(schedule.cron, place)))
    late_by = jitter(function.name, schedule.text, function.jitter)
    return found + decide(instants, now, catchup=function.catchup, window=window, late_by=late_by)


class _Plan:
    def __init__(self, function: Function, schedule: Schedule, place: int) -> None:
        self.function = function
        self.schedule = schedule
        self.place = place
        self.next = cron.following(schedule.cron, place)


class Schedules:
    """All schedules of a node. Whoever runs it asks for what is due, and waits as long as is said."""

    def __init__(self, store: Database, queue: Queue) -> None:
        self._store = store
        self._queue = queue
        self._plans: list[_Plan] = []

    async def declare(self, functions: Iterable[Function], now: float) -> None:
        """The functions that there are from now on. A schedule that is new begins at `now` (wall)."""
        found = [
            (function, on)
            for function in functions
            for on in map(read, function.on)
            if isinstance(on, Schedule)
        ]

        def work(connection: Connection) -> list[int]:
            trigger_places.keep(connection, "schedule:", [(one.name, on.text) for one, on in found])
            places = []
            for function, on in found:
                place = trigger_places.read(connection, function.name, on.text) or str(int(now))
                trigger_places.move(connection, function.name, on.text, place)
                places.append(int(place))
            return places

        if not found and not await self._store.read(
            lambda connection: trigger_places.any_of(connection, "schedule:")
        ):
            self._plans = []
            return
        places = await self._store.write(work)
        self._plans = [
            _Plan(function, on, place) for (function, on), place in zip(found, places, strict=True)
        ]

    def next(self) -> float | None:
        """The next instant of all, seconds since the epoch; None where there is none."""
        return min((one.next for one in self._plans if one.next is not None), default=None)

    async def advance(self, now: float) -> float:
        """Account for every instant up to `now` (wall); the seconds after which to come again.

        StoreError where that could not be written: nothing is lost, it is done the next time.
        """
        due = [one for one in self._plans if one.next is not None and one.next <= now]
        taken = await asyncio.gather(*(self._take(one, now) for one in due), return_exceptions=True)
        for error in taken:
            if isinstance(error, BaseException):
                raise error
        for one in self._plans:
            if one.place > now + AHEAD:
                await self._set_back(one, now)
        coming = self.next()
        return LOOK if coming is None else min(LOOK, max(0.0, coming - now))

    async def _take(self, plan: _Plan, now: float) -> None:
        function, schedule = plan.function, plan.schedule
        if now - plan.place > DAY:
            turns = await asyncio.to_thread(account, function, schedule, plan.place, now)
        else:
            turns = account(function, schedule, plan.place, now)
        place = max(plan.place, int(now))
        if turns:
            new = [_new(function, schedule, turn) for turn in turns]
            new[-1] = replace(new[-1], place=str(place))
            try:
                await self._queue.put_all(new)
            except LimitError as error:
                await self._queue.put_all([replace(one, skipped=one.skipped or str(error)) for one in new])
        plan.place = place
        plan.next = cron.following(schedule.cron, place)

    async def _set_back(self, plan: _Plan, now: float) -> None:
        """The clock was ahead for a while, and is set back: without this the schedule would wait for it."""
        log.warning(
            "%s of function %s was taken up to %s, and the clock shows less: it goes on from now",
            plan.schedule.text,
            plan.function.name,
            _shown(plan.place),
        )
        place = int(now)
        await self._store.write(
            lambda connection: trigger_places.move(
                connection, plan.function.name, plan.schedule.text, str(place)
            )
        )
        plan.place = place
        plan.next = cron.following(plan.schedule.cron, place)


def _new(function: Function, schedule: Schedule, turn: Turn) -> New:
    single = turn.first == turn.last and not turn.whole
    happened = event.encoded(event.scheduled(function.name, schedule.text, turn.first)) if single else b""
    return New(
        function=function.name,
        called=schedule.text,
        key=turn.key,
        event=happened,
        due=turn.due,
        allowed=function.retries + 1,
        lane=LANE,
        # What is made up for was asked for, all of it: it waits for its turn.
        overlap="queue" if turn.late and function.catchup == "all" else function.overlap,
        skipped=turn.skipped,
    )


def _shown(instant: int) -> str:
    return dt.datetime.fromtimestamp(instant, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
