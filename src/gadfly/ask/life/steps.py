"""What follows from a turn or an answer: rows to write, letters to send, automations to lower."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from gadfly.ask.life.matter import Matter
from gadfly.ask.question import Evidence, Key, Question

Happened = Literal[
    "asked", "moved", "withdrawn", "rested", "replaced", "measured", "lowered",
    "change", "accept", "wrong", "unknown", "ended",
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
    why: Literal["asked", "escalated", "referred", "returned", "withdrawn", "lowered"]


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
        """Whether anything is to be written."""
        return bool(self.matters or self.forgotten or self.questions)
