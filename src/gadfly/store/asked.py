"""Rows of what functions asked for. Every function here takes a connection and is part of its transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping

import msgspec

LINES = 50
"""Different lines of one try that are kept."""


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """How often a grant was used, and when."""

    first: float
    last: float
    count: int


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What one try asked for: lines of grants, and how often."""

    used: dict[str, int] = {}
    denied: dict[str, int] = {}


def note(
    connection: sqlite3.Connection,
    function: str,
    invocation: int,
    number: int,
    used: Mapping[str, int],
    denied: Mapping[str, int],
    now: float,
) -> None:
    """Write it down; nothing where nothing was asked for."""
    if not used and not denied:
        return
    connection.execute(
        "INSERT OR REPLACE INTO function_asked (invocation, number, at, used, denied) VALUES (?, ?, ?, ?, ?)",
        (invocation, number, now, _json(used), _json(denied)),
    )
    connection.executemany(
        "INSERT INTO function_use (function, line, first, last, count) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (function, line) DO UPDATE SET last = excluded.last, count = count + excluded.count",
        [(function, line, now, now, count) for line, count in used.items()],
    )


def _json(lines: Mapping[str, int]) -> str:
    return msgspec.json.encode(dict(list(lines.items())[:LINES])).decode()


def of(connection: sqlite3.Connection, invocations: Iterable[int]) -> dict[tuple[int, int], Asked]:
    """By invocation and try, of those that asked for something."""
    numbers = msgspec.json.encode(list(invocations)).decode()
    rows = connection.execute(
        "SELECT invocation, number, used, denied FROM function_asked "
        "WHERE invocation IN (SELECT value FROM json_each(?))",
        (numbers,),
    )
    return {
        (invocation, number): Asked(used=msgspec.json.decode(used), denied=msgspec.json.decode(denied))
        for invocation, number, used, denied in rows
    }


def uses(connection: sqlite3.Connection) -> dict[str, dict[str, Use]]:
    """By function and grant."""
    found: dict[str, dict[str, Use]] = {}
    for function, line, first, last, count in connection.execute(
        "SELECT function, line, first, last, count FROM function_use"
    ):
        found.setdefault(function, {})[line] = Use(first=first, last=last, count=count)
    return found
