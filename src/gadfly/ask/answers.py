"""The four answers as people meet them: what they are called, which field each needs, how long it may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

Answered = Literal["change", "accept", "wrong", "unknown"]
Shown = Literal["open", "resting", "accepted", "changed", "wrong", "withdrawn", "replaced"]
"""Of a question, as people see it: what is answered by what was answered."""
Field = Literal["", "answer", "change", "reason", "until", "knows", "subjects"]
"""Of an answer; empty: the whole of it."""
REASON = 12
"""Characters of a reason at least: fewer hold no reason."""
LONGEST = 1000
"""Characters of what somebody writes."""


class Said(NamedTuple):
    """How one of the four is put to people."""

    title: str
    means: str
    field: Field
    """That every such answer has."""
    prompt: str
    """What is asked for in that field."""


ANSWERS: Mapping[str, Said] = {
    "change": Said(
        "Change",
        "Something is, or will be, changed. The numbers are looked at again afterwards.",
        "change",
        "What is changed: a commit, a check, a grant, an action",
    ),
    "accept": Said("Accept", "It is right as it is, for a reason, until a day.", "reason", "Because"),
    "wrong": Said(
        "Wrong question",
        "It should not have been asked. It is not asked of this again.",
        "reason",
        "What is wrong with it",
    ),
    "unknown": Said(
        "Don’t know yet",
        "Somebody else could know; then it comes back.",
        "knows",
        "Which owner could know",
    ),
}
WRONG: Mapping[str, str] = {
    "data wrong": "the data is wrong",
    "rule wrong": "the question does not fit here",
    "not mine": "it is not ours",
    "already known": "it is known already",
}
"""What can be wrong about a question → in words."""


class Unfit(ValueError):
    """What cannot be taken as an answer, in words for whoever answers, and the field in which that lies."""

    def __init__(self, field: Field, words: str) -> None:
        super().__init__(words)
        self.field = field
