"""The words of a prediction: what is foreseen of one series, how it is named, and what the naive guess is."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal

import msgspec

LEVELS = (0.1, 0.5, 0.9)
"""Of a time until something is full: with this chance it is sooner."""
SUPPOSED = 10
"""Predictions that the naive guess pretends to have seen before the first, of which
:data:`SUPPOSED_TRUE` came true: one in twenty, as most alarms of most tools are not followed by anything."""
SUPPOSED_TRUE = 0.5
SELDOM = 0.01
"""The naive guess is never less: where nothing ever happens it would be perfect in the end, and whoever sees
a small danger now and then, and tells nobody, would be worse than it."""

EARLY = "early warning"
"""The predictor that looks at every series; no declared one may have this name."""

Key = tuple[tuple[str, str], ...]


class Outcome(StrEnum):
    """What became of a prediction whose time has come."""

    came_true = "came true"
    did_not = "did not"
    void = "void"


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """What a predictor says of one series at one moment. NaN and None: too little to say."""

    key: Key
    """The series' labels, sorted, `__name__` among them."""
    probability: float
    """That it is full within `act` of its predictor."""
    value: float
    limit: float
    rising: bool = False
    """Whether it is full at or above its limit, or (False) at or below it."""
    kind: Literal["fills", "ends", "fails"] = "fills"
    """`ends`: at a known moment, and `value` is the seconds that are left. `fails`: a component does; it has
    neither value nor limit."""
    within: tuple[float | None, ...] = (None, None, None)
    """Seconds until it is full, at each of :data:`LEVELS`; None: not foreseen."""
    month: float = math.nan
    """That it is full within thirty days."""
    why: str = ""

    @property
    def full(self) -> bool:
        """Whether there is nothing left to foresee."""
        return self.value >= self.limit if self.rising else self.value <= self.limit


def key(labels: Mapping[str, str]) -> Key:
    """What two equal label sets have in common."""
    return tuple(sorted(labels.items()))


def named(labels: Mapping[str, str]) -> str:
    """A series as an expression writes it: ``disk_free_bytes{host="a"}``. Equal sets give equal texts."""
    inside = ", ".join(
        f"{name}={_quoted(word)}" for name, word in sorted(labels.items()) if name != "__name__"
    )
    name = labels.get("__name__", "")
    return f"{name}{{{inside}}}" if inside or not name else name


def _quoted(word: str) -> str:
    """As an expression takes it; what is not seen, or turns the writing around it, stands as its number."""
    text = json.dumps(word, ensure_ascii=False)
    if text.isascii() and text.isprintable():
        return text
    hidden = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return "".join(json.dumps(one)[1:-1] if unicodedata.category(one) in hidden else one for one in text)


def naive(count: int, true: int) -> float:
    """The naive guess, the past share of predictions that came true, from those that were resolved before.

    The rule of succession with a prior mean of one in twenty; what comes later is not known to it.
    """
    return max(SELDOM, (true + SUPPOSED_TRUE) / (count + SUPPOSED))


def evidence(one: Foreseen) -> dict[str, Any]:
    """What a prediction rests on, as it stands in the ledger: finite numbers and words only."""
    found: dict[str, Any] = {"why": one.why, "rising": one.rising}
    for name, number in (("value", one.value), ("limit", one.limit)):
        if math.isfinite(number):
            found[name] = _short(number)
    within = {str(level): _short(at) for level, at in zip(LEVELS, one.within, strict=True) if at is not None}
    if within:
        found["within"] = within
    return found


def _short(number: float) -> float:
    """Six digits: more would say that it is known better than it is."""
    return float(f"{number:.6g}")
