"""From an automation and what is seen now to a plan: targets resolved, counted, and put in stages."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

import msgspec

from gadfly.act.action import ACTIONS
from gadfly.act.automation import IRREVERSIBLE, split_run
from gadfly.act.calling.trigger import parse as parse_trigger
from gadfly.act.grants import selector
from gadfly.act.plan import Data, Input, Plan, Signal, Target
from gadfly.config.act import Automation
from gadfly.errors import Refused
from gadfly.monitor.subject import Subject

LARGEST = 10_000
"""Targets of one plan at most: nobody reads a longer list."""
STALE = 60.0
"""Seconds; older inputs are not planned from. The gate has its own limit, and may be stricter."""

USED = "used"
"""The label that says when a component was last used: `2026-10-01`, or a time with its zone."""

_PARAMETER = re.compile(r"\{parameter\.([A-Za-z0-9_.-]+)\}")


class Supplied(msgspec.Struct, frozen=True, kw_only=True):
    """What whoever asks for an act gives with it, besides its targets."""

    parameters: dict[str, str] = {}
    """What `{parameter.NAME}` in the automation's `run` stands for."""
    inputs: tuple[Input, ...] = ()
    """What it was planned from, besides the picture: a registry, a lock service, a query."""
    data: Data | None = None
    """The configuration or data that it would put in force."""


NOTHING = Supplied()


def used(text: str) -> float | None:
    """When a component was last used by its label, wall seconds; None where it does not say, which counts as
    used. A day counts to its end (UTC)."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) == len("2026-10-01"):
        return found.replace(tzinfo=dt.UTC).timestamp() + 86_400.0
    return None if found.tzinfo is None else found.timestamp()


def target(subject: Subject, *, cells: str = "", well: bool = True) -> Target:
    """A component of the picture as a target; `cells` is the label that the automation stages by."""
    # When it was last used is what is seen of it, and not which one it is: no approval ends by its use.
    labels = {name: value for name, value in subject.labels.items() if name != USED}
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
        used=used(subject.labels.get(USED, "")),
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
    supplied: Supplied = NOTHING,
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
    _filled(name, automation, supplied.parameters)
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
        parameters=supplied.parameters,
        targets=chosen,
        # The smallest cell is the canary: what is wrong shows where it harms least.
        cells=tuple(sorted(counted, key=lambda cell: (counted[cell], cell))),
        symptom=parse_trigger(automation.on).state if automation.on else "",
        trigger=trigger or automation.on or "manual",
        inputs=(*inputs, *supplied.inputs),
        signals=signals,
        expect=automation.expect,
        undo="" if automation.undo == IRREVERSIBLE else automation.undo,
        destructive=automation.destructive,
        disturbs=automation.disturbs and (kind is None or kind.disturbs),
        crosses=automation.crosses,
        cost=automation.cost * len(chosen),
        environment=automation.environment,
        version=automation.version,
        data=supplied.data,
        due=None if automation.due is None else automation.due.timestamp(),
        made=made,
    )


def _filled(name: str, automation: Automation, given: Iterable[str]) -> None:
    """Refused where a parameter of its run is not given, or one is given that it has not. What a blank one
    means is the guard `shape`'s to say."""
    wanted, found = set(_PARAMETER.findall(f"{automation.run} {automation.undo}")), set(given)
    if missing := sorted(wanted - found):
        raise Refused(f"{name} needs the parameter {missing[0]}; whoever asks for it must fill it in.", 422)
    if unknown := sorted(found - wanted):
        raise Refused(f"{name} has no parameter {unknown[0][:100]}; its run names those that it has.", 422)
