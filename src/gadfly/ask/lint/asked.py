"""A question about files: one sentence, and every place that it is about."""

from __future__ import annotations

import msgspec


class Place(msgspec.Struct, frozen=True, order=True):
    """Where something is declared."""

    file: str
    line: int
    name: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One kind, of all that it was found in."""

    kind: str
    """As in the catalogue of kinds, `gadfly ask kinds NAME`."""
    number: int
    safety: bool
    text: str
    change: str
    """What would be changed, if anything is."""
    places: tuple[Place, ...]
