"""A kind of question: what was assumed, the query that doubts it, and the sentence that asks."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Family = Literal[
    "checks",
    "alerts",
    "silences",
    "owners",
    "automation",
    "authority",
    "predictions",
    "heartbeats",
    "decisions",
]
Type = Literal[
    "clarification",
    "assumptions",
    "reasons and evidence",
    "viewpoints",
    "implications",
    "question about the question",
]
Subject = Literal[
    "automation",
    "check",
    "component",
    "decision",
    "function",
    "grant",
    "guard",
    "incident",
    "job",
    "kind",
    "monitor",
    "owner",
    "pair",
    "predictor",
    "principal",
    "question",
    "resource",
    "silence",
]
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
Days = Annotated[float, msgspec.Meta(gt=0, le=3660)]


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of `kinds/`. The columns that its query returns are told in `docs/questions.md`."""

    number: Annotated[int, msgspec.Meta(ge=1)]
    name: Name
    family: Family
    type: Type
    minutes: Annotated[float, msgspec.Meta(gt=0, le=120)]
    """That a person needs to answer."""
    subject: Subject
    assumed: Words
    ask: Words
    many: Words
    """The sentence when one owner is asked about several subjects at once."""
    change: Words
    """What a person may do about it."""
    again: Days
    """Until it may be asked again after an answer."""
    observe: Days
    """After a change, until the evidence is looked at again."""
    query: Annotated[str, msgspec.Meta(min_length=1, max_length=20_000)]
    safety: bool = False
    sightings: Annotated[int, msgspec.Meta(ge=1, le=30)] = 2
    """Daily evaluations in a row in which it must be found before it is asked (G3)."""
    young: bool = False
    """It may be asked in the first 14 days of its subject (G5)."""
    discovery: Annotated[float, msgspec.Meta(gt=0, lt=1)] | None = None
    """Share of false ones allowed among what is found, by Benjamini–Hochberg over the column `p` (G4)."""
    threshold: dict[str, float | int | str | bool] = {}
    """Parameters of the query by name."""
