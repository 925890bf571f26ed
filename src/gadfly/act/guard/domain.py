"""One failure domain at a time, over all actors together, and with a rest between one and the next.

Independent of any automation's own care: maintenance once took down control planes in several sites at once,
and a vendor's update ran in five regions in the same hour.
"""

from __future__ import annotations

from gadfly import duration
from gadfly.act.plan import Plan
from gadfly.act.situation import Held, Situation


def domain(plan: Plan, situation: Situation) -> str | None:
    if not plan.disturbs and not plan.destructive:
        return None
    cells = {target.cell for target in plan.targets}
    if len(cells) > 1 and not plan.cells:
        return f"the plan touches {len(cells)} cells at once; stage it (`cells`), one after the other"
    first = plan.cells[0] if plan.cells else next(iter(cells), "")
    for one in situation.used.held:
        if one.disturbs and one.cell != first and _alike(plan, one):
            return f'the same is in progress in cell "{one.cell}"; wait until it is verified there'
    if any(target.well for target in plan.targets if target.cell == first):
        for one in situation.used.soaking:
            if one.cell != first and _alike(plan, one):
                rest = duration.format(situation.rules.soak)
                return f'the same was done in cell "{one.cell}" within {rest}; wait that long for its effects'
    return None


def _alike(plan: Plan, held: Held) -> bool:
    """The same thing done, or the same group touched in another way: what fails together."""
    if held.environment != plan.environment:
        return False
    same = held.action == plan.action and held.argument in ("", plan.argument)
    return same or any(target.group == held.group for target in plan.targets if target.group)
