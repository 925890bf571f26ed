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


def put(connection: sqlite3.Connection, rows: Iterable[Heard]) -> None:
    """Add or update; the moment of the first hearing stays."""
    connection.executemany(
        """INSERT INTO heard (name, id, card, interval, first_heard, last_seen, liveness)
           VALUES (?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (name) DO UPDATE SET id = excluded.id, card = excluded.card,
               interval = excluded.interval, last_seen = excluded.last_seen, liveness = excluded.liveness""",
        (
            (
                row.name,
                row.id.to_bytes(8, "big"),
                row.card,
                row.interval,
                row.first_heard,
                row.last_seen,
                row.liveness,
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
        )
        for name, number, card, interval, first, last, liveness in connection.execute(
            """SELECT name, id, card, interval, first_heard, last_seen, liveness FROM heard
               WHERE name > ? ORDER BY name LIMIT ?""",
            (name, limit),
        )
    ]


def forget(connection: sqlite3.Connection, names: Iterable[str]) -> None:
    """Expect these no longer."""
    connection.executemany("DELETE FROM heard WHERE name = ?", ((name,) for name in names))
