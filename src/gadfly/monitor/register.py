"""Taking beats, announces and goodbyes into the members, a batch at a time.

What may change a member:

- In the incarnation it is known by, only a higher sequence; anything else was heard before (``replay``).
- A higher incarnation is a restart.
- A lower one was superseded (``stale``): a recording of a former life must not pass for the present one.
- Where beats are signed, a first frame of a new component or incarnation must have been sent within five
  minutes of our clock (``clock``), because a recording is signed as well.

``stale`` and ``clock`` may be wrong: a component whose clock was set back starts with a lower incarnation,
and
one whose clock once ran a year ahead would lock itself out for that year. So the source of such a frame is
asked (a challenge, :mod:`gadfly.monitor.replies`); what answers a fresh nonce is alive now, whatever its
clock.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gadfly.monitor import suspicion
from gadfly.monitor.counters import REASON
from gadfly.monitor.index import Slots, distinct
from gadfly.monitor.journal import Journal
from gadfly.monitor.liveness import Liveness, Status
from gadfly.monitor.loss import Loss
from gadfly.monitor.members import NEVER, Members, source_buckets
from gadfly.monitor.row import OWN, UNKNOWN
from gadfly.monitor.why import Why
from gadfly.telemetry.frame import Kind

SKEW = 300_000_000_000
"""Nanoseconds between a sender's clock and ours, as in Kerberos (RFC 4120): what NTP-less machines drift in
months."""
ON_THE_WAY = 1_000_000_000
"""Nanoseconds for which an answer may still come that a beat overtook."""
GAPS = 65_536
"""Gaps remembered at most that such an answer may fill."""
LOST_MOST = 1000
"""A longer gap in a sequence is not loss but a sender that counts differently."""

Reasons = NDArray[np.uint8]


class Arrivals(NamedTuple):
    """Frames that passed every check, as columns of one length; `cards` by place."""

    component: NDArray[np.uint64]
    incarnation: NDArray[np.uint64]
    sequence: NDArray[np.uint64]
    sent: NDArray[np.int64]
    interval: NDArray[np.uint32]
    status: NDArray[np.uint8]
    kind: NDArray[np.uint8]
    key: NDArray[np.uint8]
    address: NDArray[np.void]
    port: NDArray[np.uint16]
    scope: NDArray[np.uint32]
    cards: dict[int, bytes]

    def at(self, places: NDArray[Any]) -> Arrivals:
        """Those at `places`, without their cards."""
        columns: Any = [column[places] for column in self[:-1]]
        return Arrivals._make([*columns, {}])


class Gap(NamedTuple):
    """What was learnt from a gap in the sequence of one that had been asked; it may have to be taken back."""

    lost: int
    vain: int
    ends: int


class Register:
    """`authenticated`: whether frames are signed, so that recordings are worth refusing by the clock."""

    def __init__(self, members: Members, loss: Loss, journal: Journal, authenticated: bool) -> None:
        self._members = members
        self._loss = loss
        self._journal = journal
        self.authenticated = authenticated
        self.earliest = NEVER
        """The earliest deadline set since somebody last put this back to NEVER."""
        self.fastest = suspicion.SLOWEST
        """The shortest interval heard, in seconds, since somebody last put this back."""
        self._gaps: dict[int, Gap] = {}
        self.strangers: list[Slots] = []
        """Members of a new incarnation, to be asked once whether they answer at all."""

    def take(self, arrivals: Arrivals) -> Reasons:
        """Take a batch heard now; returns 0 or the reason why not, for each."""
        reasons: Reasons = np.zeros(len(arrivals.component), np.uint8)
        slots = self._slots(arrivals, reasons)
        places = np.flatnonzero(reasons == 0)
        places = places[self._in_order(arrivals, slots, reasons, places)]
        if not len(places):
            return reasons
        slots = slots[places]
        counts = np.ones(len(places), np.int64)
        ordered = np.sort(slots)
        if (ordered[1:] == ordered[:-1]).any():
            places, slots, counts = self._last_of_each(arrivals, slots, reasons, places)
        self._update(arrivals.at(places), slots, counts)
        if arrivals.cards:
            self._take_cards(arrivals, reasons)
        return reasons

    def _far(self, arrivals: Arrivals) -> NDArray[np.bool_]:
        if not self.authenticated:
            return np.zeros(len(arrivals.sent), bool)
        return np.abs(arrivals.sent - self._journal.wall) > SKEW

    def _slots(self, arrivals: Arrivals, reasons: Reasons) -> Slots:
        """The slot of each, new ones for components never heard; in place the reasons of those that get
        none."""
        slots = self._members.find(arrivals.component)
        unknown = slots < 0
        if unknown.any():
            far = unknown & self._far(arrivals)
            reasons[far] = REASON["clock"]
            unknown &= ~far
            ids = distinct(arrivals.component[unknown])[: self._members.room()]
            if len(ids):
                self._members.insert(ids)
            slots[unknown] = self._members.find(arrivals.component[unknown])
            reasons[unknown & (slots < 0)] = REASON["full"]
        return slots

    def _in_order(
        self, arrivals: Arrivals, slots: Slots, reasons: Reasons, places: NDArray[Any]
    ) -> NDArray[np.bool_]:
        """Which of `places` are news by incarnation and sequence; in place the reasons of the others."""
        at = slots[places]
        rows = self._members.rows
        known, last = rows["incarnation"][at], rows["sequence"][at]
        incarnation, sequence = arrivals.incarnation[places], arrivals.sequence[places]
        unheard = (rows["seen"][at] == 0) & (known == 0)
        same = (incarnation == known) & ~unheard
        replay = same & (sequence <= last)
        stale = (incarnation < known) & ~unheard
        clock = ~same & ~stale & self._far(arrivals)[places]
        reasons[places[replay]] = REASON["replay"]
        reasons[places[stale]] = REASON["stale"]
        reasons[places[clock]] = REASON["clock"]
        news: NDArray[np.bool_] = ~(replay | stale | clock)
        if unheard.any():
            own = unheard & (rows["answers"][at] == OWN)
            reasons[places[own]] = REASON["own"]
            news &= ~own
        return news

    def _last_of_each(
        self, arrivals: Arrivals, slots: Slots, reasons: Reasons, places: NDArray[Any]
    ) -> tuple[NDArray[Any], Slots, NDArray[np.int64]]:
        """Of several frames of one member in a batch the last, and how many of its incarnation there were."""
        incarnation, sequence = arrivals.incarnation[places], arrivals.sequence[places]
        order = np.lexsort((sequence, incarnation, slots))
        slots, places = slots[order], places[order]
        incarnation, sequence = incarnation[order], sequence[order]
        same = (slots[1:] == slots[:-1]) & (incarnation[1:] == incarnation[:-1])
        twice = np.zeros(len(slots), bool)
        twice[1:] = same & (sequence[1:] == sequence[:-1])
        reasons[places[twice]] = REASON["replay"]
        run_starts = np.ones(len(slots), bool)
        run_starts[1:] = ~same
        run = np.cumsum(run_starts) - 1
        counts = np.bincount(run, ~twice).astype(np.int64)
        last = np.ones(len(slots), bool)
        last[:-1] = slots[1:] != slots[:-1]
        return places[last], slots[last], counts[run[last]]

    def _update(self, arrived: Arrivals, slots: Slots, counts: NDArray[np.int64]) -> None:
        members, journal = self._members, self._journal
        now, wall = journal.now, journal.wall
        rows = members.rows[slots]
        before = members.liveness[slots]
        heard = (rows["seen"] != 0) | (rows["incarnation"] != 0)
        same = heard & (arrived.incarnation == rows["incarnation"])
        # Of one that was restored the last sequence is not known: its first beat tells nothing of loss.
        follows = same & (rows["seen"] != 0)
        ahead = np.where(follows, arrived.sequence - rows["sequence"], 0)
        lost = np.where(ahead < LOST_MOST, np.maximum(ahead.astype(np.int64) - counts, 0), 0)

        interval = suspicion.effective(arrived.interval)
        rhythm = follows & (counts == 1) & (rows["replied"] == 0) & (rows["interval"] == arrived.interval)
        elapsed = (now - rows["seen"]) / 1e9
        jitter = np.where(rhythm, suspicion.next_jitter(rows["jitter"], interval, elapsed), rows["jitter"])
        jitter = np.where(same, jitter, suspicion.first_jitter(interval))

        sources = np.ascontiguousarray(rows["address"]).view("u8").reshape(-1, 2)
        now_from = arrived.address.view("u8").reshape(-1, 2)
        moved = (sources != now_from).any(axis=1) | (rows["port"] != arrived.port)
        if moved.any():
            rows["address"][moved] = arrived.address[moved]
            rows["port"], rows["scope"] = arrived.port, arrived.scope
            rows["bucket"][moved] = source_buckets(arrived.address[moved])
        steady = np.where(moved | ~same, 0, rows["steady"]) + counts
        rows["steady"] = np.minimum(steady, 255)

        goodbye = arrived.kind == Kind.goodbye
        stalled = arrived.status == Status.stalled
        after = np.where(goodbye, Liveness.left, np.where(stalled, Liveness.stalled, Liveness.alive))
        why = np.where(goodbye, Why.goodbye, np.where(stalled, Why.says_stalled, Why.beat))

        other_status = rows["status"] != arrived.status
        rows["incarnation"], rows["sequence"] = arrived.incarnation, arrived.sequence
        rows["seen"], rows["seen_wall"] = now, wall
        rows["interval"], rows["status"], rows["key"] = arrived.interval, arrived.status, arrived.key
        rows["jitter"] = jitter
        rows["beats"] += counts.astype(np.uint32)
        rows["lost"] += lost.astype(np.uint32)
        restarted = heard & ~same
        rows["restarts"] += restarted
        rows["answers"][~same] = UNKNOWN
        rows["nonce"][~same] = 0
        lost = np.minimum(lost, suspicion.RUN_MOST)
        gone = np.flatnonzero(before == Liveness.silent)
        if len(gone):
            silent_for = (now - members.overdue[slots[gone]]) / 1e9
            lost[gone[suspicion.was_outage(interval[gone], silent_for)]] = 0
        self._settle(slots, before, same, lost, rows)
        rows["tries"] = rows["doubted"] = rows["replied"] = 0
        members.rows[slots] = rows

        waits = (arrived.interval > 0) & ~goodbye
        patience = ((interval + suspicion.margin(interval, jitter)) * 1e9).astype(np.int64)
        deadline = np.where(waits, now + patience, NEVER)
        members.deadline[slots] = deadline
        self.earliest = min(self.earliest, int(deadline.min()))
        self.fastest = min(self.fastest, float(interval.min()))
        journal.change(slots, after.astype(np.uint8), why.astype(np.uint8))
        journal.status(slots[other_status])
        if restarted.any():
            journal.restarted(slots[restarted])
        met = ~same & waits & (arrived.port > 0)
        if met.any():
            self.strangers.append(slots[met])
        self._loss.arrived(rows["bucket"], lost)

    def _settle(
        self,
        slots: Slots,
        before: NDArray[np.uint8],
        same: NDArray[np.bool_],
        lost: NDArray[np.int64],
        rows: NDArray[Any],
    ) -> None:
        """Learn from those that were late, or even declared dead, and were alive all along.

        `lost`: beats lost before this one, none where the member was away.

        The sequence tells a lost beat from a process that was stopped and sent none: only the first says
        something about the network.
        """
        self._remember(slots, lost, rows)
        late = same & ((before == Liveness.late) | (before == Liveness.suspect))
        mistaken = same & (before == Liveness.silent) & (lost > 0)
        if not (late | mistaken).any():
            return
        self._members.counters.add("recovered", int(np.count_nonzero(late)))
        self._members.counters.add("recovered_lost", int(np.count_nonzero(mistaken)))
        learnt = np.flatnonzero(late | mistaken)
        vain = np.where(lost[learnt] > 0, rows["tries"][learnt], 0)
        self._loss.lived(rows["bucket"][learnt], vain, answered=False)

    def _remember(self, slots: Slots, lost: NDArray[np.int64], rows: NDArray[Any]) -> None:
        """Gaps of those that were asked lately: answers may be on the way that fill them."""
        now = self._journal.now
        gaps = np.flatnonzero(lost)
        gaps = gaps[(rows["tries"][gaps] > 0) | (rows["replied"][gaps] > 0)]
        if not len(gaps):
            return
        slots, lost, vain = slots[gaps], lost[gaps], rows["tries"][gaps]
        if len(self._gaps) + len(slots) > GAPS:
            self._gaps = {slot: gap for slot, gap in self._gaps.items() if gap.ends > now}
        for slot, frames, tries in zip(slots.tolist(), lost.tolist(), vain.tolist(), strict=True):
            if len(self._gaps) < GAPS:
                self._gaps[slot] = Gap(frames, tries, now + ON_THE_WAY)

    def filled(self, slot: int) -> None:
        """An answer came that was older than the last beat, so that it had been taken for lost.

        A process that was stopped, or starved, sends all its answers and its beat at once, by two ways.
        """
        gap = self._gaps.get(slot)
        if gap is not None and gap.lost > 0 and gap.ends > self._journal.now:
            self._loss.found(int(self._members.rows["bucket"][slot]), tried=gap.vain > 0)
            self._gaps[slot] = gap._replace(lost=gap.lost - 1, vain=max(0, gap.vain - 1))

    def _take_cards(self, arrivals: Arrivals, reasons: Reasons) -> None:
        places = [place for place in arrivals.cards if reasons[place] == 0]
        if not places:
            return
        at = np.array(places)
        slots = self._members.find(arrivals.component[at])
        # Ascending by slot, then age, so that of two cards of one member the dict keeps the newer.
        order = np.lexsort((arrivals.sequence[at], arrivals.incarnation[at], slots)).tolist()
        numbers = slots.tolist()
        self.store_cards({numbers[one]: arrivals.cards[places[one]] for one in order})

    def store_cards(self, cards: dict[int, bytes]) -> None:
        """Write by slot those that are news, and tell the node."""
        if not cards:
            return
        slots, contents = np.fromiter(cards, np.int64, len(cards)), list(cards.values())
        same = self._members.cards.same(slots, contents)
        if any(same):
            slots = slots[~np.array(same)]
            contents = [card for card, held in zip(contents, same, strict=True) if not held]
        self._members.counters.add("cards_dropped", self._members.cards.write(slots, contents))
        self._journal.card(slots)
