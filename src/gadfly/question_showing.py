"""How a question is shown on pages and in the API: with the numbers of its evidence, and what is next."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from gadfly.ask import kept
from gadfly.ask.answers import Shown
from gadfly.ask.exhibit import Figure, figures, series
from gadfly.ask.life import Book
from gadfly.ask.life.answering import OTHER_DAYS, SAFETY_DAYS
from gadfly.ask.outlook import outlook
from gadfly.ask.question import Question as Asked
from gadfly.config import Config
from gadfly.web.answers.questions import Given, Question

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle
    from gadfly.ask.kind import Kind

DAY = 86_400.0
MOST = 2_000
"""Questions whose figures are kept in memory: twice as many as one answer has."""
POINTS = 500_000
"""Numbers in all pictures that are kept in memory: some 16 MB."""
_ANSWERED: Mapping[str, Shown] = {"change": "changed", "accept": "accepted", "wrong": "wrong"}


class Exhibit(NamedTuple):
    """The numbers of a question's evidence."""

    figures: dict[str, Figure]
    series: dict[str, list[float]]

    @property
    def points(self) -> int:
        """How many numbers its pictures have."""
        return sum(map(len, self.series.values()))


class QuestionShowing:
    """One for a node. Evidence never changes, so it is read and figured once, not whenever a page asks."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._asking = node.asking
        self._kinds: tuple[tuple[Config, bool], Mapping[str, Kind]] | None = None
        self._exhibits: dict[int, Exhibit] = {}
        self._points = 0

    async def all(self, book: Book, found: Iterable[Asked]) -> list[Question]:
        """In their order."""
        found = list(found)
        kinds = await self._every_kind()
        exhibits = await self._of(found, kinds)
        return [self._question(book, one, kinds.get(one.kind), exhibits.get(one.id)) for one in found]

    def _question(self, book: Book, one: Asked, kind: Kind | None, exhibit: Exhibit | None) -> Question:
        now = self._node.clock.wall()
        gone = frozenset(one.gone)
        subjects = [name for name in one.subjects if name not in gone] or list(one.subjects)
        owner = self._node.config.owner.get(one.holder)
        return Question(
            id=one.name,
            kind=one.kind,
            number=kind.number if kind else 0,
            type=kind.type if kind else "",
            safety=one.safety,
            minutes=round(book.record.minutes(one.kind, one.minutes), 1),
            sort=one.sort,
            subjects=subjects,
            component=one.component,
            owner=one.owner,
            whom=one.heading or one.holder,
            state=state_of(one),
            asked=one.asked,
            text=one.text,
            assumed=kind.assumed if kind else "",
            change=kind.change if kind else "",
            figures=exhibit.figures if exhibit else {},
            series=exhibit.series if exhibit else {},
            priority=one.priority,
            latest=_latest(one, now),
            until=one.until,
            answer=_given(one),
            then=outlook(one, owner.owner if owner else "", now),
        )

    async def _of(self, found: Sequence[Asked], kinds: Mapping[str, Kind]) -> dict[int, Exhibit]:
        """Of each, where its evidence is still kept."""
        missing = [one for one in found if one.id not in self._exhibits]

        def work(connection: sqlite3.Connection) -> dict[int, Exhibit]:
            fresh = {}
            for one in missing:
                proof = kept.evidence(connection, one)
                if proof is not None:
                    shown = figures(proof.rows, proof.count, kinds.get(one.kind), one.text)
                    fresh[one.id] = Exhibit(shown, series(proof.rows))
            return fresh

        fresh = await self._node.db.read(work) if missing else {}
        exhibits = {**{one.id: self._exhibits[one.id] for one in found if one.id in self._exhibits}, **fresh}
        for id, exhibit in fresh.items():
            if self._kinds is None or self._kinds[1] is not kinds:
                break
            self._drop(id)
            self._exhibits[id] = exhibit
            self._points += exhibit.points
        while len(self._exhibits) > MOST or self._points > POINTS:
            self._drop(next(iter(self._exhibits)))
        return exhibits

    def _drop(self, id: int) -> None:
        gone = self._exhibits.pop(id, None)
        self._points -= gone.points if gone else 0

    async def _every_kind(self) -> Mapping[str, Kind]:
        """Also those that are muted: questions of theirs may stand. Read anew with the configuration, and
        when what was wrong in a file of them is mended."""
        asking = self._asking.kinds
        now = self._node.config, asking.whole
        if self._kinds is None or self._kinds[0][0] is not now[0] or self._kinds[0][1] is not now[1]:
            self._kinds = now, await asyncio.to_thread(asking.shown)
            self._exhibits.clear()  # kinds say what figures are called
            self._points = 0
        return self._kinds[1]


def state_of(one: Asked) -> Shown:
    """As people see it: what is answered by what was answered."""
    match one.state:
        case "answered":
            return _ANSWERED.get(one.answer, "open")
        case "open" | "resting" | "withdrawn" | "replaced":
            return one.state
    raise AssertionError(one.state)


def ended_at(one: Asked) -> float:
    """When something became of it last, wall seconds."""
    return one.measured or one.answered or one.closed or one.asked


def _given(one: Asked) -> Given | None:
    if not one.answer or one.answered is None:
        return None
    words = {"change": one.change, "unknown": f"{one.knows} could know" if one.knows else ""}
    return Given(
        answer=one.answer,
        at=one.answered,
        by=one.by,
        words=words.get(one.answer, one.reason),
        until=one.until,
    )


def _latest(one: Asked, now: float) -> float:
    days = SAFETY_DAYS if one.safety else OTHER_DAYS
    return now // DAY * DAY + (days + 1) * DAY - 1
