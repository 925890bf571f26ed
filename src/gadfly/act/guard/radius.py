"""How much is touched at once: by this automation, of each group, and of the fleet. What is in progress
counts."""

from __future__ import annotations

from collections import Counter

from gadfly.act.grants import share
from gadfly.act.plan import Plan
from gadfly.act.situation import Part, Situation

BY_HAND = (0.25, 0.05)
"""Shares of a group and of the fleet that a person may touch in one act, as the defaults of an automation."""


def radius(plan: Plan, situation: Situation) -> str | None:
    terms, used, fleet = situation.terms, situation.used, situation.fleet
    count = len(plan.targets)
    group_share, fleet_share = (terms.group, terms.fleet) if terms else BY_HAND
    if terms and plan.automation:
        held = sum(one.targets for one in used.held if one.automation == plan.automation)
        if count + held > terms.at_once:
            return (
                f"{count} targets and {held} in progress; {plan.automation} may touch "
                f"{terms.at_once} at once: "
                f"plan fewer, or {terms.owner} must raise at_once"
            )
    if not plan.disturbs and not plan.destructive:
        return None
    out = Counter[str]()
    for one in used.held:
        if one.disturbs:
            out[one.group] += one.targets
    for group, wanted in plan.by_group().items():
        if not group:  # what belongs together with nothing has the fleet's share only
            continue
        limit = share.allowed(group_share, fleet.groups.get(group, _NONE).total)
        if wanted + out[group] > limit:
            return _too_many(wanted, out[group], f"group {group}", limit)
    limit = share.allowed(fleet_share, fleet.whole.total)
    if count + out.total() > limit:
        return _too_many(count, out.total(), "the fleet", limit)
    return None


_NONE = Part(0, 0)


def _too_many(wanted: int, held: int, what: str, limit: int) -> str:
    return f"{wanted} targets and {held} in progress of {what}; at most {limit} at once: plan fewer, in turns"
