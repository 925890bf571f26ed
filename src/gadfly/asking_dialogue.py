"""What was asked and answered at this node: the book, and each step of it in one transaction.

::

    advance, answer ──▶ steps ──▶ one transaction: levels of automations, questions, ledger, letters ──▶ book
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from gadfly.act.ladder import standing_book
from gadfly.alert.alert import URGENT
from gadfly.alert.escalate import delegates, top_owner
from gadfly.ask import kept
from gadfly.ask.entries import entries
from gadfly.ask.life import Book, Rules, Steps, Team, advance, answer, facts, settled
from gadfly.ask.life.pace import pace
from gadfly.ask.question import Answer, Question
from gadfly.errors import ConfigError
from gadfly.present_owner import present
from gadfly.question_letters import Asked, QuestionLetters
from gadfly.rate import parse as rate
from gadfly.store import questions
from gadfly.store.facts import ever
from gadfly.store.questions import Present

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle
    from gadfly.ask.evaluate import Evaluation  # it brings DuckDB
    from gadfly.asking_kinds import Kinds
    from gadfly.asking_look import Laid

log = logging.getLogger("gadfly.ask")

FRESH = 86_400.0
"""Seconds for which an open incident keeps its team from being asked. An older one is no emergency any more,
and may be what ought to be asked about."""
Make = Callable[[Mapping[str, Team], float], Steps]
"""Steps of the teams at a time."""
Also = Callable[[sqlite3.Connection], None]
"""What is done in the same transaction."""


def nothing(_: sqlite3.Connection) -> None:
    """More is not to be done."""


class Written(NamedTuple):
    """What the transaction came to."""

    steps: Steps
    present: Present | None
    """What is kept, where it was cleaned up."""


class Dialogue:
    """One for a node. The book is read back when somebody asks first."""

    def __init__(self, node: Node, kinds: Kinds, letters: QuestionLetters) -> None:
        self._node = node
        self._kinds = kinds
        self._letters = letters
        self._turning = asyncio.Lock()
        self.known: Book | None = None
        """The book; None: nobody asked yet."""
        self.stepped = float("-inf")
        """When the last step was, by the steady clock."""

    async def book(self) -> Book:
        """All that is known of questions. Not to be changed."""
        if self.known is None:
            async with self._turning:
                if self.known is None:
                    self.known = await self._node.db.read(kept.book)
        return self.known

    async def facts(self) -> Laid:
        """What the book adds to the facts: of one moment, between two steps."""
        book = await self.book()
        async with self._turning:
            return await asyncio.to_thread(facts, book)

    async def teams(self) -> dict[str, Team]:
        """Every owner as far as it matters to when it is asked."""
        config, now = self._node.config, self._node.clock.wall()
        urgent = {one.name for one in URGENT}
        busy = {
            one.owner
            for one in await self._node.engine.incidents()
            if one.verdict in urgent and not one.suppressed and now - one.started < FRESH
        }
        return {
            name: Team(
                name=name,
                parent=one.owner,
                hours=one.hours,
                week=rate(one.load.questions),
                busy=name in busy,
                away=bool(stand := delegates(config.owner, name, now)),
                delegates=tuple(delegate.to for delegate in stand),
            )
            for name, one in config.owner.items()
        }

    async def rules(self) -> Rules:
        """By which is asked now; by the kinds that could be read last, where they cannot be read now."""
        config = self._node.config
        try:
            kinds = await self._kinds.asked()
        except ConfigError:  # a look says so
            kinds = self._kinds.last()
        at = pace(config.ask.at, self._node.clock.wall())
        return Rules(
            kinds,
            fallback=top_owner(config.owner),
            longest=at.longest,
            mean=at.mean,
            lowers=await self._node.db.read(self._lowers),
            declared=await self._node.db.read(lambda connection: ever(connection, "owner")),
            present=present(config, self._node.rules.groups(), self._node.subject),
        )

    def _lowers(self, connection: sqlite3.Connection) -> frozenset[str]:
        """Automations that can go down a level."""
        found = set()
        for name, one in self._node.config.automation.items():
            level, below = standing_book.below(connection, name, one.level)
            if level != below:
                found.add(name)
        return frozenset(found)

    async def advance(
        self, found: Evaluation | None, at: float | None, also: Also = nothing, *, clean: bool = False
    ) -> None:
        """Go on from what was found `at` then; None: look at what waits, as also where a kind cannot be
        read. clean: forget what is too old. GadflyError."""
        book, rules = await self.book(), await self.rules()
        found = found if rules.kinds and self._kinds.whole else None
        await self.step(lambda teams, now: advance(book, found, teams, now, rules, at=at), also, clean=clean)

    async def answer(self, question: int, given: Answer, also: Also = nothing) -> Question:
        """Take an answer; committed when it returns. ValueError: it is none, in words for whoever answers.
        GadflyError. Who may answer is the caller's to know."""
        book = await self.book()
        await self.step(lambda teams, now: answer(book, question, given, now, teams), also)
        return book.questions[question]

    async def step(self, make: Make, also: Also = nothing, *, clean: bool = False) -> None:
        """Make steps and write them, all in one transaction; then the book takes them over. Whoever is
        cancelled meanwhile has done all of it or nothing."""
        task = asyncio.ensure_future(self._step(make, also, clean))
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            raise

    async def _step(self, make: Make, also: Also, clean: bool) -> None:
        book, teams = await self.book(), await self.teams()
        async with self._turning:
            now = self._node.clock.wall()
            steps = await asyncio.to_thread(make, teams, now)
            written = await self._node.db.write(
                lambda connection: self._write(connection, steps, book, teams, now, also, clean)
            )
            book.apply(written.steps)
            if written.present is not None:
                book.forget(written.present.questions, written.present.known)
        self.stepped = self._node.clock.monotonic()
        self._node.db.bell("outbox").set()
        for kind, words in steps.trouble.items():
            log.error("%s cannot be asked: %s", kind, words)

    def _write(
        self,
        connection: sqlite3.Connection,
        steps: Steps,
        book: Book,
        teams: Mapping[str, Team],
        now: float,
        also: Also,
        clean: bool,
    ) -> Written:
        also(connection)
        steps = settled(steps, self._lower(connection, steps, now))
        kept.keep(connection, steps)
        self._node.recorder.journal.write(connection, entries(steps, now))
        self._letters.note(connection, steps.told, now)
        fresh = {one.id: one for one in steps.questions}
        self._letters.send(connection, lambda id: self._told(connection, fresh, book, id), teams, now)
        if not clean:
            return Written(steps, None)
        questions.prune(connection, now)
        return Written(steps, questions.present(connection))

    def _lower(self, connection: sqlite3.Connection, steps: Steps, now: float) -> dict[int, list[str]]:
        """Lower what can go down; by question which did."""
        declared, done = self._node.config.automation, dict[int, list[str]]()
        for one in steps.lowered:
            automation = declared.get(one.automation)
            if automation is None:
                continue
            level, lowered = standing_book.lower_one(
                connection,
                self._node.recorder.log,
                one.automation,
                automation.owner,
                declared=automation.level,
                because=one.because,
                now=now,
            )
            if level != lowered:
                done.setdefault(one.question, []).append(one.automation)
        return done

    def _told(
        self, connection: sqlite3.Connection, fresh: Mapping[int, Question], book: Book, id: int
    ) -> Asked | None:
        """What a letter says of a question."""
        question = fresh.get(id) or book.questions.get(id)
        proof = kept.evidence(connection, question) if question is not None else None
        if question is None or proof is None:
            return None
        return Asked(question, proof, self._kinds.last().get(question.kind))
