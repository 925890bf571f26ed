"""What did not help is not done again and again: a few tries for a symptom on a target, then a person.

Some remedies raise the very event that calls for them; and two automations may each undo what the other did,
each for a reason of its own.
"""

from __future__ import annotations

from gadfly.act.plan import Plan
from gadfly.act.situation import Situation

BY_HAND = 5
"""Tries of a principal that declares none."""


def attempts(plan: Plan, situation: Situation) -> str | None:
    limit = situation.terms.tries_per_target if situation.terms and plan.automation else BY_HAND
    for target in plan.targets:
        if target.name in situation.used.braked:
            return (
                f"the brake is on for {target.name}: what was tried did not help; a "
                "person must look and release it"
            )
        tried = situation.used.tries.get(target.name, 0)
        if tried >= limit:
            return (
                f"{target.name} was acted on {tried} times for this already; a person "
                "must look and release it"
            )
        touched = situation.used.touched.get(target.name, 0)
        if (
            touched >= situation.rules.touches
            and not plan.letter
            and not plan.principal.startswith("person:")
        ):
            return (
                f"{target.name} was acted on {touched} times within an hour, by whomever; that is no remedy: "
                "a person must look, machines wait until it was left alone"
            )
    return None
