"""The ear's reasons for a liveness, as clauses that a person can read."""

from __future__ import annotations

from gadfly import duration
from gadfly.monitor.why import Why

CLAUSES: dict[int, str] = {
    Why.goodbye: "said goodbye",
    Why.says_stalled: "the process answers, but its work does not advance",
    Why.overdue: "no beat for longer than chance explains (every {every} is expected)",
    Why.refused: "its beats stopped, and its port is closed",
    Why.exited: "its process ended",
    Why.no_answer: "its beats stopped (every {every} is expected), and it answers on no path",
    Why.restored: "not heard since the node started",
}


def clause(why: int, interval_ms: int) -> str:
    """Words for a :class:`Why`; empty where there is nothing to say."""
    return CLAUSES.get(why, "").format(every=duration.format(interval_ms / 1000))
