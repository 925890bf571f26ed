"""Entries about the future as sentences: what was foretold, what became of it, who fell silent."""

from __future__ import annotations

from collections.abc import Callable

from gadfly.ledger.entry import Entry
from gadfly.ledger.wording import Body, listed, plain, text, times


def _prediction(entry: Entry, body: Body) -> str:
    match body.get("event"):
        case "foretold" if body.get("told"):
            return f"It was foretold, and told: {_one(body)}."
        case "foretold":
            return f"{times(_counted(body), 'count', 'prediction')} noted{_first(body)}."
        case "falls silent" | "speaks again":
            return f"The predictor {text(body, 'predictor')} {body['event']}: {text(body, 'why')}."
    return plain(entry, body)


def _resolution(entry: Entry, body: Body) -> str:
    if body.get("event") != "resolved":
        return plain(entry, body)
    if body.get("told"):
        return f"What was foretold {_became(body)}: {_one(body)}."
    return f"{times(_counted(body), 'count', 'prediction')} resolved{_first(body)}."


def _one(body: Body) -> str:
    chance = body.get("probability")
    share = f" with {chance:.0%}" if isinstance(chance, float | int) else ""
    return f"{text(body, 'predictor')} of {text(body, 'series')} until {text(body, 'deadline')}{share}"


def _became(body: Body) -> str:
    outcome = {"did not": "did not come true", "void": "is void"}
    said = text(body, "outcome")
    return f"{outcome.get(said, said)}{text(body, 'why', ' (', ')')}"


def _several(body: Body) -> list[Body]:
    return [one for one in listed(body, "predictions") if isinstance(one, dict)]


def _counted(body: Body) -> Body:
    return {"count": len(_several(body))}


def _first(body: Body) -> str:
    """One of them, so that one sees what they are about."""
    several = _several(body)
    if not several:
        return ""
    became = f", which {_became(several[0])}" if "outcome" in several[0] else ""
    return f", {'the first ' if len(several) > 1 else ''}{_one(several[0])}{became}"


SAYS: dict[str, Callable[[Entry, Body], str]] = {"prediction": _prediction, "resolution": _resolution}
