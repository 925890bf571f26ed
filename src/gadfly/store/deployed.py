"""Rows of the versions of functions. Every function here takes a connection and is part of its
transaction."""

from __future__ import annotations

import sqlite3

import msgspec


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a function's code."""

    function: str
    hash: str
    module: str
    handler: str
    files: int
    bytes: int
    at: float
    """When it was deployed first, seconds since the epoch."""
    who: str


class Current(msgspec.Struct, frozen=True, kw_only=True):
    """The version that is called, and since when."""

    version: Version
    since: float
    who: str


_COLUMNS = "v.function, v.hash, v.module, v.handler, v.files, v.bytes, v.at, v.who"


def put(connection: sqlite3.Connection, version: Version) -> None:
    """Keep it; one that is known keeps its first day, and is called by the handler that is named now."""
    connection.execute(
        "INSERT INTO function_version (function, hash, module, handler, files, bytes, at, who) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (function, hash) DO UPDATE SET module = excluded.module, handler = excluded.handler",
        (
            version.function,
            version.hash,
            version.module,
            version.handler,
            version.files,
            version.bytes,
            version.at,
            version.who,
        ),
    )


def make_current(
    connection: sqlite3.Connection, function: str, hash: str, at: float, who: str, *, back: bool = False
) -> None:
    """From now on this version is called. `back`: it was rolled back to, and so is kept for good."""
    connection.execute(
        "UPDATE function_version SET taken = ?, back = MAX(back, ?) WHERE function = ? AND hash = ?",
        (at, back, function, hash),
    )
    connection.execute(
        "INSERT INTO function_current (function, hash, since, who) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (function) DO UPDATE "
        "SET hash = excluded.hash, since = excluded.since, who = excluded.who",
        (function, hash, at, who),
    )


def current(connection: sqlite3.Connection) -> dict[str, Current]:
    """By function."""
    rows = connection.execute(
        f"SELECT {_COLUMNS}, c.since, c.who FROM function_current c "  # noqa: S608
        "JOIN function_version v ON v.function = c.function AND v.hash = c.hash"
    )
    return {row[0]: Current(version=_version(row), since=row[8], who=row[9]) for row in rows}


def versions(connection: sqlite3.Connection, function: str) -> list[Version]:
    """All of one function, the newest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM function_version v WHERE v.function = ? ORDER BY v.at DESC",  # noqa: S608
        (function,),
    )
    return [_version(row) for row in rows]


def surplus(connection: sqlite3.Connection, most: int, before: float) -> list[tuple[str, str]]:
    """Function and hash of what is not kept: beyond the `most` of its function that were taken last, taken
    before then, and neither called, nor rolled back to, nor run by what waits, runs or is dead."""
    found = connection.execute(
        "SELECT function, hash FROM ("
        " SELECT v.function, v.hash, v.back, COALESCE(v.taken, v.at) AS taken,"
        " ROW_NUMBER() OVER (PARTITION BY v.function ORDER BY COALESCE(v.taken, v.at) DESC, v.hash) AS nth"
        " FROM function_version v LEFT JOIN function_current c ON c.function = v.function AND c.hash = v.hash"
        " WHERE c.hash IS NULL) WHERE nth > ? AND taken < ? AND NOT back ORDER BY function, taken",
        (most, before),
    ).fetchall()
    if not found:
        return []
    # A look for each state, as each has an index of its own.
    named = {
        version
        for state in ("waiting", "running", "dead")
        for (version,) in connection.execute(
            "SELECT DISTINCT a.version FROM invocation i JOIN attempt a ON a.invocation = i.id"  # noqa: S608 - fixed
            f" WHERE i.state = '{state}'"
        )
    }
    return [(function, hash) for function, hash in found if hash not in named]


def drop(connection: sqlite3.Connection, function: str, hash: str) -> None:
    """It was never deployed, as far as anybody can call it."""
    connection.execute("DELETE FROM function_version WHERE function = ? AND hash = ?", (function, hash))


def hashes(connection: sqlite3.Connection) -> set[str]:
    """Of all versions of all functions."""
    return {hash for (hash,) in connection.execute("SELECT DISTINCT hash FROM function_version")}


def _version(row: tuple[object, ...]) -> Version:
    return msgspec.convert(dict(zip(Version.__struct_fields__, row, strict=False)), Version)
