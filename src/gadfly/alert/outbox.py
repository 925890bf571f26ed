"""Notifications on their way: rows of the outbox and what may happen to them.

::

    pending ──claim──▶ claimed ──took it──▶ sent
       ▲                  │
       ├──try again───────┤  (a lease that ran out counts as pending)
       └──by hand── dead ◀┘  refused for good, or tried too often

A row is written in the transaction of the change it tells of, and claimed by a conditional UPDATE. Messages
to one contact about one incident go in their order. A crash between the receiver's answer and the row's
`sent` makes one duplicate, with the same key.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from gadfly.alert.notification import Notification
from gadfly.errors import Refused

Work = Callable[[sqlite3.Connection], Any]
"""Something to do in a transaction."""

LEASE = 60.0
"""Seconds beyond a delivery's own time limit after which a claim is void."""
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 300.0


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One notification to one contact."""

    id: int = 0
    contact: str
    """A reference; see :mod:`gadfly.alert.escalate`."""
    label: str
    notification: Notification
    attempts: int = 0


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """One that nobody took. Times are seconds since the epoch."""

    id: str
    to: str
    what: str
    subject: str
    at: float
    attempts: int
    error: str


def pause(attempts: int, chance: random.Random) -> float:
    """Seconds before the next try after so many: doubling from two to three hundred, ± a fifth.

    The jitter is that not all who wait for one receiver come back at the same moment.
    """
    return float(min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(attempts - 1, 12)) * chance.uniform(0.8, 1.2))


def put(connection: sqlite3.Connection, letters: Sequence[Letter], wall: float) -> None:
    """Add them; they are due at once."""
    connection.executemany(
        "INSERT INTO outbox (key, incident, contact, label, kind, body, created, due)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
        (
            (
                letter.notification.key,
                int(letter.notification.incident[1:]),
                letter.contact,
                letter.label,
                letter.notification.kind,
                msgspec.json.encode(letter.notification).decode(),
                wall,
            )
            for letter in letters
        ),
    )


def claim(
    connection: sqlite3.Connection, now: float, lease: float, busy: frozenset[str], limit: int
) -> list[Letter]:
    """Take up to `limit` letters that are due, the oldest first, one for each contact not in `busy`.

    Of one incident only the oldest that waits for the contact may go. The claim ends after `lease` seconds.
    """
    claimed: list[Letter] = []
    seen = set(busy)
    heads = connection.execute(
        """SELECT MIN(id), contact FROM outbox WHERE state IN ('pending', 'claimed')
           GROUP BY contact, incident ORDER BY 1"""
    ).fetchall()
    for number, contact in heads:
        if len(claimed) == limit:
            break
        if contact in seen:
            continue
        taken = connection.execute(
            """UPDATE outbox SET state = 'claimed', attempts = attempts + 1, lease = ?
               WHERE id = ? AND ((state = 'pending' AND due <= ?) OR (state = 'claimed' AND lease <= ?))
               RETURNING label, body, attempts""",
            (now + lease, number, now, now),
        ).fetchall()
        for label, body, attempts in taken:
            seen.add(contact)
            notification = msgspec.json.decode(body, type=Notification)
            claimed.append(
                Letter(id=number, contact=contact, label=label, notification=notification, attempts=attempts)
            )
    return claimed


def next_due(connection: sqlite3.Connection) -> float | None:
    """When the next letter may go, seconds since the epoch; None where none waits."""
    row = connection.execute(
        "SELECT MIN(CASE state WHEN 'claimed' THEN lease ELSE due END) FROM outbox"
        " WHERE state IN ('pending', 'claimed')"
    ).fetchone()
    return row[0] if row else None


def sent(connection: sqlite3.Connection, letter: Letter, wall: float) -> None:
    """The receiver took it. What else waits for the same contact may go at once: it is there again."""
    connection.execute(
        "UPDATE outbox SET state = 'sent', sent = ?, lease = NULL, error = '' WHERE id = ?", (wall, letter.id)
    )
    connection.execute("UPDATE outbox SET due = 0 WHERE contact = ? AND state = 'pending'", (letter.contact,))


def again(connection: sqlite3.Connection, letter: Letter, due: float, error: str) -> None:
    """It was not taken; try again at `due`."""
    connection.execute(
        "UPDATE outbox SET state = 'pending', due = ?, lease = NULL, error = ? WHERE id = ?",
        (due, error, letter.id),
    )


def dead(connection: sqlite3.Connection, letter: Letter, error: str) -> None:
    """It will not be taken."""
    connection.execute(
        "UPDATE outbox SET state = 'dead', lease = NULL, error = ? WHERE id = ?", (error, letter.id)
    )


def release(connection: sqlite3.Connection, wall: float) -> int:
    """At the start: claims of the process before this one are void; no pause is longer than it can be."""
    released = connection.execute(
        "UPDATE outbox SET state = 'pending', due = 0, lease = NULL WHERE state = 'claimed'"
    ).rowcount
    connection.execute(
        "UPDATE outbox SET due = MIN(due, ?) WHERE state = 'pending'", (wall + LONGEST_PAUSE * 1.2,)
    )
    return released


def retry(connection: sqlite3.Connection, number: int) -> Letter:
    """Put a dead letter back, with all its tries; the letter. Refused where it is not dead."""
    row = connection.execute(
        "UPDATE outbox SET state = 'pending', attempts = 0, due = 0 WHERE id = ? AND state = 'dead'"
        " RETURNING contact, label, body",
        (number,),
    ).fetchone()
    if row is None:
        raise Refused(f"There is no dead letter {number}.", 404)
    contact, label, body = row
    notification = msgspec.json.decode(body, type=Notification)
    return Letter(id=number, contact=contact, label=label, notification=notification)


def dead_letters(connection: sqlite3.Connection, limit: int = 1000) -> list[DeadLetter]:
    """Newest first."""
    return [
        DeadLetter(
            id=str(number),
            to=label,
            what=kind,
            subject=msgspec.json.decode(body, type=Notification).subject,
            at=created,
            attempts=attempts,
            error=error,
        )
        for number, label, kind, body, created, attempts, error in connection.execute(
            "SELECT id, label, kind, body, created, attempts, error FROM outbox WHERE state = 'dead'"
            " ORDER BY id DESC LIMIT ?",
            (limit,),
        )
    ]


def count_dead(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT COUNT(*) FROM outbox WHERE state = 'dead'").fetchone()
    return int(row[0])
