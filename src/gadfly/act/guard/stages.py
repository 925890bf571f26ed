"""What touches many, or brings them data, names its stages, also where it disturbs nobody by its own account.

What an automation says of itself (`disturbs = false`) is believed about the capacity that it takes, not about
the harm that it may do: rows with blank fields, and credentials revoked too early, disturbed nobody until
everybody had them. And no choice of label makes one failure domain of several regions.
"""

from __future__ import annotations

from gadfly.act.plan import Plan
from gadfly.act.situation import Situation


def stages(plan: Plan, situation: Situation) -> str | None:
    if plan.letter:
        return None
    regions: dict[str, str] = {}
    for target in plan.targets:
        if target.region and regions.setdefault(target.cell, target.region) != target.region:
            return (
                f'the cell "{target.cell}" lies in {regions[target.cell]} and in {target.region}; its owner '
                "must stage it by a label (`cells`) of which each value is in one region"
            )
    if plan.disturbs or plan.destructive:
        return None  # all else about these is the business of the guard `domain`
    if plan.data is None and len(plan.targets) <= situation.rules.small:
        return None
    cells = plan.by_cell()
    if len(cells) > 1 and not plan.cells:
        return f"{len(plan.targets)} targets in {len(cells)} cells at once; stage it (`cells`), one by one"
    first = plan.cells[0] if plan.cells else next(iter(cells), "")
    for one in situation.used.held:
        if one.action == plan.action and one.cell != first and one.environment == plan.environment:
            return f'the same is in progress in cell "{one.cell}"; wait until it is verified there'
    return None
