"""A book with the changes of one turn laid over it; the book itself stays as it is."""

from __future__ import annotations

import msgspec

from gadfly.ask.life.book import Book, holds
from gadfly.ask.life.budget import Budget
from gadfly.ask.life.matter import Matter
from gadfly.ask.life.steps import Event, Happened, Lowering, Steps, Told
from gadfly.ask.life.team import Teams
from gadfly.ask.question import Evidence, Key, Question


class Draft:
    """What a turn has changed so far."""

    def __init__(self, book: Book, teams: Teams, now: float) -> None:
        self.book = book
        self.teams = teams
        self.now = now
        self.budget = Budget(teams, now, book.open, book.moves)
        self.last = book.last
        self._matters: dict[Key, Matter | None] = {}
        self._questions: dict[int, Question] = {}
        self._evidence: dict[int, Evidence] = {}
        self._told: list[Told] = []
        self._lowered: list[Lowering] = []
        self._events: list[Event] = []
        self.trouble: dict[str, str] = {}

    def matter(self, key: Key) -> Matter | None:
        """As it is now."""
        return self._matters[key] if key in self._matters else self.book.matters.get(key)

    def keep(self, matter: Matter) -> None:
        """New or changed."""
        if self.matter(matter.key) != matter:
            self._matters[matter.key] = matter

    def forget(self, key: Key) -> None:
        self._matters[key] = None

    def question(self, id: int) -> Question | None:
        return self._questions.get(id) or self.book.questions.get(id)

    def write(self, question: Question, evidence: Evidence | None = None) -> None:
        """New or changed. What a team bears follows from it."""
        before = self.question(question.id)
        was, at = _at(before) if before else None, _at(question)
        if was is not None and was != at:
            self.budget.give(was)
        if at is not None and was != at:
            self.budget.take(at, extra=question.moves[-1].extra)
        self._questions[question.id] = question
        self.last = max(self.last, question.id)
        if evidence is not None:
            self._evidence[question.id] = evidence

    def say(
        self,
        what: Happened,
        question: Question,
        *,
        who: str = "node",
        about: tuple[str, ...] = (),
        more: dict[str, object] | None = None,
    ) -> None:
        """For the ledger."""
        self._events.append(Event(what, question, who, about, more or {}))

    def tell(self, told: Told) -> None:
        self._told.append(told)

    def lower(self, lowering: Lowering) -> None:
        self._lowered.append(lowering)

    def release(self, question: Question, **changed: object) -> None:
        """Let go of the matters that this question keeps open: they are as `changed` says."""
        for key in question.own:
            matter = self.matter(key)
            if matter is not None:
                self.keep(msgspec.structs.replace(matter, **changed))

    def _end(self) -> None:
        """Answers that hold for nothing any more are ended."""
        left = {
            before.question
            for key, now in self._matters.items()
            if (before := self.book.matters.get(key)) is not None
            and before.why in ("accepted", "changed")
            and (now is None or (now.question, now.why) != (before.question, before.why))
        }
        for id in sorted(left):
            question = self.question(id)
            if question is None or question.ended is not None:
                continue
            if not any(holds(self.matter(key), question) for key in question.keys):
                self.write(msgspec.structs.replace(question, ended=self.now))

    def steps(self) -> Steps:
        """All of it."""
        self._end()
        return Steps(
            matters=[one for one in self._matters.values() if one is not None],
            forgotten=[key for key, one in self._matters.items() if one is None and key in self.book.matters],
            questions=[self._questions[id] for id in sorted(self._questions)],
            evidence=self._evidence,
            told=self._told,
            lowered=self._lowered,
            events=self._events,
            trouble=self.trouble,
        )


def _at(question: Question) -> str | None:
    """The team whose open question it is; None: nobody's."""
    return question.holder if question.state == "open" and not question.heading else None
