"""The data's way through a node: what each part found is handed to the next.

Beats become events in the ear, events become verdicts in the picture, changes of verdict become alerts. On
the way a late component is asked, a returned one is asked anew, and a process of this host is watched.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import numpy as np

from gadfly.errors import StoreError
from gadfly.monitor.change import Change, condensed
from gadfly.monitor.check import Check
from gadfly.monitor.events import EventKind, pieces
from gadfly.monitor.heard import Events
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.local_process import perhaps_here
from gadfly.monitor.probe.result import Result
from gadfly.monitor.schedule import Answered
from gadfly.monitor.source import host_of
from gadfly.monitor.why import Why
from gadfly.story import label

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle

log = logging.getLogger("gadfly")

TICK = 0.25  # seconds between looks at what only time changes: jobs, the never heard
PIECE = 1000  # changes that the alerts take at a time: between two, other work and the end get their turn
CROWD = 50_000  # changes that wait as they are; beyond, of each component only where it began and where it is
HUSHED = 1e9  # nanoseconds for which what was missed says something
GONE = (Liveness.silent, Liveness.left)


class Flow:
    """Three loops, and what the prober (:meth:`asked`) and the kernel (:meth:`ended`) call."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._changes: asyncio.Queue[list[Change]] = asyncio.Queue()
        self._untaken = 0
        self._oldest: float | None = None
        self.trouble = ""
        """Why changes are not taken at the moment; empty when they are."""

    def put(self, changes: list[Change]) -> None:
        """Changes of verdict, to be told in their order."""
        if changes:
            self._changes.put_nowait(changes)

    async def hear(self) -> None:
        """From the ear to the picture, for as long as the ear is heard."""
        async for events in self._node.hearing.transitions():
            for piece in pieces(events):
                self.put(self._node.components.hear(piece))
                self._follow(piece)
                # The page and the probes get their turn between two pieces of a large batch.
                await asyncio.sleep(0)

    async def tell(self) -> None:
        """From the picture to the alerts; while the disk refuses, changes wait here in their order."""
        waiting: list[Change] = []
        while True:
            if not waiting:
                waiting = await self._changes.get()
            while not self._changes.empty():
                waiting = waiting + self._changes.get_nowait()
            if self.trouble and len(waiting) > CROWD:
                waiting = condensed(waiting)
            piece = waiting[:PIECE]
            self._untaken, self._oldest = len(waiting) - len(piece), piece[0].at
            if await self._take(piece):
                waiting = waiting[PIECE:]
                self._oldest = None

    async def keep_time(self) -> None:
        """From the clock to the picture: jobs that are due, components that are missed."""
        while True:
            self.put(self._node.components.tick())
            await self._node.clock.sleep(TICK)

    def asked(self, check: Check, result: Result) -> None:
        """From a probe to the picture."""
        node = self._node
        node.history.add(check.component, label(check), result, node.clock.wall())
        node.series.asked(check, result)
        self.put(node.components.asked(check.component, label(check), result))

    def ended(self, slot: int, incarnation: int) -> None:
        """From the kernel to the ear: the process of this component has ended."""
        self._node.hearing.evidence(slot, incarnation, Why.exited)

    def suspected(self) -> tuple[int, int]:
        """How many components are overdue and not yet judged, or judged and not yet told; of how many.

        Where these are few, but when the last of them was found many others were missed already, so many.
        """
        members = self._node.members
        liveness = members.liveness[: members.size]
        overdue = (liveness == Liveness.suspect) | (liveness == Liveness.late)
        missed, at = (int(number) for number in members.hush)
        fresh = self._node.clock.monotonic() * 1e9 - at < HUSHED
        found = int(np.count_nonzero(overdue)) + self._untaken
        return max(found, missed) if fresh else found, len(liveness)

    def lag(self) -> float:
        """Seconds that what is known to the alerts is behind what was seen."""
        return max(0.0, self._node.clock.wall() - self._oldest) if self._oldest is not None else 0.0

    async def _take(self, changes: list[Change]) -> bool:
        try:
            await self._node.engine.take(changes)
        except StoreError as error:
            if not self.trouble:
                log.error("%s", error)
            self.trouble = str(error)
            await self._node.clock.sleep(1.0)
            return False
        self.trouble = ""
        return True

    def _follow(self, events: Events) -> None:
        """What a change in a component's beats asks of the other parts."""
        node = self._node
        node.memory.note(np.unique(events["slot"]).tolist())
        node.acting.side_door.hear(events, node.components.name)
        for slot in events["slot"][events["after"] == Liveness.suspect].tolist():
            self._enquire(slot)
        back = np.isin(events["before"], GONE) & (events["after"] == Liveness.alive)
        for slot in events["slot"][back | (events["kind"] == EventKind.restarted)].tolist():
            # What its probes found belongs to the run that ended; until asked again, they would call it gray.
            node.prober.ask_now(node.components.name(slot))
        for slot in events["slot"][events["kind"] == EventKind.card].tolist():
            card = node.components.card(slot)
            if card is None or not card.pid:
                continue
            source = node.members.source(slot)
            if perhaps_here(card.host, address := host_of(source)):
                port = int(source.rpartition(":")[2] or 0)
                incarnation = int(node.members.incarnation[slot])
                node.processes.watch(slot, incarnation, card.pid, address, port)

    def _enquire(self, slot: int) -> None:
        """Ask a late component's probes at once: a refused connection proves what silence only suggests."""
        node = self._node
        name, incarnation = node.components.name(slot), int(node.members.incarnation[slot])
        if name not in node.checks:
            return

        def weigh(answers: asyncio.Future[list[Answered]]) -> None:
            if not answers.cancelled() and any(result.refused for _, result in answers.result()):
                node.hearing.evidence(slot, incarnation, Why.refused)

        node.prober.ask_now(name).add_done_callback(weigh)
