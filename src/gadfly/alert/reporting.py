"""Alerts that were reported, into the book: what opens, goes on, recovers. What follows is the pipeline's."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from gadfly.alert import reported
from gadfly.alert.alert import Alert
from gadfly.alert.flip import Move
from gadfly.alert.pipeline import Pipeline
from gadfly.alert.reported import Reported

ROOM = 20_000
"""Alerts of this kind that are open at once. Nobody reads more, and a sender must not fill the disk."""


def report(
    pipeline: Pipeline, connection: sqlite3.Connection, reports: Sequence[Reported], now: float, wall: float
) -> int:
    """Take them, in their order; how many were refused: no room, or not theirs. In the store's thread.

    What a rule of this node has found is changed and ended by such a rule alone; it also takes over what was
    sent from outside under the same labels.
    """
    book = pipeline.book
    room = ROOM - sum(alert.reported is not None for alert in book.alerts.values())
    refused = 0
    opened: dict[str, Alert] = {}
    look: set[str] = set()
    pipeline.lookup.forget()
    for one in reports:
        over = one.ends is not None and one.ends <= wall
        name = reported.key(one.labels)
        alert = book.alerts.get(name)
        if alert is None and over:
            continue  # nobody was told that it began
        if alert is not None and (alert.reported is None or reported.foreign(one, alert.reported)):
            refused += 1  # a component has taken its key for a name, or a rule of this node has found it
            continue
        if alert is None:
            if room <= 0:
                refused += 1
                continue
            room -= 1
            alert = opened[name] = _open(pipeline, one, now)
        elif over:
            if alert.recovered is None:
                book.crossed(name, now)
                _move(pipeline, alert, Move.recovers, now)
            alert.expires = None
        else:
            _go_on(pipeline, alert, one, now)
        if not over and one.ends is not None:
            pipeline.expire(alert, now + one.ends - wall)
        elif not over:
            alert.expires = None
        look.add(name)
    pipeline.conclude(connection, opened, look, now, now, wall)
    return refused


def _open(pipeline: Pipeline, one: Reported, now: float) -> Alert:
    subject = reported.subject(one, pipeline.lookup.about)
    pipeline.book.crossed(subject.name, now)
    return pipeline.open(
        subject, reported.verdict(one.labels), reported.reason(one.annotations), one.starts, now, one
    )


def _go_on(pipeline: Pipeline, alert: Alert, one: Reported, now: float) -> None:
    relapses = alert.recovered is not None
    alert.reported = one
    alert.since = min(alert.since, one.starts)
    if relapses:
        pipeline.book.crossed(alert.component, now)
    _move(pipeline, alert, Move.relapses if relapses else Move.changes, now)


def _move(pipeline: Pipeline, alert: Alert, move: Move, now: float) -> None:
    assert alert.reported is not None
    one = alert.reported
    subject = reported.subject(one, pipeline.lookup.about)
    pipeline.move(alert, move, reported.verdict(one.labels), reported.reason(one.annotations), subject, now)
