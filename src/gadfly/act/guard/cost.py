"""What the act spends is within what may be spent in an hour. A hard stop, not a warning."""

from __future__ import annotations

import math

from gadfly.act.plan import Plan
from gadfly.act.situation import Situation


def cost(plan: Plan, situation: Situation) -> str | None:
    if not math.isfinite(plan.cost) or plan.cost < 0:
        return f"the plan costs {plan.cost}; whoever planned it must say a number from 0 on"
    limit = situation.terms.cost if situation.terms and plan.automation else 0.0
    if plan.cost and plan.cost + situation.used.spent > limit + 1e-9:
        owner = situation.terms.owner if situation.terms else "its owner"
        return (
            f"it costs {plan.cost:g} after {situation.used.spent:g} within the "
            f"hour; at most {limit:g} may be spent: "
            f"wait, or {owner} must raise the budget"
        )
    return None
