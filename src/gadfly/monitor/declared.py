"""What the catalogue declares, resolved for the picture: inheritance of owners and hosts done once."""

from __future__ import annotations

import msgspec

from gadfly import duration
from gadfly.config import Config
from gadfly.config.component import Component
from gadfly.monitor.jobs import Plan

GROUP = "functions"
"""Of all functions of a node."""


def of_function(name: str) -> str:
    """What a function is called among the components, as in the ledger."""
    return f"function:{name}"


class Declared(msgspec.Struct, frozen=True):
    """One catalogue entry as the picture needs it."""

    entry: Component
    owner: str
    plan: Plan | None
    probes: int
    told: bool = False
    """Whether the node itself tells how it is, and nothing that is heard does."""

    @property
    def beats(self) -> bool:
        return self.entry.beats > 0


def resolve(config: Config) -> dict[str, Declared]:
    """Every component that the catalogue declares, functions among them, by name.

    One without an owner inherits that of the host it runs on.
    """
    found = {}
    for name, entry in config.component.items():
        host = config.component.get(entry.host)
        owner = entry.owner or (host.owner if host is not None else "")
        found[name] = Declared(entry, owner, _plan(entry), _count(entry))
    for name, function in config.function.items():
        about = Component(kind="function", owner=function.owner, group=GROUP, because=function.purpose)
        found[of_function(name)] = Declared(about, function.owner, None, 0, told=True)
    return found


def _plan(entry: Component) -> Plan | None:
    if entry.kind != "job":
        return None
    every = 0.0
    schedule = entry.schedule
    if schedule.startswith("every "):
        every, schedule = duration.parse(schedule.removeprefix("every ").strip()), ""
    runs = duration.parse_bound(entry.runs, "<") if entry.runs else 0.0
    return Plan(schedule=schedule, every=every, grace=entry.grace, runs=runs)


def _count(entry: Component) -> int:
    probe = entry.probe
    kinds = (probe.http, probe.tcp, probe.tls, probe.dns, probe.grpc, probe.icmp, probe.command)
    return sum(len(kind) for kind in kinds)
