"""Alerts, who was told, what was hushed: from the history of alerts, silences and acknowledgements."""

from __future__ import annotations

import bisect
import sqlite3
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from gadfly.alert.alert import URGENT, Alert, labels
from gadfly.alert.incident import Incident
from gadfly.alert.match import matches
from gadfly.ask_facts.columns import Columns, Tables, together
from gadfly.ask_facts.naming import verdict_check
from gadfly.ask_facts.stores import Stores

PAST = 366 * 86_400.0
"""Seconds of history that are read; no kind looks further back."""
MOST = 300_000
"""Alerts that are read, the newest."""
MATCHED = 2_000_000
"""Pairs of a silence and an alert that are held against each other."""
LATER = 3_600.0
"""Seconds after the end of an alert within which an act is still about it."""

_alert = msgspec.json.Decoder(Alert).decode
_incident = msgspec.json.Decoder(Incident).decode
_match = msgspec.json.Decoder(dict[str, str]).decode


def facts(stores: Stores) -> Tables:
    """The tables `alert`, `silence` and `silenced`."""
    alerts = Columns("alert")
    hushed: list[tuple[float, float, str, dict[str, str]]] = []
    incidents = _incidents(stores.connection)
    told = _told(stores.connection)
    again = _again(stores.connection)
    acts = _acts(stores.connection, stores.now - PAST)
    for alert in _alerts(stores.connection, stores.now - PAST):
        incident = incidents.get(alert.incident)
        acked = incident.acknowledged_at if incident is not None else None
        who = incident.acknowledged if incident is not None else ""
        to = told.get(alert.incident, "")
        component = about(alert)
        act = _first(acts.get(component, ()), alert.since, (alert.resolved or stores.now) + LATER)
        reason = _reason(alert, acked, act)
        alerts.add(
            id=f"a{alert.id}",
            check=check_of(alert, stores),
            component=component or None,
            owner=alert.subject.owner or None,
            started=alert.since,
            ended=alert.resolved,
            severity=severity(alert),
            page=alert.verdict in URGENT and bool(to),
            person=stores.pseudonym(to) if to else None,
            acked=acked,
            acked_by=stores.person(who) if acked is not None else None,
            acted=act[0] if act else None,
            actor=act[1] if act else None,
            action=act[2] if act else None,
            resolver=stores.person(who) if reason == "human" else None,
            end_reason=reason,
            traced=again.get(alert.incident),
        )
        hushed.append((alert.since, alert.resolved or stores.now, f"a{alert.id}", labels(alert)))
    silences, silenced = _silences(stores, hushed)
    return together(alerts, silences, silenced)


def about(alert: Alert) -> str:
    """The component that an alert is about; empty where none is known."""
    return alert.component if alert.reported is None else next(iter(alert.subject.needs), "")


def check_of(alert: Alert, stores: Stores) -> str:
    """The name of the check that fired: the rule's, or what a component's verdict came of."""
    if alert.reported is not None:
        return alert.reported.labels.get("alertname", "") or alert.component
    return verdict_check(alert.component, alert.verdict, alert.reason, stores)


def severity(alert: Alert) -> str:
    """As its labels say; of a verdict: critical where it is told at any hour."""
    said = alert.reported.labels.get("severity", "") if alert.reported else ""
    return said or ("critical" if alert.verdict in URGENT else "warning")


def _reason(alert: Alert, acked: float | None, act: tuple[float, str, str] | None) -> str | None:
    """Who ended it. That somebody took it upon them and it then ended is a person's work, as far as anybody
    can tell; nothing done and nobody there: it ended by itself."""
    if alert.resolved is None:
        return None
    if act is not None and act[0] <= alert.resolved:
        return act[1]
    return "human" if acked is not None and acked <= alert.resolved else "itself"


def _alerts(connection: sqlite3.Connection, since: float) -> Iterator[Alert]:
    rows = connection.execute(
        "SELECT body FROM (SELECT id, body FROM alert WHERE resolved IS NULL OR resolved > ?"
        " ORDER BY id DESC LIMIT ?) ORDER BY id",
        (since, MOST),
    )
    return (_alert(row[0]) for row in rows)


def _incidents(connection: sqlite3.Connection) -> dict[int, Incident]:
    return {number: _incident(body) for number, body in connection.execute("SELECT id, body FROM incident")}


def _told(connection: sqlite3.Connection) -> dict[int, str]:
    """Of each incident the contact that was told first."""
    rows = connection.execute(
        "SELECT incident, label, MIN(id) FROM outbox WHERE incident > 0 GROUP BY incident"
    )
    return {incident: label for incident, label, _ in rows}


def _again(connection: sqlite3.Connection) -> dict[int, float]:
    """Of incidents that were taken on more than once: when last."""
    rows = connection.execute(
        "SELECT incident, MAX(at) FROM acknowledgement GROUP BY incident HAVING COUNT(*) > 1"
    )
    return dict(rows)


def _acts(connection: sqlite3.Connection, since: float) -> dict[str, list[tuple[float, str, str]]]:
    """By target what was done to it in the order of time: when, by whom (human, machine), what."""
    found: dict[str, list[tuple[float, str, str]]] = {}
    rows = connection.execute(
        "SELECT r.target, r.at, i.principal, i.action FROM reservation r JOIN intent i ON i.id = r.intent"
        " WHERE r.at > ? AND i.state <> 'cancelled' AND i.action NOT LIKE 'notify%' ORDER BY r.at",
        (since,),
    )
    for target, at, principal, action in rows:
        actor = "human" if principal.startswith("person:") else "machine"
        found.setdefault(target, []).append((at, actor, action))
    return found


def _first(acts: Any, start: float, end: float) -> tuple[float, str, str] | None:
    """The first act in that time."""
    place = bisect.bisect_left(acts, (start,))
    return acts[place] if place < len(acts) and acts[place][0] <= end else None


def _silences(
    stores: Stores, alerts: list[tuple[float, float, str, dict[str, str]]]
) -> tuple[Columns, Columns]:
    silences, silenced = Columns("silence"), Columns("silenced")
    starts = np.array([one[0] for one in alerts])
    untils = np.array([one[1] for one in alerts])
    owners = {one.name: one.owner for one in stores.subjects}
    left = MATCHED
    rows = stores.connection.execute("SELECT id, matchers, starts, ends, reason, ended_by FROM silence")
    for number, matchers, begins, ends, reason, ended_by in rows:
        match = _match(matchers)
        component = _named(match, "component")
        silences.add(
            id=f"s{number}",
            owner=_named(match, "owner") or owners.get(component or "") or None,
            matchers=matchers,
            component=component,
            reason=stores.pseudonym_in(reason),
            created=begins,
            starts=begins,
            ends=ends,
            ended=ends if ended_by else None,
        )
        touched = np.flatnonzero((starts < ends) & (untils > begins)).tolist() if left > 0 else []
        left -= len(touched)
        for place in touched:
            since, _, alert, named = alerts[place]
            if matches(match, named):
                silenced.add(silence=f"s{number}", alert=alert, at=max(since, begins))
    return silences, silenced


def _named(match: dict[str, str], label: str) -> str | None:
    """What a matcher names outright."""
    value = match.get(label, "")
    return value if value and value[0] not in "~!" else None
