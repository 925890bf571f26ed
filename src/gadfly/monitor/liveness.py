"""What the heartbeats alone tell of a component."""

from __future__ import annotations

from enum import IntEnum


class Liveness(IntEnum):
    """The word the ear has for a component. Stored as one byte a component."""

    never = 0
    """Expected, and not yet heard."""
    alive = 1
    late = 2
    """Its beat is overdue, but not so much that it would be asked."""
    suspect = 3
    """Overdue; enquiries are under way."""
    silent = 4
    """Dead as far as anybody can tell: refused, exited, or no answer on any path."""
    left = 5
    """Said goodbye."""
    stalled = 6
    """The process answers, its work does not advance."""


class Status(IntEnum):
    """What a component says of itself in a beat (one byte on the wire)."""

    passing = 0
    warn = 1
    fail = 2
    starting = 3
    stopping = 4
    stalled = 5
