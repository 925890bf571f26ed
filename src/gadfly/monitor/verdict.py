"""The one word for a component, from heartbeats, probes and the catalogue together."""

from __future__ import annotations

from enum import IntEnum


class Verdict(IntEnum):
    """Stored as one byte a component; the order is that of the page, worst first."""

    down = 0
    gray = 1
    """Beats, but its probe fails."""
    zombie = 2
    """Its probe passes, but it does not beat."""
    missing = 3
    """Declared, and never heard (or, for a job, not when it should have run)."""
    degraded = 4
    unknown = 5
    """Nobody could ask yet, or the prober itself is in trouble."""
    undeclared = 6
    """Beats well, and is in no catalogue."""
    left = 7
    healthy = 8
