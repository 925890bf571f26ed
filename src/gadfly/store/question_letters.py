"""What teams are to be told of their questions, when they were told last, and which links were used."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gadfly.errors import Refused


class Due(NamedTuple):
    """Something that a team is to be told. `why` is one of :data:`gadfly.ask.letter.Why`."""

    team: str
    question: int
    why: str


def note(connection: sqlite3.Connection, due: Iterable[Due], now: float) -> None:
    """Keep it for the team's next letter."""
    connection.executemany(
        "INSERT INTO question_told (team, question, why, at) VALUES (?, ?, ?, ?)",
        [(*one, now) for one in due],
    )


def teams(connection: sqlite3.Connection, now: float, apart: float) -> list[str]:
    """Those that have something to be told, and had no letter for so many seconds."""
    rows = connection.execute(
        "SELECT DISTINCT question_told.team FROM question_told LEFT JOIN question_letter USING (team)"
        " WHERE question_letter.at IS NULL OR question_letter.at <= ? OR question_letter.at > ? ORDER BY 1",
        (now - apart, now + apart),  # a clock that was ahead makes nobody wait
    )
    return [team for (team,) in rows]


def take(connection: sqlite3.Connection, team: str) -> list[Due]:
    """What that team is to be told, in its order; it is kept no more."""
    rows = connection.execute(
        "DELETE FROM question_told WHERE team = ? RETURNING id, team, question, why", (team,)
    ).fetchall()
    return [Due(*row[1:]) for row in sorted(rows)]


def sent(connection: sqlite3.Connection, team: str, now: float) -> None:
    """It had a letter."""
    connection.execute(
        "INSERT INTO question_letter (team, at) VALUES (?, ?)"
        " ON CONFLICT (team) DO UPDATE SET at = excluded.at",
        (team, now),
    )


def use(connection: sqlite3.Connection, mark: bytes, question: int, ends: float, now: float) -> None:
    """A link is used, in the transaction of its answer. Refused where it was before."""
    connection.execute("DELETE FROM question_link WHERE ends < ?", (now,))
    made = connection.execute(
        "INSERT INTO question_link (mark, question, used, ends) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (mark, question, now, ends),
    )
    if not made.rowcount:
        raise Refused(USED, 410)


def used(connection: sqlite3.Connection, mark: bytes) -> bool:
    """Whether that link was used."""
    row: Sequence[int] | None = connection.execute(
        "SELECT 1 FROM question_link WHERE mark = ?", (mark,)
    ).fetchone()
    return row is not None


USED = (
    "This link was used: it is good for one answer. Who wants to say more does so on the page of questions."
)
