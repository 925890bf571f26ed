"""The node's side of the events: what it was told, and making up for what it was not.

The node keeps the liveness, card version, restarts and status it last knew of every member. When the ring
overflowed, or an ear died between changing a column and writing the event, it compares them with the columns.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gadfly.monitor.events import EVENT, EventKind
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.members import Members
from gadfly.monitor.row import FREE


class News:
    """What was told of `members` so far."""

    def __init__(self, members: Members) -> None:
        self._members = members
        self._liveness = np.zeros(members.capacity, np.uint8)
        self._cards = np.zeros(members.capacity, np.uint16)
        self._restarts = np.zeros(members.capacity, np.uint16)
        self._status = np.zeros(members.capacity, np.uint8)
        self._overflowed = 0
        self._mistrusted = False

    def mistrust(self) -> None:
        """Compare with the columns at the next read, whatever the ring says."""
        self._mistrusted = True

    def read(self, now: int) -> NDArray[Any]:
        """The next events, EVENT; none: an empty array. `now` (monotonic ns) dates those made up."""
        events = self._members.ring.read()
        if len(events):
            events = events[events["slot"] < self._members.capacity]
            self._remember(events)
            return events
        overflowed = self._members.ring.overflowed
        if overflowed == self._overflowed and not self._mistrusted:
            return events
        self._overflowed, self._mistrusted = overflowed, False
        return self._compare(now)

    def _remember(self, events: NDArray[Any]) -> None:
        slots = events["slot"]
        moved = events["kind"] == EventKind.transition
        self._liveness[slots[moved]] = events["after"][moved]
        rows = self._members.rows
        cards = slots[events["kind"] == EventKind.card]
        self._cards[cards] = rows["card_version"][cards]
        again = slots[events["kind"] == EventKind.restarted]
        self._restarts[again] = rows["restarts"][again]
        spoke = slots[events["kind"] == EventKind.status]
        self._status[spoke] = rows["status"][spoke]

    def _compare(self, now: int) -> NDArray[Any]:
        members, size = self._members, self._members.size
        rows = members.rows[:size]
        liveness = members.liveness[:size].copy()
        used = liveness != FREE
        cards, restarts, status = (rows[name].copy() for name in ("card_version", "restarts", "status"))
        parts = []
        for kind, differs in (
            (EventKind.transition, liveness != self._liveness[:size]),
            (EventKind.card, (cards != self._cards[:size]) & (rows["card_length"] > 0)),
            (EventKind.restarted, restarts != self._restarts[:size]),
            (EventKind.status, status != self._status[:size]),
        ):
            slots = np.flatnonzero(differs & used)
            events = np.zeros(len(slots), EVENT)
            events["slot"], events["kind"], events["at"] = slots, kind, now
            events["after"] = liveness[slots]
            events["before"] = self._liveness[slots] if kind == EventKind.transition else liveness[slots]
            events["why"], events["wall"] = rows["reason"][slots], rows["since"][slots]
            parts.append(events)
        self._liveness[:size] = np.where(used, liveness, Liveness.never)
        self._cards[:size], self._restarts[:size], self._status[:size] = cards, restarts, status
        return np.concatenate(parts)
