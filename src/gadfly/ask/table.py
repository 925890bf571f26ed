"""What a table of facts is: columns, and how it is seen at an earlier time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Sort = Literal["text", "number", "integer", "flag", "time", "plan", "day", "list"]
"""`time`: seconds since the epoch at which something was seen; at an earlier `now` it was not known yet.
`plan`: the same of something intended, known before. `day`: days since 1970-01-01 UTC. `list`: of texts."""

Names = Literal["", "person", "principal", "words"]
"""How persons may stand in a column: one, by name; a principal, as `person:NAME`; in the midst of words, by a
mail address."""

SQL: dict[Sort, str] = {
    "text": "VARCHAR",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "flag": "BOOLEAN",
    "time": "DOUBLE",
    "plan": "DOUBLE",
    "day": "INTEGER",
    "list": "VARCHAR[]",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column. Every one may be empty (NULL): not known."""

    name: str
    sort: Sort
    about: str
    known: str = ""
    """Name of the `time` column with which this one became known; empty, or that is empty: with the row."""
    names: Names = ""
    """How persons stand in it."""
    word: bool = False
    """One of a few words: upper and lower case are one."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one shape.

    `born` is the column from which on a row is known: a `time`, a `day` (known when it is over), or empty:
    always. `gone` is the `time` column from which on it is seen no longer; empty: it stays.
    """

    name: str
    about: str
    columns: tuple[Column, ...]
    born: str = ""
    gone: str = ""

    def column(self, name: str) -> Column | None:
        """By its name; None: it has none of that name."""
        return next((one for one in self.columns if one.name == name), None)
