"""Deciding what is due: the table of liveness, applied to arrays.

::

    state             what happens            next state, and when to look again
    ----------------  ----------------------  ------------------------------------------------------------
    alive, stalled    deadline passes         suspect (asked at once) where there is an address to ask,
                                              else late (next beat)
    suspect           answered                alive or stalled, as it says          (replies.py)
    suspect, late     beat                    alive or stalled                      (register.py)
    suspect           refused, exited         silent, at once
    suspect           wait for try k ends     silent where believed (suspicion.py), else asked once more
    late              an interval ends        silent where believed, else an interval more
    silent, left      beat, answer            alive

:class:`Judge` holds hardly any state of its own: it is in the members' columns, so a new ear goes on where
the old one stopped. (Only who waits in an outage is its own; a new ear waits for everybody anyway.)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gadfly.monitor import suspicion
from gadfly.monitor.enquiry import MOST_TRIES, TRY_BITS, fresh_nonces
from gadfly.monitor.index import Slots, distinct
from gadfly.monitor.journal import Journal
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.loss import Loss
from gadfly.monitor.members import NEVER, Members, host_numbers
from gadfly.monitor.outage import Outage
from gadfly.monitor.row import ANSWERS, MUTE, UNKNOWN
from gadfly.monitor.why import Why

HUSH = 2_000_000_000
"""Nanoseconds before its deadline in which a member is looked at for being missed: half of the margin of
intervals up to half a minute."""
STEADY = 2
"""Beats in a row from one port, after which that port being closed means that the sender is gone."""
ANSWERLESS = 0.5
"""The least chance of no answer from one that never answered yet: it may be none that does."""


SAMPLE = 3
"""So many members that beat from one socket must have been found dead by asking, to speak for the others."""


class Due(NamedTuple):
    """What a scan found."""

    slots: Slots
    next: int
    """Monotonic ns of the earliest deadline that has not passed; NEVER when there is none."""


class Judge:
    """`enquire`: whether the late are asked; `mistakes`: false deaths allowed a month."""

    def __init__(
        self,
        members: Members,
        loss: Loss,
        journal: Journal,
        *,
        enquire: bool = True,
        mistakes: float = 1.0,
    ) -> None:
        self._members = members
        self._loss = loss
        self._journal = journal
        self.enquire = enquire
        self.mistakes = mistakes
        self._outage = Outage(members)

    def due(self) -> Due:
        """Compare every deadline with now."""
        deadline = self._members.deadline[: self._members.size]
        if not len(deadline):
            return Due(np.empty(0, np.int64), NEVER)
        passed = deadline <= self._journal.now
        slots = np.flatnonzero(passed)
        rest = int(deadline.min()) if not len(slots) else int(np.where(passed, NEVER, deadline).min())
        return Due(slots, rest)

    def hushed(self) -> int:
        """How many that are taken for alive have been missed for half of their margin, and some."""
        members, now = self._members, self._journal.now
        deadline = members.deadline[: members.size]
        near = np.flatnonzero(deadline <= now + HUSH)
        liveness = members.liveness[near]
        near = near[(liveness == Liveness.alive) | (liveness == Liveness.stalled)]
        interval = suspicion.effective(members.rows["interval"][near])
        half = suspicion.margin(interval, members.rows["jitter"][near]) * (0.5 * 1e9)
        return int(np.count_nonzero(deadline[near] - half <= now))

    def decide(self, slots: Slots, *, dropped: bool) -> Slots:
        """Judge those due; returns the suspects that want to be asked now.

        `dropped`: the kernel dropped datagrams lately, so missing beats may be its doing.
        """
        liveness = self._members.liveness[slots]
        slots_late = slots[(liveness == Liveness.alive) | (liveness == Liveness.stalled)]
        slots_late = self._doubted(slots_late, dropped)
        begun = self._suspect(slots_late)
        due = self._members.deadline[slots] <= self._journal.now  # no more, where it was doubted just now
        asked = self._weigh(slots[due & (liveness == Liveness.suspect)], suspect=True)
        self._weigh(slots[due & (liveness == Liveness.late)], suspect=False)
        odd = (liveness != Liveness.alive) & (liveness != Liveness.stalled)
        odd &= (liveness != Liveness.suspect) & (liveness != Liveness.late)
        self._members.deadline[slots[odd]] = NEVER
        return np.concatenate([begun, asked])

    def _doubted(self, slots: Slots, dropped: bool) -> Slots:
        """Give those an interval more whose lateness may be our own; returns the others."""
        members = self._members
        rows = members.rows
        undoubted = rows["doubted"][slots] == 0
        fresh = slots[undoubted]
        if not len(fresh):
            return slots
        if dropped:
            reason = "doubt_drops"
        elif self._outage.seen(slots):
            reason = "doubt_everyone"
            self._outage.hold(fresh, members.deadline[fresh])
            waiting = self._outage.waiting()
            waiting = waiting[rows["doubted"][waiting] == 0]
            # Their nonces stay: a refusal of what was asked before is proof all the same.
            rows["tries"][waiting] = 0
            members.overdue[waiting] = self._journal.now
            fresh = np.concatenate([fresh, waiting])
        else:
            return slots
        members.counters.add(reason, len(fresh))
        rows["doubted"][fresh] = 1
        interval = suspicion.effective(rows["interval"][fresh])
        members.deadline[fresh] = self._journal.now + (interval * 1e9).astype(np.int64)
        again: Slots = slots[~undoubted]
        return again

    def _suspect(self, slots: Slots) -> Slots:
        members, rows, now = self._members, self._members.rows, self._journal.now
        if not len(slots):
            return slots
        askable = (rows["port"][slots] != 0) & self.enquire
        rows["tries"][slots] = 0
        members.overdue[slots] = now
        asked: Slots = slots[askable]
        passive: Slots = slots[~askable]
        rows["nonce"][asked] = fresh_nonces(len(asked))
        members.deadline[asked] = now
        interval = suspicion.effective(rows["interval"][passive])
        members.deadline[passive] = now + (interval * 1e9).astype(np.int64)
        self._journal.change(asked, Liveness.suspect, Why.overdue)
        self._journal.change(passive, Liveness.late, Why.overdue)
        return asked

    def _weigh(self, slots: Slots, *, suspect: bool) -> Slots:
        """Declare those whose silence is believed; returns the suspects to be asked once more."""
        if not len(slots):
            return slots
        members, rows, now = self._members, self._members.rows, self._journal.now
        interval = suspicion.effective(rows["interval"][slots])
        missed = np.floor((now - members.overdue[slots]) / (interval * 1e9)).clip(0, 255)
        tries = rows["tries"][slots]
        nats = self._evidence(slots, tries, missed, among_others=suspect)
        dead = suspicion.believed(tries, missed, nats, self._needed())
        by_asking = dead & (tries >= suspicion.TRIES) & (rows["answers"][slots] == ANSWERS)
        self._loss.died(rows["bucket"][slots[by_asking]])
        self._journal.declare(slots[by_asking], Why.no_answer)
        self._journal.declare(self._of_the_same_sockets(slots[by_asking]), Why.no_answer)
        self._journal.declare(slots[dead & ~by_asking], Why.overdue)
        living = slots[~dead]
        still = interval[~dead]
        if suspect:
            members.deadline[living] = now + (suspicion.SPACING * still * 1e9).astype(np.int64)
            return living[rows["tries"][living] < MOST_TRIES]
        members.deadline[living] = now + (still * 1e9).astype(np.int64)
        return living[:0]

    def _of_the_same_sockets(self, dead: Slots) -> Slots:
        """Suspects that the budget never let be asked, of sockets that were asked for others in vain.

        Only those that were overdue before the others were asked, and only where their whole network is late
        and hardly any of it alive: a process can go on when one of its hearts is closed.
        """
        none = dead[:0]
        members, rows = self._members, self._members.rows
        if len(dead) < SAMPLE or not (hardly := self._loss.hardly_any_alive(rows["bucket"][dead])).any():
            return none
        dead = dead[hardly]
        unasked = np.flatnonzero(members.liveness[: members.size] == Liveness.suspect)
        unasked = unasked[(rows["tries"][unasked] == 0) & (rows["answers"][unasked] == ANSWERS)]
        if not len(unasked):
            return none
        asked, place, counts = np.unique(self._sockets(dead), return_inverse=True, return_counts=True)
        late = np.zeros(len(asked), np.int64)
        np.maximum.at(late, place, members.overdue[dead])
        late[counts < SAMPLE] = 0
        theirs = self._sockets(unasked)
        at = np.minimum(np.searchsorted(asked, theirs), len(asked) - 1)
        same: Slots = unasked[(asked[at] == theirs) & (members.overdue[unasked] <= late[at])]
        return same

    def _sockets(self, slots: Slots) -> NDArray[np.uint64]:
        rows = self._members.rows
        hosts = host_numbers(rows["address"][slots])
        sockets: NDArray[np.uint64] = hosts * np.uint64(0x9E3779B97F4A7C15) ^ rows["port"][slots]
        return sockets

    def _evidence(
        self, slots: Slots, tries: NDArray[Any], missed: NDArray[Any], *, among_others: bool = True
    ) -> NDArray[np.float64]:
        """Nats that speak for the death of these; `among_others`: what became of their like counts too."""
        rows = self._members.rows
        buckets, answers = rows["bucket"][slots], rows["answers"][slots]
        first, further, beat = self._loss.chances(buckets)
        least = np.select([answers == MUTE, answers == UNKNOWN], [1.0, ANSWERLESS], 0.0)
        first, further = np.maximum(first, least), np.maximum(further, least)
        alive = self._loss.alive_when_late(buckets) if among_others else 1.0
        return suspicion.evidence(tries, missed, first, further, beat, alive)

    def _needed(self) -> float:
        return suspicion.patience(self._loss.late_per_second(), self.mistakes)

    def asked(self, slots: Slots) -> NDArray[np.uint64]:
        """These are asked now: the nonce for each, and when to look again."""
        members, rows, now = self._members, self._members.rows, self._journal.now
        tries = rows["tries"][slots] + 1
        rows["tries"][slots] = tries
        rows["asked"][slots] = now
        wait = suspicion.spacing(
            suspicion.effective(rows["interval"][slots]),
            self._loss.round_trip(rows["bucket"][slots]),
            tries,
        )
        members.deadline[slots] = now + (wait * 1e9).astype(np.int64)
        return rows["nonce"][slots] + tries.astype(np.uint64)

    def last_tries(self, slots: Slots) -> NDArray[np.bool_]:
        """Which of these, just asked, are declared dead if they do not answer this try either."""
        rows = self._members.rows
        tries = rows["tries"][slots]
        nats = self._evidence(slots, tries, np.zeros(len(slots)))
        return suspicion.believed(tries, np.zeros(len(slots)), nats, self._needed())

    def not_asked(self, slots: Slots, wait: float) -> None:
        """The budget had nothing left for these, or nothing could be sent: they try again after `wait`
        seconds."""
        self._members.deadline[slots] = self._journal.now + int(wait * 1e9)

    def refused(self, slots: Slots, nonces: NDArray[np.uint64]) -> None:
        """The hosts of these members said that nobody listens on their ports any more.

        Proof where the refusal quotes our nonce and the port was the component's own for a while. All that
        beat from these very ports and are overdue are gone with them. `nonces`: as quoted, one a slot.
        """
        members, rows = self._members, self._members.rows
        quoted = nonces >> np.uint64(TRY_BITS)
        steady = (rows["answers"][slots] == ANSWERS) | (rows["steady"][slots] >= STEADY)
        proof = slots[(quoted == rows["nonce"][slots] >> np.uint64(TRY_BITS)) & (quoted != 0) & steady]
        members.counters.add("enquiries_refused", len(proof))
        liveness = members.liveness[proof]
        # Who was declared already spoke for its port; without this a storm of refusals would scan for each.
        closed = self._ports(proof[(liveness != Liveness.silent) & (liveness != Liveness.left)])
        if not len(closed):
            return
        closed = distinct(closed)
        liveness = members.liveness[: members.size]
        overdue = np.flatnonzero((liveness == Liveness.suspect) | (liveness == Liveness.late))
        ports = self._ports(overdue)
        there = closed[np.searchsorted(closed, ports).clip(max=len(closed) - 1)] == ports
        there &= (rows["answers"][overdue] == ANSWERS) | (rows["steady"][overdue] >= STEADY)
        self._journal.declare(overdue[there], Why.refused)

    def _ports(self, slots: Slots) -> NDArray[np.uint64]:
        """A number for the address and port of each, the same for the same."""
        rows = self._members.rows
        ports = (rows["port"][slots].astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        return host_numbers(rows["address"][slots]) ^ ports

    def proved(self, slot: int, incarnation: int, why: Why) -> None:
        """Somebody else saw this incarnation end (`exited`, `refused`)."""
        known = int(self._members.rows["incarnation"][slot])
        gone = (Liveness.left, Liveness.silent, Liveness.never)
        if incarnation in (known, 0) and self._members.liveness[slot] not in gone:
            self._journal.declare(np.array([slot]), why)

    def postpone(self, seconds: float) -> None:
        """We were not there for so long: all who are due, or soon will be, get as long, at most an
        interval."""
        members, rows, now = self._members, self._members.rows, self._journal.now
        soon = np.flatnonzero(members.deadline[: members.size] <= now + int(min(seconds, 3600.0) * 1e9))
        interval = suspicion.effective(rows["interval"][soon])
        whole = interval + suspicion.margin(interval, rows["jitter"][soon])
        grace = (np.minimum(seconds, whole) * 1e9).astype(np.int64)
        members.deadline[soon] = np.maximum(members.deadline[soon], now + grace)
        liveness = members.liveness[soon]
        again = soon[(liveness == Liveness.suspect) | (liveness == Liveness.late)]
        members.overdue[again] = np.minimum(now, members.overdue[again] + int(seconds * 1e9))
        rows["tries"][again] = 0
