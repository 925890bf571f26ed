"""What is asked of the lines, and what is answered: one page of them, with the place to go on."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import NamedTuple

import msgspec

from gadfly.pattern import compiled
from gadfly.store.logs.line import Kept


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines. What is empty asks for nothing; `host`, `unit` and `source` know `*` and `?`."""

    since: float = 0.0
    """Lines written at or after it; seconds since the epoch."""
    until: float = 0.0
    """Lines written before it; 0: no end."""
    source: str = ""
    host: str = ""
    unit: str = ""
    severity: int = 7
    """At least this grave."""
    pattern: str = ""
    """RE2, found anywhere in the text."""
    after: int | None = None
    """Numbers greater than this, the oldest first."""
    before: int | None = None
    """Numbers smaller than this, the newest first; as without both."""
    limit: int = 100


class Gone(NamedTuple):
    """Lines that are kept no more."""

    lines: int
    """How many at most: of a file that was read in part, all are counted."""
    last: int
    """The number of the last of them."""


class Page(NamedTuple):
    """Lines in the order asked for."""

    lines: list[Kept]
    cursor: int
    """For the next page: `after` where that was given, else `before`."""
    more: bool
    """Whether something is left to be looked at in that direction."""
    unread: tuple[str, ...] = ()
    """Files that could not be read, and why."""
    gone: Gone = Gone(0, 0)
    """What was dropped behind `after`, and so is not among the lines."""


class Sieve:
    """A query as a condition in SQL, and as a function of a line."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._pattern = compiled(query.pattern) if query.pattern else None

    def overlaps(self, oldest: float, newest: float) -> bool:
        """Whether lines written between the two could be asked for."""
        query = self._query
        return newest >= query.since and not (query.until and oldest >= query.until)

    def passes(self, line: Kept) -> bool:
        query = self._query
        return (
            line.severity <= query.severity
            and line.at >= query.since
            and not (query.until and line.at >= query.until)
            and like(query.source, line.source)
            and like(query.host, line.host)
            and like(query.unit, line.unit)
            and (self._pattern is None or self._pattern.search(line.text) is not None)
        )

    def sql(self) -> tuple[str, list[object]]:
        """Condition and parameters, for DuckDB, whose regular expressions are RE2 as well."""
        query = self._query
        parts = ["severity <= ?", "written >= ?"]
        values: list[object] = [query.severity, query.since]
        if query.until:
            parts.append("written < ?")
            values.append(query.until)
        for column, text in (("source", query.source), ("host", query.host), ("unit", query.unit)):
            if text:
                parts.append(f"{column} GLOB ?" if _wild(text) else f"{column} = ?")
                # To DuckDB, and not to fnmatch, a backslash says that the next character means itself.
                values.append(_glob(text).replace("\\", "\\\\") if _wild(text) else text)
        if query.pattern:
            parts.append("regexp_matches(text, ?)")
            values.append(query.pattern)
        return " AND ".join(parts), values


def like(pattern: str, text: str) -> bool:
    """Whether the text is so named; an empty pattern takes all, `*` and `?` stand for any characters."""
    return not pattern or pattern == text or (_wild(pattern) and fnmatchcase(text, _glob(pattern)))


def _wild(text: str) -> bool:
    return "*" in text or "?" in text


def _glob(text: str) -> str:
    """Brackets mean themselves; fnmatch and DuckDB would take them for sets."""
    return text.replace("[", "[[]")
