"""Facts that are kept apart: what came over the API, what was declared since when, and days of series."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from gadfly.errors import LimitError
from gadfly.store.past import looked_ahead, past

PAST = 400 * 86_400.0
"""Seconds for which days and what was declared are kept: a year can be compared with the one before."""
LATELY = 40 * 86_400.0
"""Seconds for which days of heartbeats are kept: of each component there is one, and nobody asks further
back."""
DAY = 86_400.0

HEARTBEATS = "heartbeat_daily"
RUNS = "job_run"
MOST_RUNS = 200_000
"""Runs of jobs that are kept, the newest days: there may be one a minute of each job."""

_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Given(NamedTuple):
    """A row that came over the API: its key and its cells; when it was told last (wall seconds), and by which
    token (empty: none was needed)."""

    key: str
    cells: dict[str, Any]
    at: float = 0.0
    who: str = ""


class Daily(NamedTuple):
    """One day of something: its table, the day (since 1970-01-01 UTC), its name and the cells."""

    table: str
    day: int
    name: str
    cells: dict[str, Any]


def put(
    connection: sqlite3.Connection, table: str, rows: Iterable[Given], *, at: float, who: str, most: int
) -> int:
    """Add or replace rows by their keys; how many there are now in all. LimitError: more than `most`."""
    connection.executemany(
        "INSERT OR REPLACE INTO fact_given (tbl, key, body, at, who) VALUES (?, ?, ?, ?, ?)",
        ((table, one.key, _encode(one.cells).decode(), at, who) for one in rows),
    )
    (count,) = connection.execute("SELECT COUNT(*) FROM fact_given").fetchone()
    if count > most:
        raise LimitError(
            f"{count:,} rows of facts would be kept; ask.rows is {most:,}. Delete what is old, or raise it."
        )
    return int(count)


def given(connection: sqlite3.Connection, table: str, after: str = "", limit: int = -1) -> Iterator[Given]:
    """The rows of a table behind a key, in the order of their keys."""
    rows = connection.execute(
        "SELECT key, body, at, who FROM fact_given WHERE tbl = ? AND key > ? ORDER BY key LIMIT ?",
        (table, after, limit),
    )
    return (Given(key, _decode(body), at, who) for key, body, at, who in rows)


def tellers(connection: sqlite3.Connection) -> dict[str, dict[str, int]]:
    """Who told what is there: by table how many rows each token was the last to tell."""
    found: dict[str, dict[str, int]] = {}
    for table, who, count in connection.execute(
        "SELECT tbl, who, COUNT(*) FROM fact_given GROUP BY tbl, who ORDER BY tbl, COUNT(*) DESC, who"
    ):
        found.setdefault(table, {})[who] = count
    return found


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many rows of each table came over the API."""
    return dict(connection.execute("SELECT tbl, COUNT(*) FROM fact_given GROUP BY tbl"))


def delete(connection: sqlite3.Connection, table: str, key: str = "") -> int:
    """Forget the row of that key, or all of the table; how many went."""
    if key:
        return connection.execute("DELETE FROM fact_given WHERE tbl = ? AND key = ?", (table, key)).rowcount
    return connection.execute("DELETE FROM fact_given WHERE tbl = ?", (table,)).rowcount


def ever(connection: sqlite3.Connection, table: str) -> frozenset[str]:
    """The names that are declared, or were within the time that is kept."""
    rows = connection.execute("SELECT DISTINCT name FROM fact_declared WHERE tbl = ?", (table,))
    return frozenset(name for (name,) in rows)


