"""The automation has not expired, by the latest time that anybody vouches for.

A clock that was set back does not bring an expired permission back to life: ends are judged against the
latest of the local clock, the last witness and the last decision.
"""

from __future__ import annotations

import datetime as dt

from gadfly.act.plan import Plan
from gadfly.act.situation import Situation

BACK = 60.0
"""Seconds that the local clock may be behind the latest known time: two machines differ by a few."""


def expiry(plan: Plan, situation: Situation) -> str | None:
    if situation.time - situation.now > BACK:
        behind = situation.time - situation.now
        return (
            f"this node's clock is {behind:.0f} s behind what was written already; "
            "whoever runs it must set it, or say that it is right: gadfly act clock"
        )
    if plan.made > situation.time + BACK:
        return "the plan comes from the future; set the clock of whoever made it"
    if not plan.automation:
        return None
    terms = situation.terms
    if terms is None:
        return f"no automation {plan.automation} is declared; its owner must declare it"
    if situation.time >= terms.expires:
        day = dt.datetime.fromtimestamp(terms.expires, dt.UTC).date() - dt.timedelta(days=1)
        return f"{plan.automation} expired with {day}; {terms.owner} must review it and set another day"
    return None
