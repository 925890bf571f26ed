"""Questions, as the web sees them: everything :class:`gadfly.web.questioning.Questioning` asks for."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING, Any

from gadfly.alert.escalate import lineage, spoken_for, top_owner
from gadfly.ask import kept, question
from gadfly.ask.answers import Unfit
from gadfly.ask.life import Book
from gadfly.ask.life.evidence import sha256
from gadfly.ask.link import mark
from gadfly.ask.question import Answer
from gadfly.ask.question import Question as Asked
from gadfly.errors import Refused
from gadfly.ledger.wording import principal
from gadfly.question_showing import QuestionShowing, ended_at, state_of
from gadfly.store import question_letters
from gadfly.store.tokens import PERSON
from gadfly.web.answers.components import Assumption
from gadfly.web.answers.questions import (
    Answering,
    Evidence,
    Happened,
    Question,
    Questions,
    QuestionStory,
    Review,
    Teller,
)
from gadfly.web.questioning import UnfitAnswer

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle
    from gadfly.ledger_view import LedgerView

DAY = 86_400.0
WAITING = ("open", "resting")
LIFE = 200
"""Entries of the ledger about one question that are told."""
ABOUT = 20
"""Questions that a component's story tells of."""


class QuestionsView:
    """Made by the node for its server."""

    def __init__(self, node: Node, ledger: LedgerView) -> None:
        self._node = node
        self._ledger = ledger
        self._asking = node.asking
        self._showing = QuestionShowing(node)

    # What there is.

    async def all(self, *, owner: str, kind: str, state: str, subject: str, limit: int) -> Questions:
        """Those that fit all that is given: open ones as they matter, then the newest first."""
        book = await self._asking.book()
        found = [
            one
            for one in book.questions.values()
            if owner in ("", *_teams(one))
            and kind in ("", one.kind)
            and state in ("", state_of(one))
            and (not subject or subject == one.component or subject in one.subjects)
        ]
        found.sort(key=_order)
        return Questions(
            at=self._node.clock.wall(),
            total=len(found),
            owners=sorted(
                {name for one in book.questions.values() for name in (one.owner, *one.was)}
                | set(self._node.config.owner)
            ),
            questions=await self._showing.all(book, found[:limit]),
        )

    async def one(self, id: str) -> QuestionStory:
        """With its evidence and its life. Refused."""
        book = await self._asking.book()
        found = _find(book, id)
        (shown,) = await self._showing.all(book, [found])
        proof = await self._node.db.read(partial(kept.evidence, question=found))
        evidence = Evidence(query="", params={}, rows=[], total=0, sha256=found.sha256, end=found.asked)
        if proof is not None:
            evidence = Evidence(
                query=proof.query,
                params=proof.params,
                rows=list(proof.rows),
                total=proof.count,
                sha256=found.sha256,
                unchanged=sha256(proof) == found.sha256,
                kind=proof.kind,
                digest=proof.digest,
                start=proof.window[0],
                end=proof.window[1],
                told=[
                    Teller(table=one.table, who=one.who, by=self._by(one.who), rows=one.rows)
                    for one in proof.told
                ],
            )
        return QuestionStory(
            **{name: getattr(shown, name) for name in shown.__struct_fields__},
            evidence=evidence,
            history=await self._life(found),
        )

    def _by(self, who: str) -> str:
        """Who told facts, within a sentence."""
        said = "the local token" if who == question.LOCAL else principal(who, self._ledger.names())
        return said[:1].lower() + said[1:]

    async def review(self, owner: str, since: float) -> Review:
        """What an owner was asked and learnt since then."""
        book = await self._asking.book()
        now = self._node.clock.wall()
        mine = [one for one in book.questions.values() if owner in _teams(one)]
        if not mine and owner not in self._node.config.owner:
            raise Refused(f"There is no owner {owner[:100]!r}, and nobody of that name was asked.", 404)

        async def of(*states: str, order: Callable[[Asked], Any], late: bool = False) -> list[Question]:
            chosen = [one for one in mine if state_of(one) in states and not (late and ended_at(one) < since)]
            return await self._showing.all(book, sorted(chosen, key=order))

        return Review(
            at=now,
            owner=owner,
            since=since,
            open=await of(*WAITING, order=lambda one: (not one.safety, *_order(one))),
            accepted=await of("accepted", order=lambda one: one.until or 0.0),
            learnt=await of("changed", order=lambda one: -ended_at(one), late=True),
            closed=await of("wrong", "withdrawn", order=lambda one: -ended_at(one), late=True),
        )

    async def about(self, component: str) -> list[Assumption]:
        """What a component's story tells: what is asked of it, rests on it, or is accepted."""
        book = await self._asking.book()
        found = [
            one
            for one in book.questions.values()
            if (one.component == component or (one.sort == "component" and component in one.subjects))
            and state_of(one) in (*WAITING, "accepted")
            and one.ended is None
        ]
        return [
            Assumption(
                id=one.name,
                text=one.text,
                state="accepted" if one.state == "answered" else "open" if one.state == "open" else "resting",
                asked=one.asked,
                until=one.until,
                safety=one.safety,
            )
            for one in sorted(found, key=_order)[:ABOUT]
        ]

    # What is answered.

    async def answer(
        self, id: str, given: Answering, who: str, speaks_for: Collection[str] | None
    ) -> Question:
        """Committed when it returns. Refused, UnfitAnswer."""
        book = await self._asking.book()
        found = _find(book, id)
        if speaks_for is not None and not self._may(found, speaks_for):
            raise Refused(
                f"Question {found.name} is asked of {found.holder}; your token answers for "
                f"{', '.join(sorted(speaks_for))}.",
                403,
            )
        return await self._answered(book, found, given, who)

    def _may(self, found: Asked, speaks_for: Collection[str]) -> bool:
        """Whether who speaks for these may answer: the team that is asked, or one above it; where it is not
        declared (any more), who answers for what nobody owns."""
        owners = self._node.config.owner
        above = {found.owner, found.holder, *lineage(owners, found.owner), *lineage(owners, found.holder)}
        if found.holder not in owners:  # as with its letter
            above.add(top_owner(owners))
        return bool(above & spoken_for(owners, speaks_for, self._node.clock.wall()))

    async def linked(self, link: str) -> Question:
        """The question that a link is for. Refused."""
        book = await self._asking.book()
        said, _ = self._asking.letters.read(link, self._node.clock.wall(), book.questions.get)
        if await self._node.db.read(partial(question_letters.used, mark=mark(said))):
            raise Refused(question_letters.USED, 410)
        found = book.questions.get(said.question)
        if found is None or found.state not in WAITING:
            over = _OVER.get(found.state, "over") if found else "forgotten"
            raise Refused(f"This question is {over}; nothing is to be answered any more.", 410)
        (shown,) = await self._showing.all(book, [found])
        return shown

    async def answer_linked(self, link: str, given: Answering) -> Question:
        """The same as :meth:`answer`, by whom the link was sent to, and once. Refused, UnfitAnswer."""
        now = self._node.clock.wall()
        book = await self._asking.book()
        said, who = self._asking.letters.read(link, now, book.questions.get)
        found = _find(book, str(said.question))
        if found.safety and given.answer in CLOSES and not who.startswith(PERSON):
            raise UnfitAnswer(
                "This letter went to a channel, a program or several people. A question on safety is "
                f"accepted or called wrong by a person: on the page, or with gadfly answer {found.name}.",
                "answer",
            )

        def use(connection: sqlite3.Connection) -> None:
            question_letters.use(connection, mark(said), said.question, said.ends, now)

        return await self._answered(book, found, given, who, use)

    async def _answered(
        self,
        book: Book,
        found: Asked,
        given: Answering,
        who: str,
        also: Callable[[sqlite3.Connection], None] = lambda connection: None,
    ) -> Question:
        if found.state not in WAITING:
            raise Refused(f"Question {found.name} is {_OVER.get(found.state, 'over')}.", 409)
        answer = Answer(
            answer=given.answer,
            by=who,
            change=given.change,
            reason=given.reason,
            until=_until(given.until),
            knows=given.knows,
            subjects=tuple(dict.fromkeys(given.subjects)),
            took=given.took,
        )
        last = book.last
        try:
            done = await self._asking.answer(found.id, answer, also)
        except ValueError as error:
            if _find(book, found.name).state not in WAITING:
                raise Refused(str(error), 409) from None
            raise UnfitAnswer(str(error), error.field if isinstance(error, Unfit) else "") from None
        # Where some of its subjects were answered apart, they are a question of their own now.
        parts = [book.questions[id] for id in range(last + 1, book.last + 1) if id in book.questions]
        done = next((one for one in parts if one.part == found.id and one.by == who), done)
        (shown,) = await self._showing.all(book, [done])
        return shown

    async def _life(self, one: Asked) -> list[Happened]:
        page = await self._ledger.entries(f"question:{one.name}", "", "", None, LIFE)
        return [
            Happened(at=entry["at"], words=entry["sentence"], who=entry["by"], entry=entry["index"])
            for entry in reversed(page.entries)
        ]


CLOSES = ("accept", "wrong")
"""Answers after which nothing is changed and nobody asks for long."""
_OVER = {"answered": "answered already", "withdrawn": "withdrawn", "replaced": "asked again as another one"}


def _order(one: Asked) -> tuple[bool, float, float]:
    waits = one.state in WAITING
    return not waits, -one.priority if waits else 0.0, -ended_at(one)


def _teams(one: Asked) -> tuple[str, ...]:
    """On whose pages it stands: also of those whose it was, and who are declared no longer."""
    return (one.owner, one.holder, *one.was)


def _find(book: Book, id: str) -> Asked:
    try:
        found = book.questions.get(question.number(id))
    except ValueError as error:
        raise Refused(str(error), 404) from None
    if found is None:
        raise Refused(f"There is no question {id}.", 404)
    return found


def _until(text: str) -> float | None:
    """The last second of that day, in UTC. UnfitAnswer where it is none."""
    if not text:
        return None
    try:
        day = dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), dt.UTC)
    except ValueError:
        raise UnfitAnswer(f"{text!r} is no day as 2027-03-31.", "until") from None
    return day.timestamp() + DAY - 1
