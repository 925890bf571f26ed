"""Nothing acts that somebody stopped."""

from __future__ import annotations

from gadfly.act.halt.stop import act_of, refusal
from gadfly.act.plan import Plan
from gadfly.act.situation import Situation


def stop(plan: Plan, situation: Situation) -> str | None:
    if not situation.stops:
        return None
    return refusal(situation.stops, act_of(plan))
