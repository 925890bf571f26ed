"""Nothing acts that somebody stopped."""

from __future__ import annotations

from gadfly.act.plan import Plan
from gadfly.act.situation import Situation
from gadfly.act.stop import act_of, refusal


def stop(plan: Plan, situation: Situation) -> str | None:
    if not situation.stops:
        return None
    return refusal(situation.stops, act_of(plan))
