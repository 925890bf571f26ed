"""Questions in a node: once a day its data is looked at, and what an assumption rests on is put to its owner.

::

    stores, folder, API ──asking_look, in a thread──▶ findings ──asking_dialogue──▶ questions, ledger, letters
                                ▲                                      ▲
                          asking_kinds ────────────────────────────────┘

This is the timetable, and what the rest of the node sees. Nothing is loaded (neither DuckDB nor a kind) while
nothing is due.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Coroutine, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gadfly.ask.life import Book
from gadfly.ask.life.pace import pace
from gadfly.ask.question import Answer, Question
from gadfly.asking_clock import WallClock
from gadfly.asking_dialogue import Also, Dialogue, nothing
from gadfly.asking_kinds import Kinds
from gadfly.asking_look import Looking
from gadfly.config import Config
from gadfly.errors import GadflyError, Refused
from gadfly.monitor import jobs
from gadfly.question_letters import QuestionLetters
from gadfly.store import facts, questions
from gadfly.store.facts import Daily
from gadfly.store.past import LOOKS

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle
    from gadfly.ask.evaluate import Evaluation  # it brings DuckDB
    from gadfly.ask.kind import Kind
    from gadfly.ask_facts import Gathered

log = logging.getLogger("gadfly.ask")

AGAIN = 600.0
"""Seconds after which is looked again where it was not possible."""
LOOK = 60.0
"""Seconds between looks at the wall clock, which may be set."""
TURN = 3600.0
"""Seconds between two looks at what waits: teams wake up at different hours."""
SETTLE = 120.0
"""Seconds after the start for which an evaluation that was missed waits: a start has other work."""
OPENING = 900.0
"""Seconds after the start for which it waits for the series, if they are not open yet."""
LATE = 2 * TURN
"""Seconds after it is due in which a look has mostly been taken, also where it was tried more than once."""


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What one look at the data came to."""

    at: float
    """Seconds since the epoch."""
    findings: int
    known: dict[str, dict[str, int]]
    """By table of which columns how many cells are known; under `*` how many rows there are."""
    trouble: dict[str, str]
    """Why a kind could not be asked, or a family of facts not be read."""
    seconds: float


