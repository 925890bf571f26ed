"""After a change: did it change anything? The evidence is looked at again after the kind's time."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from gadfly.ask.life.draft import Draft
from gadfly.ask.life.rules import DAY, Rules
from gadfly.ask.life.sighting import APART
from gadfly.ask.question import Question

COVERED = 0.95
"""Share of the days since the change on which the evidence could be looked at, so that the two may be
compared."""
PATIENCE = 2.0
"""Times the observation after which it is measured anyhow, as not complete."""


def observe(draft: Draft, looked: Collection[str], rules: Rules, at: float) -> None:
    """Count days of looking, and measure where the time is over. `looked`: kinds whose query answered."""
    for id in sorted(draft.book.watched):
        question = draft.question(id)
        if question is None or question.answered is None:
            continue
        kinds = {kind for kind, _ in question.keys}
        seen = kinds <= set(looked)
        if seen and at - max(question.looked_at, question.answered) >= APART:
            question = msgspec.structs.replace(question, looked=question.looked + 1, looked_at=at)
            draft.write(question)
        since = at - (question.answered or 0.0)
        if since >= question.observe * DAY and (seen or since >= PATIENCE * question.observe * DAY):
            _measure(draft, question, rules, at)


def _measure(draft: Draft, question: Question, rules: Rules, at: float) -> None:
    days = (at - (question.answered or 0.0)) // DAY
    complete = question.looked * rules.every >= COVERED * days
    question = msgspec.structs.replace(question, measured=at, after=total(draft, question), complete=complete)
    draft.write(question)
    draft.say("measured", question)


def total(draft: Draft, question: Question) -> float:
    """How bad it is now, over all that it is about; what is no longer so adds nothing."""
    matters = (draft.matter(key) for key in question.keys)
    return sum(matter.worse for matter in matters if matter is not None and matter.there)
