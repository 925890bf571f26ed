"""Whether nearly nobody is heard any more, seen early: from those whose beats were expected a moment ago.

Beats of a fleet are spread over an interval. When all of it is cut off at once, its members become late one
after another, and the first would be declared before most of them are late. So the latest of the late are
compared with those heard since the first of these was expected: where nothing comes any more, the last four
of the late tell it within a few milliseconds; where a rack of a large fleet failed, beats of all others came
in the same time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gadfly.monitor import suspicion
from gadfly.monitor.doubt import HOSTS, network_gone
from gadfly.monitor.index import Slots, distinct
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.members import Members, host_numbers

LATEST = (HOSTS, 16, 64, 256, 1024, 4096)
"""So many of the latest are looked at: a few tell it soon, more where the few are of one host."""
SAMPLE = 4096
"""Members at most whose last beat is looked at, evenly over all, to know how many were heard."""


class Outage:
    """Remembers who was given an interval more: they are late, although their liveness does not say so."""

    def __init__(self, members: Members) -> None:
        self._members = members
        self._held: Slots = np.empty(0, np.int64)
        self._held_at = np.empty(0, np.int64)

    def hold(self, slots: Slots, moments: NDArray[np.int64]) -> None:
        """These became late at these moments (monotonic ns) and are given an interval more."""
        self._held = np.concatenate([self._held, slots])
        self._held_at = np.concatenate([self._held_at, moments])

    def waiting(self) -> Slots:
        """The suspect and the late."""
        liveness = self._members.liveness[: self._members.size]
        return np.flatnonzero((liveness == Liveness.suspect) | (liveness == Liveness.late))

    def seen(self, due: Slots) -> bool:
        """Whether our own network is gone, as far as can be told when these have become late."""
        members, rows = self._members, self._members.rows
        self._forget_who_is_back()
        waiting = self.waiting()
        slots = np.concatenate([due, waiting, self._held])
        if len(slots) < HOSTS:
            return False
        moments = np.concatenate([members.deadline[due], members.overdue[waiting], self._held_at])
        latest = np.argpartition(-moments, LATEST[-1])[: LATEST[-1]] if len(moments) > LATEST[-1] else ...
        slots, moments = slots[latest], moments[latest]
        order = np.argsort(-moments, kind="stable")
        slots, moments = slots[order], moments[order]
        margin = suspicion.margin(suspicion.effective(rows["interval"][slots]), rows["jitter"][slots])
        hosts = host_numbers(rows["address"][slots])
        step = -(-members.size // SAMPLE)
        heard_at = rows["seen"][: members.size : step]
        for count in (*(some for some in LATEST if some < len(slots)), len(slots)):
            since = int(moments[count - 1]) - int(margin[:count].min() * 1e9)
            heard = step * int(np.count_nonzero(heard_at > since))
            if network_gone(count, count + heard, len(distinct(hosts[:count]))):
                return True
        return False

    def _forget_who_is_back(self) -> None:
        """A beat takes the doubt away; who was not heard became a suspect."""
        if not len(self._held):
            return
        liveness = self._members.liveness[self._held]
        late = self._members.rows["doubted"][self._held] != 0
        late &= (liveness == Liveness.alive) | (liveness == Liveness.stalled)
        self._held, self._held_at = self._held[late], self._held_at[late]
