"""Kinds asked as far as the facts go: one rule, for a node, for a folder of facts and for the past.

A kind of ours is left out where the facts lack what it needs (`NEEDS` in :mod:`gadfly.ask_facts.lacking`), or
where a table that it reads could not be gathered. It was not looked at: nothing follows from its silence.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from gadfly.ask.evaluate import Evaluation, evaluate
from gadfly.ask.kind import Kind
from gadfly.ask.world import World
from gadfly.ask_facts import lacking
from gadfly.ask_facts.lacking import Known


def evaluated(
    world: World,
    kinds: Mapping[str, Kind],
    now: float,
    missing: Collection[str] = (),
    why: str = "",
    there: Known | None = None,
) -> Evaluation:
    """All of these kinds that may be asked at `now`; the others with the reason.

    missing: tables that could not be gathered; `why`, in words for people. Kinds that read them are trouble.
    there: what there is at `now`; None: it is counted.
    """
    world.at(now)
    there = lacking.known(world) if there is None else there
    blind = [name for name, one in kinds.items() if lacking.blind(one, missing)] if missing else []
    left = {
        name: "; ".join(lacking.lacking(one, there))
        for name, one in kinds.items()
        if name not in blind and lacking.silent(one, there)
    }
    asked = {name: one for name, one in kinds.items() if name not in blind and name not in left}
    found = evaluate(world, asked, now)
    return msgspec.structs.replace(
        found, trouble={**found.trouble, **dict.fromkeys(blind, why)}, lacking=left
    )
