"""When a probe's word is believed.

One failure is a lost packet or a restart; ``retries + 1`` in a row are an outage. In between the target is
asked again soon, not a whole interval later. A pass or a warning is believed at once: nobody is woken by it,
and how long a recovery must last before it is told is the alerts' matter. ``unknown`` says nothing about the
target: it neither counts as a failure nor forgives one, and is itself believed only when it comes back.

Everything that affects what is believed lives in this file; it knows no clock and no socket.
"""

from __future__ import annotations

from typing import NamedTuple

from gadfly.monitor.probe.result import Outcome

AGAIN = 1.0
"""Seconds until a failure not yet believed is asked again: what one lost SYN takes to be sent anew."""


class Belief(NamedTuple):
    """What is held of one check. A new check starts with ``Belief()``."""

    believed: Outcome | None = None
    """None: nothing yet."""
    failures: int = 0
    """In a row, not interrupted by a pass or warning."""
    unknowns: int = 0
    """In a row."""


class Step(NamedTuple):
    belief: Belief
    tell: bool
    """Whether the result is the believed one and is passed on."""
    again: float | None
    """Seconds until the check is asked again out of turn; None: at its usual time."""


def confirm(belief: Belief, outcome: Outcome, retries: int, every: float) -> Step:
    """What follows from one more outcome. ``every`` (seconds) bounds how soon it is asked again."""
    again = min(AGAIN, every / 4)
    if outcome is Outcome.fail:
        failures = belief.failures + 1
        if failures > retries or belief.believed is Outcome.fail:
            return Step(Belief(Outcome.fail, failures), True, None)
        return Step(Belief(belief.believed, failures), False, again)
    if outcome is Outcome.unknown:
        unknowns = belief.unknowns + 1
        if unknowns > retries or belief.believed is Outcome.unknown:
            return Step(Belief(Outcome.unknown, belief.failures, unknowns), True, None)
        return Step(Belief(belief.believed, belief.failures, unknowns), False, again)
    return Step(Belief(outcome), True, None)
