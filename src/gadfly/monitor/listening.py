"""From datagrams to members: receive, examine, authenticate, read cards, take. One batch after another."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gadfly.monitor.authenticate import Authenticator
from gadfly.monitor.counters import REASON
from gadfly.monitor.decode import WIRE, Reasons, bare, examine, read_cards
from gadfly.monitor.members import Members
from gadfly.monitor.receive import Receiver
from gadfly.monitor.register import Arrivals, Register
from gadfly.monitor.replies import Replies
from gadfly.telemetry.frame import HEADER, MAX, Kind

BATCHES = 32
"""Batches taken from one socket in a row before the others have their turn."""

_BEAT, _ANNOUNCE, _GOODBYE, _ENQUIRY, _REPLY = (
    int(kind) for kind in (Kind.beat, Kind.announce, Kind.goodbye, Kind.enquiry, Kind.reply)
)
_STALE, _CLOCK = REASON["stale"], REASON["clock"]


class Listening:
    """`contest` is called with (component, incarnation, address, port, scope) of a frame that must prove
    itself."""

    def __init__(
        self,
        members: Members,
        register: Register,
        replies: Replies,
        contest: Callable[[int, int, Any, int, int], None],
    ) -> None:
        self._members = members
        self._register = register
        self._replies = replies
        self._contest = contest
        self._receiver = Receiver()
        self._authenticator = Authenticator({})

    def use_keys(self, keys: Mapping[int, bytes]) -> None:
        """From now on these keys are the live ones; none: nothing is authenticated."""
        self._authenticator = Authenticator(keys)
        self._register.authenticated = bool(keys)

    def drain(self, made: socket.socket) -> tuple[int, bool]:
        """Take what waits on a socket; how many datagrams, and whether it is empty now."""
        receiver, total = self._receiver, 0
        for _ in range(BATCHES):
            count = receiver.receive(made.fileno())
            if count:
                self._process(
                    receiver.wire[:count],
                    receiver.lengths(count),
                    receiver.heads,
                    receiver.payload,
                    receiver.sources(count),
                )
            total += count
            if count < receiver.batch:
                return total, True
        return total, False

    def inject(self, datagram: bytes, address: bytes) -> None:
        """Take a frame that came by another way than UDP, from an address (16 bytes): there is no port to
        ask."""
        head = datagram[:HEADER].ljust(HEADER, b"\0")
        wire = np.frombuffer(head, WIRE)
        length = np.array([min(len(datagram), MAX + 1)], np.uint32)
        source = np.frombuffer(address, "V16"), np.zeros(1, np.uint16), np.zeros(1, np.uint32)
        heads = [memoryview(head)[:48]]
        self._process(wire, length, heads, lambda place: datagram[HEADER:], source)

    def _process(
        self,
        wire: NDArray[Any],
        lengths: NDArray[Any],
        heads: list[memoryview],
        payload: Callable[[int], bytes],
        sources: tuple[NDArray[np.void], NDArray[np.uint16], NDArray[np.uint32]],
    ) -> None:
        counters = self._members.counters
        counters.add("received", len(wire))
        counters.add("batches")
        reasons = examine(wire, lengths)
        # Once for the MAC, the comparison with the card held, and the reading.
        carded = lengths > HEADER
        contents = (
            {place: payload(place) for place in np.flatnonzero(carded & (reasons == 0)).tolist()}
            if carded.any()
            else {}
        )
        payload = contents.__getitem__
        self._authenticator.check(wire, lengths, reasons, heads, payload)
        bare(wire, lengths, reasons)
        components = wire["component"].astype(np.uint64)
        cards = self._cards(wire, lengths, reasons, payload, components) if contents else {}
        kind = wire["kind"]
        reasons[(kind == _ENQUIRY) & (reasons == 0)] = REASON["kind"]
        good = reasons == 0
        everything = Arrivals(
            components,
            wire["incarnation"].astype(np.uint64),
            wire["sequence"].astype(np.uint64),
            wire["sent"].astype(np.uint64).view(np.int64),
            wire["interval"].astype(np.uint32),
            wire["status"],
            kind,
            (wire["key"] & 0xFF).astype(np.uint8),
            *sources,
            cards,
        )
        # Beats first: a reply counts in the same sequence, and its beat may stand behind it in the batch.
        replies = good & (kind == _REPLY)
        some_replies = replies.any()
        if some_replies:
            good &= ~replies
        if good.all():
            reasons[:] = self._register.take(everything)
        elif good.any():
            self._take(everything, np.flatnonzero(good), reasons, self._register.take)
        if some_replies:
            self._take(everything, np.flatnonzero(replies), reasons, self._replies.take)
            counters.add("replies", int(np.count_nonzero(replies & (reasons == 0))))
        self._count(kind, reasons)
        contested = good & ((reasons == _STALE) | (reasons == _CLOCK))
        if contested.any():
            self._contest_some(everything, np.flatnonzero(contested)[:16])

    def _cards(
        self,
        wire: NDArray[Any],
        lengths: NDArray[Any],
        reasons: Reasons,
        payload: Callable[[int], bytes],
        components: NDArray[np.uint64],
    ) -> dict[int, bytes]:
        places = np.flatnonzero((lengths > HEADER) & (reasons == 0))
        if not len(places):
            return {}
        slots = self._members.find(components[places])
        heard = np.flatnonzero(slots >= 0)
        held = self._members.cards.same(slots[heard], [payload(place) for place in places[heard].tolist()])
        same = {place for place, is_same in zip(places[heard].tolist(), held, strict=True) if is_same}
        return read_cards(wire, lengths, reasons, payload, lambda place, content: place in same)

    @staticmethod
    def _take(
        everything: Arrivals,
        places: NDArray[Any],
        reasons: Reasons,
        take: Callable[[Arrivals], Reasons],
    ) -> None:
        cards = everything.cards
        mine = (
            {at: cards[place] for at, place in enumerate(places.tolist()) if place in cards} if cards else {}
        )
        reasons[places] = take(everything.at(places)._replace(cards=mine))

    def _count(self, kinds: NDArray[np.uint8], reasons: Reasons) -> None:
        counters = self._members.counters
        taken = np.bincount(np.where(reasons == 0, kinds, 0), minlength=6)
        counters.add("beats", int(taken[_BEAT]))
        counters.add("announces", int(taken[_ANNOUNCE]))
        counters.add("goodbyes", int(taken[_GOODBYE]))
        counters.add("accepted", int(taken[1:].sum()))
        if reasons.any():
            counters.drop(reasons)

    def _contest_some(self, everything: Arrivals, places: NDArray[Any]) -> None:
        for place in places.tolist():
            if everything.port[place]:
                self._contest(
                    int(everything.component[place]),
                    int(everything.incarnation[place]),
                    everything.address[place : place + 1],
                    int(everything.port[place]),
                    int(everything.scope[place]),
                )
