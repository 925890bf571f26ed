"""Questions in a node: once a day its data is looked at, and what an assumption rests on is put to its owner.

::

    stores, folder, API ──ask_facts (in a thread)──▶ World ──kinds──▶ findings ──life──▶ steps
                                                                                          │
                      one transaction: questions, ledger, levels of automations, letters ◀┘

Nothing is loaded (neither DuckDB nor a kind) while nothing is due.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from gadfly.act import standing_book
from gadfly.act.automation import end_of
from gadfly.alert.escalate import delegates, top_owner
from gadfly.ask import kept
from gadfly.ask.entries import entries
from gadfly.ask.kind import tuned
from gadfly.ask.life import Book, Rules, Steps, Team, advance, answer
from gadfly.ask.question import Answer, Question
from gadfly.config import Config
from gadfly.errors import GadflyError
from gadfly.monitor import jobs
from gadfly.question_letters import Asked, QuestionLetters
from gadfly.rate import parse as rate
from gadfly.store import facts, questions
from gadfly.store.facts import Daily

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle
    from gadfly.ask.evaluate import Evaluation  # it brings DuckDB
    from gadfly.ask.kind import Kind
    from gadfly.ask.world import World
    from gadfly.ask_facts import Gathered, Stores

T = TypeVar("T")

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
SPILLED = "ask-"
"""Begins the names of folders in the state into which a look at the data spills."""
NICE = 10
"""How much the thread that looks gives way to all else of this machine."""
FRESH = 86_400.0
"""Seconds for which an open incident keeps its team from being asked. An older one is no emergency any more,
and may be what ought to be asked about."""
URGENT = frozenset({"down", "gray", "zombie", "missing"})
EVALUATED = "evaluation"
"""Under which name of a table the days are kept on which the data was looked at."""


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
        self._db = node.db
        self._changed = asyncio.Event()
        self._looking = asyncio.Lock()
        self._turning = asyncio.Lock()
        self._stopping = False
        self._started = node.clock.monotonic()
        self._due: float | None = None
        self._known: Mapping[str, Kind] | None = None
        self._seconds = float("-inf")
        self._book: Book | None = None
        self._world: World | None = None
        self._ran: dict[int, tuple[float, float | None]] = {}
        """Begin and end of the last run of each job that is kept, by its slot."""
        self.letters = QuestionLetters(
            Path(node.config.node.state).expanduser(), lambda: node.config, url=node.url, node=node.name()
        )
        self.evaluation: Evaluation | None = None
        """What was found last; None: nobody has looked since the start."""
        self.looked: Looked | None = None
        """The same in numbers; also of an earlier run of this node."""
        self.trouble = ""
        """Why it could not be looked; empty: it could."""
        self.take(node.config)

    def take(self, config: Config) -> None:
        """From now on as it says there."""
        self._due = self._known = None
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
                known = self.trouble
                try:
                    wait = await self.turn()
                except GadflyError as error:
                    if str(error) != known:
                        log.error("nothing is asked: %s", error)
                    self.trouble, wait = str(error), AGAIN
                except Exception as error:  # a defect here must not end the node
                    log.exception("ask: a defect")
                    self.trouble = f"a defect, which stands in the log ({type(error).__name__})"
                    wait = AGAIN
                await self._sleep(wait)
        finally:
            self._stopping = True

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
        if now >= self._due:
            up = self._clock.monotonic() - self._started
            if up < SETTLE or (self._node.series.source is None and up < OPENING):
                return SETTLE - up if up < SETTLE else LOOK
            await self.look()
            self._due = await self._next(ask.at, now)
        elif self._clock.monotonic() - self._seconds >= TURN and await self._asked():
            await self.advance()
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

    async def _asked(self) -> bool:
        """Whether there is anything that could go on: without a question nothing is read back."""
        self._seconds = self._clock.monotonic()
        if self.evaluation is not None or self._book is not None:
            return True
        return bool(await self._db.read(questions.last))

    async def _next(self, schedule: str, now: float) -> float:
        """When it is looked next: after the last time, also where the node was down then."""
        last = await self._db.read(lambda connection: facts.last_day(connection, EVALUATED))
        if last is not None and self.looked is None:
            with contextlib.suppress(msgspec.ValidationError):  # another version wrote it
                self.looked = msgspec.convert(last.cells, Looked)
        after = now if self.looked is None else min(self.looked.at, now)
        due = jobs.next_due(jobs.Plan(schedule=schedule), after)
        return float("inf") if due is None else due

    # What is found.

    async def look(self) -> Looked:
        """Ask every kind of the data as it is now, and go on from there. GadflyError: what keeps it from
        being asked; then nothing of it is known."""
        async with self._looking:
            try:
                looked = await self._look()
            except GadflyError as error:
                self.trouble = str(error)
                raise
            self.looked, self.trouble = looked, ""
            return looked

    async def _look(self) -> Looked:
        now, begun = self._clock.wall(), self._clock.monotonic()
        book = await self.book()
        self._known = None  # a muting may be over, and files may be others
        kinds = await self.kinds()
        found, gathered, known = await self._in_thread(lambda: self._evaluate(kinds, book, now))
        looked = Looked(
            at=now,
            findings=len(found.findings),
            known=known,
            trouble={**gathered.trouble, **found.trouble},
            seconds=self._clock.monotonic() - begun,
        )
        await self._step(
            lambda teams, rules, at: advance(book, found, teams, at, rules, at=now),
            lambda connection: self._keep(connection, gathered, looked),
        )
        self.evaluation = found
        return looked

    def _keep(self, connection: sqlite3.Connection, gathered: Gathered, looked: Looked) -> None:
        """What the next evaluation goes on from, in the transaction of the questions."""
        for table, rows in gathered.declared.items():
            facts.declare(connection, table, rows, now=looked.at, first=gathered.first[table])
        day = Daily(EVALUATED, int(looked.at // facts.DAY), "", msgspec.to_builtins(looked))
        facts.keep_days(connection, [*gathered.days, day])
        facts.prune(connection, looked.at)
        questions.prune(connection, looked.at)

    def _evaluate(
        self, kinds: Mapping[str, Kind], book: Book, now: float
    ) -> tuple[Evaluation, Gathered, dict[str, dict[str, int]]]:
        """In a thread of its own."""
        from gadfly.ask.evaluate import evaluate
        from gadfly.ask.life import facts as of_the_book
        from gadfly.ask.world import World
        from gadfly.ask_facts import gather, lacking

        ask = self._node.config.ask
        state = Path(self._node.config.node.state).expanduser()
        for left in state.glob(f"{SPILLED}*"):  # by a process that was killed
            shutil.rmtree(left, ignore_errors=True)
        with World(memory=f"{ask.memory_mb}MB", threads=1, spill=state) as world:
            self._world = world
            try:
                with contextlib.closing(self._connect()) as connection:
                    gathered = gather(self._stores(connection, now), world)
                for table, columns in of_the_book(book).items():
                    world.add(table, columns)
                if ask.facts:
                    world.folder(Path(ask.facts).expanduser())
                world.at(now)
                return evaluate(world, kinds, now), gathered, lacking.known(world)
            finally:
                self._world = None

    def _connect(self) -> sqlite3.Connection:
        """The state, only to be read, all of one moment. It is not one of the node's readers: they are for
        those who wait."""
        connection = sqlite3.connect(self._db.path, isolation_level=None)
        connection.execute("PRAGMA query_only = 1")
        connection.execute("BEGIN")
        return connection

    def _stores(self, connection: sqlite3.Connection, now: float) -> Stores:
        from gadfly.ask_facts import Stores
        from gadfly.monitor.check import checks

        node = self._node
        return Stores(
            connection=connection,
            config=node.config,
            now=now,
            node=node.name(),
            subjects=list(node.acting.subjects()),
            checks=checks(node.config),
            groups=[one.group for one in node.rules.groups()],
            series=node.series.source,
            beats={name: float(one.beats) for name, one in node.config.component.items() if one.beats > 0},
            pseudonym=node.recorder.mask.of,
            stopping=lambda: self._stopping,
        )

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """What it returns, from a thread that gives way to all others. Who is cancelled waits until it has
        let go of the stores."""
        with ThreadPoolExecutor(1, thread_name_prefix="ask", initializer=_give_way) as pool:
            task = asyncio.get_running_loop().run_in_executor(pool, work)
            try:
                return await asyncio.shield(task)
            except asyncio.CancelledError:
                self._stopping = True
                if self._world is not None:
                    self._world.end()
                await asyncio.wait([task])
                raise

    # Kinds.

    async def kinds(self) -> Mapping[str, Kind]:
        """Every kind that is asked here, by its name, with its thresholds. ConfigError: one cannot be read;
        or `[ask.kind]` names one, or a threshold, that there is not."""
        if self._known is None:
            every = await asyncio.to_thread(lambda: tuned(self.every_kind(), self._thresholds()))
            now = self._clock.wall()
            self._known = {name: one for name, one in every.items() if not self.muted(name, now)}
        return self._known

    def every_kind(self) -> dict[str, Kind]:
        """Ours and those of the folder, muted or not. Reads files. ConfigError."""
        from gadfly.ask import kinds

        folder = self._node.config.ask.kinds
        return kinds.load(Path(folder).expanduser() if folder else None)

    def muted(self, kind: str, now: float) -> bool:
        """Whether this place does not want it asked."""
        one = self._node.config.ask.kind.get(kind)
        return one is not None and one.muted and (one.review is None or now < end_of(one.review))

    async def lacking(self) -> dict[str, tuple[str, ...]] | None:
        """What each kind lacks of the facts, a sentence each; None: nobody has looked yet."""
        from gadfly.ask_facts import lacking

        looked = self.looked
        if looked is None:
            return None
        kinds = await self.kinds()
        return {name: lacking.lacking(kind, looked.known) for name, kind in kinds.items()}

    def _thresholds(self) -> dict[str, dict[str, float]]:
        return {name: one.threshold for name, one in self._node.config.ask.kind.items()}

    # The life of questions.

    async def book(self) -> Book:
        """All that is known of questions; read back when somebody asks first. Not to be changed."""
        if self._book is None:
            async with self._turning:
                if self._book is None:
                    self._book = await self._db.read(kept.book)
        return self._book

    async def teams(self) -> dict[str, Team]:
        """Every owner as far as it matters to when it is asked."""
        config, now = self._node.config, self._clock.wall()
        busy = {
            one.owner
            for one in await self._node.engine.incidents()
            if one.verdict in URGENT and not one.suppressed and now - one.started < FRESH
        }
        return {
            name: Team(
                name=name,
                parent=one.owner,
                hours=one.hours,
                week=rate(one.load.questions),
                busy=name in busy,
                away=bool(delegates(config.owner, name, now)),
            )
            for name, one in config.owner.items()
        }

    async def advance(self) -> None:
        """Look at what waits: teams that are awake by now, questions that nobody answered. GadflyError."""
        book = await self.book()
        found, looked = self.evaluation, self.looked
        at = looked.at if looked is not None else None
        await self._step(lambda teams, rules, now: advance(book, found, teams, now, rules, at=at))

    async def answer(
        self,
        question: int,
        given: Answer,
        also: Callable[[sqlite3.Connection], None] = lambda connection: None,
    ) -> Question:
        """Take an answer; committed when it returns. `also` is done in the same transaction.

        ValueError: it is none, in words for whoever answers. GadflyError. Who may answer is the caller's to
        know.
        """
        book = await self.book()
        await self._step(lambda teams, rules, now: answer(book, question, given, now, teams), also)
        return book.questions[question]

    async def _step(
        self,
        make: Callable[[Mapping[str, Team], Rules, float], Steps],
        also: Callable[[sqlite3.Connection], None] = lambda connection: None,
    ) -> None:
        """Make steps and write them, all in one transaction; then the book takes them over. Whoever is
        cancelled meanwhile has done all of it or nothing."""
        task = asyncio.ensure_future(self._written(make, also))
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            raise

    async def _written(
        self,
        make: Callable[[Mapping[str, Team], Rules, float], Steps],
        also: Callable[[sqlite3.Connection], None],
    ) -> None:
        book, kinds, teams = await self.book(), await self.kinds(), await self.teams()
        rules = Rules(kinds, fallback=top_owner(self._node.config.owner))
        async with self._turning:
            now = self._clock.wall()
            steps = await asyncio.to_thread(make, teams, rules, now)
            await self._db.write(lambda connection: self._write(connection, steps, book, teams, now, also))
            book.apply(steps)
        self._seconds = self._clock.monotonic()
        self._db.bell("outbox").set()
        for kind, words in steps.trouble.items():
            log.error("%s cannot be asked: %s", kind, words)

    def _write(
        self,
        connection: sqlite3.Connection,
        steps: Steps,
        book: Book,
        teams: Mapping[str, Team],
        now: float,
        also: Callable[[sqlite3.Connection], None],
    ) -> None:
        recorder, declared = self._node.recorder, self._node.config.automation
        also(connection)
        kept.keep(connection, steps)
        recorder.journal.write(connection, entries(steps, now))
        for one in steps.lowered:
            automation = declared.get(one.automation)
            if automation is not None:
                standing_book.lower_one(
                    connection,
                    recorder.log,
                    one.automation,
                    automation.owner,
                    declared=automation.level,
                    because=one.because,
                    now=now,
                )
        self.letters.note(connection, steps.told, now)
        fresh = {one.id: one for one in steps.questions}
        self.letters.send(connection, lambda id: self._told(connection, fresh, book, id), teams, now)

    def _told(
        self, connection: sqlite3.Connection, fresh: Mapping[int, Question], book: Book, id: int
    ) -> Asked | None:
        """What a letter says of a question."""
        question = fresh.get(id) or book.questions.get(id)
        kind = (self._known or {}).get(question.kind) if question is not None else None
        proof = kept.evidence(connection, question) if question is not None else None
        if question is None or proof is None:
            return None
        return Asked(question, proof, kind)

    def warnings(self) -> list[str]:
        """What the operator should know: why nothing is asked, and what of it cannot be."""
        found = [f"nothing is asked of the data: {self.trouble}"] if self.trouble else []
        if self.looked is not None and (broken := self.looked.trouble):
            name, words = next(iter(broken.items()))
            more = f", and {len(broken) - 1} more" if len(broken) > 1 else ""
            found.append(f"questions are not asked of all: {name}: {words[:200]}{more}")
        return found


def _give_way() -> None:
    """Let this thread, and those that it starts, run when others do not want to."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
