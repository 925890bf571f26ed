"""What happens to questions as entries of the ledger. Pure.

An entry says who asked whom what, on which evidence (by its hash), and what was answered. The evidence itself
lies in the store: it may be large, and the hash is enough to know that it was not changed.
"""

from __future__ import annotations

from typing import Any

from gadfly.ask.answers import ANSWERS
from gadfly.ask.life.steps import Event, Steps
from gadfly.ledger.entry import NAME, Entry, rfc3339

SHOWN = 20
"""Subjects that an entry names."""
TEXT = 2000
"""Characters of one text in an entry."""
TOLD = ("asked", "moved")
"""Events that count as a question to the team."""


def entries(steps: Steps, now: float) -> list[Entry]:
    """One for each event."""
    return [_entry(event, now) for event in steps.events]


def _entry(event: Event, now: float) -> Entry:
    question = event.question
    subjects = event.about or question.subjects
    about = [f"question:{question.name}"]
    if event.what in TOLD:
        about.append(f"owner:{question.holder}")
    if event.what == "inherited":
        about += [f"owner:{question.owner}", f"owner:{question.was[-1]}"]
    if question.component:
        about.append(f"component:{question.component}")
    about += [f"{question.sort}:{subject}" for subject in subjects[:SHOWN]]
    body: dict[str, Any] = {
        "event": event.what,
        "question": question.name,
        "kind": question.kind,
        "subjects": [subject[:NAME] for subject in subjects[:SHOWN]],
        "count": len(subjects),
        **_said(event),
        **event.more,
    }
    kind = "answer" if event.what in ANSWERS else "question"
    named = dict.fromkeys(one for one in about if one.partition(":")[2])
    return Entry(
        kind=kind,
        who=event.who,
        about=tuple(one for one in named if len(one.encode()) <= NAME),
        body=body,
        at=now,
    )


def _said(event: Event) -> dict[str, Any]:
    question = event.question
    match event.what:
        case "asked":
            return {
                "to": question.holder,
                "text": question.text[:TEXT],
                "safety": question.safety,
                "sha256": question.sha256,
            }
        case "moved":
            return {"to": question.holder, "why": question.moves[-1].why}
        case "measured":
            return {
                "change": question.change[:TEXT],
                "before": question.before,
                "after": question.after,
                "complete": question.complete,
            }
        case "change":
            return {"change": question.change[:TEXT]}
        case "accept":
            return {
                "reason": question.reason[:TEXT],
                "until": rfc3339(question.until or 0.0),
                "decision": f"d{question.id}",
                "tripwire": question.before,
                "sha256": question.sha256,
            }
        case "wrong":
            return {"reason": question.reason}
        case "unknown":
            return {"knows": question.knows}
    return {}
