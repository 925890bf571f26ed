"""Who does not see does not act: while the node's own monitoring is in trouble, automations wait."""

from __future__ import annotations

from gadfly.act.plan import Plan
from gadfly.act.situation import Situation


def sight(plan: Plan, situation: Situation) -> str | None:
    if plan.principal.startswith("person:"):
        return None
    seen = situation.sight
    if not seen.ear:
        return "this node does not hear heartbeats well; whoever runs it must look, automations wait"
    if not seen.probes:
        return "this node's own enquiries fail; whoever runs it must look, automations wait"
    if not seen.lag <= situation.rules.lag:
        return f"the picture is {seen.lag:.0f} s behind; automations wait until it is fresh"
    return None
