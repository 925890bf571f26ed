"""Sending enquiries: to where the beats came from; the last try before a verdict also goes to the group.

An enquiry to a group wakes everybody in it. So it is the last resort, with a small budget of its own.

Also asks every new incarnation once whether it answers at all (three times at most): only who has answered
before can tell something by not answering.

Where the judge may not enquire (`heartbeat.enquire = false`) nothing is sent at all.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gadfly.monitor import enquiry
from gadfly.monitor.index import Slots
from gadfly.monitor.journal import Journal
from gadfly.monitor.judge import Judge
from gadfly.monitor.members import Members, host_numbers
from gadfly.monitor.receive import pack_names, send_many
from gadfly.monitor.row import MUTE, UNKNOWN

GROUP_PORT_AFTER = 1
"""Components listen for enquiries to the group one port above that of the beats."""
GROUP_RATE = 50
"""Enquiries to the groups a second: everybody in a group reads every one."""
MEETINGS = 3
MEETING_WAIT = 1_000_000_000
STRANGERS = 262_144
"""New ones remembered for a first enquiry; more than that are asked when they are late."""


class Group(NamedTuple):
    """A multicast group to enquire in."""

    host: str
    port: int
    interfaces: tuple[int, ...]


class Asking:
    """`sockets` are the listening ones; the unicast socket of a family also sends."""

    def __init__(self, members: Members, judge: Judge, journal: Journal, rate: int) -> None:
        self._members = members
        self._judge = judge
        self._journal = journal
        self._sockets: dict[int, socket.socket] = {}
        self._groups: Sequence[Group] = ()
        self._keys: Mapping[int, bytes] = {}
        self._meetings: deque[tuple[int, int, Slots]] = deque()
        self._waiting = 0
        self.budget = enquiry.Budget(rate, journal.now)
        self._group_budget = enquiry.Budget(GROUP_RATE, journal.now)

    def use(
        self,
        sockets: Mapping[int, socket.socket],
        groups: Sequence[Group],
        keys: Mapping[int, bytes],
        rate: int,
    ) -> None:
        """The unicast sockets by address family, the groups, the live keys, the budget of packets a
        second."""
        self._sockets, self._groups, self._keys = dict(sockets), groups, keys
        if rate != self.budget.rate:
            self.budget = enquiry.Budget(rate, self._journal.now)

    def ask(self, suspects: Slots) -> None:
        """Ask as many of the suspects as the budget permits; the others soon."""
        if not len(suspects) or not self._judge.enquire:
            return
        rows = self._members.rows
        budget = self.budget.available(self._journal.now)
        begun = rows["tries"][suspects] > 0
        hosts = host_numbers(rows["address"][suspects])
        chosen, rest = enquiry.choose(suspects, hosts, begun, budget)
        if len(rest):
            wait = min(1.0, max(0.02, len(rest) / self.budget.rate))
            self._judge.not_asked(rest, wait)
            self._members.counters.add("enquiries_unsent", len(rest))
        if len(chosen):
            nonces = self._judge.asked(chosen)
            self._send(chosen, nonces)

    def meet(self, strangers: Slots) -> None:
        """Ask these, when there is budget to spare, whether they answer."""
        if self._judge.enquire and len(strangers) and self._waiting + len(strangers) <= STRANGERS:
            self._meetings.append((self._journal.now, 0, strangers))
            self._waiting += len(strangers)

    def next_meeting(self) -> int | None:
        """Monotonic ns at which :meth:`keep_meetings` has something to do; None: nothing."""
        return self._meetings[0][0] if self._meetings else None

    def keep_meetings(self) -> None:
        """Send the first enquiries that are due, with at most half of the budget."""
        if not self._judge.enquire:
            self._meetings.clear()
            self._waiting = 0
        rows, now = self._members.rows, self._journal.now
        left = self.budget.available(now) // 2
        while self._meetings and self._meetings[0][0] <= now and left > 0:
            _, attempt, slots = self._meetings.popleft()
            self._waiting -= len(slots)
            strangers = slots[(rows["answers"][slots] == UNKNOWN) & (rows["port"][slots] != 0)]
            strangers = strangers[rows["tries"][strangers] == 0]
            if attempt == MEETINGS:
                rows["answers"][strangers] = MUTE
                continue
            some, rest = strangers[:left], strangers[left:]
            left -= len(some)
            if len(rest):
                self._meetings.appendleft((now, attempt, rest))
                self._waiting += len(rest)
            if len(some):
                if attempt == 0:
                    rows["nonce"][some] = enquiry.fresh_nonces(len(some))
                rows["asked"][some] = now
                self._send(some, rows["nonce"][some], meeting=True)
                self._meetings.append((now + MEETING_WAIT, attempt + 1, some))
                self._waiting += len(some)

    def challenge(self, component: int, nonce: int, address: NDArray[np.void], port: int, scope: int) -> None:
        """Ask the source of one frame."""
        if self.budget.available(self._journal.now) < 1:
            return
        frames = self._frames(
            np.array([component], np.uint64), np.array([nonce], np.uint64), np.zeros(1, "u1")
        )
        self._send_to(frames, address, np.array([port]), np.array([scope]))
        self._members.counters.add("challenges_sent")

    def _frames(self, ids: NDArray[Any], nonces: NDArray[Any], key_bytes: NDArray[Any]) -> NDArray[np.uint8]:
        return enquiry.frames(ids, nonces, key_bytes, self._keys, self._journal.wall)

    def _send(self, slots: Slots, nonces: NDArray[np.uint64], *, meeting: bool = False) -> None:
        rows = self._members.rows[slots]
        frames = self._frames(rows["id"], nonces, rows["key"])
        unsent = self._send_to(frames, rows["address"], rows["port"], rows["scope"])
        if meeting:
            return
        failed = slots[unsent]
        if len(failed):
            # A try that did not leave is no try.
            self._members.rows["tries"][failed] -= 1
            self._judge.not_asked(failed, 0.05)
            self._members.counters.add("doubt_unsendable", len(failed))
        self._send_last(frames[~unsent], slots[~unsent])

    def _send_last(self, frames: NDArray[np.uint8], slots: Slots) -> None:
        """Send those to the groups that are the last try, as many as may be."""
        permitted = self._group_budget.available(self._journal.now) if self._groups else 0
        if permitted <= 0 or not len(slots):
            return
        for frame in frames[self._judge.last_tries(slots)][:permitted]:
            self._send_to_groups(frame.tobytes())
            self._group_budget.spend(1)

    def _send_to(
        self, frames: NDArray[np.uint8], addresses: Any, ports: Any, scopes: Any
    ) -> NDArray[np.bool_]:
        """Send; returns which could not be: no such network, no socket of that family, a full queue."""
        raw = np.frombuffer(np.ascontiguousarray(addresses).tobytes(), ">u4").reshape(-1, 4)
        four = (raw[:, 0] == 0) & (raw[:, 1] == 0) & (raw[:, 2] == 0xFFFF)
        unsent = np.ones(len(frames), bool)
        for family, mine in ((socket.AF_INET, four), (socket.AF_INET6, ~four)):
            made = self._sockets.get(family)
            if made is None or not mine.any():
                continue
            names = pack_names(np.ascontiguousarray(addresses[mine]), ports[mine], scopes[mine], int(family))
            sent = send_many(made.fileno(), frames[mine], names)
            unsent[mine] = ~sent
            self.budget.spend(len(sent))
            self._members.counters.add("enquiries_sent", int(np.count_nonzero(sent)))
        return unsent

    def _send_to_groups(self, frame: bytes) -> None:
        for group in self._groups:
            six = ":" in group.host
            made = self._sockets.get(socket.AF_INET6 if six else socket.AF_INET)
            if made is None:
                continue
            for index in group.interfaces:
                if six:
                    where = (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, bytes(16) + struct.pack("=I", index))
                else:
                    where = (socket.IPPROTO_IP, 8, struct.pack("=i8x", index))  # IP_PKTINFO
                with contextlib.suppress(OSError):  # an interface that is down; the other path stays
                    made.sendmsg([frame], [where], 0, (group.host, group.port + GROUP_PORT_AFTER))
                    self._members.counters.add("enquiries_sent")
                self.budget.spend(1)
