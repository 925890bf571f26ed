"""Somebody granted exactly this to exactly this principal. Without a grant nothing is allowed to anybody."""

from __future__ import annotations

from functools import partial

from gadfly.act.filled import filled
from gadfly.act.plan import Plan
from gadfly.act.policy import Request
from gadfly.act.situation import Situation


def grant(plan: Plan, situation: Situation) -> str | None:
    if situation.policy is None:
        return "there are no grants at all; an owner must write one"
    for target in plan.targets:
        verdict = situation.policy.evaluate(
            Request(
                principal=plan.principal,
                action=plan.action,
                argument=plan.argument,
                filled=partial(filled, plan, target),
                target=target,
                at=situation.time,
            )
        )
        if verdict.errors:
            return f"a grant could not be judged ({verdict.errors[0]}); its owner must repair it"
        if not verdict.permitted:
            return verdict.because
    return None
