"""Entries about fire drills as sentences."""

from __future__ import annotations

from collections.abc import Callable

from gadfly.ledger.entry import Entry
from gadfly.ledger.wording import Body, plain, text, who


def _drill(entry: Entry, body: Body) -> str:
    what = f"{text(body, 'drill')} ({text(body, 'kind')} {text(body, 'target')})"
    match body.get("event"):
        case "begun":
            return f"{who(entry)} began the fire drill {what}."
        case "ended":
            return f"The fire drill {what} ended: {text(body, 'result')}."
        case "acknowledged":
            return f"{who(entry)} took on the fire drill {what} after {text(body, 'seconds')} s."
    return plain(entry, body)


SAYS: dict[str, Callable[[Entry, Body], str]] = {"drill": _drill}
