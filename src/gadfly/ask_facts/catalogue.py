"""Owners, components and who needs whom: what the catalogue declares, and what was only heard."""

from __future__ import annotations

import functools
from itertools import pairwise
from statistics import median_low

from gadfly import duration, hours
from gadfly.alert.escalate import delegates
from gadfly.ask_facts.columns import Columns, Tables, together
from gadfly.ask_facts.stores import Stores
from gadfly.config import Config
from gadfly.config.component import Component
from gadfly.config.owner import Owner
from gadfly.monitor import jobs
from gadfly.monitor.subject import Subject

UNSAID = Owner().after
"""Seconds until the next contact is told where an owner does not say when."""
YES = frozenset({"yes", "true", "1", "on"})
FIRST = 1_705_276_800.0
"""2024-01-15 00:00 UTC, a Monday from which on no clock is changed for weeks."""
TURNS = 8
"""Of a schedule, of which the gaps are looked at: more than a week of those that come every day."""


def facts(stores: Stores) -> Tables:
    """The tables `owner`, `component`, `edge` and `monitor`."""
    return together(_owners(stores), _components(stores), _edges(stores), _monitor(stores))


def _owners(stores: Stores) -> Columns:
    found = Columns("owner")
    owners = stores.config.owner
    for name, one in owners.items():
        found.add(
            name=name,
            parent=one.owner or None,
            zone=zone(one.hours),
            # What nobody wrote down nobody promised.
            promise=float(one.after) if one.after != UNSAID else None,
            away=bool(delegates(owners, name, stores.now)),
        )
    return found


def zone(text: str) -> str | None:
    """The time zone of working hours; None where there are none."""
    return hours.parse(text).zone.key if text else None


def _components(stores: Stores) -> Columns:
    found = Columns("component")
    heard = dict(stores.connection.execute("SELECT name, first_heard FROM heard"))
    for one in stores.subjects:
        declared = stores.config.component.get(one.name)
        labels = one.labels
        found.add(
            name=one.name,
            kind=one.kind,
            owner=one.owner or None,
            grp=one.group or None,
            tier=_tier(labels.get("tier", "")),
            environment=labels.get("environment") or None,
            declared=one.declared,
            users=_flag(labels.get("users", "")),
            ephemeral=_flag(labels.get("ephemeral", "")),
            period=period(declared),
            hosts=1 if one.host else None,
            slo=share(labels.get("slo", "")),
            on_call=_on_call(stores.config, one, labels.get("on_call", "")),
            since=heard.get(one.name),
        )
    return found


def period(declared: Component | None) -> float | None:
    """Seconds between two runs of a job, by its schedule; None where it has none."""
    if declared is None or not declared.schedule:
        return None
    every = declared.schedule.removeprefix("every ")
    return between(every) if every == declared.schedule else duration.parse(every.strip())


@functools.lru_cache(maxsize=jobs.SCHEDULES)
def between(schedule: str) -> float | None:
    """Seconds that are mostly between two turns; None where there are none. Always the same of one schedule,
    whatever the day is: at `30 8 * * 1-5` a day, on Fridays, too."""
    plan = jobs.Plan(schedule=schedule)
    turns = [jobs.next_due(plan, FIRST)]
    while len(turns) <= TURNS and turns[-1] is not None:
        turns.append(jobs.next_due(plan, turns[-1]))
    known = [one for one in turns if one is not None]
    return median_low(later - one for one, later in pairwise(known)) if len(known) > 1 else None


def _on_call(config: Config, one: Subject, label: str) -> bool | None:
    """Whether somebody is called for it at night: its owner has a contact, and what is urgent waits for no
    hours."""
    if label:
        return _flag(label)
    owner = config.owner.get(one.owner)
    return None if owner is None else bool(owner.contact)


def _edges(stores: Stores) -> Columns:
    found = Columns("edge")
    for one in stores.subjects:
        for need in one.needs:
            found.add(src=one.name, dst=need, kind="hard", declared=one.declared)
        if one.host and one.host != one.name:
            found.add(src=one.name, dst=one.host, declared=one.declared)
    return found


def _monitor(stores: Stores) -> Columns:
    """The node itself. Whether somebody else hears it beat it cannot know."""
    found = Columns("monitor")
    found.add(name=stores.node)
    return found


def _flag(text: str) -> bool | None:
    return text.strip().lower() in YES if text else None


def _tier(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text) <= 4 else None


def share(text: str) -> float | None:
    """`99.9%` or `0.999`; None for anything else."""
    try:
        number = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        return None
    return number if 0 < number <= 1 else None
