"""Answers to enquiries, and the challenges by which a doubtful incarnation proves that it is alive now.

A reply carries the nonce of the enquiry, so it cannot be a recording. Replies come no faster than enquiries
are sent, so each is looked at by itself.
"""

from __future__ import annotations

import json
import secrets
from typing import NamedTuple

import numpy as np

from gadfly.monitor import suspicion
from gadfly.monitor.counters import REASON
from gadfly.monitor.enquiry import TRY_BITS
from gadfly.monitor.journal import Journal
from gadfly.monitor.liveness import Liveness, Status
from gadfly.monitor.loss import Loss
from gadfly.monitor.members import NEVER, Members, source_buckets
from gadfly.monitor.register import SKEW, Arrivals, Reasons, Register
from gadfly.monitor.row import ANSWERS, OWN
from gadfly.monitor.why import Why

CHALLENGES = 1024
"""Open challenges at most; a flood of stale frames makes no more work than that."""
CHALLENGE_EVERY = 10_000_000_000
"""Nanoseconds between challenges about one component, and how long one stays open."""
_GONE = (Liveness.never, Liveness.late, Liveness.suspect, Liveness.silent, Liveness.left)


class Challenge(NamedTuple):
    """An incarnation that must prove itself."""

    incarnation: int
    nonce: int
    ends: int


class Replies:
    """Takes replies into the members; keeps the open challenges."""

    def __init__(self, members: Members, loss: Loss, journal: Journal, register: Register) -> None:
        self._members = members
        self._loss = loss
        self._journal = journal
        self._register = register
        self._challenges: dict[int, Challenge] = {}

    def challenge(self, component: int, incarnation: int) -> int:
        """The nonce to ask the source of a contested frame with; 0 when it is not to be asked now."""
        now = self._journal.now
        if component in self._challenges and self._challenges[component].ends > now:
            return 0
        if len(self._challenges) >= CHALLENGES:
            self._challenges = {key: one for key, one in self._challenges.items() if one.ends > now}
            if len(self._challenges) >= CHALLENGES:
                return 0
        nonce = secrets.randbits(63) | 1
        self._challenges[component] = Challenge(incarnation, nonce, now + CHALLENGE_EVERY)
        return nonce

    def take(self, arrivals: Arrivals) -> Reasons:
        """Take replies, each with its card; returns 0 or the reason why not, for each."""
        reasons: Reasons = np.zeros(len(arrivals.component), np.uint8)
        slots = self._members.find(arrivals.component)
        for place, card in arrivals.cards.items():
            content = json.loads(card)
            nonce = content.pop("nonce", 0)
            slot = int(slots[place])
            if slot >= 0 and self._members.rows["answers"][slot] == OWN:
                reasons[place] = REASON["own"]
                continue
            if not isinstance(nonce, int) or nonce <= 0:
                taken = False
            elif slot >= 0 and 0 < nonce >> TRY_BITS == int(self._members.rows["nonce"][slot]) >> TRY_BITS:
                taken = self._answered(slot, nonce, arrivals, place, content)
            else:
                taken = self._proved(slot, nonce, arrivals, place, content)
            if not taken:
                reasons[place] = REASON["unasked"]
        return reasons

    def _answered(
        self, slot: int, nonce: int, arrivals: Arrivals, place: int, content: dict[str, object]
    ) -> bool:
        row = self._members.rows[slot]
        incarnation, known = int(arrivals.incarnation[place]), int(row["incarnation"])
        before = Liveness(self._members.liveness[slot])
        if incarnation < known and before not in _GONE:
            return False
        if incarnation == known:
            number = nonce & (1 << TRY_BITS) - 1
            bucket = int(row["bucket"])
            # Declared dead and answering now, it was stopped; how long says nothing about the way to it.
            there = before is not Liveness.silent
            if there and number == int(row["tries"]) and int(row["asked"]):
                self._loss.answered_after(bucket, (self._journal.now - int(row["asked"])) / 1e9)
                row["asked"] = 0
            if int(arrivals.sequence[place]) < int(row["sequence"]):
                self._register.filled(slot)
            if before is Liveness.suspect and int(row["tries"]) and number:
                self._loss.lived(np.array([bucket]), np.array([number - 1]), answered=True)
                self._members.counters.add("recovered")
        self._members.counters.add("enquiries_answered")
        self._alive(slot, arrivals, place, content)
        return True

    def _proved(
        self, slot: int, nonce: int, arrivals: Arrivals, place: int, content: dict[str, object]
    ) -> bool:
        component, incarnation = int(arrivals.component[place]), int(arrivals.incarnation[place])
        open_ = self._challenges.get(component)
        if open_ is None or open_.ends <= self._journal.now:
            return False
        if open_.nonce != nonce or open_.incarnation != incarnation:
            return False
        if slot < 0:
            if not self._members.room():
                return False
            slot = int(self._members.insert(arrivals.component[place : place + 1])[0])
        known = int(self._members.rows["incarnation"][slot])
        gone = Liveness(self._members.liveness[slot]) in _GONE
        if incarnation < known and not gone and known <= self._journal.wall + SKEW:
            return False  # two of one name, both alive: the newer one has it
        del self._challenges[component]
        self._members.counters.add("challenges_won")
        self._alive(slot, arrivals, place, content)
        return True

    def _alive(self, slot: int, arrivals: Arrivals, place: int, content: dict[str, object]) -> None:
        members, journal = self._members, self._journal
        row = members.rows[slot]
        incarnation, known = int(arrivals.incarnation[place]), int(row["incarnation"])
        heard = bool(row["seen"]) or bool(known)
        interval = suspicion.effective(arrivals.interval[place : place + 1])
        if incarnation != known or not heard:
            row["incarnation"], row["sequence"] = incarnation, 0
            row["jitter"] = suspicion.first_jitter(interval)[0]
            row["steady"] = 0
            row["address"], row["port"] = arrivals.address[place], arrivals.port[place]
            row["scope"] = arrivals.scope[place]
            row["bucket"] = source_buckets(arrivals.address[place : place + 1])[0]
        row["sequence"] = max(int(row["sequence"]), int(arrivals.sequence[place]))
        row["seen"], row["seen_wall"] = journal.now, journal.wall
        other_status = row["status"] != arrivals.status[place]
        row["interval"], row["status"] = arrivals.interval[place], arrivals.status[place]
        row["key"] = arrivals.key[place]
        row["answers"], row["replied"] = ANSWERS, 1
        row["tries"] = row["doubted"] = 0
        wait = interval + suspicion.margin(interval, np.array([row["jitter"]]))
        deadline = journal.now + int(wait[0] * 1e9) if row["interval"] else NEVER
        members.deadline[slot] = deadline
        self._register.earliest = min(self._register.earliest, deadline)
        one = np.array([slot])
        stalled = arrivals.status[place] == Status.stalled
        journal.change(
            one,
            Liveness.stalled if stalled else Liveness.alive,
            Why.says_stalled if stalled else Why.reply,
        )
        if other_status:
            journal.status(one)
        if heard and incarnation != known:
            row["restarts"] = (int(row["restarts"]) + 1) & 0xFFFF
            journal.restarted(one)
        if incarnation != known or not row["card_length"]:
            self._register.store_cards({slot: json.dumps(content, separators=(",", ":")).encode()})
