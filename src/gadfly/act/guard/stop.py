"""Nothing acts that somebody stopped."""

from __future__ import annotations

from gadfly.act.plan import Plan
from gadfly.act.situation import Situation
from gadfly.act.stop import Act, refusal


def stop(plan: Plan, situation: Situation) -> str | None:
    if not situation.stops:
        return None
    act = Act(
        principal=plan.principal,
        automation=plan.automation,
        owner=plan.owner,
        targets=frozenset(target.name for target in plan.targets),
        owners=frozenset(target.owner for target in plan.targets),
    )
    return refusal(situation.stops, act)
