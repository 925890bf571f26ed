"""The letters of a drill in the outbox: how each went, and that what they told of is over."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable

import msgspec

from gadfly.alert import outbox
from gadfly.alert.notification import Notification
from gadfly.alert.outbox import Letter as Sealed
from gadfly.ask.drill.mark import KIND, over
from gadfly.ask.drill.record import Drill, Letter


class Way(msgspec.Struct, frozen=True):
    """How one went; times are seconds since the epoch."""

    state: str
    """Of the outbox: pending, claimed, sent or dead."""
    created: float
    sent: float
    error: str

    @property
    def open(self) -> bool:
        """It may still be taken."""
        return self.state in ("pending", "claimed")


def ways(connection: sqlite3.Connection, keys: Iterable[str]) -> dict[str, Way]:
    """By key, of those that are there."""
    found = {}
    for key in keys:
        row = connection.execute(
            "SELECT state, created, sent, error FROM outbox WHERE key = ? AND incident = 0", (key,)
        ).fetchone()
        if row is not None:
            found[key] = Way(row[0], row[1], row[2] or row[1], row[3] or "")
    return found


def take_back(connection: sqlite3.Connection, keys: Iterable[str]) -> None:
    """A letter of a drill that comes an hour later misleads, and a dead one calls nobody."""
    connection.executemany(
        "DELETE FROM outbox WHERE key = ? AND incident = 0 AND state IN ('pending', 'dead')",
        [(key,) for key in keys],
    )


def take_back_all(connection: sqlite3.Connection, drill: Drill) -> None:
    """The same, of all that a drill wrote."""
    connection.execute(
        "DELETE FROM outbox WHERE kind = ? AND state IN ('pending', 'dead')"
        " AND json_extract(body, '$.drill') = ?",
        (KIND, drill.name),
    )


def gone(letter: Letter, way: Way | None) -> Letter:
    """As it went. What is not there, or was not taken by now, was taken by nobody."""
    if way is not None and way.state == "sent":
        return msgspec.structs.replace(letter, state="taken", after=max(0.0, way.sent - way.created))
    refused = way is not None and way.state == "dead"
    error = way.error[:300] if way is not None else ""
    return msgspec.structs.replace(letter, state="refused" if refused else "unanswered", error=error)


def settled(connection: sqlite3.Connection, drill: Drill) -> Drill:
    """With how its letters went that are not on record yet."""
    open_ = [one.key for one in drill.letters if one.key and one.state == "waiting"]
    found = ways(connection, open_)
    letters = [gone(one, found.get(one.key)) if one.key in open_ else one for one in drill.letters]
    return msgspec.structs.replace(drill, letters=tuple(letters))


def resolve(connection: sqlite3.Connection, drill: Drill, now: float) -> None:
    """Whoever took a letter is told that it is over, so that nothing stays open at a receiver. A mailbox is
    not: nothing stays open there."""
    letters = []
    for one in drill.letters:
        row = connection.execute(
            "SELECT contact, label, body FROM outbox WHERE key = ? AND state = 'sent'", (one.key,)
        ).fetchone()
        if one.state != "taken" or row is None or one.mailbox:
            continue
        told = msgspec.json.decode(row[2], type=Notification)
        ended = over(told, now, key=uuid.uuid4().hex)
        letters.append(Sealed(contact=row[0], label=row[1], notification=ended))
    # One a contact: the first and the escalations to it are one group there.
    outbox.put(connection, list({one.contact: one for one in letters}.values()), now)
