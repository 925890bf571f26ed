"""Every component that was ever heard, so that a restarted node knows whom to expect."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import msgspec


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """One component as it was last heard. Times are seconds since the epoch, `interval` is seconds."""

    name: str
    id: int
    """The 64-bit number it beats under."""
    card: bytes
    """Its last announce, JSON as it came."""
    interval: float
    first_heard: float
    last_seen: float
    liveness: int
    status: int = 0
    """What it said of itself, as on the wire."""
    incarnation: int = 0
    """The run it was heard in: what claims to be of an earlier one is a recording."""


def put(connection: sqlite3.Connection, rows: Iterable[Heard]) -> None:
    """Add or update; the moment of the first hearing stays."""
    connection.executemany(
        """INSERT INTO heard
               (name, id, card, interval, first_heard, last_seen, liveness, status, incarnation)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (name) DO UPDATE SET id = excluded.id, card = excluded.card,
               interval = excluded.interval, last_seen = excluded.last_seen, liveness = excluded.liveness,
               status = excluded.status, incarnation = excluded.incarnation""",
        (
            (
                row.name,
                row.id.to_bytes(8, "big"),
                row.card,
                row.interval,
                row.first_heard,
                row.last_seen,
                row.liveness,
                row.status,
                row.incarnation.to_bytes(8, "big"),
            )
            for row in rows
        ),
    )


def after(connection: sqlite3.Connection, name: str, limit: int) -> list[Heard]:
    """The next `limit` of them behind `name`, in the order of their names; "" begins."""
    return [
        Heard(
            name=name,
            id=int.from_bytes(number, "big"),
            card=card,
            interval=interval,
            first_heard=first,
            last_seen=last,
            liveness=liveness,
            status=status,
            incarnation=int.from_bytes(incarnation, "big"),
        )
        for name, number, card, interval, first, last, liveness, status, incarnation in connection.execute(
            """SELECT name, id, card, interval, first_heard, last_seen, liveness, status, incarnation
               FROM heard WHERE name > ? ORDER BY name LIMIT ?""",
            (name, limit),
        )
    ]


def forget(connection: sqlite3.Connection, names: Iterable[str]) -> None:
    """Expect these no longer."""
    connection.executemany("DELETE FROM heard WHERE name = ?", ((name,) for name in names))
