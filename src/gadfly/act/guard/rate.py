"""How fast: acts within an hour, and targets taken out within ten minutes by all actors together.

Slow enough that somebody sees what happens: an autoscaler once needed 16 seconds for what took hours to
repair.
"""

from __future__ import annotations

from gadfly.act.grants import share
from gadfly.act.plan import Plan
from gadfly.act.situation import Situation

LARGE = 20
"""Groups from this size on have a share of their own."""


def rate(plan: Plan, situation: Situation) -> str | None:
    terms, used, fleet = situation.terms, situation.used, situation.fleet
    if terms and plan.automation and used.runs + 1 > terms.per_hour:
        return (
            f"{used.runs} acts within the last hour; {plan.automation} may do {terms.per_hour}: "
            f"wait, or {terms.owner} must raise per_hour"
        )
    if not plan.disturbs and not plan.destructive:
        return None
    removals = share.parse(situation.rules.removals)
    removed = sum(used.removed.values())
    limit = share.allowed(removals, fleet.whole.total)
    if removed + len(plan.targets) > limit:
        return _too_fast(removed, len(plan.targets), "the fleet", limit)
    for group, wanted in plan.by_group().items():
        total = fleet.groups[group].total if group in fleet.groups else 0
        limit = share.allowed(min(1.0, 2 * removals), total)
        before = used.removed.get(group, 0)
        if total >= LARGE and before + wanted > limit:
            return _too_fast(before, wanted, f"group {group}", limit)
    return None


def _too_fast(before: int, wanted: int, what: str, limit: int) -> str:
    return (
        f"{wanted} more after {before} within ten minutes; of {what} at most "
        f"{limit} are taken out in that time: "
        "wait, or plan fewer"
    )
