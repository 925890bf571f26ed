"""Changes of liveness: every one goes through here, so that columns, counters and events agree."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gadfly.monitor.events import EVENT, EventKind
from gadfly.monitor.index import Slots
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.members import NEVER, Members
from gadfly.monitor.why import Why

_DECLARED = {
    Why.refused: "declared_refused",
    Why.exited: "declared_exited",
    Why.no_answer: "declared_no_answer",
    Why.overdue: "declared_overdue",
}


class Journal:
    """Writes to `members` and collects the events of a turn; :meth:`flush` hands them to the node."""

    def __init__(self, members: Members) -> None:
        self._members = members
        self._events: list[NDArray[Any]] = []
        self.now = 0
        """Monotonic ns and, below, wall ns of this turn."""
        self.wall = 0

    def at(self, now: int, wall: int) -> None:
        self.now, self.wall = now, wall

    def change(self, slots: Slots, after: NDArray[np.uint8] | int, why: NDArray[np.uint8] | int) -> None:
        """Set liveness and reason; members that have this liveness already only get the reason."""
        members = self._members
        before = members.liveness[slots]
        after_ = np.broadcast_to(np.asarray(after, np.uint8), len(slots))
        why_ = np.broadcast_to(np.asarray(why, np.uint8), len(slots))
        members.rows["reason"][slots] = why_
        changed = before != after_
        if not changed.any():
            return
        at = slots[changed]
        members.liveness[at] = after_[changed]
        members.rows["since"][at] = self.wall
        self._note(at, EventKind.transition, before[changed], after_[changed], why_[changed])

    def declare(self, slots: Slots, why: Why) -> None:
        """These are silent from now on; nothing more is expected of them until they are heard."""
        if len(slots):
            self.change(slots, Liveness.silent, why)
            self._members.deadline[slots] = NEVER
            self._members.counters.add(_DECLARED[why], len(slots))

    def card(self, slots: Slots) -> None:
        """What these say of themselves changed."""
        self._mark(slots, EventKind.card)

    def status(self, slots: Slots) -> None:
        """These say another status of themselves; their liveness may be the same."""
        self._mark(slots, EventKind.status)

    def restarted(self, slots: Slots) -> None:
        """These began a new incarnation."""
        self._mark(slots, EventKind.restarted)
        self._members.counters.add("restarts", len(slots))

    def _mark(self, slots: Slots, kind: EventKind) -> None:
        if len(slots):
            liveness, why = self._members.liveness[slots], self._members.rows["reason"][slots]
            self._note(slots, kind, liveness, liveness, why)

    def _note(self, slots: Slots, kind: EventKind, before: Any, after: Any, why: Any) -> None:
        events = np.zeros(len(slots), EVENT)
        events["slot"], events["kind"] = slots, kind
        events["before"], events["after"], events["why"] = before, after, why
        events["at"], events["wall"] = self.now, self.wall
        self._events.append(events)

    def flush(self) -> bool:
        """Hand the events over; True when there were any."""
        if not self._events:
            return False
        events = np.concatenate(self._events)
        self._events.clear()
        lost = self._members.ring.write(events)
        self._members.counters.add("events", len(events))
        self._members.counters.add("events_overflowed", lost)
        return True
