"""What the checks of a component are called that are no rule: `checkout http`, `checkout heartbeat`."""

from __future__ import annotations

from gadfly.ask_facts.stores import Stores
from gadfly.monitor.check import Check
from gadfly.monitor.verdict import Verdict

HEARTBEAT = "heartbeat"
SCHEDULE = "schedule"


def probe_check(check: Check) -> str:
    """The name of a probe's check."""
    return f"{check.component} {check.kind}:{check.name}" if check.name else f"{check.component} {check.kind}"


def verdict_check(component: str, verdict: Verdict, reason: str, stores: Stores) -> str:
    """The check of which a verdict came: of several the one that the reason names, else its heartbeats."""
    declared = stores.config.component.get(component)
    if declared is not None and declared.kind == "job":
        return f"{component} {SCHEDULE}"
    probes = stores.probes.get(component, ())
    beats = component in stores.beats
    if not probes or (beats and verdict in (Verdict.down, Verdict.zombie, Verdict.missing)):
        return f"{component} {HEARTBEAT}"
    said = [one for one in probes if (one.name or one.kind) in reason]
    return probe_check((said or list(probes))[0])
