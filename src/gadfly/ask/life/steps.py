"""What follows from a turn or an answer: rows to write, letters to send, automations to lower."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

import msgspec

from gadfly.ask.life.matter import Matter
from gadfly.ask.question import Evidence, Key, Question

Happened = Literal[
    "asked", "moved", "withdrawn", "rested", "replaced", "measured", "lowered",
    "inherited", "change", "accept", "wrong", "unknown", "ended",
]  # fmt: skip


class Event(msgspec.Struct, frozen=True):
    """Something that the ledger must know. :mod:`gadfly.ask.entries` makes an entry of it."""

    what: Happened
    question: Question
    """As it is afterwards."""
    who: str = "node"
    about: tuple[str, ...] = ()
    """The subjects concerned, where they are not all of the question's."""
    more: dict[str, Any] = {}


class Told(msgspec.Struct, frozen=True):
    """Somebody is to be told of a question."""

    team: str
    question: int
    why: Literal["asked", "escalated", "referred", "returned", "inherited", "withdrawn", "lowered"]


class Lowering(msgspec.Struct, frozen=True):
    """An automation is to be lowered one rung, because a question about its safety stays unanswered."""

    automation: str
    question: int
    because: str


class Steps(msgspec.Struct, kw_only=True):
    """All of it belongs in one transaction; then :meth:`~gadfly.ask.life.book.Book.apply`."""

    matters: list[Matter] = []
    """New or changed."""
    forgotten: list[Key] = []
    questions: list[Question] = []
    """New or changed, in the order of their ids."""
    evidence: dict[int, Evidence] = {}
    """Of the new ones."""
    told: list[Told] = []
    lowered: list[Lowering] = []
    events: list[Event] = []
    trouble: dict[str, str] = {}
    """Kind to words: why something due could not be asked."""

    def __bool__(self) -> bool:
        """Whether anything follows."""
        return any(getattr(self, name) for name in self.__struct_fields__)


def settled(steps: Steps, done: Mapping[int, Collection[str]]) -> Steps:
    """The steps, of which only those automations went down that are named; `done`: by question. A question of
    which none did stays as if nothing had been due, and neither the ledger nor a letter speaks of it."""
    due = {one.question for one in steps.lowered}
    none = {id for id in due if not done.get(id)}
    return msgspec.structs.replace(
        steps,
        questions=[
            msgspec.structs.replace(one, lowered=None) if one.id in none else one for one in steps.questions
        ],
        told=[one for one in steps.told if one.why != "lowered" or one.question not in none],
        lowered=[one for one in steps.lowered if one.automation in done.get(one.question, ())],
        events=[
            Event(one.what, one.question, one.who, tuple(done[one.question.id]), one.more)
            if one.what == "lowered"
            else one
            for one in steps.events
            if one.what != "lowered" or one.question.id not in none
        ],
    )
