"""Somebody takes an incident on: it is found, noted, told and written down."""

from __future__ import annotations

import sqlite3

import msgspec

from gadfly.alert import outbox, record
from gadfly.alert.book import Book
from gadfly.alert.incident import Incident
from gadfly.alert.pipeline import Pipeline
from gadfly.errors import Refused


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody took something on; `count` alerts are covered."""

    id: str
    who: str
    note: str
    at: float
    count: int


def acknowledge(
    pipeline: Pipeline,
    connection: sqlite3.Connection,
    target: str,
    who: str,
    note: str,
    now: float,
    wall: float,
) -> Acknowledgement:
    """By an incident's id, an alert's, or a component's name. In the store's thread.

    Refused where none is open.
    """
    book, journal = pipeline.book, pipeline.journal
    incident = _find(book, target)
    names = book.members[incident.id]
    count = len(names)
    alerts = (book.alerts[name] for name in names)
    entry = record.acknowledged(incident, journal.token(who), journal.fit(note), alerts, count, wall)
    journal.write(connection, [entry])
    incident.acknowledged, incident.note, incident.acknowledged_at = who, note, wall
    book.touch_incident(incident)
    connection.execute(
        "INSERT INTO acknowledgement (incident, at, who, note) VALUES (?, ?, ?, ?)",
        (incident.id, wall, who, note),
    )
    letters = []
    for desk in book.desks.get(incident.id, {}).values():
        letters += pipeline.telling.acknowledged(book, incident, desk, wall)
        book.touch_thread(desk.thread)
    outbox.put(connection, letters, wall)
    pipeline.finish(connection, (), {incident.id}, now, wall)
    return Acknowledgement(id=target, who=who, note=note, at=wall, count=count)


def _find(book: Book, target: str) -> Incident:
    number = 0
    if alert := book.alerts.get(target):
        number = alert.incident
    elif target[:1] == "i" and target[1:].isdigit():
        number = int(target[1:])
    elif target[:1] == "a" and target[1:].isdigit():
        wanted = int(target[1:])
        number = next((one.incident for one in book.alerts.values() if one.id == wanted), 0)
    if number not in book.incidents:
        raise Refused(f"Nothing is open under {target[:80]!r}: no incident, no alert, no component.", 404)
    return book.incidents[number]
