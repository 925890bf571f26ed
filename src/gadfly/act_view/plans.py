"""Plans, and those that wait for a person, as they are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from gadfly.act.approvals.approval import Request
from gadfly.act.executing.executor import Line
from gadfly.act.gate import Decision
from gadfly.act.plan import Plan
from gadfly.act.plans.expect import Seen
from gadfly.act.situation import Fleet
from gadfly.alert.escalate import lineage
from gadfly.config.owner import Owner
from gadfly.web.redact import veiled

SHOWN = 20
"""Targets that are named; the count says how many there are."""
FEW = 3
"""Targets of which a plan that waits says how they are now."""
SHARES = 12
"""Labels by which targets are counted, in one plan."""

Describe = Callable[[Plan], Sequence[Line]]


def run(action: str, argument: str) -> str:
    """What is done, as it was declared."""
    return veiled(f"{action} {argument}".strip())


def shown(
    plan: Plan, describe: Describe, fleet: Fleet, cells: str, decision: Decision | None = None
) -> dict[str, Any]:
    """:class:`.act_plans.Plan`. `cells`: the label by which it is staged; `decision`: what the
    gate says of it now, where it was asked."""
    first = plan.targets[:SHOWN]
    lines = describe(msgspec.structs.replace(plan, targets=first))
    return {
        "automation": plan.automation,
        "action": run(plan.action, plan.argument),
        "count": len(plan.targets),
        "targets": [one.name for one in first],
        "shares": _shares(plan, fleet, cells or "region"),
        "lines": [veiled(f"{one.target}: {one.words}") for one in lines],
        "cells": list(plan.cells),
        "symptom": plan.symptom,
        "expect": plan.expect,
        "undo": veiled(plan.undo),
        "destructive": plan.destructive,
        "hash": plan.hash,
        "made": plan.made,
        "refusals": [{"guard": one.guard, "reason": one.reason} for one in decision.refusals]
        if decision
        else [],
        "waits": decision is not None and decision.waits,
    }


def _shares(plan: Plan, fleet: Fleet, cells: str) -> list[dict[str, Any]]:
    owners = Counter(one.owner for one in plan.targets)
    found = [
        {"label": "group", "value": group, "count": count, "of": _total(fleet.groups, group)}
        for group, count in plan.by_group().most_common(SHARES)
    ]
    found += [
        {"label": cells, "value": cell, "count": count}
        for cell, count in plan.by_cell().most_common(SHARES)
        if cell
    ]
    # Another owner's targets are worth a line; one's own go without saying.
    found += [
        {"label": "owner", "value": owner, "count": count}
        for owner, count in owners.most_common(SHARES)
        if owner != plan.owner
    ]
    return found[: 2 * SHARES]


def _total(parts: Mapping[str, Any], name: str) -> int:
    part = parts.get(name)
    return 0 if part is None else int(part.total)


def waiting(
    request: Request,
    describe: Describe,
    fleet: Fleet,
    cells: str,
    owners: Mapping[str, Owner],
    see: Callable[[str], Seen | None],
) -> dict[str, Any]:
    """:class:`.act_plans.Approval`. `see`: what is seen of a component now."""
    plan = request.plan
    return {
        "id": str(request.id),
        "automation": plan.automation,
        "owner": plan.owner,
        "who": request.asked_by,
        "asked": request.at,
        "ends": request.ends,
        "answers": lineage(owners, plan.owner),
        "why": f"{plan.trigger}; {_now(plan, see)}",
        "lacks": request.lacks,
        "plan": shown(plan, describe, fleet, cells) | {"hash": request.hash},
        "state": request.state,
        "by": request.decided_by,
    }


def _now(plan: Plan, see: Callable[[str], Seen | None]) -> str:
    """How the first targets are at this moment, which may be another than when it was asked."""
    names = [one.name for one in plan.targets[:FEW]]
    said = [f"{name} is {seen.verdict.name}" for name in names if (seen := see(name)) is not None]
    return f"now {', '.join(said)}" if said else "now nobody sees its targets"
