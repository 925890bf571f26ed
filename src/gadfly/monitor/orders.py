"""What the ear does when the node asks: expect, restore, forget, take evidence, take a beat that came by
HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from gadfly.monitor import suspicion
from gadfly.monitor.control import EVIDENCE, EXPECTED, Say, unpack_restored
from gadfly.monitor.index import Slots, distinct
from gadfly.monitor.journal import Journal
from gadfly.monitor.judge import Judge
from gadfly.monitor.listening import Listening
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.members import NEVER, Members
from gadfly.monitor.register import Register
from gadfly.monitor.row import FREE, OWN, UNKNOWN
from gadfly.monitor.why import Why


class Hearer(Protocol):
    """The parts of an ear that orders touch."""

    members: Members
    journal: Journal
    judge: Judge
    register: Register
    listening: Listening


def follow(ear: Hearer, say: Say, body: bytes) -> bytes | None:
    """Do it; the answer to send back, None for none."""
    return _ORDERS[say](ear, body)


def _places(members: Members, ids: np.ndarray) -> Slots:
    """The slots of `ids`, new ones where there is room, -1 where there is none."""
    slots = members.find(ids)
    new = distinct(ids[slots < 0])[: members.room()]
    if len(new):
        members.insert(new)
        slots = members.find(ids)
    return slots


def _expect(ear: Hearer, body: bytes) -> bytes:
    wanted = np.frombuffer(body, EXPECTED)
    slots = _places(ear.members, wanted["id"])
    rows = ear.members.rows
    unheard = (slots >= 0) & (rows["seen"][slots] == 0)
    rows["interval"][slots[unheard]] = wanted["interval"][unheard]
    own = wanted["own"] != 0
    free = slots[~own & (slots >= 0)]
    rows["answers"][free[rows["answers"][free] == OWN]] = UNKNOWN
    _tell_of(ear, slots[own & (slots >= 0)])
    return slots.tobytes()


def _tell_of(ear: Hearer, slots: Slots) -> None:
    """From now on the node tells of these: what was heard of them is forgotten, and no more is taken."""
    new = slots[ear.members.rows["answers"][slots] != OWN]
    if len(new):
        ear.members.unhear(new)
        ear.members.rows["answers"][new] = OWN
        ear.journal.change(new, Liveness.never, Why.none)
        ear.journal.card(new)


def _restore(ear: Hearer, body: bytes) -> bytes:
    records, cards = unpack_restored(body)
    members, now = ear.members, ear.journal.now
    slots = _places(members, records["id"])
    # Who was heard meanwhile knows better than what was written down.
    mine = (slots >= 0) & (members.rows["seen"][slots] == 0) & (members.rows["answers"][slots] != OWN)
    at, records = slots[mine], records[mine]
    rows = members.rows[at]
    for name in ("incarnation", "seen_wall", "interval", "status"):
        rows[name] = records[name]
    interval = suspicion.effective(records["interval"])
    rows["jitter"] = suspicion.first_jitter(interval)
    members.rows[at] = rows
    liveness = records["liveness"].copy()
    # An enquiry that was under way is begun again, from a fresh interval on.
    liveness[(liveness == Liveness.late) | (liveness == Liveness.suspect)] = Liveness.alive
    beating = (liveness == Liveness.alive) | (liveness == Liveness.stalled)
    beating &= records["interval"] > 0
    grace = ((2 * interval + suspicion.margin(interval, rows["jitter"])) * 1e9).astype(np.int64)
    members.deadline[at] = np.where(beating, now + grace, NEVER)
    ear.journal.change(at, liveness, Why.restored)
    stored = {int(slot): cards[place] for slot, place in zip(at, np.flatnonzero(mine), strict=True)}
    ear.register.store_cards({slot: card for slot, card in stored.items() if card})
    return slots.tobytes()


def _forget(ear: Hearer, body: bytes) -> bytes:
    slots = distinct(np.frombuffer(body, np.uint32).astype(np.int64))
    slots = slots[slots < ear.members.size]
    ear.members.remove(slots[ear.members.liveness[slots] != FREE])
    return b""


def _evidence(ear: Hearer, body: bytes) -> None:
    slot, why, incarnation = EVIDENCE.unpack(body)
    if slot < ear.members.size:
        ear.judge.proved(slot, incarnation, Why(why))


def _inject(ear: Hearer, body: bytes) -> None:
    ear.listening.inject(body[16:], body[:16])


_ORDERS: dict[Say, Callable[[Hearer, bytes], bytes | None]] = {
    Say.expect: _expect,
    Say.restore: _restore,
    Say.forget: _forget,
    Say.evidence: _evidence,
    Say.inject: _inject,
}
