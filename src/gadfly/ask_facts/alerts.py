"""Alerts, who was told, what was hushed: from the history of alerts, silences and acknowledgements."""

from __future__ import annotations

import bisect
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from gadfly.alert.alert import URGENT, Alert, labels
from gadfly.alert.escalate import find
from gadfly.alert.incident import Incident
from gadfly.alert.match import matches
from gadfly.ask_facts.columns import Columns, Tables, together
from gadfly.ask_facts.naming import rule_check, verdict_check
from gadfly.ask_facts.stores import Stores
from gadfly.store.retention import Limits
from gadfly.store.tokens import is_person

PAST = 366 * 86_400.0
"""Seconds of history that are read; no kind looks further back."""
MOST = 300_000
"""Alerts that are read, the newest."""
MATCHED = 2_000_000
"""Pairs of a silence and an alert that are held against each other."""
LATER = 3_600.0
"""Seconds after the end of an alert within which an act is still about it."""


class Named(msgspec.Struct):
    """An alert that a letter lists."""

    component: str
    starts: float


class Letter(msgspec.Struct):
    """What a letter of the outbox says of alerts."""

    items: tuple[Named, ...]
    total: int


class Told(NamedTuple):
    """What the outbox still knows of who was told."""

    who: dict[tuple[str, float], str]
    """By component and begin of an alert who was told of it first, a pseudonym."""
    short: set[int]
    """Incidents of which a letter only counted some alerts."""
    since: float
    """Letters of before are gone."""


_alert = msgspec.json.Decoder(Alert).decode
_letter = msgspec.json.Decoder(Letter).decode
_incident = msgspec.json.Decoder(Incident).decode
_match = msgspec.json.Decoder(dict[str, str]).decode


def facts(stores: Stores) -> Tables:
    """The tables `alert`, `silence` and `silenced`."""
    alerts = Columns("alert")
    hushed: list[tuple[float, float, str, dict[str, str]]] = []
    incidents = _incidents(stores.connection)
    told = _told(stores)
    words = _words(stores.connection)
    acts = done(stores.connection, stores.now - PAST)
    for alert in _alerts(stores.connection, stores.now - PAST):
        acked, who = _taken(alert, incidents.get(alert.incident), words.get(alert.incident, ()))
        again = max((at for at, _ in words.get(alert.incident, ())), default=None)
        to = told.who.get((alert.component, alert.since))
        component = about(alert)
        act = first_act(acts.get(component, ()), alert.since, (alert.resolved or stores.now) + LATER)
        reason = _reason(alert, acked, act)
        alerts.add(
            id=f"a{alert.id}",
            check=check_of(alert, stores),
            component=component or None,
            owner=alert.subject.owner or None,
            started=alert.since,
            ended=alert.resolved,
            severity=severity(alert),
            page=_page(alert, told),
            person=to,
            acked=acked,
            acked_by=stores.person(who) if acked is not None else None,
            acted=act[0] if act else None,
            actor=act[1] if act else None,
            action=act[2] if act else None,
            resolver=stores.person(who) if reason == "human" else None,
            end_reason=reason,
            traced=again if acked is not None and again is not None and again > acked else None,
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
        said = alert.reported.labels
        name = said.get("alertname", "")
        return rule_check(name, said.get("severity", ""), stores) if name else alert.component
    return verdict_check(alert.component, alert.verdict, alert.reason, stores)


def firing(stores: Stores) -> dict[str, list[tuple[float, float]]]:
    """By check from when until when it fired; what still does, until now."""
    found: dict[str, list[tuple[float, float]]] = {}
    for alert in _alerts(stores.connection, stores.now - PAST):
        until = stores.now if alert.resolved is None else alert.resolved
        found.setdefault(check_of(alert, stores), []).append((alert.since, until))
    return found


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


def _told(stores: Stores) -> Told:
    """Who was told of which alert, by the letters that are kept."""
    limits = Limits()
    kept, oldest = stores.connection.execute(
        "SELECT COUNT(*), MIN(created) FROM outbox WHERE state = 'sent'"
    ).fetchone()
    since = stores.now - limits.age
    found = Told({}, set(), max(since, oldest) if kept >= limits.sent else since)
    rows = stores.connection.execute(
        "SELECT incident, contact, label, body FROM outbox"
        " WHERE incident > 0 AND kind IN ('firing', 'update', 'reminder', 'escalation') ORDER BY id"
    )
    for incident, contact, label, body in rows:
        letter = _letter(body)
        who = _contact(stores, contact, label)
        for one in letter.items:
            found.who.setdefault((one.component, one.starts), who)
        if letter.total > len(letter.items):
            found.short.add(incident)
    return found


def _contact(stores: Stores, contact: str, label: str) -> str:
    """The pseudonym of the person whose mailbox it is, as everywhere; else of the contact."""
    address = find(stores.config.owner, contact) or ""
    box = address.removeprefix("mailto:").casefold()
    return stores.pseudonym(box if address.startswith("mailto:") and is_person(box) else label)


def _page(alert: Alert, told: Told) -> bool | None:
    """Whether somebody was rung for it; None: its letter is gone, or counted it without its name."""
    if alert.verdict not in URGENT:
        return False
    if (alert.component, alert.since) in told.who:
        return True
    return None if alert.since < told.since or alert.incident in told.short else False


def _words(connection: sqlite3.Connection) -> dict[int, list[tuple[float, str]]]:
    """Of each incident when it was taken on, and by whom, the earliest first."""
    found: dict[int, list[tuple[float, str]]] = {}
    for incident, at, who in connection.execute("SELECT incident, at, who FROM acknowledgement ORDER BY at"):
        found.setdefault(incident, []).append((at, who))
    return found


def _taken(
    alert: Alert, incident: Incident | None, words: Sequence[tuple[float, str]]
) -> tuple[float | None, str]:
    """When somebody took this alert upon them, and who. What was said of its incident before it began, or
    after it was over, was about others."""
    if not words and incident is not None and incident.acknowledged_at is not None:
        words = ((incident.acknowledged_at, incident.acknowledged),)
    for at, who in words:
        if alert.since <= at and (alert.resolved is None or at <= alert.resolved):
            return at, who
    return None, ""


def done(connection: sqlite3.Connection, since: float) -> dict[str, list[tuple[float, str, str]]]:
    """By target what was done to it in the order of time: when, by whom (human, machine), what. To tell
    somebody is no act."""
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


def first_act(acts: Any, start: float, end: float) -> tuple[float, str, str] | None:
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
            # The row of one that was ended early has forgotten until when it was meant to last.
            ends=None if ended_by else ends,
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
