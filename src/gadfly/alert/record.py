"""What happened in one transaction, as entries of the ledger. Pure.

Bursts are condensed: components that went the same way for the same reason in one transaction are one entry,
with their number, a sample of their names, and a digest of all of them. The digest is the SHA-256 of the
names in their order, each followed by a line feed; the names themselves stand in the history, so that the one
can be held against the other. A hundred thousand lost at once are a few entries, not a hundred thousand.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gadfly.alert.alert import Alert
from gadfly.alert.incident import Incident
from gadfly.alert.outbox import Letter
from gadfly.alert.silence import Silence
from gadfly.ledger.entry import Entry
from gadfly.monitor.change import Change

BURST = 4
"""From so many on, the same is said once. Fewer are sooner read than a digest is checked."""
SAMPLE = 8
"""Names that stand in the entry of a burst."""
OWNERS = 16
"""Owners that the entry of a burst is about; more are counted."""
SAID = 2000
"""Characters of a reason at most."""

NAME = 200
"""Characters of an owner's name that stand in a subject: a component may announce any."""

NODE = "node"
"""The principal of what happens by itself."""

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


def stamp(at: float) -> str:
    """RFC 3339 with milliseconds, in UTC."""
    moment = dt.datetime.fromtimestamp(at, dt.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def digest(names: Iterable[str]) -> str:
    """SHA-256, in hexadecimal, of the names in their order, each once and followed by a line feed."""
    return hashlib.sha256("".join(f"{name}\n" for name in sorted(set(names))).encode()).hexdigest()


def said(text: str) -> str:
    """Words from outside as an entry can hold them: not endless, and valid Unicode."""
    return text[:SAID].encode("utf-8", "replace").decode()


def flips(changes: Sequence[Change], wall: float) -> tuple[list[Entry], list[int]]:
    """Entries for changes of verdict, and for each change the place of its entry in them."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for place, change in enumerate(changes):
        # Numbers in a reason (seconds, ports) differ where the reason does not.
        key = (change.before, change.after, _NUMBER.sub("#", change.reason))
        groups.setdefault(key, []).append(place)
    entries: list[Entry] = []
    where = [0] * len(changes)
    for places in groups.values():
        alike = [changes[place] for place in places]
        pieces = [alike] if len(alike) >= BURST else [[change] for change in alike]
        entries += [_flip(piece, wall) for piece in pieces]
        for offset, place in enumerate(places):
            where[place] = len(entries) - (1 if len(pieces) == 1 else len(pieces) - offset)
    return entries, where


def _flip(changes: Sequence[Change], wall: float) -> Entry:
    first = changes[0]
    body: dict[str, Any] = {
        "before": first.before.name,
        "after": first.after.name,
        "reason": said(first.reason),
        "happened": stamp(min(change.at for change in changes)),
    }
    owners = Counter(change.subject.owner for change in changes)
    names = [change.component for change in changes]
    return _entry("flip", body, names, owners, wall)


def _entry(
    kind: str,
    body: dict[str, Any],
    names: Sequence[str],
    owners: Mapping[str, int],
    wall: float,
    about: tuple[str, ...] = (),
) -> Entry:
    """An entry about one component, or about many in short."""
    each = sorted(set(names))
    if len(each) == 1:
        body["component"] = each[0]
        about = (*about, f"component:{each[0]}")
    else:
        body["count"] = len(each)
        body["sample"] = each[:SAMPLE]
        body["digest"] = digest(each)
    if len(names) > len(each):
        body["changes"] = len(names)
    named = sorted((owner for owner in owners if owner), key=lambda owner: (-owners[owner], owner))
    if len(named) > OWNERS:
        body["more_owners"] = len(named) - OWNERS
    about += tuple(f"owner:{said(owner[:NAME])}" for owner in named[:OWNERS])
    return Entry(kind=kind, who=NODE, about=about, body=body, at=wall)


def alerts(
    opened: Iterable[Alert], ended: Iterable[Alert], closed: Iterable[Incident], wall: float
) -> list[Entry]:
    """Entries for alerts that opened and ended, each incident's together; and for its end."""
    found: list[Entry] = []
    for event, some in (("opened", opened), ("ended", ended)):
        by_incident: dict[int, list[Alert]] = {}
        for alert in some:
            by_incident.setdefault(alert.incident, []).append(alert)
        found += [_alerts(event, number, members, wall) for number, members in by_incident.items()]
    for incident in closed:
        body: dict[str, Any] = {"event": "closed", "incident": f"i{incident.id}", "alerts": incident.size}
        if incident.merged:
            body |= {"event": "merged", "into": f"i{incident.merged}"}
        about = (f"incident:i{incident.id}", *((f"incident:i{incident.merged}",) if incident.merged else ()))
        found.append(Entry(kind="alert", who=NODE, about=about, body=body, at=wall))
    return found


def passed(moves: Iterable[tuple[Alert, str, str]], wall: float) -> list[Entry]:
    """Entries for alerts that went from one owner to another, each pair's of an incident together."""
    groups: dict[tuple[int, str, str], list[Alert]] = {}
    for alert, was, now in moves:
        groups.setdefault((alert.incident, was, now), []).append(alert)
    found: list[Entry] = []
    for (number, was, now), members in groups.items():
        body = {"event": "passed", "incident": f"i{number}", "from": said(was[:NAME]), "to": said(now[:NAME])}
        names = [alert.component for alert in members]
        found.append(_entry("alert", body, names, {was: 1, now: 1}, wall, (f"incident:i{number}",)))
    return found


def _alerts(event: str, number: int, members: Sequence[Alert], wall: float) -> Entry:
    body: dict[str, Any] = {"event": event, "incident": f"i{number}"}
    if len(members) == 1:
        alert = members[0]
        body |= {"alert": f"a{alert.id}", "verdict": alert.verdict.name, "reason": said(alert.reason)}
    else:
        body["verdicts"] = dict(sorted(Counter(alert.verdict.name for alert in members).items()))
    owners = Counter(alert.subject.owner for alert in members)
    names = [alert.component for alert in members]
    return _entry("alert", body, names, owners, wall, (f"incident:i{number}",))


def acknowledged(
    incident: Incident, who: str, note: str, members: Iterable[Alert], count: int, wall: float
) -> Entry:
    """Somebody took an incident upon them."""
    owners = sorted({said(alert.subject.owner[:NAME]) for alert in members if alert.subject.owner})[:OWNERS]
    about = (f"incident:i{incident.id}", *(f"owner:{owner}" for owner in owners))
    body = {"incident": f"i{incident.id}", "note": note, "alerts": count}
    return Entry(kind="acknowledgement", who=who, about=about, body=body, at=wall)


def silence(event: str, silence: Silence, who: str, reason: str, wall: float) -> Entry:
    """A silence was added, or ended before its time. `reason` is fit to be kept."""
    about = tuple(
        f"{label}:{silence.match[label]}"
        for label in ("component", "owner")
        # Only what is named outright: an expression is not a name.
        if label in silence.match and silence.match[label][:1] not in ("~", "!")
    )
    body = {
        "event": event,
        "silence": str(silence.id),
        "match": dict(silence.match),
        "ends": stamp(silence.ends),
        "reason": reason,
    }
    return Entry(kind="silence", who=who, about=(f"silence:{silence.id}", *about), body=body, at=wall)


def notification(
    event: str, letter: Letter, to: str, wall: float, *, who: str = NODE, error: str = ""
) -> Entry:
    """A letter was `sent`, given up (`dead`) or put back by a person (`retried`).

    `to` and `error` are fit to be kept: no address of a person.
    """
    told = letter.notification
    kind, _, owner = told.target.partition(":")
    notice = told.kind == "notice" or told.drill != ""  # about no incident: its subject says about what
    about: tuple[str, ...] = () if notice else (f"incident:{told.incident}",)
    about += (f"drill:{told.drill.removeprefix('drill')}",) if told.drill else ()
    about += (f"owner:{owner}",) if kind == "owner" else ()
    body: dict[str, Any] = {
        "event": event,
        **({"drill": told.drill} if told.drill else {"incident": told.incident}),
        "what": told.kind,
        "to": to,
        "target": told.target,
        "key": told.key,
        "alerts": told.total,
        "tries": letter.attempts,
        "text": hashlib.sha256(f"{told.subject}\n{told.text}".encode()).hexdigest(),
    }
    if notice:
        body["subject"] = said(told.subject)
    if error:
        body["error"] = said(error)
    return Entry(kind="notification", who=who, about=about, body=body, at=wall)
