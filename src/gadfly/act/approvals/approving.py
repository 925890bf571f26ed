"""Which approvals of a plan count: nobody approves their own, and a yes holds for this plan and for its
time."""

from __future__ import annotations

from gadfly.act.halt.stop import PERSONS
from gadfly.act.plan import Plan
from gadfly.act.situation import Approval, Situation


def approvals(plan: Plan, situation: Situation) -> list[Approval]:
    """Those that count now, for exactly this plan."""
    if not situation.approvals:
        return []
    wanted = plan.hash
    return [one for one in situation.approvals if one.plan == wanted and counts(one, plan, situation.time)]


def counts(approval: Approval, plan: Plan, time: float) -> bool:
    """Whether it is a person's, another's than whoever asked, and in its time."""
    return (
        approval.who.startswith(PERSONS)
        and approval.who not in (plan.principal, approval.asked_by)
        and approval.at <= time < approval.ends
    )
