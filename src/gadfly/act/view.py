"""What the acting part may see: one protocol, and the picture behind it.

It is the other principal: what an actor says of its own effect is never asked here, only what beats and
probes tell. Times are monotonic seconds unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt

from gadfly.act.plans import expect
from gadfly.act.plans.expect import Seen
from gadfly.act.situation import Fleet, Part
from gadfly.clock import Clock
from gadfly.monitor.columns import FREE, Flag
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.local_process import LocalProcesses
from gadfly.monitor.members import Members
from gadfly.monitor.picture import Picture
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict

WORKING = expect.WORKING
MOST = 10_000
"""Components that are looked at for one trigger at most: as many as a plan has targets."""


class View(Protocol):
    """What acts are decided and measured by."""

    def see(self, component: str) -> Seen | None:
        """How it is; None where nobody knows it."""

    def members(self, group: str) -> tuple[Seen, ...]:
        """How the members of a group are."""

    def subject(self, component: str) -> Subject | None:
        """Who it is."""

    def subjects(self) -> Iterator[Subject]:
        """Everybody. May be long: whoever walks through it lets others have their turn."""

    def standing(self, word: str) -> list[tuple[str, float]]:
        """Those that are in this state (of the picture or of the ear), and since when, in wall seconds."""

    def fleet(self) -> Fleet:
        """How many there are, and how many work: in all, and by group."""

    def lost(self, seconds: float) -> int:
        """How many became bad within so many seconds."""

    def ask(self, component: str) -> None:
        """Let its probes ask now: somebody waits for the answer."""


class PictureView:
    """The view of a node. `ask` is the prober's `ask_now`."""

    def __init__(
        self,
        picture: Picture,
        members: Members,
        clock: Clock,
        ask: Callable[[str], object],
        processes: LocalProcesses,
    ) -> None:
        self._picture = picture
        self._members = members
        self._clock = clock
        self._ask = ask
        self._processes = processes

    def see(self, component: str) -> Seen | None:
        slot = self._picture.slot(component)
        return None if slot is None else self._seen(slot)

    def members(self, group: str) -> tuple[Seen, ...]:
        code = self._picture.columns.groups.find(group)
        if not group or code < 0:
            return ()
        mine = self._picture.counted() & (self._groups() == code)
        return tuple(self._seen(int(slot)) for slot in np.flatnonzero(mine))

    def subject(self, component: str) -> Subject | None:
        slot = self._picture.slot(component)
        return None if slot is None else self._picture.vouched(slot)

    def subjects(self) -> Iterator[Subject]:
        for slot in range(self._picture.size):
            if self._picture.verdicts[slot] != FREE:
                yield self._picture.vouched(slot)

    def standing(self, word: str) -> list[tuple[str, float]]:
        picture = self._picture
        if word in Liveness.__members__ and word not in Verdict.__members__:
            found = self._members.liveness[: picture.size] == Liveness[word]
            since = self._members.since[: picture.size] / 1e9
        else:
            found = picture.verdicts == Verdict[word]
            since = picture.columns.since[: picture.size]
        slots = np.flatnonzero(found & self._valid())[:MOST]
        return [(picture.name(int(slot)), float(since[slot])) for slot in slots]

    def fleet(self) -> Fleet:
        valid = self._picture.counted() & (self._picture.verdicts != Verdict.left)
        # Functions are no machines: many of them would make a share of the whole larger than it is.
        machines = valid & ((self._picture.columns.flags[: self._picture.size] & int(Flag.told)) == 0)
        working = valid & np.isin(self._picture.verdicts, WORKING)
        words = self._picture.columns.groups.words
        groups = self._groups()
        total = np.bincount(groups[valid], minlength=len(words))
        well = np.bincount(groups[working], minlength=len(words))
        return Fleet(
            whole=Part(int(machines.sum()), int((machines & working).sum())),
            groups={
                words[code]: Part(int(total[code]), int(well[code]))
                for code in np.flatnonzero(total).tolist()
                if code
            },
        )

    def lost(self, seconds: float) -> int:
        lost = self._picture.columns.lost[: self._picture.size]
        return int(np.count_nonzero(lost > self._clock.wall() - seconds))

    def ask(self, component: str) -> None:
        self._ask(component)

    def count(self, group: str) -> int:
        """How many members a group has that did not leave."""
        return sum(one.liveness is not Liveness.left for one in self.members(group))

    def signal(self, component: str, number: int) -> str:
        """Send a signal to its process on this host: empty where it was sent, else why not."""
        slot = self._picture.slot(component)
        if slot is None:
            return "nobody knows it"
        return self._processes.signal(slot, int(self._members.incarnation[slot]), number)

    def _valid(self) -> npt.NDArray[np.bool_]:
        return np.not_equal(self._picture.verdicts, FREE)

    def _groups(self) -> npt.NDArray[np.int32]:
        return self._picture.columns.group[: self._picture.size]

    def _seen(self, slot: int) -> Seen:
        members = self._members
        liveness = Liveness(int(members.liveness[slot]))
        return Seen(
            verdict=Verdict(int(self._picture.verdicts[slot])),
            liveness=liveness,
            incarnation=int(members.incarnation[slot]),
            heard=float("-inf") if liveness is Liveness.never else int(members.seen[slot]) / 1e9,
            probes=self._picture.probes(slot),
            reason=self._picture.reason(slot),
        )
