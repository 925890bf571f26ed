"""What is known of one kind on one subject, from its first sighting on."""

from __future__ import annotations

from typing import Literal

import msgspec

from gadfly.ask.question import Key

Why = Literal["", "open", "resting", "accepted", "changed", "muted", "answered", "withdrawn"]


class Matter(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Times are wall seconds."""

    kind: str
    subject: str
    there: bool = True
    """It was true when it was looked at last."""
    sightings: int = 1
    """Daily evaluations in a row in which it was, counted up to what is needed."""
    counted: float
    """When the last of them was."""
    worse: float
    """How bad it is, or was when it was true last."""
    asked: int = 0
    """How often somebody was asked."""
    then: float = 0.0
    """How bad it was when that was, or when it was accepted: the tripwire is drawn from there."""
    question: int = 0
    """The last question about it; 0: none."""
    why: Why = ""
    """What keeps it from being asked."""
    hold: float = 0.0
    """Until then."""
    due: int = 0
    """Sightings in a row of a reason to ask before that, or after it was accepted."""
    digest: str = ""
    """Of the kind for which it is muted."""
    owner: str = ""
    """For which it is muted, where it was not theirs; empty: for everybody."""

    @property
    def key(self) -> Key:
        return self.kind, self.subject
