"""Who only observes or suggests does not act, and who failed twice does not act until a person has looked."""

from __future__ import annotations

from gadfly.act.automation import lower
from gadfly.act.plan import Plan
from gadfly.act.situation import Situation


def level(plan: Plan, situation: Situation) -> str | None:
    terms, standing = situation.terms, situation.standing
    if terms is None or not plan.automation:
        return None
    if standing.frozen:
        return f"{plan.automation} is frozen ({standing.frozen}); {terms.owner} must look and release it"
    found = lower(terms.level, standing.level)
    if found in ("observe", "suggest"):
        return f"{plan.automation} only {found}s; {terms.owner} must raise its level before it may act"
    return None
