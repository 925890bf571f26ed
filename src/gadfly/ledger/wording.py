"""The words that sentences about entries are made of: taken where they are there, nothing where not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gadfly.ledger.entry import Entry
from gadfly.ledger.personal import MARK

SHOWN = 5
"""Names or lines that are said of many."""

Body = Mapping[str, Any]
Names = Mapping[str, str]
"""Hash of a person → the name, for those whom the reader knows."""


def principal(who: str, names: Names | None = None) -> str:
    """A principal as people say it: `Person anna`, `Program deploy`; else somebody."""
    kind, colon, name = who.partition(":")
    if who == "node":
        return "The node"
    if not colon:
        return who[:1].upper() + who[1:]
    shown = unmask(name, names or {})
    if shown.startswith(MARK):
        return f"somebody ({shown[:9]})"
    if kind == "token":
        return shown  # older entries do not say whose it was
    return f"{kind.capitalize()} {shown}"


def mentioned(who: str) -> str:
    """The same within a sentence: `person anna`, `the node`."""
    said = principal(who)
    return said[:1].lower() + said[1:] if ":" in who or who == "node" else said


def unmask(text: str, names: Names) -> str:
    """The text with the names of those whom the reader knows."""
    if MARK in text:
        for mask, name in names.items():
            if mask in text:
                text = text.replace(mask, name)
    return text


def unmasked(value: Any, names: Names) -> Any:
    """The same for all the texts in a body."""
    match value:
        case str():
            return unmask(value, names)
        case dict():
            return {key: unmasked(one, names) for key, one in value.items()}
        case list():
            return [unmasked(one, names) for one in value]
    return value


def word(value: object) -> str:
    """A value of a body in words."""
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case int():
            return f"{value:,}"
        case float():
            return f"{value:g}"
        case list() | tuple():
            shown = ", ".join(word(one) for one in value[:SHOWN])
            return shown + (f" and {len(value) - SHOWN:,} more" if len(value) > SHOWN else "")
        case dict():
            return ", ".join(f"{key} {word(one)}" for key, one in list(value.items())[:SHOWN])
        case _:
            return "nothing"


def subjects(entry: Entry, kind: str) -> str:
    """The names of the subjects of one kind, in words."""
    return word([one.partition(":")[2] for one in entry.about if one.startswith(f"{kind}:")])


def text(body: Body, key: str, before: str = "", behind: str = "") -> str:
    """What stands under `key`, between two pieces of text; nothing where it is not there or empty."""
    value = body.get(key)
    return f"{before}{word(value)}{behind}" if value not in (None, "", [], {}) else ""


def times(body: Body, key: str, noun: str) -> str:
    """`1 alert`, `2 alerts`; nothing where no number stands there."""
    value = body.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        return ""
    return f"{value:,} {noun}" if value == 1 else f"{value:,} {noun}s"


def who(entry: Entry) -> str:
    return principal(entry.who)


def because(body: Body) -> str:
    """Why, in the words that somebody gave."""
    return next(
        (said for key in ("because", "note", "words", "reason") if (said := text(body, key, ": "))), ""
    )


def whom(entry: Entry) -> str:
    """All that an entry is about, in words."""
    return word([one.replace(":", " ", 1) for one in entry.about]) or "everything"


def plain(entry: Entry, body: Body) -> str:
    """What is always true: who, which kind, about what, and the words of the body."""
    said = "; ".join(f"{key.replace('_', ' ')}: {word(value)}" for key, value in body.items())
    about = f" about {word(list(entry.about))}" if entry.about else ""
    return f"{who(entry)}: {entry.kind}{about}{f' ({said})' if said else ''}."


def listed(body: Body, key: str) -> list[Any]:
    """What stands there, where it is a list."""
    found = body.get(key)
    return found if isinstance(found, list) else []
