"""What the API gives about facts, as structs; the OpenAPI document is made from them."""

from __future__ import annotations

from typing import Any

from gadfly.web.answers import Answer


class FactTable(Answer, frozen=True, kw_only=True):
    """A table that questions are asked of."""

    name: str
    about: str
    rows: int | None
    """That were there when the data was looked at last, from wherever; null: nobody has looked yet."""
    given: int
    """Of these, rows that came over the API."""


class AskedKind(Answer, frozen=True, kw_only=True):
    """A kind of question, and whether it can be asked here."""

    name: str
    assumed: str
    muted: str
    """Why it is not asked here; empty: it is."""
    lacks: list[str]
    """The facts that it needs and this node has not, with the reason. Empty: it can be asked."""


class Facts(Answer, frozen=True, kw_only=True):
    """What questions are asked of here."""

    looked: float | None
    """When the data was looked at last, seconds since the epoch; null: nobody has looked yet."""
    seconds: float | None
    """How long that took."""
    trouble: dict[str, str]
    """What could not be asked or read, and why."""
    tables: list[FactTable]
    kinds: list[AskedKind]


class FactRow(Answer, frozen=True, kw_only=True):
    """A row that came over the API."""

    key: str
    """What tells it from the others; the same key again replaces it."""
    cells: dict[str, Any]
    at: float
    """When it was told last; seconds since the epoch"""
    who: str
    """The name of the token with which it was told last; empty: none was needed"""


class FactRows(Answer, frozen=True, kw_only=True):
    """Rows of a table that came over the API, in the order of their keys."""

    table: str
    rows: list[FactRow]
    next: str
    """Ask again with this as `after` for those behind them; empty: there are no more."""


class TakenFacts(Answer, frozen=True, kw_only=True):
    """What became of rows that were sent."""

    table: str
    taken: int
    total: int
    """Rows that are kept now, of all tables."""


class GoneFacts(Answer, frozen=True, kw_only=True):
    """How many rows were forgotten."""

    table: str
    gone: int


class Look(Answer, frozen=True, kw_only=True):
    """What a look at the data came to."""

    at: float
    """Seconds since the epoch."""
    findings: int
    seconds: float
    trouble: dict[str, str]
