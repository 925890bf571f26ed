"""Bad times of components: down spells from the history of verdicts, and the trouble that people took on."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator

import msgspec

from gadfly.alert.alert import Alert, subject_labels
from gadfly.alert.incident import Incident
from gadfly.alert.match import matches
from gadfly.ask_facts.alerts import PAST, about, check_of
from gadfly.ask_facts.columns import Columns, Tables, together
from gadfly.ask_facts.stores import Stores
from gadfly.config.alerting import Maintenance
from gadfly.monitor import jobs
from gadfly.monitor.verdict import Verdict

BAD = frozenset({Verdict.down, Verdict.gray, Verdict.zombie, Verdict.missing})
UNKNOWN = frozenset({Verdict.unknown, Verdict.left})
"""Neither well nor bad: a bad time that ends so is one whose end nobody saw."""
JUST_BEFORE = 300.0
"""Seconds within which the failure of a dependency stands before a spell."""
FLIPS = 1_000_000
WINDOWS = 20_000
"""Windows of maintenance that are told, each of each component."""
AHEAD = 30 * 86_400.0

_alert = msgspec.json.Decoder(Alert).decode
_incident = msgspec.json.Decoder(Incident).decode


def facts(stores: Stores) -> Tables:
    """The tables `spell`, `window` and `incident`."""
    spells = list(_spells(stores.connection, stores.now - PAST))
    return together(_told(stores, spells), _windows(stores, spells), _incidents(stores))


def _spells(connection: sqlite3.Connection, since: float) -> Iterator[tuple[str, float, float | None]]:
    """Component, begin and end (None: it lasts), in the order of their begins within a component."""
    open_: dict[str, float] = {}
    rows = connection.execute(
        "SELECT component, at, before, after FROM (SELECT * FROM flip WHERE at > ? ORDER BY id DESC LIMIT ?)"
        " ORDER BY id",
        (since, FLIPS),
    )
    for component, at, before, after in rows:
        bad = after in BAD
        if bad and component not in open_:
            open_[component] = at
        elif not bad and component in open_:
            began = open_.pop(component)
            if after not in UNKNOWN and before in BAD:
                yield component, began, at
    for component, began in open_.items():
        yield component, began, None


def _told(stores: Stores, spells: list[tuple[str, float, float | None]]) -> Columns:
    found = Columns("spell")
    began: dict[str, list[float]] = {}
    for component, start, _ in spells:
        began.setdefault(component, []).append(start)
    needs = {one.name: one.needs for one in stores.subjects}
    for component, start, end in spells:
        before = [
            (start - at, need)
            for need in needs.get(component, ())
            for at in began.get(need, ())
            if 0 <= start - at <= JUST_BEFORE
        ]
        within, after = min(before, default=(None, None))
        found.add(component=component, kind="down", began=start, ended=end, after=after, within=within)
    return found


def _windows(stores: Stores, spells: list[tuple[str, float, float | None]]) -> Columns:
    """Declared windows with their components, of the past and the month to come."""
    found = Columns("window")
    own: dict[str, list[tuple[float, float]]] = {}
    for component, begin, end in spells:
        if end is not None:
            own.setdefault(component, []).append((begin, end))
    for declared in stores.config.maintenance:
        # Named by what it says, so that another order of the file renames none.
        said = msgspec.json.encode([sorted(declared.match.items()), declared.schedule])
        mark = hashlib.blake2b(said, digest_size=6).hexdigest()
        named = [
            one.name
            for one in stores.subjects
            if matches(declared.match, subject_labels(one, Verdict.healthy))
        ]
        for starts, ends in _times(declared, stores.now - PAST, stores.now + AHEAD):
            for name in named:
                if found.count >= WINDOWS:
                    return found
                over = [end for begin, end in own.get(name, ()) if starts <= begin < ends]
                found.add(
                    id=f"{mark}-{int(starts)}",
                    component=name,
                    starts=starts,
                    ends=ends,
                    finished=max(over, default=None),
                )
    return found


def _times(declared: Maintenance, start: float, end: float) -> Iterator[tuple[float, float]]:
    """Begin and end of each of its windows that touch that time."""
    if not declared.schedule:
        if declared.starts is not None and declared.ends is not None:
            begins, ends = declared.starts.timestamp(), declared.ends.timestamp()
            if ends > start and begins < end:
                yield begins, ends
        return
    plan = jobs.Plan(schedule=declared.schedule)
    at: float | None = start
    while at is not None and (at := jobs.next_due(plan, at)) is not None and at < end:
        yield at, at + float(declared.lasts)


def _incidents(stores: Stores) -> Columns:
    """Real trouble: a component was bad, as its verdict says, and a person took it upon them. What only a
    rule said, or nobody took on, is an alert."""
    found = Columns("incident")
    first: dict[int, Alert] = {}
    rows = stores.connection.execute(
        "SELECT incident, body FROM alert WHERE since > ? AND incident IN (SELECT id FROM incident WHERE"
        " json_extract(body, '$.acknowledged_at') IS NOT NULL) ORDER BY id DESC LIMIT ?",
        (stores.now - PAST, FLIPS),
    )
    for incident, body in rows:
        alert = _alert(body)
        if alert.reported is None and alert.verdict in BAD:
            first[incident] = alert
    for number, body in stores.connection.execute("SELECT id, body FROM incident"):
        incident = _incident(body)
        begun = first.get(number)
        if begun is None or incident.acknowledged_at is None or incident.merged:
            continue
        found.add(
            id=f"i{number}",
            component=about(begun),
            owner=begun.subject.owner or None,
            began=begun.since,
            ended=incident.resolved,
            first_alert=begun.since,
            found_by=check_of(begun, stores),
        )
    return found
