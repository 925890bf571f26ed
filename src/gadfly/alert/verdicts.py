"""Changes of verdict, into history and book: what opens, goes on, recovers. The pipeline follows."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from gadfly.alert import record
from gadfly.alert.alert import Alert
from gadfly.alert.flip import CROSSINGS, Move, Standing, judge
from gadfly.alert.pipeline import Pipeline
from gadfly.ledger.journal import Journal
from gadfly.monitor.change import Change
from gadfly.monitor.verdict import Verdict
from gadfly.store import flips

LATE = 60.0
"""Seconds that a change may have waited before it is looked at; what is older has a wrong clock."""


def take(
    pipeline: Pipeline, connection: sqlite3.Connection, changes: Sequence[Change], now: float, wall: float
) -> None:
    """Changes of verdict, in their order. In the store's thread."""
    book = pipeline.book
    history: list[Change] = []
    opened: dict[str, Alert] = {}
    look: set[str] = set()
    pipeline.lookup.forget()
    for change in changes:
        alert = book.alerts.get(change.component)
        if alert is not None and alert.reported is not None:
            continue  # a stranger that calls itself like an alert's key ends no alert
        move = judge(_standing(alert), change.after, pipeline.told)
        # That a node which just started finds its components well is no history.
        if alert or move is not Move.nothing or change.before is not Verdict.unknown:
            history.append(change)
        subject = change.subject
        if change.at <= pipeline.turned:  # it waited, and a reload may have given the component another owner
            subject = pipeline.lookup.known(change.component) or subject
        if move in CROSSINGS:
            book.crossed(change.component, now)
        if move is Move.opens:
            opened[change.component] = pipeline.open(subject, change.after, change.reason, change.at, now)
            look |= book.below.get(change.component, set())
        elif alert is not None and move is not Move.nothing:
            pipeline.move(alert, move, change.after, change.reason, subject, now)
            look.add(change.component)
            look |= book.below.get(change.component, set())
    _remember(connection, pipeline.journal, history, wall)
    # By when it happened, not when it is looked at: in a large failure that may be seconds later.
    happened = now - min(max(0.0, wall - max((one.since for one in opened.values()), default=wall)), LATE)
    pipeline.conclude(connection, opened, look, happened, now, wall)


def _remember(
    connection: sqlite3.Connection, journal: Journal, changes: Sequence[Change], wall: float
) -> None:
    """Write them into history and ledger, each row with its entry."""
    entries, where = record.flips(changes, wall)
    written = journal.observe(connection, entries)
    flips.add(
        connection,
        (
            flips.Flip(
                change.at,
                change.component,
                change.before,
                change.after,
                change.reason,
                written[place] if written else None,
            )
            for change, place in zip(changes, where, strict=True)
        ),
    )


def _standing(alert: Alert | None) -> Standing:
    if alert is None:
        return Standing.none
    return Standing.firing if alert.recovered is None else Standing.recovering
