"""Questions, the evidence they were asked on, and what is known of each kind on each subject."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gadfly.store.past import past

AGE = 800 * 86_400.0
"""Seconds for which what is over is kept: two years can be compared. What it was stays in the ledger."""
MOST = 100_000
"""Questions that are kept. Each is some kB with its evidence, and 48 kB at most."""


class Asked(NamedTuple):
    """A question. `body` is the whole of it, JSON; the rest is for looking it up."""

    id: int
    kind: str
    owner: str
    state: str
    asked: float
    body: bytes


class Proof(NamedTuple):
    """The evidence of a question, JSON, with its hash."""

    question: int
    sha256: str
    body: bytes


class Known(NamedTuple):
    """A kind on a subject. `counted`: wall seconds of the last sighting; `asked`: how often it was."""

    kind: str
    subject: str
    counted: float
    asked: int
    body: bytes


class Present(NamedTuple):
    """The ids of questions, and the kinds on subjects, that are kept."""

    questions: set[int]
    known: set[tuple[str, str]]


def write(
    connection: sqlite3.Connection,
    asked: Iterable[Asked],
    proofs: Iterable[Proof],
    known: Iterable[Known],
    forgotten: Iterable[tuple[str, str]],
) -> None:
    """New and changed rows, and kinds on subjects that are forgotten, in the caller's transaction."""
    connection.executemany(
        "INSERT INTO question (id, kind, owner, state, asked, body) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, state = excluded.state,"
        " body = excluded.body",
        [(*row[:-1], row.body.decode()) for row in asked],
    )
    connection.executemany(
        "INSERT INTO question_evidence (question, sha256, body) VALUES (?, ?, ?)",
        [(*row[:-1], row.body.decode()) for row in proofs],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO question_matter (kind, subject, counted, asked, body) VALUES (?, ?, ?, ?, ?)",
        [(*row[:-1], row.body.decode()) for row in known],
    )
    connection.executemany("DELETE FROM question_matter WHERE kind = ? AND subject = ?", forgotten)


def questions(connection: sqlite3.Connection) -> Iterator[str]:
    """The bodies of all of them, by their ids."""
    return (body for (body,) in connection.execute("SELECT body FROM question ORDER BY id"))


def matters(connection: sqlite3.Connection) -> Iterator[str]:
    """The bodies of all that is known."""
    return (body for (body,) in connection.execute("SELECT body FROM question_matter ORDER BY kind, subject"))


def last(connection: sqlite3.Connection) -> int:
    """The highest id that a question ever had; 0: there was none."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'question'").fetchone()
    return int(row[0]) if row else 0


def evidence(connection: sqlite3.Connection, question: int) -> str | None:
    """The evidence of one, JSON; None: there is none."""
    row = connection.execute("SELECT body FROM question_evidence WHERE question = ?", (question,)).fetchone()
    return None if row is None else str(row[0])


def prune(connection: sqlite3.Connection, now: float, batch: int = 5_000) -> int:
    """Delete what is over and too old or too much, at most `batch` rows of a table; how many went. Also what
    is known of subjects that were not seen for as long, but not that somebody does not want to be asked.

    A decision stays as long as it may hold: a year at most, and the two years begin when it was asked.
    Evidence stays as long as there is a question that was asked on it. What is old is judged by :func:`past`.
    """
    old = past(connection, now) - AGE
    edge = connection.execute("SELECT id FROM question ORDER BY id DESC LIMIT 1 OFFSET ?", (MOST,)).fetchone()
    gone = [
        id
        for (id,) in connection.execute(
            "SELECT id FROM question WHERE state IN ('answered', 'withdrawn', 'replaced')"
            " AND (id <= ? OR asked < ?) ORDER BY state, id LIMIT ?",
            (edge[0] if edge else -1, old, batch),
        )
    ]
    connection.executemany("DELETE FROM question WHERE id = ?", [(id,) for id in gone])
    if gone:  # what was answered apart goes by the evidence of the whole
        connection.execute(
            "DELETE FROM question_evidence WHERE question NOT IN (SELECT id FROM question)"
            " AND question NOT IN (SELECT coalesce(json_extract(body, '$.part'), 0) FROM question)"
        )
    known = connection.execute(
        "DELETE FROM question_matter WHERE (kind, subject) IN (SELECT kind, subject FROM question_matter"
        " WHERE counted < ? AND json_extract(body, '$.there') = 0"
        " AND json_extract(body, '$.why') NOT IN ('open', 'resting', 'muted') LIMIT ?)",
        (old, batch),
    )
    return len(gone) + known.rowcount


def present(connection: sqlite3.Connection) -> Present:
    """What is kept."""
    return Present(
        {id for (id,) in connection.execute("SELECT id FROM question")},
        set(connection.execute("SELECT kind, subject FROM question_matter")),
    )
