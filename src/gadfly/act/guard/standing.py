"""Nobody keeps a permission to write: a person's grant, and a program's, has an end within one shift.

State in production was once removed by hand by somebody whose access had never been taken back.
"""

from __future__ import annotations

from gadfly import duration
from gadfly.act.plan import Plan
from gadfly.act.situation import Situation


def standing(plan: Plan, situation: Situation) -> str | None:
    if not plan.principal.startswith(("person:", "program:")) or situation.policy is None:
        return None
    longest = situation.rules.standing
    for name, since, until in situation.policy.ends(plan.principal, plan.action, situation.time):
        if until - since > longest:
            return (
                f"the grant {name} lets {plan.principal} write for longer than {duration.format(longest)}; "
                "its owner must give one with `since` and a nearer end"
            )
    return None
