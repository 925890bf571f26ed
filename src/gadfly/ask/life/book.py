"""All that is known of questions: what was seen, asked and answered. Made of rows, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from gadfly.ask.life.learning import Record
from gadfly.ask.life.matter import Matter
from gadfly.ask.life.rules import EXPIRED, UNCHANGED
from gadfly.ask.life.steps import Steps
from gadfly.ask.question import Key, Move, Question
from gadfly.rate import WEEK

_DECISION = re.compile(r"d(\d{1,15})(?:-(\d{1,6}))?", re.ASCII)
_QUESTION = re.compile(r"q(\d{1,15})", re.ASCII)


class Book:
    """Rows as they are in the store. Only :meth:`apply` and :meth:`forget` change it: once it is written."""

    def __init__(
        self, matters: Iterable[Matter] = (), questions: Iterable[Question] = (), *, last: int = 0
    ) -> None:
        """`last`: the highest id that a question ever had, where older ones are forgotten."""
        self.matters: dict[Key, Matter] = {}
        self.questions: dict[int, Question] = {}
        self.record = Record()
        self.waiting: set[int] = set()
        """Open or resting."""
        self.watched: set[int] = set()
        """A change whose effect is still to be measured."""
        self.open: dict[str, int] = {}
        """Open questions at each team."""
        self.moves: dict[str, list[Move]] = {}
        """What came to each team, as far as a budget asks."""
        self.reasons: dict[str, int] = {}
        """What was given as a reason to accept: how often."""
        self.last = last
        self._put(list(matters), list(questions))
        for moves in self.moves.values():
            moves.sort(key=lambda move: move.at)

    def apply(self, steps: Steps) -> None:
        """Take over what was written."""
        for key in steps.forgotten:
            self.matters.pop(key, None)
        self._put(steps.matters, steps.questions)

    def forget(self, questions: Collection[int], matters: Collection[Key]) -> None:
        """Only these are kept any more; the book is then as if it were read back."""
        for id in self.questions.keys() - questions:
            self._count(self.questions.pop(id), -1)
        for key in self.matters.keys() - matters:
            del self.matters[key]

    def _put(self, matters: list[Matter], questions: list[Question]) -> None:
        for matter in matters:
            self.matters[matter.key] = matter
        for question in questions:
            before = self.questions.get(question.id)
            if before is not None:
                self._count(before, -1)
            self.questions[question.id] = question
            self.last = max(self.last, question.id)
            self._count(question, 1)
            if not question.part:
                self._came(question.moves[len(before.moves) if before else 0 :])

    def _count(self, question: Question, sign: int) -> None:
        self.record.add(question, sign)
        if question.state == "open" and not question.heading:
            self.open[question.holder] = self.open.get(question.holder, 0) + sign
        if question.answer == "accept":
            said = spoken(question.reason)
            self.reasons[said] = self.reasons.get(said, 0) + sign
        for members, belongs in (
            (self.waiting, question.state in ("open", "resting")),
            (self.watched, watched(question)),
        ):
            if belongs and sign > 0:
                members.add(question.id)
            elif belongs:
                members.discard(question.id)

    def _came(self, moves: tuple[Move, ...]) -> None:
        for move in moves:
            came = self.moves.setdefault(move.team, [])
            came.append(move)
            if came[0].at < move.at - 2 * WEEK:
                came[:] = [one for one in came if one.at >= move.at - 2 * WEEK]

    def origins(self, kind: str, subject: str) -> tuple[Key, ...]:
        """What a question of this kind is about in truth, where its subject is a question or decision of
        this book that holds."""
        question = self.earlier(kind, subject)
        if question is None:
            return ()
        keys = question.keys
        if found := _DECISION.fullmatch(subject):
            place = int(found[2] or 1) - 1
            keys = keys[place : place + 1]
        return tuple(key for key in keys if holds(self.matters.get(key), question))

    def earlier(self, kind: str, subject: str) -> Question | None:
        """The question that such a subject means, if it is one of this book. Facts from elsewhere may bear
        the same names, so what it is said to have been must have been so."""
        if kind == UNCHANGED and (found := _QUESTION.fullmatch(subject)):
            question = self.questions.get(int(found[1]))
            ended = question is None or question.measured is None or question.ended is not None
            return None if ended else question
        if kind == EXPIRED and (found := _DECISION.fullmatch(subject)):
            question = self.questions.get(int(found[1]))
            return question if question is not None and question.answer == "accept" else None
        return None


def holds(matter: Matter | None, question: Question) -> bool:
    """Whether this is as that question's answer left it."""
    if matter is None or matter.question != question.id:
        return False
    return (question.answer, matter.why) in (("accept", "accepted"), ("change", "changed"))


def watched(question: Question) -> bool:
    """Whether the effect of a change is still to be measured."""
    return question.answer == "change" and question.measured is None and question.ended is None


def spoken(reason: str) -> str:
    """What makes two reasons the same: their words."""
    return " ".join(re.findall(r"\w+", reason.casefold()))
