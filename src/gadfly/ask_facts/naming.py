"""What checks are called: of a component, `checkout http`, `checkout heartbeat`; and rules."""

from __future__ import annotations

from gadfly.ask_facts.stores import Stores
from gadfly.monitor.check import Check
from gadfly.monitor.declared import of_function
from gadfly.monitor.verdict import Verdict

HEARTBEAT = "heartbeat"
SCHEDULE = "schedule"
CALLS = "calls"
"""Of a function."""


def probe_check(check: Check) -> str:
    """The name of a probe's check."""
    return f"{check.component} {check.kind}:{check.name}" if check.name else f"{check.component} {check.kind}"


def rule_check(name: str, severity: str, stores: Stores) -> str:
    """The name of a rule's check. Where rules of one name differ in their severity, as a warning and what is
    critical mostly do, each is a check of its own: `disk full (critical)`."""
    return f"{name} ({severity or 'no severity'})" if name in stores.shared else name


def verdict_check(component: str, verdict: Verdict, reason: str, stores: Stores) -> str:
    """The check of which a verdict came: of several the one that the reason names, else its heartbeats."""
    declared = stores.config.component.get(component)
    if declared is not None and declared.kind == "job":
        return f"{component} {SCHEDULE}"
    if component in map(of_function, stores.config.function):
        return f"{component} {CALLS}"
    probes = stores.probes.get(component, ())
    beats = component in stores.beats
    if not probes or (beats and verdict in (Verdict.down, Verdict.zombie, Verdict.missing)):
        return f"{component} {HEARTBEAT}"
    said = [one for one in probes if (one.name or one.kind) in reason]
    return probe_check((said or list(probes))[0])
