"""All facts of a node together: each family in its turn, then since when, then what came over the API."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from itertools import islice
from typing import Any, NamedTuple, Protocol

from gadfly.ask_facts import (
    acts,
    alerts,
    authority,
    catalogue,
    changes,
    checks,
    definitions,
    heartbeats,
    jobs,
    predictions,
    samples,
    spells,
)
from gadfly.ask_facts.columns import Tables
from gadfly.ask_facts.stores import Stores
from gadfly.errors import StoreError
from gadfly.store import facts as kept
from gadfly.store.facts import Daily

CHUNK = 20_000
"""Rows that are told and held as Python's objects at once: there may be a million."""

log = logging.getLogger("gadfly.ask")

FAMILIES: Mapping[str, Callable[[Stores], Tables]] = {
    "catalogue": catalogue.facts,
    "checks": checks.facts,
    "alerts": alerts.facts,
    "spells": spells.facts,
    "authority": authority.facts,
    "acts": acts.facts,
    "jobs": jobs.facts,
    "predictions": predictions.facts,
    "changes": changes.facts,
    "samples": samples.facts,
    "heartbeats": heartbeats.facts,
}
"""By name, in the order in which they are gathered; what reads series comes last, as it may end early."""


TELLS: Mapping[str, tuple[str, ...]] = {
    "catalogue": ("owner", "component", "edge", "monitor"),
    "checks": ("check",),
    "alerts": ("alert", "silence", "silenced"),
    "spells": ("spell", "window", "incident"),
    "authority": ("automation", "function", "grant", "principal"),
    "acts": ("action", "approval", "guard", "request", "drill", "use"),
    "jobs": ("job_run",),
    "predictions": ("prediction", "resource", "resource_daily"),
    "changes": ("change",),
    "samples": ("sample_daily",),
    "heartbeats": ("heartbeat_daily",),
}
"""The tables that a family fills, also where it has no row for one now."""
OF_SERIES = ("sample_daily", "resource", "resource_daily", "heartbeat_daily")
"""Tables that are shorter while the series are not open."""


class Takes(Protocol):
    """Where facts go: a :class:`gadfly.ask.world.World`."""

    def add(self, table: str, columns: Mapping[str, list[Any]]) -> None: ...


class Gathered(NamedTuple):
    """What is to be kept once the evaluation is over."""

    declared: definitions.Declared
    first: dict[str, dict[str, float]]
    days: list[Daily]
    trouble: dict[str, str]
    """Families that could not be read, and why."""
    missing: frozenset[str]
    """Tables of which the node does not know now what it should know: nothing follows from what they lack."""


def gather(stores: Stores, world: Takes) -> Gathered:
    """Everything that the node knows itself, and what came over the API. StoreError: nobody waits any more.

    A family that fails is trouble, and the others go on: half of the facts are asked rather than none. Of its
    tables nothing is declared, as what is not known now is not over.
    """
    tables: Tables = {}
    trouble: dict[str, str] = {}
    for name, family in FAMILIES.items():
        try:
            found = family(stores)
        except StoreError:
            raise
        except Exception as error:  # a defect in one must not silence all
            log.exception("the facts of %s: a defect", name)
            trouble[name] = f"a defect, which stands in the log ({type(error).__name__})"
            continue
        tables.update(found)
        if stores.stopping():
            raise StoreError("the node is stopping")
    if stores.series is None:
        trouble["series"] = "the series are not open"
    missing = _missing(trouble)
    declared, first = definitions.declared(tables, missing), definitions.first(tables)
    held = {table: list(kept.declared(stores.connection, table)) for table in declared}
    definitions.dated(tables, held, stores.now)
    for table in list(tables):
        world.add(table, tables.pop(table))
    for table in kept.counts(stores.connection):
        told = kept.given(stores.connection, table)
        while rows := [one.cells for one in islice(told, CHUNK)]:
            names = list(dict.fromkeys(name for row in rows for name in row))
            world.add(table, {name: [row.get(name) for row in rows] for name in names})
    return Gathered(declared, first, stores.days, trouble, missing)


def _missing(trouble: Collection[str]) -> frozenset[str]:
    failed = (table for family in trouble for table in TELLS.get(family, ()))
    return frozenset([*failed, *(OF_SERIES if "series" in trouble else ())])
