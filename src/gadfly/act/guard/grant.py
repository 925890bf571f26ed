"""Somebody granted exactly this to exactly this principal. Without a grant nothing is allowed to anybody.

What a person or a program does by hand with an automation needs two: the automation's own leave, which bounds
what is done, and the grant of whoever does it. Who has none may ask: the guard `autonomy` then wants somebody
else's approval, which stands in for a grant, but for no prohibition.
"""

from __future__ import annotations

from functools import partial

from gadfly.act.grants.filled import filled
from gadfly.act.grants.policy import Policy, Request, Verdict
from gadfly.act.plan import Plan, Target
from gadfly.act.situation import Situation


def grant(plan: Plan, situation: Situation) -> str | None:
    if situation.policy is None:
        return "there are no grants at all; an owner must write one"
    own = f"automation:{plan.automation}" if plan.automation else plan.principal
    for target in plan.targets:
        for principal in dict.fromkeys((plan.principal, own, plan.asker)):
            verdict = judged(situation.policy, principal, plan, target, situation.time)
            if verdict.errors:
                return f"a grant could not be judged ({verdict.errors[0]}); its owner must repair it"
            asks = principal not in (plan.principal, own)
            if not verdict.permitted and (verdict.by or not asks):
                return verdict.because
    return None


def judged(policy: Policy, principal: str, plan: Plan, target: Target, at: float) -> Verdict:
    """Whether this principal may do to this target what the plan would, at this time (wall seconds)."""
    return policy.evaluate(
        Request(
            principal=principal,
            action=plan.action,
            argument=plan.argument,
            filled=partial(filled, plan, target),
            target=target,
            at=at,
        )
    )
