"""Every target is named, once, and is one that the plan is meant for.

An empty list once meant "everything" to a clean-up that was started twice; a process meant for a test once
ran against production. Here an empty list means that nothing was found, and the environment is part of the
target.
"""

from __future__ import annotations

from gadfly.act.plan import Plan
from gadfly.act.situation import Situation


def targets(plan: Plan, situation: Situation) -> str | None:
    if not plan.targets:
        return "the plan has no targets; nothing was found to act on, and nothing never means everything"
    names = {target.name for target in plan.targets}
    if len(names) < len(plan.targets):
        return f"{len(plan.targets) - len(names)} targets stand in the plan twice; plan it anew"
    if "" in names:
        return "a target has no name; whoever made the plan must say which component is meant"
    strange = [target for target in plan.targets if target.environment != plan.environment]
    if strange:
        return (
            f"{strange[0].name} is in {strange[0].environment}, and the act is meant for {plan.environment}; "
            f"whoever planned it must choose other targets ({len(strange)} are strange)"
        )
    if taken := sorted(names & situation.used.targets):
        return f"another act holds {taken[0]} ({len(taken)} in all); wait for its outcome"
    cells = {target.cell for target in plan.targets}
    if plan.cells and cells != set(plan.cells):
        return "the stages of the plan are not the cells of its targets; plan it anew"
    return None
