"""The configuration is read again: taken whole, or not at all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from gadfly import catalogue, node_file
from gadfly.config import Config
from gadfly.errors import ConfigError
from gadfly.monitor.check import Check, checks
from gadfly.rules import ruler as rules
from gadfly.story import label

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle

log = logging.getLogger("gadfly")

STAYS = ("name", "listen", "url", "state", "components")
"""Of `[node]`: what a running node keeps."""


class Reloading:
    """One after another."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._lock = asyncio.Lock()

    async def reload(self, who: str) -> Sequence[str]:
        """As :meth:`gadfly.app.Node.reload`."""
        node = self._node
        async with self._lock:
            fresh = overridden(await asyncio.to_thread(catalogue.load, node.path), node.overrides)
            stays = [
                f"{table}.{field}"
                for table, fields in (
                    ("node", STAYS),
                    ("series", fresh.series.__struct_fields__),
                    ("remote", fresh.remote.__struct_fields__),
                )
                for field in fields
                if getattr(getattr(fresh, table), field) != getattr(getattr(node.config, table), field)
            ]
            if stays:
                raise ConfigError(
                    *(f"{field} cannot change while the node runs; restart it" for field in stays)
                )
            return await self._take_over(fresh, who)

    async def _take_over(self, fresh: Config, who: str) -> Sequence[str]:
        """First what may refuse, each undone where a later one does; then what cannot."""
        node = self._node
        old = node.config
        lines, because = await node.recorder.configured(old, fresh, who)
        act = node.acting.prepare(fresh)
        ruled = await asyncio.to_thread(rules.load, fresh)
        slots = await node.membership.places(fresh)
        await node.hearing.reconfigure(fresh.heartbeat, fresh.node.preset)
        try:
            await node.engine.reconfigure(fresh, [because])
        except BaseException:
            await node.hearing.reconfigure(old.heartbeat, old.node.preset)
            raise
        node.config = fresh
        node.flow.put(node.components.declare(fresh, slots, node.membership.own(fresh)))
        declared = checks(fresh)
        node.checks = by_component(declared)
        node.prober.replace(declared)
        node.series.replace(declared)
        node.intake.reconfigure(fresh)
        node.history.keep(frozenset(fresh.component))
        node.components.keep_probes({name: map(label, own) for name, own in node.checks.items()})
        node.courier.reconfigure(fresh)
        node.rules.take(ruled, fresh)
        node.predicting.take(fresh)
        node.asking.take(fresh)
        node.functioning.reconfigure(fresh)
        node.recorder.reconfigure(fresh)
        node.cosigners.reconfigure(fresh)
        act()
        if who == "node":
            node.acting.side_door.signalled(old, fresh)
        if (old.heartbeat, old.node) != (fresh.heartbeat, fresh.node):
            await node.beat_for_host()
            node_file.write(node.about())
        try:
            await node.membership.drop(node.components.rumours())
        finally:  # what is taken out ended, so that nobody is told of it as theirs now
            await node.engine.aim_again()
        log.info("configuration read again: %d changes", len(lines))
        return lines


def by_component(declared: Sequence[Check]) -> dict[str, list[Check]]:
    """The checks of each."""
    found: dict[str, list[Check]] = {}
    for check in declared:
        found.setdefault(check.component, []).append(check)
    return found


def overridden(config: Config, overrides: Mapping[str, str]) -> Config:
    """The configuration with what the command line said of the node instead."""
    if not overrides:
        return config
    return msgspec.structs.replace(config, node=msgspec.structs.replace(config.node, **overrides))
