"""What the web needs of questions; a part of :mod:`gadfly.web.node`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from gadfly.errors import Refused
from gadfly.web.answers.questions import (
    Answering,
    Question,
    Questions,
    QuestionStory,
    Review,
)


class UnfitAnswer(Refused):
    """An answer that cannot be taken; the reason lies in `field` of :class:`Answering`, or (empty) in all."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message, 422)
        self.field = field


class Questioning(Protocol):
    """The questions of a node. Refused (404: no such question; 409: answered; 410: a link that is over)."""

    async def all(self, *, owner: str, kind: str, state: str, subject: str, limit: int) -> Questions:
        """Those that fit all that is given."""

    async def one(self, id: str) -> QuestionStory:
        """With its evidence and its life."""

    async def review(self, owner: str, since: float) -> Review:
        """What an owner was asked and learnt since then (wall seconds)."""

    async def answer(
        self, id: str, given: Answering, who: str, speaks_for: Collection[str] | None
    ) -> Question:
        """Committed when it returns. `speaks_for`: the owners that `who` may answer for; None: all.

        UnfitAnswer, Refused (403: the question is another owner's).
        """

    async def linked(self, link: str) -> Question:
        """The question that a link of a letter is for; nothing changes. Refused."""

    async def answer_linked(self, link: str, given: Answering) -> Question:
        """The same as :meth:`answer`, by whom the link was sent to, and once."""
