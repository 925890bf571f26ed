"""Silences are made and ended: checked, written down, and every alert looked at again."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import msgspec

from gadfly.alert import match, record
from gadfly.alert.pipeline import Pipeline
from gadfly.alert.silence import LONGEST, Silence
from gadfly.errors import LimitError, Refused

SILENCES = 1000
"""In force at the same time at most: each is compared with every alert."""


def check(matchers: Mapping[str, str], ends: float, reason: str, who: str, wall: float) -> None:
    """Refused where such a silence cannot be."""
    match.check(matchers)
    if not reason.strip() or len(reason) > 2000 or len(who) > 200:
        raise Refused("A silence needs a reason of 1 to 2000 characters: the next one on duty reads it.", 400)
    if not 0 < ends - wall <= LONGEST:
        raise Refused("A silence ends in the future, within 366 days.", 400)


def add(
    pipeline: Pipeline,
    connection: sqlite3.Connection,
    wanted: dict[str, str],
    ends: float,
    reason: str,
    who: str,
    now: float,
    wall: float,
) -> Silence:
    """From now on; what is asked for was checked. In the store's thread. LimitError: there are too many."""
    book = pipeline.book
    while len(book.silences) >= SILENCES:
        first = min(book.silences.values(), key=lambda one: one.ends)
        if first.ends > wall:
            raise LimitError(f"There are {SILENCES} silences already; end some that are not needed.")
        book.end_silence(first.id)
    cursor = connection.execute(
        "INSERT INTO silence (matchers, starts, ends, reason, who) VALUES (?, ?, ?, ?, ?)",
        (msgspec.json.encode(wanted).decode(), wall, ends, reason, who),
    )
    made = Silence(id=cursor.lastrowid or 0, match=wanted, starts=wall, ends=ends, reason=reason, who=who)
    _note(pipeline, connection, "added", made, who, wall)
    book.silences[made.id] = made
    pipeline.look_again(connection, now, wall)
    return made


def end(
    pipeline: Pipeline, connection: sqlite3.Connection, id: str, who: str, now: float, wall: float
) -> None:
    """End it now. In the store's thread. Refused where none is in force under this number."""
    book = pipeline.book
    found = book.silences.get(int(id)) if id.isdigit() else None
    if found is None or found.ends <= wall:
        raise Refused(f"There is no silence {id[:40]}.", 404)
    _note(pipeline, connection, "ended", found, who, wall)
    book.end_silence(found.id)
    connection.execute("UPDATE silence SET ends = ?, ended_by = ? WHERE id = ?", (wall, who, int(id)))
    pipeline.look_again(connection, now, wall)


def _note(
    pipeline: Pipeline, connection: sqlite3.Connection, event: str, one: Silence, who: str, wall: float
) -> None:
    journal = pipeline.journal
    journal.write(connection, [record.silence(event, one, journal.token(who), journal.fit(one.reason), wall)])
