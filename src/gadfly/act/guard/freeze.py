"""In a freeze nothing changes. It is an order to the gate; nobody is asked to remember it."""

from __future__ import annotations

from gadfly.act.grants import selector
from gadfly.act.plan import Plan
from gadfly.act.situation import Situation


def freeze(plan: Plan, situation: Situation) -> str | None:
    # Later of the clocks for the end, the local one for the beginning: doubt keeps things frozen.
    for one in situation.freezes:
        if one.ends is not None and situation.time >= one.ends and situation.now >= one.ends:
            continue
        if max(situation.time, situation.now) < one.starts:
            continue
        if one.automation and one.automation != plan.automation:
            continue
        if plan.letter and not one.automation:
            continue
        matches = selector.parse(one.on)
        if any(matches(target) for target in plan.targets):
            until = "a person lifts it" if one.ends is None else "its end"
            return (
                f"{one.name} is in force: {one.because}; wait for {until}, or "
                f"{one.who or 'its owner'} must lift it"
            )
    return None
