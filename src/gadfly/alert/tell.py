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
    passed = "passed"
    """Another owner answers now: for the one who was told before."""


STORM = 10
"""From so many alerts on, the first message waits until no more have come for a breath,"""
BREATH = 0.4
"""seconds, because a large failure is found piece by piece and its size is what matters most;"""
DEEP_BREATH = 2.0
"""or for so long while many more are under suspicion, or where it is a crowd already;"""
LONGEST_BREATH = 15.0
"""but no longer than this, for fewer than"""
CROWD = 1000
"""alerts; the size of more than that comes together slowly, and is told once."""
HELD = 0.5
"""Seconds that the first message about less waits while many others are under suspicion: what comes then is
usually the rest of a large failure, and this its first sign;"""
FLOOD = 0.05
"""or, where this part of all is under suspicion, which is no chance,"""
LONG_HELD = 6.0
"""so many, as long as it stays so: silence on every path is not believed of all at the same moment."""
AVALANCHE = 0.5
"""Where half of all components are overdue, the first that are judged are no news by themselves: the message
waits until most are judged,"""
AVALANCHE_HELD = 45.0
"""but no longer than this;"""
LOOK_AGAIN = 0.5
"""and looks so often whether they are."""


OUTGROWN = 10
"""A large failure so many times what was told of it is told at once: what was told was not yet it."""


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
    passed: int = 0
    """Alerts that were told and for which another owner answers now."""
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
    brewing: float = 0.0
    """The part of all components that is under suspicion at this moment; 0 where these are few."""
    worse: bool = False
    """Told as something that could wait, and now it cannot."""


class Plan(msgspec.Struct, frozen=True):
    """What to send now, if anything, and when to ask again (None: only when something changes)."""

    kind: Kind | None = None
    due: float | None = None


def plan(facts: Facts, terms: Terms, now: float) -> Plan:
    """The decision. A recovery of all that was told is told at once, whatever else is muted."""
    if facts.passed:
        return Plan(Kind.passed)
    if not facts.messages:
        if not facts.fresh:
            return Plan()
        due = facts.opened + terms.wait
        if facts.brewing >= AVALANCHE and now < facts.opened + AVALANCHE_HELD:
            return Plan(due=max(due, min(now + LOOK_AGAIN, facts.opened + AVALANCHE_HELD)))
        if facts.fresh >= STORM:
            longest = AVALANCHE_HELD if facts.brewing or facts.fresh >= CROWD else LONGEST_BREATH
            due = max(due, min(facts.joined + _breath(facts), facts.opened + longest))
        elif facts.brewing:
            held = facts.opened + (HELD if facts.brewing < FLOOD else LONG_HELD)
            due = max(due, min(now + LOOK_AGAIN, held))
        return Plan(Kind.firing) if now >= due else Plan(due=due)
    if facts.ended and not (facts.fresh or facts.standing or facts.quiet):
        return Plan(Kind.resolved)
    wanted: list[tuple[float, Kind]] = []
    if facts.worse:
        wanted.append((now, Kind.update))
    if facts.fresh or (facts.ended and terms.resolved):
        due = facts.last + terms.interval
        if facts.fresh >= STORM and facts.fresh > OUTGROWN * (facts.standing + facts.quiet + facts.ended):
            due = min(due, max(facts.joined + _breath(facts), facts.opened + terms.wait))
        wanted.append((due, Kind.update))
    if facts.standing and not facts.acknowledged:
        if facts.patience is not None:
            wanted.append((facts.stepped + facts.patience, Kind.escalation))
        if terms.repeat > 0:
            wanted.append((facts.last + terms.repeat, Kind.reminder))
    if not wanted:
        return Plan()
    due, kind = min(wanted, key=lambda one: one[0])
    return Plan(kind) if now >= due else Plan(due=due)


def _breath(facts: Facts) -> float:
    return DEEP_BREATH if facts.brewing or facts.fresh >= CROWD else BREATH
