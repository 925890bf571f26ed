"""Whether somebody is told something about an incident now, and when to think of it again. Pure."""

from __future__ import annotations

from enum import Enum

import msgspec

from gadfly.alert.route import Terms


class Kind(Enum):
    """What a message is for."""

    firing = "firing"
    """The first about this incident."""
    update = "update"
    """More of the same cause, or some of it ended."""
    reminder = "reminder"
    """Nothing new, and nobody took it on."""
    escalation = "escalation"
    """Nobody took it on, so the next contact is told."""
    resolved = "resolved"
    acknowledged = "acknowledged"
    """Somebody took it on: for the other contacts who were told."""


STORM = 100
"""From so many alerts on, the first message waits until no more have come for a breath,"""
BREATH = 0.4
"""seconds, because a large failure is found piece by piece and its size is what matters most;"""
LONGEST_BREATH = 10.0
"""but no longer than this."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What stands between an incident and one target. Times are seconds on the engine's steady clock."""

    fresh: int = 0
    """Alerts that may be told and were not."""
    standing: int = 0
    """Alerts that were told, still fire and are not muted."""
    quiet: int = 0
    """Alerts that were told, still fire and are muted now."""
    ended: int = 0
    """Alerts that were told and ended since."""
    opened: float = 0.0
    joined: float = 0.0
    """When the last alert joined the incident."""
    messages: int = 0
    """How many were sent since the target was last told that all is over."""
    last: float = 0.0
    """When the last one was."""
    stepped: float = 0.0
    """When the last contact was drawn in."""
    patience: float | None = None
    """Seconds until the next contact is drawn in; None: there is no further one."""
    acknowledged: bool = False
    worse: bool = False
    """Told as something that could wait, and now it cannot."""


class Plan(msgspec.Struct, frozen=True):
    """What to send now, if anything, and when to ask again (None: only when something changes)."""

    kind: Kind | None = None
    due: float | None = None


def plan(facts: Facts, terms: Terms, now: float) -> Plan:
    """The decision. A recovery of all that was told is told at once, whatever else is muted."""
    if not facts.messages:
        if not facts.fresh:
            return Plan()
        due = facts.opened + terms.wait
        if facts.fresh >= STORM:
            due = max(due, min(facts.joined + BREATH, facts.opened + LONGEST_BREATH))
        return Plan(Kind.firing) if now >= due else Plan(due=due)
    if facts.ended and not (facts.fresh or facts.standing or facts.quiet):
        return Plan(Kind.resolved)
    wanted: list[tuple[float, Kind]] = []
    if facts.worse:
        wanted.append((now, Kind.update))
    if facts.fresh or (facts.ended and terms.resolved):
        wanted.append((facts.last + terms.interval, Kind.update))
    if facts.standing and not facts.acknowledged:
        if facts.patience is not None:
            wanted.append((facts.stepped + facts.patience, Kind.escalation))
        if terms.repeat > 0:
            wanted.append((facts.last + terms.repeat, Kind.reminder))
    if not wanted:
        return Plan()
    due, kind = min(wanted, key=lambda one: one[0])
    return Plan(kind) if now >= due else Plan(due=due)
