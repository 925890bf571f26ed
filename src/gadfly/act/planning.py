"""From an automation and what is seen now to a plan: targets resolved, counted, and put in stages."""

from __future__ import annotations

from collections.abc import Iterable

from gadfly.act import selector
from gadfly.act.action import ACTIONS
from gadfly.act.automation import IRREVERSIBLE, split_run
from gadfly.act.plan import Input, Plan, Signal, Target
from gadfly.act.trigger import parse as parse_trigger
from gadfly.config_act import Automation
from gadfly.errors import Refused
from gadfly.monitor.subject import Subject

LARGEST = 10_000
"""Targets of one plan at most: nobody reads a longer list."""
STALE = 60.0
"""Seconds; older inputs are not planned from. The gate has its own limit, and may be stricter."""


def target(subject: Subject, *, cells: str = "", well: bool = True, used: float | None = None) -> Target:
    """A component of the picture as a target; `cells` is the label that the automation stages by."""
    labels = subject.labels
    region = labels.get("region", "")
    # A label that is the same everywhere must not make one failure domain of several regions.
    within = labels.get(cells, "") if cells != "region" else ""
    return Target(
        name=subject.name,
        kind=subject.kind,
        owner=subject.owner,
        group=subject.group,
        cell="/".join(part for part in (region, within) if part),
        region=region,
        environment=labels.get("environment", "") or "production",
        labels=labels,
        well=well,
        used=used,
    )


def wanted(automation: Automation, subjects: Iterable[Subject]) -> list[Subject]:
    """Those that the automation's selector means (`targets`, else that of `on`)."""
    matches = selector.parse(automation.targets or parse_trigger(automation.on).selector)
    return [subject for subject in subjects if matches(subject)]


def plan(
    name: str,
    automation: Automation,
    targets: Iterable[Target],
    *,
    inputs: tuple[Input, ...],
    made: float,
    trigger: str = "",
    signals: tuple[Signal, ...] = (),
) -> Plan:
    """What the automation `name` would do to these targets. Targets are put in the order of their names.

    Refused where there is nothing to act on, or where what it is planned from is stale or partial: nothing
    means that nothing was found, never that everything is meant.
    """
    chosen = tuple(sorted(targets, key=lambda one: one.name))
    if not chosen:
        raise Refused(f"{name} found nothing to act on; nothing never means everything.", 422)
    if len(chosen) > LARGEST:
        raise Refused(f"{name} found {len(chosen)} targets; a plan has at most {LARGEST}.", 422)
    for one in inputs:
        if not (one.complete and one.quorum) or made - one.at > STALE:
            raise Refused(f"{name} would be planned from a stale or partial {one.name}; wait for it.", 409)
    action, argument = split_run(automation.run)
    kind = ACTIONS.get(action.partition(":")[0])
    counted: dict[str, int] = {}
    for each in chosen:
        counted[each.cell] = counted.get(each.cell, 0) + 1
    return Plan(
        principal=f"automation:{name}",
        automation=name,
        owner=automation.owner,
        action=action,
        argument=argument,
        targets=chosen,
        # The smallest cell is the canary: what is wrong shows where it harms least.
        cells=tuple(sorted(counted, key=lambda cell: (counted[cell], cell))),
        symptom=parse_trigger(automation.on).state if automation.on else "",
        trigger=trigger or automation.on or "manual",
        inputs=inputs,
        signals=signals,
        expect=automation.expect,
        undo="" if automation.undo == IRREVERSIBLE else automation.undo,
        destructive=automation.destructive,
        disturbs=automation.disturbs and (kind is None or kind.disturbs),
        crosses=automation.crosses,
        cost=automation.cost * len(chosen),
        environment=automation.environment,
        version=automation.version,
        made=made,
    )
