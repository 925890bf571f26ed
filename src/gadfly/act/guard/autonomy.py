"""The automation goes no further by itself than it declares and than its record has earned.

Observe and suggest: never, which the guard `level` says. Approve: on somebody else's yes to exactly this
plan. Act-small: a few targets of one group in one cell, if it can be taken back. Act: within its budgets.
"""

from __future__ import annotations

from gadfly.act.approvals.approving import approvals
from gadfly.act.automation import lower
from gadfly.act.plan import Plan
from gadfly.act.situation import Situation


def autonomy(plan: Plan, situation: Situation) -> str | None:
    if plan.principal.startswith("person:"):
        return None
    if plan.asker != plan.principal:
        return _unless_approved(plan, situation, f"nobody granted this to {plan.asker}, who asks for it")
    terms = situation.terms
    if terms is None or not plan.automation:
        return _unless_approved(plan, situation, "no automation declares it")
    level = lower(terms.level, situation.standing.level)
    if level == "act":
        return None
    if level != "act-small":
        return _unless_approved(plan, situation, f"{plan.automation} acts on approval")
    for why in _not_small(plan, situation):
        return _unless_approved(plan, situation, f"{plan.automation} acts by itself in small only, and {why}")
    return None


def _not_small(plan: Plan, situation: Situation) -> list[str]:
    reasons = []
    if not plan.reversible and plan.disturbs:
        reasons.append("this cannot be taken back")
    if plan.destructive:
        reasons.append("this destroys something")
    if len(plan.targets) > situation.rules.small:
        reasons.append(f"these are {len(plan.targets)} targets")
    if len(plan.by_group()) > 1 or len(plan.by_cell()) > 1:
        reasons.append("these are several groups or cells")
    if any(target.owner != plan.owner for target in plan.targets):
        reasons.append("not all of it is its owner's")
    return reasons


def _unless_approved(plan: Plan, situation: Situation, why: str) -> str | None:
    if approvals(plan, situation):
        return None
    return f"{why}; somebody else must approve this plan"
