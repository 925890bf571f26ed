"""The book in the store: read at the start, and every turn's steps written in its transaction."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec

from gadfly.ask.life.book import Book
from gadfly.ask.life.matter import Matter
from gadfly.ask.life.steps import Steps
from gadfly.ask.question import Evidence, Question
from gadfly.store import questions
from gadfly.store.questions import Asked, Known, Proof

_question = msgspec.json.Decoder(Question)
_matter = msgspec.json.Decoder(Matter)


def book(connection: sqlite3.Connection) -> Book:
    """All that was kept."""
    return Book(
        (_matter.decode(body) for body in questions.matters(connection)),
        (_question.decode(body) for body in questions.questions(connection)),
        last=questions.last(connection),
    )


def keep(connection: sqlite3.Connection, steps: Steps) -> None:
    """Write what follows from a turn or an answer, in the caller's transaction."""
    questions.write(
        connection,
        [Asked(one.id, one.kind, one.owner, one.state, one.asked, _json(one)) for one in steps.questions],
        [Proof(id, one.sha256, _json(one)) for id, one in steps.evidence.items()],
        [Known(one.kind, one.subject, one.counted, one.asked, _json(one)) for one in steps.matters],
        steps.forgotten,
    )


def evidence(connection: sqlite3.Connection, question: Question) -> Evidence | None:
    """On which it was asked; None: it is not kept any more. Of a part, that of the whole."""
    body = questions.evidence(connection, question.part or question.id)
    return None if body is None else msgspec.json.decode(body, type=Evidence)


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value)
