"""Which components have a place in the picture: the declared get one, what is gone for good gives it back."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from gadfly.config import Config
from gadfly.errors import LimitError, Refused
from gadfly.ledger.entry import Entry
from gadfly.monitor.columns import Flag
from gadfly.monitor.declared import of_function
from gadfly.monitor.liveness import Liveness
from gadfly.store import heard

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle

HOST_EVERY = 1.0
"""Seconds between the beats of the node's own host."""


class Membership:
    """Of a node whose ear hears."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def own(self, config: Config) -> list[str]:
        """The components that the node itself declares: its host."""
        return [socket.gethostname()] if config.node.watch_host else []

    async def places(self, config: Config) -> dict[str, int]:
        """A slot for every declared name. LimitError where there is no room for all.

        Who was heard under the name of a function before it was declared is gone for good.
        """
        every = {name: float(one.beats) for name, one in config.component.items()}
        told = set(map(of_function, config.function))
        every |= dict.fromkeys(told, 0.0)
        every |= dict.fromkeys(set(self.own(config)) - every.keys(), HOST_EVERY)
        picture = self._node.components
        heard = [slot for slot in picture.slots(sorted(told)) if slot is not None]
        if strangers := [slot for slot in heard if not picture.columns.flags[slot] & Flag.told]:
            await self.drop(strangers)
        names = list(every)
        slots = (await self._node.hearing.expect(names, list(every.values()), told)).tolist()
        if -1 in slots:
            raise LimitError(
                f"There is no room for {slots.count(-1):,} of the declared components: node.components is "
                f"{config.node.components:,}, and others were heard. Raise it and restart, or set keys."
            )
        return dict(zip(names, slots, strict=True))

    async def forget(self, name: str, who: str) -> None:
        """Drop one that is gone for good. Refused where it is declared, or still beats."""
        because = [self._node.recorder.used(who, "forget", name)]
        slot = self._node.components.slot(name)
        if slot is None:
            if name not in {alert.component for alert in await self._node.engine.alerts()}:
                raise Refused(f"No component {name[:200]!r} has been heard.", 404)
            await self._node.engine.forget(name, because)  # an alert that outlived its component
            return
        if self._node.components.columns.flags[slot] & Flag.declared:
            raise Refused(f"{name} is declared; take it out of the catalogue first, then reload.", 409)
        if self._node.members.liveness[slot] not in (Liveness.silent, Liveness.left):
            raise Refused(f"{name} still beats and would be back at once; stop it first.", 409)
        await self.drop([slot], because)

    async def drop(self, slots: list[int], because: Sequence[Entry] = ()) -> None:
        """The ear first: a beat that comes between would be a component without a place."""
        names = [self._node.components.name(slot) for slot in slots]
        await self._node.hearing.forget(slots)
        for slot, name in zip(slots, names, strict=True):
            self._node.components.forget(slot)
            self._node.processes.release(slot)
            await self._node.engine.forget(name, because)
        await self._node.db.write(partial(heard.forget, names=names))
        await self._node.intake.pings.forget(names)
