"""Alerts, incidents and notifications as people see them. Times are seconds since the epoch."""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from gadfly.alert import shown
from gadfly.alert.alert import Alert, labels
from gadfly.alert.book import Book
from gadfly.alert.cause import Key
from gadfly.alert.incident import Incident
from gadfly.alert.listing import cause_words
from gadfly.monitor.verdict import Verdict
from gadfly.store import flips

LISTED = 20
"""Components named of an incident."""
NOBODY = "nobody is named who could be told"

_alert = msgspec.json.Decoder(Alert).decode
_incident = msgspec.json.Decoder(Incident).decode


class ComponentStory(msgspec.Struct, frozen=True, kw_only=True):
    """What the alerts know of one component; each list newest first."""

    flips: tuple[shown.Flip, ...] = ()
    alerts: tuple[shown.Alert, ...] = ()
    notifications: tuple[shown.Notice, ...] = ()


def standing(book: Book, limit: int) -> list[shown.Alert]:
    """The newest of the open alerts, newest first."""
    return [
        show(alert, book.incidents.get(alert.incident))
        for alert in heapq.nlargest(limit, book.alerts.copy().values(), key=lambda one: one.id)
    ]


def resolved(connection: sqlite3.Connection, limit: int) -> list[shown.Alert]:
    """Those that ended, the last opened first."""
    rows = connection.execute(
        "SELECT alert.body, incident.body FROM alert LEFT JOIN incident ON incident.id = alert.incident"
        " WHERE alert.resolved IS NOT NULL ORDER BY alert.id DESC LIMIT ?",
        (limit,),
    )
    return [show(_alert(body), _incident(incident) if incident else None) for body, incident in rows]


def incidents(connection: sqlite3.Connection, book: Book) -> list[shown.Incident]:
    """The open incidents, newest first."""
    found = []
    for incident in sorted(book.incidents.copy().values(), key=lambda one: one.id, reverse=True):
        names = book.members.get(incident.id, set()).copy()
        alerts = [alert for name in names if (alert := book.alerts.get(name))]
        first = heapq.nsmallest(LISTED, alerts, key=lambda one: (one.verdict, one.since, one.component))
        if first:
            found.append(_shown(book, incident, first, len(alerts), told(connection, incident.id)))
    return found


def told(connection: sqlite3.Connection, incident: int) -> tuple[str, ...]:
    """Who got something about it, in the order in which they were drawn in."""
    rows = connection.execute(
        "SELECT label, MIN(id) FROM outbox WHERE incident = ? GROUP BY label ORDER BY 2", (incident,)
    )
    return tuple(row[0] for row in rows)


def story(connection: sqlite3.Connection, component: str, limit: int) -> ComponentStory:
    """The newest of everything about one component."""
    rows = connection.execute(
        "SELECT alert.body, incident.body FROM alert LEFT JOIN incident ON incident.id = alert.incident"
        " WHERE alert.component = ? ORDER BY alert.id DESC LIMIT ?",
        (component, limit),
    ).fetchall()
    alerts = [show(_alert(body), _incident(incident) if incident else None) for body, incident in rows]
    numbers = sorted({int(alert.incident[1:]) for alert in alerts}, reverse=True)
    return ComponentStory(
        flips=tuple(
            shown.Flip(
                at=flip.at,
                before=Verdict(flip.before).name,
                after=Verdict(flip.after).name,
                reason=flip.reason,
            )
            for flip in flips.of(connection, component, limit)
        ),
        alerts=tuple(alerts),
        notifications=tuple(_notices(connection, numbers, limit)),
    )


def show(alert: Alert, incident: Incident | None) -> shown.Alert:
    """One alert for people."""
    open_ = alert.resolved is None
    return shown.Alert(
        id=f"a{alert.id}",
        component=alert.component,
        verdict=alert.verdict.name,
        reason=alert.reason,
        state="firing" if open_ else "resolved",
        started=alert.since,
        ended=alert.resolved,
        owner=alert.subject.owner,
        was=alert.was,
        incident=f"i{alert.incident}",
        acknowledged=incident.acknowledged if incident else "",
        note=incident.note if incident else "",
        suppressed=_suppressed(alert) if open_ else "",
        flapping=alert.flapping,
        **_said(alert),
    )


def _said(alert: Alert) -> dict[str, Any]:
    one = alert.reported
    if one is None:
        return {}
    return {
        "title": alert.title,
        "about": next(iter(alert.subject.needs), ""),
        "labels": one.labels,
        "annotations": one.annotations,
        "source": one.source,
        "generator": one.generator,
    }


def _suppressed(alert: Alert) -> str:
    return alert.muted or ("" if alert.targets else NOBODY)


def _shown(
    book: Book, incident: Incident, first: Sequence[Alert], count: int, told: tuple[str, ...]
) -> shown.Incident:
    owners = dict.fromkeys(alert.subject.owner for alert in first if alert.subject.owner)
    reasons = {_suppressed(alert) for alert in first}
    return shown.Incident(
        id=f"i{incident.id}",
        cause=cause_words(book, incident, first, count),
        started=incident.opened,
        owner=next(iter(owners), ""),
        verdict=first[0].verdict.name,
        count=count,
        components=tuple(alert.component for alert in first),
        titles={alert.component: alert.title for alert in first if alert.reported},
        acknowledged=incident.acknowledged,
        note=incident.note,
        suppressed=next(iter(reasons)) if len(reasons) == 1 else "",
        told=told,
        match=_match(
            incident, first, book.tallies[incident.id].counts if incident.id in book.tallies else {}, count
        ),
    )


def _match(incident: Incident, first: Sequence[Alert], tally: dict[Key, int], count: int) -> dict[str, str]:
    """The narrowest matcher that covers the incident: a component, a host, a group, or what all share."""
    reported = [alert.reported.labels for alert in first if alert.reported]
    if count == 1:
        return _exactly(reported[0]) if reported else {"component": first[0].component}
    if reported:
        names = {one.get("alertname", "") for one in reported}
        return {"alertname": names.pop()} if len(names) == 1 and len(reported) == len(first) else {}
    own = [labels(alert) for alert in first]
    for name in ("host", "group", "owner", "kind"):
        values = {one[name] for one in own}
        if len(values) == 1 and (value := values.pop()):
            return {name: value}
    return (
        {"component": "~" + "|".join(_escaped(alert.component) for alert in first)} if count <= LISTED else {}
    )


def _exactly(labels: dict[str, str]) -> dict[str, str]:
    """A matcher of these values, none of which is taken for an expression."""
    return {
        name: value if value[:1] not in ("~", "!") else f"~{_escaped(value)}"
        for name, value in labels.items()
    }


def _escaped(name: str) -> str:
    return "".join(
        character if character.isalnum() or character in "-_" else f"\\{character}" for character in name
    )


def _notices(connection: sqlite3.Connection, numbers: Sequence[int], limit: int) -> list[shown.Notice]:
    found: list[shown.Notice] = []
    for number in numbers:
        rows = connection.execute(
            "SELECT id, created, sent, label, kind, state, attempts, error FROM outbox WHERE incident = ?"
            " ORDER BY id DESC LIMIT ?",
            (number, limit - len(found)),
        )
        found += [
            shown.Notice(
                at=sent or created,
                to=label,
                what=kind,
                state={"sent": "sent", "dead": "dead"}.get(state, "waiting"),
                attempts=attempts,
                error=error,
            )
            for _, created, sent, label, kind, state, attempts, error in rows
        ]
    return found
