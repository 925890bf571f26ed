"""The letters of a drill in the outbox: how each went, and that what they told of is over."""

from __future__ import annotations

import re
import sqlite3
import uuid
from collections.abc import Iterable

import msgspec

from gadfly.alert import outbox
from gadfly.alert.notification import Notification
from gadfly.alert.outbox import Letter as Sealed
from gadfly.ask.drill.mark import KIND, over
from gadfly.ask.drill.record import DRILL, Drill, Letter
from gadfly.store import drills

_UNANSWERED = re.compile(
    r"^(No answer within|The connection broke|Its answer is not HTTP)|did not (end|finish) within"
)
"""How senders say that they do not know whether it was taken (:mod:`gadfly.alert.notify`)."""


class Way(msgspec.Struct, frozen=True):
    """How one went; times are seconds since the epoch."""

    state: str
    """Of the outbox: pending, claimed, sent or dead."""
    created: float
    sent: float
    error: str
    attempts: int = 0

    @property
    def open(self) -> bool:
        """It may still be taken."""
        return self.state in ("pending", "claimed")

    @property
    def unknown(self) -> bool:
        """It was tried, and may have been taken: no answer came, or none is on record."""
        silent = not self.error or _UNANSWERED.search(self.error) is not None
        return self.state == "claimed" or (self.state != "sent" and self.attempts > 0 and silent)


def ways(connection: sqlite3.Connection, keys: Iterable[str]) -> dict[str, Way]:
    """By key, of those that are there."""
    found = {}
    for key in keys:
        row = connection.execute(
            "SELECT state, created, sent, error, attempts FROM outbox WHERE key = ? AND incident = 0", (key,)
        ).fetchone()
        if row is not None:
            found[key] = Way(row[0], row[1], row[2] or row[1], row[3] or "", row[4])
    return found


def take_back(
    connection: sqlite3.Connection, letters: Iterable[Letter], now: float, *, under_way: bool = False
) -> None:
    """A letter of a drill that comes an hour later misleads, and a dead one calls nobody. `under_way`: those
    that are on their way, too. Whoever may have taken one is told that it is over."""
    told = []
    for one in letters:
        way = ways(connection, [one.key]).get(one.key)
        if way is None or way.state == "sent" or (way.state == "claimed" and not under_way):
            continue
        row = connection.execute(
            "DELETE FROM outbox WHERE key = ? AND incident = 0 RETURNING contact, label, body", (one.key,)
        ).fetchone()
        if way.unknown and not one.mailbox:
            told.append(_over(row, now))
    _put(connection, told, now)


def waits(connection: sqlite3.Connection) -> list[int]:
    """The drills of which letters have not been taken yet."""
    rows = connection.execute(
        "SELECT DISTINCT json_extract(body, '$.drill') FROM outbox"
        " WHERE state IN ('pending', 'claimed') AND kind = ?",
        (KIND,),
    )
    return [int(name.removeprefix(DRILL)) for (name,) in rows]


def take_back_all(connection: sqlite3.Connection, now: float) -> None:
    """At the start, when nobody carries any: those of all drills."""
    for number in waits(connection):
        text = drills.body(connection, number)
        letters = msgspec.json.decode(text, type=Drill).letters if text else ()
        take_back(connection, letters, now, under_way=True)


def gone(letter: Letter, way: Way | None) -> Letter:
    """As it went. What is not there, or was not taken by now, was taken by nobody, as far as is known."""
    if way is not None and way.state == "sent":
        return msgspec.structs.replace(letter, state="taken", after=max(0.0, way.sent - way.created))
    refused = way is not None and way.state == "dead"
    error = way.error[:300] if way is not None else ""
    return msgspec.structs.replace(
        letter,
        state="refused" if refused else "unanswered",
        error=error,
        unknown=way is not None and way.unknown,
    )


def settled(connection: sqlite3.Connection, drill: Drill) -> Drill:
    """With how its letters went that are not on record yet."""
    open_ = [one.key for one in drill.letters if one.key and one.state == "waiting"]
    found = ways(connection, open_)
    letters = [gone(one, found.get(one.key)) if one.key in open_ else one for one in drill.letters]
    return msgspec.structs.replace(drill, letters=tuple(letters))


def resolve(connection: sqlite3.Connection, drill: Drill, now: float) -> None:
    """Whoever took a letter is told that it is over, so that nothing stays open at a receiver. A mailbox is
    not: nothing stays open there."""
    told = []
    for one in drill.letters:
        row = connection.execute(
            "SELECT contact, label, body FROM outbox WHERE key = ? AND state = 'sent'", (one.key,)
        ).fetchone()
        if one.state == "taken" and row is not None and not one.mailbox:
            told.append(_over(row, now))
    _put(connection, told, now)


def _over(row: tuple[str, str, str], now: float) -> Sealed:
    """What says so, from the contact, the label and the body of what was told."""
    told = msgspec.json.decode(row[2], type=Notification)
    return Sealed(contact=row[0], label=row[1], notification=over(told, now, key=uuid.uuid4().hex))


def _put(connection: sqlite3.Connection, letters: Iterable[Sealed], now: float) -> None:
    """One a contact: the first and the escalations to it are one group there."""
    outbox.put(connection, list({one.contact: one for one in letters}.values()), now)
