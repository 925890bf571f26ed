"""What the API takes and gives about fire drills, as structs; the OpenAPI document is made from them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from gadfly.web.answers import Answer, Request


class Drilling(Request, frozen=True, kw_only=True):
    """A synthetic failure that is sent the way of a real one"""

    target: Annotated[str, Meta(min_length=1, max_length=200)]
    """A rule (`NAME` or `GROUP/NAME`), a component, an owner or receiver, or an automation"""
    kind: Literal["", "rule", "check", "route", "automation"] = ""
    """Which of these, where a name is several things"""
    shortened: bool = False
    """Reckon what would have to be waited for, in place of waiting"""
    ring: bool = False
    """Tell also who is outside their hours"""
    escalate: bool = False
    """Go on to every contact of the chain, as if nobody answered"""
    wait: Annotated[float, Meta(ge=0, le=3600)] = 0.0
    """Seconds in which somebody is to take it on"""
    samples: Annotated[tuple[Annotated[str, Meta(max_length=1000)], ...], Meta(max_length=50)] = ()
    """What the rule is to see, in place of what is found by trying: `metric{a="b"} 97`"""


class DrillStep(Answer, frozen=True, kw_only=True):
    """A piece of the way."""

    what: str
    seconds: float
    """How long it takes in earnest."""
    skipped: bool
    """It was reckoned, and not waited for."""


class DrillLetter(Answer, frozen=True, kw_only=True):
    """What one contact was sent, or would have been."""

    owner: str
    to: str
    what: str
    """firing or escalation."""
    due: float
    """After so many seconds of a real failure it would have left."""
    state: str
    """waiting, taken, refused, unanswered or kept back."""
    after: float | None
    """Seconds from when it left until the receiver took it."""
    error: str


class DrillMissed(Answer, frozen=True, kw_only=True):
    """Something that did not happen, and why."""

    why: str
    """A word: silence, maintenance, inhibited, untold, no route, hours, refused, unanswered, late,
    often, acknowledged, stop, guard, broken off, not run."""
    words: str


class Drill(Answer, frozen=True, kw_only=True):
    """A fire drill and what came of it."""

    id: str
    kind: str
    target: str
    owner: str
    who: str
    at: float
    shortened: bool
    ring: bool
    escalate: bool
    wait: float
    state: str
    """running, told, not told, not run."""
    ended: float | None
    steps: list[DrillStep]
    letters: list[DrillLetter]
    missed: list[DrillMissed]
    acknowledged: float | None
    """Seconds since it began until somebody took it on."""
    acknowledged_by: str
    promised: float | None
    """Of an automation: seconds within which its stop must hold."""
    took: float | None
    """Seconds of a real failure until somebody has it in hand; of an automation, until it is stopped."""
    result: str
    """In one line; empty while it runs."""


class Drills(Answer, frozen=True, kw_only=True):
    drills: list[Drill]
    """The newest first."""
