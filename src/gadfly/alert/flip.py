"""What a change of verdict means for a component's alert. Pure: a table, and when a recovery is believed.

::

    alert        verdict becomes     what happens
    ─────────    ────────────────    ─────────────────────────────────────────────────────────
    none         told about          opens
    none         anything else       nothing
    firing       told about          changes: its words are kept up to date
    firing       unknown             nothing: nobody could ask, that is no recovery
    firing       well                recovers: must hold for `settle`, longer when flapping
    recovering   told about          relapses: the same alert goes on, nobody hears of it
    recovering   unknown             doubts: fires on until somebody could ask
    recovering   well                nothing: it is waiting already
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from gadfly.monitor.verdict import Verdict

WINDOW = 600.0
"""Seconds over which changes are counted to call a component flapping."""


class Move(Enum):
    """What happens to the alert."""

    nothing = "nothing"
    opens = "opens"
    changes = "changes"
    recovers = "recovers"
    relapses = "relapses"
    doubts = "doubts"


class Standing(Enum):
    """Where a component's alert stands before the change."""

    none = "none"
    firing = "firing"
    recovering = "recovering"


_TABLE: dict[tuple[Standing, str], Move] = {
    (Standing.none, "told"): Move.opens,
    (Standing.firing, "told"): Move.changes,
    (Standing.firing, "well"): Move.recovers,
    (Standing.recovering, "told"): Move.relapses,
    (Standing.recovering, "unknown"): Move.doubts,
}

CROSSINGS = frozenset({Move.opens, Move.recovers, Move.relapses})
"""The moves that count towards flapping: from well to not, and back."""


def judge(standing: Standing, after: Verdict, told: frozenset[Verdict]) -> Move:
    """The move for a component whose alert stands like this and whose verdict is now `after`."""
    word = "told" if after in told else "unknown" if after is Verdict.unknown else "well"
    return _TABLE.get((standing, word), Move.nothing)


def flapping(crossings: Sequence[float], now: float, limit: int) -> bool:
    """Whether `limit` of the crossings (seconds, oldest first) lie within the last ten minutes. 0: never."""
    return 0 < limit <= len(crossings) and now - crossings[-limit] < WINDOW


def believed(now: float, settle: float, crossings: Sequence[float], limit: int) -> float:
    """When a recovery that began now is believed: after `settle`; for a flapping one when it has been quiet.

    Quiet is when fewer than `limit` crossings lie within the last ten minutes.
    """
    due = now + settle
    return max(due, crossings[-limit] + WINDOW) if flapping(crossings, now, limit) else due
