"""Entries about questions and their answers as sentences."""

from __future__ import annotations

from collections.abc import Callable

from gadfly.ledger.entry import Entry
from gadfly.ledger.wording import Body, plain, text, who


def _question(entry: Entry, body: Body) -> str:
    name, about = text(body, "question"), _about(body)
    match body.get("event"):
        case "asked":
            again = text(body, "again", " (as ", " once more)")
            return (
                f"{text(body, 'to') or 'Nobody in particular'} was asked {name}{again}: {text(body, 'text')}"
            )
        case "moved":
            why = {
                "escalated": "as nobody had answered",
                "referred": "as they could know",
                "returned": "as nobody there could say",
                "inherited": "as it is theirs now",
            }.get(str(body.get("why")), "")
            return f"Question {name} went to {text(body, 'to')}{f', {why}' if why else ''}: {about}."
        case "inherited":
            before, now = text(body, "from"), text(body, "to")
            return f"Question {name} passed from {before}, which is declared no longer, to {now}: {about}."
        case "withdrawn":
            muted = body.get("why") == "muted"
            why = "it is not asked here any more" if muted else "it is no longer so"
            return f"Question {name} was withdrawn, as {why}: {about}."
        case "rested":
            return f"Nobody answered question {name}; it stands as an open assumption: {about}."
        case "replaced":
            return f"Question {name} was asked anew: {about}."
        case "measured":
            change = f"{text(body, 'change', '“', '”')}, the change after question {name},"
            rest = "" if body.get("complete") else "; the data since then is not complete"
            return f"{change} was measured: from {text(body, 'before')} to {text(body, 'after')}{rest}."
        case "lowered":
            return (
                f"Question {name} stayed unanswered for a month, so {_subjects(body)} is lowered one level."
            )
    return plain(entry, body)


def _answer(entry: Entry, body: Body) -> str:
    name, about = text(body, "question"), _about(body)
    match body.get("event"):
        case "change":
            return f"{who(entry)} answered {name} ({about}) with a change: {text(body, 'change')}."
        case "accept":
            until = text(body, "until", " until ")
            decision = text(body, "decision", " (decision ", ")")
            return f"{who(entry)} accepted {about}{until}{decision}: “{text(body, 'reason')}”."
        case "wrong":
            return f"{who(entry)} called question {name} ({about}) wrong: {text(body, 'reason')}."
        case "unknown":
            return (
                f"{who(entry)} does not know yet the answer to {name} ({about})"
                f"{text(body, 'knows', '; ', ' could know')}."
            )
    return plain(entry, body)


def _about(body: Body) -> str:
    """`never-near of checkout and 13 more`."""
    of = _subjects(body)
    return f"{text(body, 'kind')}{f' of {of}' if of else ''}"


def _subjects(body: Body) -> str:
    """`checkout and 13 more`."""
    subjects = body.get("subjects")
    first = str(subjects[0]) if isinstance(subjects, list) and subjects else ""
    count = body.get("count")
    more = f" and {count - 1:,} more" if isinstance(count, int) and count > 1 else ""
    return f"{first}{more}" if first else ""


SAYS: dict[str, Callable[[Entry, Body], str]] = {"question": _question, "answer": _answer}
