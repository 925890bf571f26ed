"""The numbers of a question's evidence as they stand beside its sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gadfly.ask import figure
from gadfly.ask.caption import captions, plain
from gadfly.ask.kind import Kind
from gadfly.ask.text import fields

ASIDE = frozenset({"subject", "component", "owner", "worse", "exposure", "since", "p", "tests"})
"""Columns that are for the engine."""
INSTANTS = frozenset({"at", "began", "started", "ended", "first", "last", "date", "due", "until"})
"""Columns that are seconds since 1970, also where no sentence writes them."""
SHOWN = 8
"""Figures beside one sentence."""
POINTS = 400
"""Points of a series at most; longer ones are thinned."""
LONGEST = 60
"""Characters of a text among the figures."""

Figure = float | int | str
_WRITTEN: Mapping[str, Callable[[float], str]] = {
    "duration": figure.duration,
    "date": figure.date,
    "clock": figure.clock,
    "percent": lambda share: f"{figure.percent(share)} %",
}


def figures(
    rows: Sequence[Mapping[str, Any]], count: int, kind: Kind | None = None, sentence: str = ""
) -> dict[str, Figure]:
    """What they are called and their values, as the sentences of their `kind` write them; of several subjects
    how many they are, and each number from least to most. Words that the sentence has are not repeated."""
    called = captions(kind) if kind else {}
    formats = _formats(kind) if kind else {}
    summed = {one.name for one in fields(kind.many, many=True) if one.sum} if kind else set()
    found: dict[str, Figure] = {"count": count} if count > 1 else {}
    for name in _names(rows):
        values = [row[name] for row in rows if row.get(name) is not None]
        if len(found) == SHOWN or not values:
            continue
        if all(_is_number(one) for one in values):
            low, high = min(values), max(values)
            instant = name in INSTANTS and low > 1e9
            write = _WRITTEN.get(formats.get(name, "date" if instant else ""))
            written = [(write or figure.number)(one) for one in dict.fromkeys((low, high))]
            words = called.get(name, plain(name))
            each = " each" if len(rows) > 1 and name in summed else ""
            plainly = write is None and low == high and not each
            found[words] = low if plainly else " to ".join(dict.fromkeys(written)) + each
        elif all(isinstance(one, str) and one not in sentence for one in values) and len(set(values)) == 1:
            text = "".join(letter if letter.isprintable() else " " for letter in values[0])
            found[plain(name)] = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return found


def _formats(kind: Kind) -> dict[str, str]:
    """How the sentences write columns, where that is not as a plain number."""
    found = [*fields(kind.ask), *fields(kind.many, many=True)]
    return {one.name: one.format for one in found if one.format}


def series(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[float]]:
    """What is a picture rather than a figure: lists of numbers; of several subjects, a number of each."""
    if len(rows) == 1:
        lists = {name: rows[0].get(name) for name in rows[0] if name not in ASIDE}
        return {
            name: _thin([float(one) for one in values])
            for name, values in lists.items()
            if isinstance(values, list | tuple) and len(values) > 2 and all(map(_is_number, values))
        }
    found = {}
    for name in _names(rows):
        values = [row.get(name) for row in rows]
        numbers = [float(one) for one in values if one is not None and _is_number(one)]
        if len(numbers) == len(values) > 2 and len(set(numbers)) > 1:
            found[name] = _thin(numbers)
    return found


def _names(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row if name not in ASIDE))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _thin(values: list[float]) -> list[float]:
    step = -(-len(values) // POINTS)
    return values[::step]
