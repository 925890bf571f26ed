"""The graver the consequence, the more must speak for it.

What destroys in production needs a person. What destroys elsewhere, cannot be taken back or crosses cells
needs a person, or two independent signals that held for a while: 43 seconds of a partition are not enough to
move a database across a country, and a freeze that stands only in an instruction stops nobody.
"""

from __future__ import annotations

from gadfly import duration
from gadfly.act.approvals.approving import approvals
from gadfly.act.plan import Plan
from gadfly.act.situation import Situation


def consequence(plan: Plan, situation: Situation) -> str | None:
    grave = plan.destructive or plan.crosses or (not plan.reversible and plan.disturbs)
    if not grave or approvals(plan, situation):
        return None
    if plan.destructive and plan.environment == "production":
        return "it destroys something in production; another person must approve exactly this plan"
    if plan.principal.startswith("person:") and not (plan.destructive or plan.crosses):
        return None  # a person who acts is the person that is wanted
    held = situation.rules.held
    sources = {one.source for one in plan.signals if situation.time - one.since >= held}
    if len(sources) >= 2:
        return None
    what = "cannot be taken back"
    if plan.crosses:
        what = "crosses cells"
    elif plan.destructive:
        what = "destroys something"
    return (
        f"it {what}; another person must approve it, or two independent signals must hold for "
        f"{duration.format(held)} ({len(sources)} do)"
    )
