"""A life of questions day by day. After each step the book is read from the store anew: nothing that matters
may be kept elsewhere."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gadfly.ask import kept
from gadfly.ask.entries import entries
from gadfly.ask.evaluate import Evaluation
from gadfly.ask.finding import Finding
from gadfly.ask.kind import Kind
from gadfly.ask.life import Book, Rules, Steps, Team, advance, answer
from gadfly.ask.question import Answer, Question
from gadfly.ledger.entry import encode
from gadfly.store.schema import migrate

DAY = 86_400.0
NOON = 20_000 * DAY + 12 * 3600
"""2024-10-04 12:00 UTC, a Friday."""
TEAMS = {
    "ops": Team(name="ops", parent="boss"),
    "web": Team(name="web", parent="boss"),
    "boss": Team(name="boss", parent="chief"),
    "chief": Team(name="chief"),
}


def kind(name: str, **more: Any) -> Kind:
    given: dict[str, Any] = {
        "number": 1,
        "family": "checks",
        "type": "assumptions",
        "minutes": 5,
        "subject": "check",
        "assumed": "It is near.",
        "ask": "{subject} has {worse} of {n}. Is that so?",
        "many": "{count} have {worse.sum}. Which of them?",
        "change": "Change it.",
        "again": 60,
        "observe": 30,
        "query": "SELECT 1",
    }
    return Kind(**{**given, "name": name, **more})


class Life:
    """Days of one fleet."""

    def __init__(self, kinds: dict[str, Kind], teams: dict[str, Team], **rules: Any) -> None:
        self.kinds = kinds
        self.teams = teams
        self.now = NOON
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        migrate(self.connection)
        self.book = Book()
        self._rules = rules
        self.said: list[str] = []
        """What the ledger was told: `asked q1`."""
        self.steps = Steps()

    @property
    def rules(self) -> Rules:
        return Rules(self.kinds, **self._rules)

    def found(self, name: str, subject: str, worse: float = 4.0, **more: Any) -> Finding:
        given: dict[str, Any] = {"component": "shop", "owner": "ops", "tier": 3, "exposure": 1.0}
        values = {"subject": subject, "worse": worse, "n": 9, **more.pop("values", {})}
        return Finding(**{**given, **more}, kind=name, subject=subject, worse=worse, values=values)

    def day(self, *found: Any, days: float = 1, trouble: tuple[str, ...] = (), hours: float = 0) -> Steps:
        """Look, and let a day (or more, or some hours) go by. Findings are `("kind", "subject", worse?)`."""
        findings = [one if isinstance(one, Finding) else self.found(*one) for one in found]
        evaluation = Evaluation(findings, dict.fromkeys(trouble, "no data"), dict.fromkeys(self.kinds, 0.0))
        self._take(advance(self.book, evaluation, self.teams, self.now, self.rules))
        steps = self.steps
        self.now += hours * 3600 if hours else days * DAY
        return steps

    def days(self, count: int, *found: Any) -> None:
        for _ in range(count):
            self.day(*found)

    def answer(self, id: int, given: str, **more: Any) -> Steps:
        said = Answer(answer=given, by=more.pop("by", "person:anna"), **more)  # type: ignore[arg-type]
        self._take(answer(self.book, id, said, self.now, self.teams))
        return self.steps

    def q(self, id: int) -> Question:
        return self.book.questions[id]

    def _take(self, steps: Steps) -> None:
        before = (dict(self.book.matters), dict(self.book.questions))
        with self.connection:
            kept.keep(self.connection, steps)
        for entry in entries(steps, self.now):
            encode(entry)
        assert (self.book.matters, self.book.questions) == before
        self.book.apply(steps)
        live, self.book = self.book, kept.book(self.connection)
        assert (live.matters, live.questions, live.last) == (
            self.book.matters,
            self.book.questions,
            self.book.last,
        )
        assert (live.waiting, live.watched) == (self.book.waiting, self.book.watched)
        assert {t: n for t, n in live.open.items() if n} == {t: n for t, n in self.book.open.items() if n}
        self.steps = steps
        self.said += [f"{event.what} {event.question.name}" for event in steps.events]


@pytest.fixture
def life() -> Iterator[Callable[..., Life]]:
    """``life()``: two kinds, `near` and `deaf` (safety, of automations), and four teams."""
    made: list[Life] = []

    def make(teams: dict[str, Team] | None = None, *kinds: Kind, **rules: Any) -> Life:
        several = kinds or (kind("near"), kind("deaf", number=2, safety=True, subject="automation", again=90))
        made.append(Life({one.name: one for one in several}, TEAMS if teams is None else teams, **rules))
        return made[-1]

    yield make
    for one in made:
        one.connection.close()


@pytest.fixture
def a_kind() -> Callable[..., Kind]:
    return kind
