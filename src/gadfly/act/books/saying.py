"""How plans and decisions stand in the ledger: named, bounded, and bound by the plan's hash."""

from __future__ import annotations

from typing import Any

from gadfly.act.gate import Decision
from gadfly.act.plan import Plan

NAMES = 150
"""Targets that an entry names; of a longer list it says how many, and the plan's hash binds them all."""
REASON = 2000
"""Characters of a reason."""


def about(plan: Plan) -> tuple[str, ...]:
    """Whom it concerns: the first of many targets by name."""
    found = [f"automation:{plan.automation}"] if plan.automation else []
    found += [f"owner:{plan.owner}"] if plan.owner else []
    found += [plan.asked_by] if plan.asked_by else []
    return (*found, *(f"component:{one.name}" for one in plan.targets[:NAMES]))


def body(plan: Plan, decision: Decision) -> dict[str, Any]:
    said: dict[str, Any] = {
        "plan": decision.plan,
        "action": plan.action,
        "count": len(plan.targets),
        "targets": [one.name for one in plan.targets[:NAMES]],
        "trigger": plan.trigger,
    }
    if plan.asked_by:
        said["asked_by"] = plan.asked_by
    return said