class Asking:
    """Made by the node when the alerts are there."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._clock = node.clock
        self._wall = WallClock(node.clock)
        self._db = node.db
        self._changed = asyncio.Event()
        self._look_task: asyncio.Task[Looked] | None = None
        self._started = node.clock.monotonic()
        self._due: float | None = None
        self._again = float("-inf")
        """Before that (steady clock) it is not looked again, as it failed."""
        self._waited = float("-inf")
        """When what waits was looked at last, by the steady clock."""
        self._ran: dict[int, tuple[float, float | None]] = {}
        """Begin and end of the last run of each job that is kept, by its slot."""
        self.letters = QuestionLetters(
            Path(node.config.node.state).expanduser(), lambda: node.config, url=node.url, node=node.name()
        )
        self.kinds = Kinds(lambda: node.config, node.clock.wall)
        self.dialogue = Dialogue(node, self.kinds, self.letters)
        self.looking = Looking(node)
        self.evaluation: Evaluation | None = None
        """What was found last, held until the next look: a team that sleeps, or had its question of the day,
        is asked of it later. None: nobody has looked since the start, or it is too old."""
        self.looked: Looked | None = None
        """The same in numbers; also of an earlier run of this node."""
        self.trouble = ""
        """Why it could not be looked; empty: it could."""
        self.take(node.config)

    def take(self, config: Config) -> None:
        """From now on as it says there."""
        self._due, self._again = None, float("-inf")
        self.kinds.stale()
        self._waited = self.dialogue.stepped = float("-inf")  # owners may be others
        self._changed.set()

    def tasks(self) -> Iterator[tuple[str, Coroutine[Any, Any, None]]]:
        """What runs as long as the node, by name."""
        yield "ask", self.run()

    # When.

    async def run(self) -> None:
        """Until cancelled. Waits where it is off."""
        try:
            while True:
                self._changed.clear()
                before = self.trouble
                try:
                    wait = await self.turn()
                except GadflyError as error:
                    if str(error) != before:
                        log.error("nothing is asked: %s", error)
                    self.trouble, wait = str(error), AGAIN
                except Exception as error:  # a defect here must not end the node
                    words = f"a defect, which stands in the log ({type(error).__name__})"
                    if words != before:
                        log.exception("ask: a defect")
                    self.trouble, wait = words, AGAIN
                await self._sleep(wait)
        finally:
            await self.stop()

    async def stop(self) -> None:
        """The node ends. What is being looked at ends soon, and let go of the stores when this returns."""
        self.looking.stop()
        if self._look_task is not None:
            await asyncio.wait([self._look_task])

    async def _sleep(self, seconds: float | None) -> None:
        """Until then, or until the configuration changes."""
        waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._changed.wait())]
        if seconds is not None:
            waits.append(asyncio.ensure_future(self._clock.sleep(seconds)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()

    async def turn(self) -> float | None:
        """Do what is due; seconds until more may be, None: it is off. GadflyError."""
        ask = self._node.config.ask
        if not ask.on:
            return None
        now = self._clock.wall()
        await self._note_runs()
        if self._due is None:
            self._due = await self._next(ask.at, now)
        if self.doubt():
            self._due = None  # it was reckoned by another time
            return LOOK
        failed = None
        if now >= self._due and self._clock.monotonic() >= self._again:
            up = self._clock.monotonic() - self._started
            if up < SETTLE or (self._node.series.source is None and up < OPENING):
                return SETTLE - up if up < SETTLE else LOOK
            try:
                await self.look()
                self._due = await self._next(ask.at, now)
            except Exception as error:  # what was asked before goes on
                failed, self._again = error, self._clock.monotonic() + AGAIN
        if await self._waits():
            await self.advance()
        if failed is not None:
            raise failed
        return min(LOOK, max(1.0, self._due - self._clock.wall()))

    async def _note_runs(self) -> None:
        """Keep the runs of jobs: the picture knows the last one only."""
        picture, fresh = self._node.components, []
        for slot, run in picture.runs().items():
            seen, plan = (run.started, run.ended), picture.plan(slot)
            if self._ran.get(slot) != seen and plan is not None:
                self._ran[slot] = seen
                fresh.append((picture.name(slot), plan, run))
        if fresh:
            from gadfly.ask_facts.jobs import ran

            days = [ran(*one) for one in fresh]
            await self._db.write(lambda connection: facts.keep_days(connection, days), durable=False)

    async def _waits(self) -> bool:
        """Whether something may go on now: without a question nothing is read back."""
        now = self._clock.monotonic()
        if now - max(self._waited, self.dialogue.stepped) < TURN:
            return False
        self._waited = now
        if self.evaluation is not None or self.dialogue.known is not None:
            return True
        return bool(await self._db.read(questions.last))

    async def _next(self, schedule: str, now: float) -> float:
        """When it is looked next: after the last time, also where the node was down then."""
        await self._recall()
        after = now if self.looked is None else min(self.looked.at, now)
        due = jobs.next_due(jobs.Plan(schedule=schedule), after)
        return float("inf") if due is None else due

    async def _recall(self) -> None:
        """The last look, also of an earlier run."""
        if self.looked is None:
            last = await self._db.read(lambda connection: facts.last_day(connection, LOOKS))
            with contextlib.suppress(msgspec.ValidationError):  # another version wrote it
                self.looked = msgspec.convert(last.cells, Looked) if last is not None else None

    # What is found.

    async def look(self) -> Looked:
        """Ask every kind of the data as it is now, and go on from there; a look that is under way is joined.
        It goes on where whoever asked for it waits no longer. GadflyError: what keeps it from being asked;
        then nothing of it is known. Refused where the clock is not to be believed."""
        await self._recall()
        if words := self.doubt():
            raise Refused(f"The data is not looked at: {words}", 409)
        if self._look_task is None or self._look_task.done():
            self._look_task = asyncio.ensure_future(self._look_once())
            self._look_task.add_done_callback(_noticed)
        return await asyncio.shield(self._look_task)

    async def _look_once(self) -> Looked:
        try:
            looked = await self._look()
        except GadflyError as error:
            # What was found before is older now than it should be: nobody is asked of that.
            self.trouble, self.evaluation = str(error), None
            raise
        self.looked, self.trouble = looked, ""
        self._wall.looked()
        return looked

    async def _look(self) -> Looked:
        now, begun = self._clock.wall(), self._clock.monotonic()
        self.kinds.stale()  # a muting may be over, and files may be others
        kinds = await self.kinds.asked()
        seen = await self.looking.look(kinds, await self.dialogue.facts(), now)
        looked = Looked(
            at=now,
            findings=len(seen.evaluation.findings),
            known=seen.known,
            trouble={**seen.gathered.trouble, **seen.evaluation.trouble},
            seconds=self._clock.monotonic() - begun,
        )
        await self.dialogue.advance(
            seen.evaluation,
            now,
            lambda connection: self._keep(connection, seen.gathered, looked),
            clean=True,
        )
        self.evaluation = seen.evaluation
        return looked

    def _keep(self, connection: sqlite3.Connection, gathered: Gathered, looked: Looked) -> None:
        """What the next evaluation goes on from, in the transaction of the questions."""
        for table, rows in gathered.declared.items():
            facts.declare(connection, table, rows, now=looked.at, first=gathered.first[table])
        day = Daily(LOOKS, int(looked.at // facts.DAY), "", msgspec.to_builtins(looked))
        facts.keep_days(connection, [*gathered.days, day])
        facts.prune(connection, looked.at)

    # What others ask of it.

    def every_kind(self) -> Mapping[str, Kind]:
        """As :meth:`Kinds.every`."""
        return self.kinds.every()

    def muted(self, kind: str, now: float) -> bool:
        """As :meth:`Kinds.muted`."""
        return self.kinds.muted(kind, now)

    async def book(self) -> Book:
        """As :meth:`Dialogue.book`."""
        return await self.dialogue.book()

    async def advance(self) -> None:
        """Look at what waits: teams that are awake by now, questions that nobody answered. GadflyError."""
        looked, now = self.looked, self._clock.wall()
        if self.evaluation is not None and (looked is None or now - looked.at > self._holds(now)):
            self.evaluation = None  # the next look failed: nobody is asked of numbers that are older
        await self.dialogue.advance(self.evaluation, looked.at if looked is not None else None)

    def _holds(self, now: float) -> float:
        """Seconds for which what was found may be asked: until the next look has had its time."""
        return pace(self._node.config.ask.at, now).longest + LATE

    async def answer(self, question: int, given: Answer, also: Also = nothing) -> Question:
        """As :meth:`Dialogue.answer`."""
        return await self.dialogue.answer(question, given, also)

    def doubt(self) -> str:
        """Why the clock is not believed, so that nothing goes on; empty: it is."""
        return self._wall.doubt(self.looked.at if self.looked is not None else None)

    def warnings(self) -> list[str]:
        """What the operator should know: why nothing is asked, and what of it cannot be."""
        trouble = self.doubt() or self.trouble
        found = [f"nothing is asked of the data: {trouble}"] if trouble else []
        if self.looked is not None and (broken := self.looked.trouble):
            name, words = next(iter(broken.items()))
            more = f", and {len(broken) - 1} more" if len(broken) > 1 else ""
            found.append(f"questions are not asked of all: {name}: {words[:200]}{more}")
        return found


def _noticed(task: asyncio.Task[Looked]) -> None:
    """Of a look for which nobody waits any more the trouble is kept, and nothing else is to be said."""
    if not task.cancelled():
        task.exception()