def declare(
    connection: sqlite3.Connection,
    table: str,
    rows: Mapping[str, Mapping[str, Any]],
    *,
    now: float,
    first: Mapping[str, float],
) -> None:
    """These are declared now, by their names. One that is new is since `first` where that is known and the
    table was never noted before, else since `now`; one that changed, or is no more, was until `now`."""
    (known_at_all,) = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM fact_declared WHERE tbl = ?)", (table,)
    ).fetchone()
    known = {
        name: (number, digest)
        for number, name, digest in connection.execute(
            "SELECT id, name, digest FROM fact_declared WHERE tbl = ? AND until IS NULL", (table,)
        )
    }
    fresh, over = [], []
    for name, cells in rows.items():
        body = _encode(cells)
        digest = hashlib.blake2b(body, digest_size=16).digest()
        was = known.pop(name, None)
        if was is not None and was[1] == digest:
            continue
        since = now
        if was is not None:
            over.append((now, was[0]))
        elif not known_at_all:
            since = min(now, first.get(name, now))
        fresh.append((table, name, digest, body.decode(), since))
    over += [(now, number) for number, _ in known.values()]
    connection.executemany("UPDATE fact_declared SET until = ? WHERE id = ?", over)
    connection.executemany(
        "INSERT INTO fact_declared (tbl, name, digest, body, since) VALUES (?, ?, ?, ?, ?)", fresh
    )


class Held(NamedTuple):
    """A definition, and when it held. `until` None: it does."""

    name: str
    cells: dict[str, Any]
    since: float
    until: float | None


def declared(connection: sqlite3.Connection, table: str) -> Iterator[Held]:
    """What is and was declared, the oldest first."""
    rows = connection.execute(
        "SELECT name, body, since, until FROM fact_declared WHERE tbl = ? ORDER BY id", (table,)
    )
    return (Held(name, _decode(body), since, until) for name, body, since, until in rows)


def keep_days(connection: sqlite3.Connection, days: Sequence[Daily]) -> None:
    """Write days down; one that is there already is replaced."""
    connection.executemany(
        "INSERT OR REPLACE INTO fact_daily (tbl, day, name, body) VALUES (?, ?, ?, ?)",
        ((one.table, one.day, one.name, _encode(one.cells).decode()) for one in days),
    )


def days(connection: sqlite3.Connection, table: str, most: int = -1) -> Iterator[Daily]:
    """The days that are kept of a table, the oldest first; at most so many rows, the newest (-1: all)."""
    rows = connection.execute(
        "SELECT day, name, body FROM (SELECT day, name, body FROM fact_daily WHERE tbl = ?"
        " ORDER BY day DESC, name DESC LIMIT ?) ORDER BY day, name",
        (table, most),
    )
    return (Daily(table, day, name, _decode(body)) for day, name, body in rows)


def last_day(connection: sqlite3.Connection, table: str) -> Daily | None:
    """The newest day that is kept of a table; None: there is none."""
    row = connection.execute(
        "SELECT day, name, body FROM fact_daily WHERE tbl = ? ORDER BY day DESC, name DESC LIMIT 1", (table,)
    ).fetchone()
    return None if row is None else Daily(table, row[0], row[1], _decode(row[2]))


def done(connection: sqlite3.Connection, table: str) -> set[tuple[int, str]]:
    """Of what which day is kept."""
    return set(connection.execute("SELECT day, name FROM fact_daily WHERE tbl = ?", (table,)))


def prune(connection: sqlite3.Connection, now: float) -> int:
    """Forget what is too old, and the oldest days of runs that are too many; how many rows went. What is old
    is judged by :func:`past`; that it was looked on a day that is still to come is forgotten, too."""
    gone = looked_ahead(connection, now)
    sure = past(connection, now)
    old = sure - PAST
    for table, edge in connection.execute("SELECT tbl, MIN(day) FROM fact_daily GROUP BY tbl").fetchall():
        keep = sure - LATELY if table == HEARTBEATS else old
        if edge < keep // DAY:
            gone += connection.execute(
                "DELETE FROM fact_daily WHERE tbl = ? AND day < ?", (table, int(keep // DAY))
            ).rowcount
    kept = 0
    for day, count in connection.execute(
        "SELECT day, COUNT(*) FROM fact_daily WHERE tbl = ? GROUP BY day ORDER BY day DESC", (RUNS,)
    ).fetchall():
        if kept and kept + count > MOST_RUNS:
            gone += connection.execute(
                "DELETE FROM fact_daily WHERE tbl = ? AND day <= ?", (RUNS, day)
            ).rowcount
            break
        kept += count
    return gone + connection.execute("DELETE FROM fact_declared WHERE until < ?", (old,)).rowcount
