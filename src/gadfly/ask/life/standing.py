"""What the book adds to the facts: questions and decisions, so that questions can be asked of them."""

from __future__ import annotations

from typing import Any

from gadfly.ask.life.book import Book, holds
from gadfly.ask.life.matter import Matter
from gadfly.ask.question import Question

_QUESTION = (
    "id", "kind", "subject", "owner", "asked", "answered", "answer", "new_reason", "took", "change", "before",
    "measured", "after", "complete", "withdrawn",
)  # fmt: skip
_DECISION = (
    "id", "at", "owner", "subject", "kind", "what", "reason", "until", "cites", "then", "now",
)  # fmt: skip


def decisions(book: Book, question: Question) -> list[tuple[str, Matter]]:
    """The names of the decisions that this answer is, and what each stands on; without those that do not hold
    any more. A decision stands past its date until somebody answers anew."""
    if question.answer != "accept":
        return []
    keys = question.keys
    found = []
    for place, key in enumerate(keys, 1):
        matter = book.matters.get(key)
        if matter is not None and holds(matter, question):
            name = f"d{question.id}" if len(keys) == 1 else f"d{question.id}-{place}"
            found.append((name, matter))
    return found


def facts(book: Book) -> dict[str, dict[str, list[Any]]]:
    """The tables `question` and `decision` by columns. A question about several is one row, with the worst of
    its subjects, and one that asks in the place of another has that one's; a decision about several is a row
    for each."""
    asked: dict[str, list[Any]] = {name: [] for name in _QUESTION}
    decided: dict[str, list[Any]] = {name: [] for name in _DECISION}
    for question in book.questions.values():
        _add(asked, _QUESTION, _asked(question))
        for name, matter in decisions(book, question):
            row = (
                name,
                question.answered,
                question.owner,
                matter.subject,
                matter.kind,
                f"{matter.kind} of {matter.subject}",
                question.reason,
                question.until,
                len(question.subjects),
                matter.then,
                matter.worse if matter.there else None,
            )
            _add(decided, _DECISION, row)
    return {"question": asked, "decision": decided}


def _asked(question: Question) -> tuple[Any, ...]:
    shown = question.ended is None
    return (
        question.name,
        question.kind,
        question.origins[0][1] if question.origins else question.subjects[0],
        question.owner,
        question.asked,
        question.answered,
        question.answer or None,
        True if question.answer == "accept" else None,
        question.took,
        question.change or None,
        question.before,
        question.measured if shown else None,
        question.after if shown else None,
        question.complete if shown else None,
        question.closed if question.state in ("withdrawn", "replaced") else None,
    )


def _add(columns: dict[str, list[Any]], names: tuple[str, ...], row: tuple[Any, ...]) -> None:
    for name, value in zip(names, row, strict=True):
        columns[name].append(value)
