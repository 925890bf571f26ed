"""When many are lost at once the cause is not in each of them, and no machine touches them.

After a network froze for 90 seconds, pairs of servers once shot each other until many had both halves off.
"""

from __future__ import annotations

from gadfly.act.grants import share
from gadfly.act.plan import Plan
from gadfly.act.situation import Situation

FEW = 5
"""Fewer than these lost at once are no storm in any fleet."""


def storm(plan: Plan, situation: Situation) -> str | None:
    if plan.principal.startswith("person:") or not (plan.disturbs or plan.destructive):
        return None
    limit = max(FEW, share.allowed(share.parse(situation.rules.storm), situation.fleet.whole.total))
    if situation.lost >= limit:
        return (
            f"{situation.lost} components were lost within a minute, which has one cause; "
            "a person must look before any machine acts on them"
        )
    return None
