"""Enough of each group keeps working, counted in the picture of this moment.

A playbook with one wrong input once removed far more servers than the subsystem behind them could lose.
"""

from __future__ import annotations

from collections import Counter

from gadfly.act.grants import share
from gadfly.act.plan import Plan
from gadfly.act.situation import Part, Situation

_NONE = Part(0, 0)


def capacity(plan: Plan, situation: Situation) -> str | None:
    if not plan.disturbs and not plan.destructive:
        return None
    fleet, rules = situation.fleet, situation.rules
    taken = Counter[str]()
    for one in situation.used.held:
        if one.disturbs:
            taken[one.group] += one.targets
    groups = Counter(target.group for target in plan.targets if target.well or plan.destructive)
    for group, wanted in groups.items():
        # What belongs to no group is at least a part of the fleet.
        part = fleet.groups.get(group, _NONE) if group else fleet.whole
        held, where = (taken[group], f"group {group}") if group else (taken.total(), "the fleet")
        if part.total == 0:
            return f"nothing is known of group {group} now; wait until the picture knows it"
        floor = share.needed(share.parse(rules.floors.get(group, rules.floor)), part.total)
        # What another act holds may still look well: it is counted out, at worst twice, which is on the safe
        # side.
        left = part.well - held - wanted
        if left < floor:
            return (
                f"{part.well} of {part.total} in {where} work, {held} are held by acts; "
                f"without {wanted} more {max(left, 0)} would be left, and {floor} must "
                "be: plan fewer, or wait"
            )
    return None
