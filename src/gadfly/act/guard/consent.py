"""Nobody touches what belongs to somebody else without that owner's consent, and nobody deletes what is in
use.

A partner's clean-up once removed a resource group that others were using.
"""

from __future__ import annotations

from gadfly import duration
from gadfly.act.plan import Plan, Target
from gadfly.act.situation import Situation


def consent(plan: Plan, situation: Situation) -> str | None:
    for target in plan.targets:
        if target.owner == plan.owner and plan.owner:
            continue
        if plan.letter:
            continue
        if not target.owner:
            return f"nobody answers for {target.name}; give it an owner first"
        if not _given(plan, situation, target):
            return (
                f"{target.name} belongs to {target.owner}; {target.owner} must consent "
                f"to this act of {plan.owner or plan.principal}"
            )
        if plan.destructive and (target.used is None or situation.time - target.used < situation.rules.idle):
            seen = "may be in use" if target.used is None else "was used"
            return (
                f"{target.name} {seen} within {duration.format(situation.rules.idle)}; "
                f"only {target.owner} itself may delete it"
            )
    return None


def _given(plan: Plan, situation: Situation, target: Target) -> bool:
    return any(
        one.owner == target.owner
        and one.principal in (plan.principal, f"automation:{plan.automation}")
        and one.action == plan.action
        and one.target in ("", target.name)
        and one.at <= situation.time < one.ends
        for one in situation.consents
    )
