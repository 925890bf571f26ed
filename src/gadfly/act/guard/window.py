"""The automation acts at the times that its owner wrote down."""

from __future__ import annotations

from gadfly.act.plan import Plan
from gadfly.act.situation import Situation


def window(plan: Plan, situation: Situation) -> str | None:
    terms = situation.terms
    if terms is None or terms.window is None or not plan.automation:
        return None
    if not terms.window.open(situation.now):
        return f"outside its window ({terms.windows}); wait, or {terms.owner} must widen it"
    return None
