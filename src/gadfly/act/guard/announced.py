"""What is destroyed on schedule was announced to its owner thirty days, a week and a day before, and the
owner said yes again since.

One blank parameter once gave a private cloud a fixed term; when it ended, everything was deleted.
"""

from __future__ import annotations

from gadfly.act.plan import Plan, Target
from gadfly.act.situation import Situation

DAY = 86_400.0
NOTICES = {30: 3650, 7: 30, 1: 7}
"""So many days ahead at least, and fewer than so many: three notices, not one that was early."""


def announced(plan: Plan, situation: Situation) -> str | None:
    if plan.due is None or not plan.destructive:
        return None
    if situation.time < plan.due:
        return "it is not due yet; wait until it is"
    for target in plan.targets:
        ahead = [
            plan.due - at
            for one in situation.announcements
            if one.target == target.name and one.action == plan.action and one.due == plan.due
            for at in one.told
        ]
        for days, before in NOTICES.items():
            if not any(days * DAY <= early < before * DAY for early in ahead):
                return (
                    f"the owner of {target.name} ({target.owner or 'nobody'}) was not told "
                    f"{days} days ahead; "
                    "announce it, and set a later day"
                )
        if not _fresh(plan, situation, target):
            return f"{target.owner or 'its owner'} must consent afresh to the end of {target.name}"
    return None


def _fresh(plan: Plan, situation: Situation, target: Target) -> bool:
    """Whether the owner said yes to exactly this, within the last week before it is due."""
    return any(
        one.owner == target.owner
        and one.principal == plan.principal
        and one.action == plan.action
        and one.target == target.name
        and (plan.due or 0.0) - 7 * DAY <= one.at <= situation.time < one.ends
        for one in situation.consents
    )
