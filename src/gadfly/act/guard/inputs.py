"""What the plan was read from is whole, fresh, and speaks for the majority.

An autoscaler once read a registry in the middle of its migration, and removed what it did not find there.
"""

from __future__ import annotations

from gadfly import duration
from gadfly.act.plan import Plan
from gadfly.act.situation import Situation

AHEAD = 5.0
"""Seconds that another machine's clock may be ahead."""


def inputs(plan: Plan, situation: Situation) -> str | None:
    if not plan.inputs:
        return "the plan does not say what it was read from; whoever planned it must name its inputs"
    for one in plan.inputs:
        if not one.complete:
            return (
                f"{one.name} was incomplete or being rewritten when it was read; plan "
                "it anew when it is whole"
            )
        if not one.quorum:
            return f"{one.name} was read from a minority; plan it anew when a majority answers"
        age = situation.time - one.at
        if age > situation.rules.stale:
            return f"{one.name} is {duration.format(round(age))} old; plan it anew from what is true now"
        if one.at > situation.now + AHEAD and one.at > situation.time + AHEAD:
            return f"{one.name} comes from the future; set the clock of whoever wrote it"
    return None
