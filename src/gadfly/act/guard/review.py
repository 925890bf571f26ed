"""An automation whose review is overdue does nothing by itself: its owner must look at it first."""

from __future__ import annotations

import datetime as dt

from gadfly.act.approvals.approving import approvals
from gadfly.act.plan import Plan
from gadfly.act.situation import Situation


def review(plan: Plan, situation: Situation) -> str | None:
    terms = situation.terms
    if terms is None or not plan.automation or situation.time < terms.review or approvals(plan, situation):
        return None
    day = dt.datetime.fromtimestamp(terms.review, dt.UTC).date() - dt.timedelta(days=1)
    return f"its review was due by {day}; {terms.owner} must look at it and set another day"
