"""When something may be asked again: after its date, or before it where it grew worse."""

from __future__ import annotations

from gadfly.ask.life.matter import Matter

WORSE = 0.25
"""Share by which evidence must worsen to be asked again early."""
BETTER = 0.2
"""Share by which it must improve after a change, so that the change is said to have changed something."""


def worsened(then: float, now: float) -> bool:
    """Whether it grew worse by :data:`WORSE` or more."""
    return now > then and now - then >= WORSE * abs(then) * (1 - 1e-12)


def improved(before: float, after: float) -> bool:
    """Whether it became better by :data:`BETTER` or more."""
    return after < before and before - after >= BETTER * abs(before) * (1 - 1e-12)


def early(matter: Matter, worse: float, now: float) -> bool:
    """Whether there is a reason to ask before the time, or after a date that somebody gave. Like a finding
    it must be seen twice."""
    match matter.why:
        case "accepted":
            return now >= matter.hold or worsened(matter.then, worse)
        case "resting" | "withdrawn":
            return worsened(matter.then, worse)
    return False


def ready(matter: Matter, *, sightings: int, digest: str, owner: str, now: float) -> bool:
    """Whether it may be asked, as far as what came before goes. `digest` is of its kind, `owner` is who would
    be asked."""
    if not matter.there or matter.sightings < sightings:
        return False
    match matter.why:
        case "open":
            return False
        case "muted":
            return matter.digest != digest or matter.owner not in ("", owner)
        case "accepted":
            return matter.due >= sightings
        case "resting" | "withdrawn":
            return matter.due >= sightings or now >= matter.hold
    return now >= matter.hold
